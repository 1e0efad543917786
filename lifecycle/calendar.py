"""Civil calendar arithmetic (conventions C1 to C5): days, months and no clock.

Months are always counted from the anchor and clamped to the month's end, never chained (C2):
31 August plus six months is 28 February, and plus seven months is 31 March.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

_DURATION = re.compile(r"([0-9]{1,4})([dm])")
_LAST_DAY = date.max.toordinal()


@dataclass(frozen=True, slots=True)
class Duration:
    """A number of calendar days (``d``) or of calendar months (``m``)."""

    count: int
    unit: Literal["d", "m"]

    def __str__(self) -> str:
        return f"{self.count}{self.unit}"


ONE_DAY = timedelta(days=1)


def parse_duration(text: str) -> Duration:
    """Read ``90d`` (calendar days) or ``6m`` (calendar months); ``ValueError`` when it is neither."""
    match = _DURATION.fullmatch(text)
    if match is None:
        raise ValueError(f'{text!r} is not a duration such as "90d" or "6m"')
    return Duration(int(match[1]), "d" if match[2] == "d" else "m")


def add(day: date, duration: Duration) -> date:
    """The day that lies ``duration`` after the anchor ``day``, which is day 0 (C2, C3).

    A date past the end of the calendar (year 9999) becomes its last day.
    """
    if duration.unit == "m":
        return add_months(day, duration.count)
    return date.fromordinal(min(day.toordinal() + duration.count, _LAST_DAY))


def add_months(day: date, months: int) -> date:
    """The same day of the month ``months`` later (earlier when negative), clamped to its end (C2)."""
    year, month_index = divmod(day.year * 12 + day.month - 1 + months, 12)
    if not date.min.year <= year <= date.max.year:
        return date.max if months > 0 else date.min
    month = month_index + 1
    if day.day <= 28:
        return date(year, month, day.day)
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def day_after(day: date) -> date:
    """The next civil day; the calendar's last day follows itself."""
    return day + ONE_DAY if day < date.max else day


def cycle_end(start: date, length: Duration, *, on_anniversary: bool) -> date:
    """Last valid day of a cycle: start plus length, less one day unless the anniversary counts (C5).

    The month's end is clamped first: three years from 29 February 2024 end on 27 February 2027.
    """
    end = add(start, length)
    return end if on_anniversary else end - ONE_DAY
