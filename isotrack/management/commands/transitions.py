"""``manage.py transitions``: the legal moves of every record, as a table or as diagrams."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from audits import states as audits
from certifications import states as certifications
from nonconformities import states as nonconformities
from records.moves import Move

TABLES: dict[str, Sequence[Move]] = {
    "Certificate": certifications.MOVES,
    "Audit": audits.MOVES,
    "Nonconformity": nonconformities.MOVES,
    "Corrective action": nonconformities.ACTION_MOVES,
}


class Command(BaseCommand):
    """Print the legal moves."""

    help = "Print the legal moves of certificates, audits, nonconformities and corrective actions."

    def add_arguments(self, parser: CommandParser) -> None:
        """``--format mermaid`` prints the diagrams of docs/transitions.md."""
        parser.add_argument("--format", choices=["text", "mermaid"], default="text")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write one table or diagram per kind of record."""
        draw = diagram if options["format"] == "mermaid" else table
        self.stdout.write("\n\n".join(draw(title, moves) for title, moves in TABLES.items()))


def table(title: str, moves: Sequence[Move]) -> str:
    """The moves of one kind of record in columns."""
    lines = [title, f"  {'from':<36} {'move':<26} {'to':<12} {'by':<10} door"]
    lines += [
        f"  {', '.join(m.sources):<36} {m.name:<26} {m.target or '(stays)':<12} {m.by:<10} {m.door}" for m in moves
    ]
    return "\n".join(lines)


def diagram(title: str, moves: Sequence[Move]) -> str:
    """The moves of one kind of record as a Mermaid state diagram under its heading."""
    lines = [f"## {title}", "", "```mermaid", "stateDiagram-v2"]
    for move in moves:
        name = move.name.replace(":", "")
        lines += [f"    {source} --> {move.target or source}: {name} ({move.by})" for source in move.sources]
    return "\n".join([*lines, "```"])
