"""`manage.py sweep`: what the scheduler does every few minutes, by hand and without Celery."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError
from datetime import date
from typing import Any

from django.core.management import BaseCommand, CommandError

from accounts import clock
from isotrack import jobs
from records.models import SweepRun
from records.sweep import Swept


class Command(BaseCommand):
    """Prints each move with its date, rule and records, then the counts."""

    help = "Move every certificate and deadline that is due or past, and say what moved and why."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The day to sweep to, and whether to keep what the sweep does."""
        parser.add_argument(
            "--on", type=civil_date, help="sweep as of this day (YYYY-MM-DD), a coming one too, instead of today"
        )
        parser.add_argument("--dry-run", action="store_true", help="say what would move; change nothing")

    def handle(self, *args: Any, on: date | None, dry_run: bool, **options: Any) -> None:
        """Sweeps or rehearses, and ends with 1 when the clocks of this machine and the database differ."""
        if dry_run:
            rehearsed = jobs.rehearse(on, self.stdout.write)
            self.stdout.write(f"{counts(rehearsed)}; nothing was changed")
            return
        if on and on > clock.today():
            self.stderr.write(f"{on} has not come yet: certificates now move as if it had")
        try:
            run = jobs.sweep(SweepRun.StartedBy.COMMAND, on, self.stdout.write)
        except clock.ClockJumped as error:
            raise CommandError(str(error)) from error
        self.stdout.write(counts(run))


def counts(swept: Swept | SweepRun) -> str:
    """How many rows were looked at, moved, told and set aside."""
    moved = f"{swept.subjects} due, {swept.moves} moves, {swept.messages} new messages"
    return f"{moved}, {swept.failures} could not be judged"


def civil_date(text: str) -> date:
    """A day written YYYY-MM-DD."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(f"{text!r} is no day; write it like 2027-01-12") from error
