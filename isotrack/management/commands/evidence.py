"""`manage.py evidence verify`: every kept file against its hash; `collect`: remove what nothing points at."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management import BaseCommand

from evidence.checking import collect, verify


class Command(BaseCommand):
    """For operators and cron; changes nothing unless it is told to collect."""

    help = "Check that every file of evidence is what was uploaded, or remove files that nothing points at."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What to do."""
        parser.add_argument("what", choices=["verify", "collect"])
        parser.add_argument("--dry-run", action="store_true", help="with collect: only say what would be removed")

    def handle(self, *args: Any, what: str, dry_run: bool, **options: Any) -> None:
        """Ends with 1 when a file is damaged."""
        if what == "collect":
            gone = collect(self.stdout.write, dry_run)
            self.stdout.write(f"{gone} files {'would be' if dry_run else 'were'} removed")
            return
        found = verify(self.stdout.write)
        self.stdout.write(f"{found.checked} files checked, {found.damaged} damaged")
        if found.damaged:
            sys.exit(1)
