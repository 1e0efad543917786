"""`manage.py backup`: make one, verify one, or rehearse putting one back."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand

from isotrack.backup.databases import CannotCopy
from isotrack.backup.drill import rehearse
from isotrack.backup.making import make
from isotrack.backup.manifest import BackupDamaged, check


class Command(BaseCommand):
    """Exit code 0 only when the backup is whole."""

    help = "Back up database, evidence and files; verify a backup; rehearse putting it back."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What to do, with which folder."""
        parser.add_argument("what", nargs="?", choices=["create", "verify", "drill"], default="create")
        parser.add_argument("folder", nargs="?", type=Path, help="with verify and drill: the backup")
        parser.add_argument("--to", type=Path, default=settings.VAR_DIR / "backups", help="where new backups go")

    def handle(self, *args: Any, what: str, folder: Path | None, to: Path, **options: Any) -> None:
        """One line for each thing that was done; the last one says how it ended."""
        try:
            if what == "create":
                self.create(to)
            elif folder is None:
                sys.exit(f"isotrack: name the backup: manage.py backup {what} FOLDER")
            elif what == "verify":
                made = check(folder)
                self.stdout.write(f"{folder} is whole: {len(made.parts)} parts of {made.made_at}")
            else:
                minutes = rehearse(folder, self.stdout.write)
                self.stdout.write(f"put back and compared in {minutes:.1f} minutes; the copy is removed")
        except (BackupDamaged, CannotCopy, OSError) as reason:
            sys.exit(f"isotrack: {reason}")

    def create(self, to: Path) -> None:
        """Make a backup, and say what must be kept apart from it."""
        folder = make(to, self.stdout.write)
        made = check(folder)
        for damage in made.damaged:
            self.stdout.write(f"damaged before the backup: {damage}")
        needed = ", ".join(f"{name} {key_id}" for name, key_id in made.key_ids.items())
        self.stdout.write(f"keep the keys elsewhere, they are not in it: {needed}")
        self.stdout.write(str(folder))
        if made.damaged:
            sys.exit(1)
