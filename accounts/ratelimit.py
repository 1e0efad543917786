"""How often something may be tried: counted in the database, one statement a try, so that parallel tries all count."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts import clock
from accounts.models import RateCounter

TABLE = RateCounter._meta.db_table
COUNT = f"""
INSERT INTO {TABLE} (key, tries, ends_at) VALUES (%(key)s, 1, %(ends_at)s)
ON CONFLICT (key) DO UPDATE SET
    tries = CASE WHEN {TABLE}.ends_at <= %(at)s THEN 1 ELSE {TABLE}.tries + 1 END,
    ends_at = CASE WHEN {TABLE}.ends_at <= %(at)s THEN excluded.ends_at ELSE {TABLE}.ends_at END
RETURNING tries, ends_at
"""
GIVE_BACK = f"UPDATE {TABLE} SET tries = tries - 1 WHERE key = %s AND tries > 0"


@dataclass(frozen=True)
class Limit:
    """So many tries within so many seconds, for each of those it is counted for; ``name`` keeps limits apart."""

    name: str
    tries: int
    seconds: int


class TooMany(Exception):
    """The limit is reached; ``seconds`` is how long to wait, ``first`` marks the first try beyond the limit."""

    def __init__(self, seconds: int, first: bool) -> None:
        super().__init__(seconds)
        self.seconds, self.first = seconds, first

    def __str__(self) -> str:
        return _("Too many tries. Wait %(wait)s, then try again.") % {"wait": wait_in_words(self.seconds)}


def take(limit: Limit, who: str) -> None:
    """Count a try for this account, address or key; raises ``TooMany`` when the limit is reached."""
    now = clock.now()
    ends_at = now + timedelta(seconds=limit.seconds)
    values = {"key": _key(limit, who), "ends_at": _value(ends_at), "at": _value(now)}
    with connection.cursor() as cursor:
        cursor.execute(COUNT, values)
        tries, until = cursor.fetchone()
    if tries > limit.tries:
        raise TooMany(max(1, math.ceil((_moment(until) - now).total_seconds())), first=tries == limit.tries + 1)


def give_back(limit: Limit, who: str) -> None:
    """Take one try back, because it succeeded and only failures count."""
    with connection.cursor() as cursor:
        cursor.execute(GIVE_BACK, [_key(limit, who)])


@contextmanager
def failures_count(*limits: tuple[Limit, str]) -> Iterator[None]:
    """Count a try before it is made and take it back unless the block raises; parallel tries cannot slip through."""
    for limit, who in limits:
        take(limit, who)
    yield
    for limit, who in limits:
        give_back(limit, who)


def forget_old() -> int:
    """Delete counters whose time is over; returns how many."""
    return RateCounter.objects.filter(ends_at__lte=clock.now()).delete()[0]


def wait_in_words(seconds: int) -> str:
    """A waiting time as people say it, rounded up."""
    if seconds < 60:
        return ngettext("%(count)d second", "%(count)d seconds", seconds) % {"count": seconds}
    minutes = math.ceil(seconds / 60)
    if minutes >= 120:
        hours = math.ceil(minutes / 60)
        return ngettext("%(count)d hour", "%(count)d hours", hours) % {"count": hours}
    return ngettext("%(count)d minute", "%(count)d minutes", minutes) % {"count": minutes}


def _key(limit: Limit, who: str) -> str:
    """Whom it is counted for, not readable in the table."""
    return f"{limit.name}:{hashlib.sha256(who.casefold().encode()).hexdigest()[:40]}"


def _value(moment: datetime) -> Any:
    return connection.ops.adapt_datetimefield_value(moment)


def _moment(value: datetime | str) -> datetime:
    """SQLite answers a raw statement with text, in UTC."""
    found = datetime.fromisoformat(value) if isinstance(value, str) else value
    return found if found.tzinfo else found.replace(tzinfo=clock.now().tzinfo)
