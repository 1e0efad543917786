"""On which days a deadline is told: 30, 14, 7 and 1 days before, on the day, and once when overdue."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

DAYS_BEFORE = (30, 14, 7, 1, 0, -1)


@dataclass(frozen=True, slots=True)
class Reminder:
    """One message about a deadline; ``late`` when the day on which it should have gone out has passed."""

    days_before: int
    fires_on: date
    late: bool


def reminder_on(
    due_on: date, today: date, known_on: date, days_before: tuple[int, ...] = DAYS_BEFORE
) -> Reminder | None:
    """The one reminder that stands on ``today``: of several passed days only the last speaks.

    Days before ``known_on`` (when the subject was recorded) tell nothing: what was already past then is on the
    page. ``days_before`` are calendar days; negative ones lie after the deadline.
    """
    return latest_reminder(due_on, today, dict.fromkeys(days_before, known_on))


def latest_reminder(due_on: date, today: date, days_before: Mapping[int, date]) -> Reminder | None:
    """The same where each number of days has a first day of its own from which on it may speak."""
    passed = [n for n, since in days_before.items() if since <= due_on - timedelta(days=n) <= today]
    if not passed:
        return None
    latest = min(passed)
    fires_on = due_on - timedelta(days=latest)
    return Reminder(latest, fires_on, late=fires_on < today)


def next_reminder_on(due_on: date, today: date, days_before: tuple[int, ...] = DAYS_BEFORE) -> date | None:
    """The first day after ``today`` on which this deadline is told again; None when it has all been said."""
    ahead = [day for n in days_before if (day := due_on - timedelta(days=n)) > today]
    return min(ahead, default=None)
