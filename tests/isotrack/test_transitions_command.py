"""The table of moves is printed, drawn and true: every door exists."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

import audits.actions
import certifications.actions
import nonconformities.actions
from isotrack.management.commands.transitions import TABLES

DOORS = {
    "Certificate": certifications.actions,
    "Audit": audits.actions,
    "Nonconformity": nonconformities.actions,
    "Corrective action": nonconformities.actions,
}


def printed(**options: str) -> str:
    out = StringIO()
    call_command("transitions", stdout=out, **options)
    return out.getvalue()


def test_docs_show_the_diagrams_that_the_command_draws() -> None:
    page = (Path(__file__).parents[2] / "docs/transitions.md").read_text(encoding="utf-8")
    assert page.split("\n\n", 2)[2].strip() == printed(format="mermaid").strip()


@pytest.mark.parametrize("title", TABLES)
def test_every_move_names_a_door_that_exists(title: str) -> None:
    missing = [move.door for move in TABLES[title] if not callable(getattr(DOORS[title], move.door, None))]
    assert missing == []


def test_text_names_sources_target_and_door() -> None:
    lines = printed(format="text").splitlines()
    hold = next(line.split() for line in lines if line.split()[-1:] == ["hold_audit"])
    assert hold == ["planned,", "confirmed,", "started", "hold", "held", "person", "hold_audit"]
