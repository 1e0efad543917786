"""The time axis: a civil date becomes a distance from the left edge."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


def month_start(day: date, months: int = 0) -> date:
    """The first day of the month that lies so many months from the day's own."""
    index = day.year * 12 + day.month - 1 + months
    return date(index // 12, index % 12 + 1, 1)


@dataclass(frozen=True)
class Tick:
    """A line of the grid; ``year`` marks the first one of a year, ``quarter`` the first of a quarter."""

    x: float
    on: date
    year: bool
    quarter: bool


@dataclass(frozen=True)
class Scale:
    """Maps ``start`` to ``left`` and ``end`` to ``right``, in units of the drawing."""

    start: date
    end: date
    left: float
    right: float

    def x(self, day: date) -> float:
        """Where the day begins; days outside lie on the nearest edge."""
        share = (day - self.start).days / max((self.end - self.start).days, 1)
        return round(self.left + min(max(share, 0), 1) * (self.right - self.left), 1)

    def shows(self, day: date) -> bool:
        """Whether the day lies on the axis."""
        return self.start <= day <= self.end

    def ticks(self, step: int) -> tuple[Tick, ...]:
        """A tick at each ``step``-th month counted from January."""
        first = self.start if self.start.day == 1 else month_start(self.start, 1)
        while (first.month - 1) % step:
            first = month_start(first, 1)
        days = [first]
        while month_start(days[-1], step) < self.end:
            days.append(month_start(days[-1], step))
        return tuple(Tick(self.x(day), day, day.month == 1, (day.month - 1) % 3 == 0) for day in days)
