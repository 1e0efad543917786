"""Lifecycle of one certificate: scenario lanes, audits, internal work, clocks of nonconformities."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from charts.inputs import Clock, Lane, Mark
from charts.scale import Scale, Tick
from charts.shapes import ONE_DAY, Bar, Label, Marker, bars, beside, markers, place_labels

WIDTH = 1118
LEFT = 146
RIGHT = 1090
LANES_TOP = 60
LANE_STEP = 39
LANE_HEIGHT = 26
CLOCK_STEP = 25
MOST_CLOCKS = 6


@dataclass(frozen=True)
class Band:
    """A year of the cycle, or the time to restore after expiry (``number`` None)."""

    x: float
    width: float
    middle: float
    number: int | None


@dataclass(frozen=True)
class DrawnLane:
    """A scenario and its bars."""

    title: str
    y: int
    name_y: int
    word_y: int
    bars: tuple[Bar, ...]


@dataclass(frozen=True)
class DrawnClock:
    """A clock's bar with its text."""

    tone: str
    x: float
    y: int
    width: float
    text: str
    text_x: float
    text_y: int
    anchor: str


@dataclass(frozen=True)
class Lifecycle:
    """The whole chart; the y values are where each lane of it lies."""

    width: int
    height: int
    start: date
    end: date
    ticks: tuple[Tick, ...]
    bands: tuple[Band, ...]
    lanes: tuple[DrawnLane, ...]
    rule_y: int
    audits_y: int
    audits: tuple[Marker, ...]
    audit_labels: tuple[Label, ...]
    internal_y: int
    internal: tuple[Marker, ...]
    clocks_y: int
    clocks: tuple[DrawnClock, ...]
    more_clocks: int
    axis_y: int
    today_x: float | None


def lifecycle(
    lanes: Sequence[Lane],
    marks: Sequence[Mark],
    clocks: Sequence[Clock],
    years: Sequence[date],
    restorable_until: date | None,
    today: date,
    start: date,
    end: date,
) -> Lifecycle:
    """Place everything between ``start`` and ``end``.

    ``years`` holds the first day of each year of the cycle, then the day after its end; ``restorable_until`` is the
    last day on which the expired certificate can be restored. Of more than six clocks the first six are drawn.
    """
    scale = Scale(start, end, LEFT, RIGHT)
    rule_y = LANES_TOP + LANE_STEP * len(lanes) + 2
    external = sorted((mark for mark in marks if mark.kind == "external"), key=lambda mark: mark.on)
    today_x = scale.x(today) if scale.shows(today) else None
    texts = [(scale.x(mark.on), mark.text) for mark in external if scale.shows(mark.on)]
    labels = place_labels(texts, scale, (rule_y + 51, rule_y + 66), today_x)
    second_row = any(label.y > rule_y + 51 for label in labels)
    internal_y = rule_y + 78 + (14 if second_row else 0)
    clocks_y = internal_y + 29
    shown = clocks[:MOST_CLOCKS]
    axis_y = clocks_y + CLOCK_STEP * max(len(shown), 1) + 8
    return Lifecycle(
        width=WIDTH,
        height=axis_y + 22,
        start=start,
        end=end,
        ticks=scale.ticks(3 if (end - start).days < 2200 else 6),
        bands=_bands(years, restorable_until, scale),
        lanes=tuple(_lane(lane, number, scale, today) for number, lane in enumerate(lanes)),
        rule_y=rule_y,
        audits_y=rule_y + 26,
        audits=markers(external, scale),
        audit_labels=labels,
        internal_y=internal_y,
        internal=markers((mark for mark in marks if mark.kind != "external"), scale),
        clocks_y=clocks_y,
        clocks=tuple(_clock(clock, clocks_y + CLOCK_STEP * number, scale) for number, clock in enumerate(shown)),
        more_clocks=len(clocks) - len(shown),
        axis_y=axis_y,
        today_x=today_x,
    )


def _bands(years: Sequence[date], restorable_until: date | None, scale: Scale) -> tuple[Band, ...]:
    """A band between each two of the years' days, and one for the time to restore."""
    found = [_band(first, after, number, scale) for number, (first, after) in enumerate(pairwise(years), 1)]
    if years and restorable_until:
        found.append(_band(years[-1], restorable_until + ONE_DAY, None, scale))
    return tuple(band for band in found if band.width)


def _band(first: date, after: date, number: int | None, scale: Scale) -> Band:
    left, right = scale.x(first), scale.x(after)
    return Band(left, round(right - left, 1), round((left + right) / 2, 1), number)


def _lane(lane: Lane, number: int, scale: Scale, today: date) -> DrawnLane:
    y = LANES_TOP + LANE_STEP * number
    return DrawnLane(lane.title, y, y + 15, y + 17, bars(lane.spans, scale, [today]))


def _clock(clock: Clock, y: int, scale: Scale) -> DrawnClock:
    left, right = scale.x(clock.starts_on), scale.x(clock.due_on)
    text_x, anchor = beside(left, right, clock.text, scale)
    return DrawnClock(clock.tone, left, y, round(max(right - left, 3), 1), clock.text, text_x, y + 13, anchor)
