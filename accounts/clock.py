"""The only reader of the present. Everything else is given a day.

A test or a rehearsal moves the clock of all processes by writing a number of days into the file named by
``ISOTRACK_CLOCK_FILE``; ``at`` fixes it inside one thread.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection

MAX_DIFFERENCE = timedelta(seconds=60)
_fixed: ContextVar[datetime | None] = ContextVar("clock", default=None)


class ClockJumped(RuntimeError):
    """This machine's clock differs from the database's, so no certificate is moved by it."""


class HasTimeZone(Protocol):
    """Anything with the IANA name of a time zone."""

    time_zone: str


def now() -> datetime:
    """The present moment, in UTC."""
    fixed = _fixed.get()
    if fixed is not None:
        return fixed
    return datetime.now(UTC) + timedelta(days=_days_moved())


def today(organization: HasTimeZone | None = None) -> date:
    """The civil date where the organization is (UTC without one)."""
    zone = ZoneInfo(organization.time_zone) if organization is not None else UTC
    return now().astimezone(zone).date()


@contextmanager
def at(moment: date | datetime) -> Iterator[None]:
    """Fix the clock of this thread; a date means noon UTC of that day."""
    if not isinstance(moment, datetime):
        moment = datetime(moment.year, moment.month, moment.day, 12, tzinfo=UTC)
    token = _fixed.set(moment)
    try:
        yield
    finally:
        _fixed.reset(token)


def compare_with_database() -> None:
    """Raise ``ClockJumped`` when this machine and PostgreSQL disagree about the present by more than a minute.

    A clock that was moved on purpose passes, and so does SQLite, which has no clock of its own.
    """
    if settings.CLOCK_FILE or _fixed.get() is not None or connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        difference = abs(cursor.fetchone()[0] - now())
    if difference > MAX_DIFFERENCE:
        raise ClockJumped(f"this machine's clock differs from the database's by {difference}; nothing is moved by it")


def _days_moved() -> int:
    if not settings.CLOCK_FILE:
        return 0
    try:
        return int(Path(settings.CLOCK_FILE).read_text().strip() or 0)
    except FileNotFoundError:
        return 0
