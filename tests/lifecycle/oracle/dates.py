"""Civil dates and durations (C1 to C3)."""

import calendar
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

ONE_DAY = timedelta(days=1)


def add_months(anchor: date, months: int) -> date:
    """Count calendar months from the anchor and clamp to the end of the month (C2)."""
    month_number = anchor.year * 12 + anchor.month - 1 + months
    year, month = month_number // 12, month_number % 12 + 1
    return date(year, month, min(anchor.day, calendar.monthrange(year, month)[1]))


def months_of(duration: str) -> int:
    """The number in a duration of months such as ``12m``."""
    assert duration.endswith("m"), duration
    return int(duration[:-1])


def add(anchor: date, duration: str) -> date:
    """The anchor is day 0: ``90d`` is anchor + 90 calendar days, ``6m`` six calendar months (C2, C3)."""
    if duration.endswith("m"):
        return add_months(anchor, months_of(duration))
    return anchor + timedelta(days=int(duration[:-1]))


def first_morning(effect: date, clock_started: date) -> date:
    """The day of an effect; a clock that starts in the course of a day has its first effect on the next."""
    return max(effect, clock_started + ONE_DAY)


def to_date(text: str | None) -> date | None:
    """A civil date from its text; None stays None."""
    return None if text is None else date.fromisoformat(text)


def to_text(day: date | None) -> str | None:
    """The text of a civil date; None stays None."""
    return None if day is None else day.isoformat()


def moment_to_date(stamp: str, time_zone: str) -> date:
    """The civil date of a time stamp with offset in the document's time zone (C1)."""
    return datetime.fromisoformat(stamp.replace("Z", "+00:00")).astimezone(ZoneInfo(time_zone)).date()


def earliest(*days: date | None) -> date | None:
    """The earliest of the days that are given, or None."""
    given = [day for day in days if day is not None]
    return min(given, default=None)
