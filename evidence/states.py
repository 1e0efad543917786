"""What state a piece of evidence is in, worked out from its dates."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Protocol

SOON = timedelta(days=30)


class Dated(Protocol):
    """Anything with the two dates of evidence."""

    expires_on: date | None
    withdrawn_on: date | None


def tag_of(row: Dated, today: date) -> str:
    """The state of evidence as the name of a tag."""
    if row.withdrawn_on:
        return "void"
    if row.expires_on is None or row.expires_on > today + SOON:
        return "valid"
    return "expired" if row.expires_on < today else "due"
