"""``manage.py export``: write a list that ``manage.py import`` reads back in unchanged."""

from __future__ import annotations

from argparse import ArgumentParser
from importlib import import_module
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts import tenancy
from exchange.export import write_csv, write_xlsx
from exchange.fields import Kind


class Command(BaseCommand):
    """CSV or XLSX, told from the name of the file; a folder gets all three lists."""

    help = "Export certificates, audits or nonconformities; into a folder: all of them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which lists, of which organization, where to."""
        parser.add_argument("file", type=Path, help="a file ending in .csv or .xlsx, or a folder for all lists as CSV")
        parser.add_argument("--kind", choices=[kind.value for kind in Kind], help="what to export")
        parser.add_argument(
            "--organization", metavar="SLUG", help="short name; may be left out while there is only one"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Prints how many records each file holds."""
        # the module of the import command is named by a reserved word
        find_organization = import_module("isotrack.management.commands.import").find_organization
        path: Path = options["file"]
        with tenancy.acting_in(find_organization(options["organization"])):
            if path.is_dir():
                for position, kind in enumerate(Kind, start=1):
                    self._write(kind, path / f"{position}-{kind}.csv")
            elif options["kind"] is None:
                raise CommandError("Say what to export with --kind, or name a folder that exists for all lists.")
            else:
                self._write(Kind(options["kind"]), path)

    def _write(self, kind: Kind, path: Path) -> None:
        writers = {".csv": write_csv, ".xlsx": write_xlsx}
        if path.suffix.lower() not in writers:
            raise CommandError("The name of the file must end in .csv or .xlsx.")
        try:
            with path.open("wb") as stream:
                count = writers[path.suffix.lower()](kind, stream)
        except OSError as problem:
            raise CommandError(f"{path} can not be written: {problem.strerror}.") from None
        self.stdout.write(f"{path}: {count} {kind}")
