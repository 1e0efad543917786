"""`manage.py check_due`: the statuses and due dates that rows hold against what the rules say today."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management import BaseCommand

from isotrack import jobs


class Command(BaseCommand):
    """Prints every difference; rows that wait for the next sweep are none."""

    help = "Compare every certificate and nonconformity with the rules; ends with 1 when a row differs."

    def handle(self, *args: Any, **options: Any) -> None:
        """Changes nothing."""
        found = jobs.check(self.stdout.write)
        self.stdout.write(f"{found} rows differ from what the rules say")
        if found:
            sys.exit(1)
