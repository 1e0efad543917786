"""A month as weeks of days, and the months before and after."""

from __future__ import annotations

from calendar import Calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from agenda.queries import Entry

SHOWN = 3


@dataclass(frozen=True)
class Day:
    """A day of the grid with its entries; ``other`` marks days of the neighboring months."""

    on: date
    entries: Sequence[Entry]
    other: bool
    today: bool

    @property
    def shown(self) -> Sequence[Entry]:
        """The entries that have room."""
        return self.entries if len(self.entries) <= SHOWN else self.entries[: SHOWN - 1]

    @property
    def more(self) -> int:
        """How many have none."""
        return len(self.entries) - len(self.shown)


def days_of(month: date) -> tuple[date, date]:
    """First and last day of the weeks (Monday to Sunday) that a month touches."""
    weeks = Calendar().monthdatescalendar(month.year, month.month)
    return weeks[0][0], weeks[-1][-1]


def grid(month: date, found: Sequence[Entry], today: date) -> list[list[Day]]:
    """The weeks of a month; an entry of several days stands on each of them."""
    return [
        [Day(on, [e for e in found if e.on <= on <= e.last], on.month != month.month, on == today) for on in week]
        for week in Calendar().monthdatescalendar(month.year, month.month)
    ]


def before(month: date) -> date:
    """First day of the month before."""
    return (month.replace(day=1) - timedelta(days=1)).replace(day=1)


def after(month: date) -> date:
    """First day of the month after."""
    return (month.replace(day=28) + timedelta(days=4)).replace(day=1)
