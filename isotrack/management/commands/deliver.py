"""`manage.py deliver`: sends the messages that wait, by hand and without Celery."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management import BaseCommand

from accounts import tenancy
from isotrack import jobs
from records import outbox


class Command(BaseCommand):
    """Sends, or holds everything back after a restored backup until it is released."""

    help = "Send the messages that wait."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Hold and release exclude each other."""
        group = parser.add_mutually_exclusive_group()
        group.add_argument("--hold", action="store_true", help="keep everything that waits from being sent")
        group.add_argument("--release", action="store_true", help="let held messages go")

    def handle(self, *args: Any, hold: bool, release: bool, **options: Any) -> None:
        """Prints how many messages went which way."""
        with tenancy.across_organizations():
            if hold:
                self.stdout.write(f"{outbox.hold()} messages are held")
                return
            if release:
                self.stdout.write(f"{outbox.release()} messages are released")
        self.stdout.write(str(jobs.deliver()))
