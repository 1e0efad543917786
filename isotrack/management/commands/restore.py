"""`manage.py restore`: put a backup back into an empty place."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management import BaseCommand

from isotrack.backup.databases import CannotCopy
from isotrack.backup.manifest import BackupDamaged
from isotrack.backup.restoring import NotEmpty, restore


class Command(BaseCommand):
    """Touches nothing that is not empty; holds all messages back afterwards."""

    help = "Put a backup back into the empty database and folders that the settings name."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The backup."""
        parser.add_argument("folder", type=Path)
        parser.add_argument("--revoke-keys", action="store_true", help="revoke all API keys, too")

    def handle(self, *args: Any, folder: Path, revoke_keys: bool, **options: Any) -> None:
        """One line for each thing that was proven."""
        try:
            restore(folder, self.stdout.write, revoke_keys)
        except (BackupDamaged, CannotCopy, NotEmpty, OSError) as reason:
            sys.exit(f"isotrack: {reason}")
        self.stdout.write("the backup is put back")
