"""What callers hand in. Dates are civil dates; both ends of a span belong to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

State = Literal["active", "suspended", "withdrawn", "expired", "again", "none"]
MarkKind = Literal["external", "internal", "review"]
Tone = Literal["overdue", "due", "closed"]


@dataclass(frozen=True)
class Span:
    """A time in one state. ``words`` are tried in turn until one fits inside the bar, longest first."""

    state: State
    starts_on: date
    ends_on: date | None
    words: tuple[str, ...]


@dataclass(frozen=True)
class Mark:
    """An audit or a review: held (``done``), planned, or ``late``; ``opens_on`` starts the window before it."""

    kind: MarkKind
    on: date
    done: bool
    text: str = ""
    opens_on: date | None = None
    late: bool = False


@dataclass(frozen=True)
class Row:
    """One certificate in the outlook; ``note`` is the short reason under its name."""

    title: str
    place: str
    note: str
    url: str
    spans: tuple[Span, ...]
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True)
class Lane:
    """One scenario of the lifecycle chart, for example "If nothing is done"."""

    title: str
    spans: tuple[Span, ...]


@dataclass(frozen=True)
class Clock:
    """The time a nonconformity has: from the day it was raised to its deadline."""

    text: str
    starts_on: date
    due_on: date
    tone: Tone
