"""`manage.py permissions`: the table of who may do what, as docs/permissions.md shows it."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from accounts.permissions import ALLOWED, OF_THE_WHOLE, REACHES, Capability, Role, may

INTRODUCTION = """# Who may do what

Written by `python manage.py permissions` from `accounts/permissions.py`, the table that pages, API, operators' pages
and tests read. An API key may do what the person behind it may, and only reads unless it was made to write.
"""
LIMITS = """## Limits

A membership can be limited to sites, to standards, or for a guest auditor to audits. Limits and reach hold wherever
rows are read: on pages, in search, lists, exports, papers, calendars and the API. What is out of reach answers as if it
did not exist. A limited membership may not do what concerns the whole organization, whatever its role:
"""


class Command(BaseCommand):
    """Prints Markdown."""

    help = "Print who may do what, as a Markdown table."

    def handle(self, *args: Any, **options: Any) -> None:
        """One column for each role, one row for each capability."""
        self.stdout.write(page())


def page() -> str:
    """The whole page."""
    head = ["May", *(str(role.label) for role in Role)]
    rows = [[str(c.label), *("yes" if may(role, c) else "" for role in Role)] for c in Capability]
    reach = [["Role", "Sees"], *([str(role.label), str(REACHES[role])] for role in ALLOWED)]
    whole = [f"- {capability.label}" for capability in Capability if capability in OF_THE_WHOLE]
    sees = "## What a role sees\n"
    return "\n".join([INTRODUCTION, *table(head, rows), "", sees, *table(reach[0], reach[1:]), "", LIMITS, *whole])


def table(head: list[str], rows: list[list[str]]) -> list[str]:
    """A Markdown table."""
    return [f"| {' | '.join(cells)} |" for cells in (head, ["---"] * len(head), *rows)]
