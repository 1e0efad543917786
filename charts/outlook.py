"""Portfolio outlook: one row per certificate, months along the top."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from charts.inputs import Row
from charts.scale import Scale, Tick
from charts.shapes import Bar, Marker, bars, markers
from charts.text import fitted, width

WIDTH = 1118
LEFT = 252
RIGHT = 1108
TOP = 48
ROW_HEIGHT = 43
BAR_HEIGHT = 24
FOOT = 4
MINI_WIDTH = 330
PILL = 25
LABEL_ROOM = 242
NAME_SIZE, NOTE_SIZE = 13, 12


@dataclass(frozen=True)
class OutlookRow:
    """A drawn certificate; ``place`` and ``note`` fit beside the bars, ``mini_bars`` are those of a narrow screen."""

    row: Row
    place: str
    note: str
    y: int
    name_y: int
    note_y: int
    word_y: int
    middle_y: int
    rule_y: int | None
    bars: tuple[Bar, ...]
    markers: tuple[Marker, ...]
    mini_bars: tuple[Bar, ...]


@dataclass(frozen=True)
class YearWord:
    """The year over its first month on the axis."""

    x: float
    year: int


@dataclass(frozen=True)
class Outlook:
    """The whole chart. ``today_x`` is None when today lies outside."""

    width: int
    height: int
    bar_height: int
    start: date
    end: date
    ticks: tuple[Tick, ...]
    years: tuple[YearWord, ...]
    rows: tuple[OutlookRow, ...]
    today_x: float | None
    mini_today_x: float | None


def outlook(rows: Sequence[Row], today: date, start: date, end: date) -> Outlook:
    """Place the rows between ``start`` (a first of a month) and ``end`` (the day after the last one shown)."""
    scale = Scale(start, end, LEFT, RIGHT)
    mini = Scale(start, end, 1, MINI_WIDTH - 1)
    months = (end.year - start.year) * 12 + end.month - start.month
    ticks = scale.ticks(1 if months <= 20 else 3)
    today_x = scale.x(today) if scale.shows(today) else None
    drawn = tuple(_row(row, number, len(rows), scale, mini, today) for number, row in enumerate(rows))
    height = TOP + ROW_HEIGHT * len(rows) + FOOT
    return Outlook(
        WIDTH, height, BAR_HEIGHT, start, end, ticks, _years(ticks, today_x), drawn, today_x,
        mini.x(today) if today_x is not None else None,
    )  # fmt: skip


def _row(row: Row, number: int, rows: int, scale: Scale, mini: Scale, today: date) -> OutlookRow:
    y = TOP + ROW_HEIGHT * number
    return OutlookRow(
        row=row,
        place=fitted(row.place, NAME_SIZE, LABEL_ROOM - width(f"{row.title} · ", NAME_SIZE)),
        note=fitted(row.note, NOTE_SIZE, LABEL_ROOM),
        y=y,
        name_y=y + 11,
        note_y=y + 27,
        word_y=y + 16,
        middle_y=y + BAR_HEIGHT // 2,
        rule_y=None if number == rows - 1 else y + 36,
        bars=bars(row.spans, scale, [today, *(mark.on for mark in row.marks)]),
        markers=markers(row.marks, scale),
        mini_bars=bars(row.spans, mini),
    )


def _years(ticks: Sequence[Tick], today_x: float | None) -> tuple[YearWord, ...]:
    """A year word at the first tick and at each January, moved out from under the word "Today"."""
    words = []
    for number, tick in enumerate(ticks):
        if number and not tick.year:
            continue
        x = tick.x + 4
        if today_x is not None and x < today_x + PILL + 4 and x + 30 > today_x - PILL:
            x = round(today_x + PILL + 5, 1)
        words.append(YearWord(round(x, 1), tick.on.year))
    return tuple(words)
