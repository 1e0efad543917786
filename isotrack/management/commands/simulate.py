"""``simulate``: answer what happens to a certificate, from a file, without storing anything."""

from __future__ import annotations

import sys
from typing import Any, TextIO

from django.core.management.base import BaseCommand, CommandError, CommandParser

from certifications.catalog import catalog
from isotrack.simulation import answer_lines, cannot_read, load, open_bytes, read_bytes, to_json
from lifecycle.document import DocumentErrors, answer_under_rules
from lifecycle.story import story


class Command(BaseCommand):
    """A thin layer over ``isotrack.simulation``: arguments, streams and exit status."""

    help = (
        "Say what happens to the certificate of a document, when and why; nothing is stored. "
        "The document is explained in docs/simulate.md. Exit status 2 when it is refused."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """FILE, or ``--batch``; ``--format`` chooses between a story and the output document."""
        source = parser.add_mutually_exclusive_group(required=True)
        source.add_argument("file", nargs="?", metavar="FILE", help="YAML or JSON document; - reads standard input")
        source.add_argument("--batch", metavar="FILE.jsonl", help="one JSON document a line; one JSON answer a line")
        parser.add_argument("--format", choices=("text", "json"), default="text", help="default: text")

    def handle(self, *args: Any, file: str | None, batch: str | None, **options: Any) -> None:
        """Answer the batch or the one document."""
        try:
            if batch is not None:
                self._answer_batch(batch)
            else:
                self._answer_file(str(file), options["format"])
        except DocumentErrors as errors:
            if options["format"] == "json" or batch is not None:
                self._print(to_json(errors.as_json(), indent=1))
            raise CommandError(_fit(str(errors), sys.stderr), returncode=2) from errors

    def _answer_file(self, name: str, output: str) -> None:
        answered = answer_under_rules(load(read_bytes(name)), catalog())
        self._print(to_json(answered.result, indent=1) if output == "json" else story(answered))

    def _answer_batch(self, name: str) -> None:
        try:
            source = open_bytes(name)
        except OSError as error:
            raise cannot_read(name, error) from error
        with source as lines:
            for line in answer_lines(lines, catalog()):
                self._print(line)

    def _print(self, text: str) -> None:
        self.stdout.write(_fit(text, sys.stdout))


def _fit(text: str, stream: TextIO) -> str:
    """Text without letters that the terminal's encoding cannot show."""
    encoding = getattr(stream, "encoding", None) or "utf-8"
    return text.encode(encoding, "backslashreplace").decode(encoding)
