"""What the templates draw, in units of the view box, and the functions that place it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from charts.inputs import Mark, Span
from charts.scale import Scale
from charts.text import width

WORD_SIZE = 11.5
LABEL_SIZE = 12
INSET = 11
GAP = 2
MARK = 7
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Bar:
    """A state over time; ``word`` is empty where none fits, ``title`` always says it."""

    state: str
    x: float
    width: float
    word: str
    word_x: float
    halo_x: float
    halo_width: float
    title: str


@dataclass(frozen=True)
class Marker:
    """A point in time: a diamond (external), a circle (internal) or a square (review)."""

    kind: str
    look: str
    x: float
    window_x: float
    window_width: float
    title: str


@dataclass(frozen=True)
class Label:
    """A line of text; ``anchor`` is start, middle or end."""

    x: float
    y: int
    anchor: str
    text: str


def bars(spans: Sequence[Span], scale: Scale, clear_of: Iterable[date] = ()) -> tuple[Bar, ...]:
    """One bar per span that lies on the axis, with a gap between neighbors; words keep clear of some days."""
    points = sorted({scale.x(day) for day in clear_of if scale.shows(day)})
    shown = [
        span for span in spans if span.starts_on < scale.end and (span.ends_on is None or span.ends_on >= scale.start)
    ]
    return tuple(_bar(span, scale, points, last=span is shown[-1]) for span in shown)


def _bar(span: Span, scale: Scale, points: Sequence[float], last: bool) -> Bar:
    left = scale.x(span.starts_on)
    right = scale.right if span.ends_on is None else scale.x(span.ends_on + ONE_DAY)
    room = round(max(right - left - (0 if last else GAP), 1), 1)
    word, at = _word(span.words, left, left + room, points)
    halo = round(width(word, WORD_SIZE) + 10, 1) if word and span.state == "suspended" else 0
    title = span.words[0] if span.words else ""
    return Bar(span.state, left, room, word, round(at, 1), round(at - 5, 1), halo, title)


def _word(words: Sequence[str], left: float, right: float, points: Sequence[float]) -> tuple[str, float]:
    """The longest word that fits between the edges of a bar and the points in it, and where it begins."""
    inside = [x for x in points if left - MARK < x < right + MARK]
    starts = [left + INSET, *(x + MARK + 4 for x in inside)]
    ends = [*(x - MARK - 4 for x in inside), right - INSET]
    for text in words:
        for start, end in zip(starts, ends, strict=True):
            if width(text, WORD_SIZE) <= end - start:
                return text, start
    return "", left + INSET


def markers(marks: Iterable[Mark], scale: Scale) -> tuple[Marker, ...]:
    """One marker per mark that lies on the axis."""
    return tuple(_marker(mark, scale) for mark in marks if scale.shows(mark.on))


def _marker(mark: Mark, scale: Scale) -> Marker:
    x = scale.x(mark.on)
    window = scale.x(mark.opens_on) if mark.opens_on else x
    if mark.kind == "external" or mark.done:
        look = "mark-done" if mark.done else "mark-late" if mark.late else "mark-planned"
    else:
        look = "mark-open late" if mark.late else "mark-open"
    return Marker(mark.kind, look, x, window, round(x - window, 1), mark.text)


def place_labels(
    texts: Iterable[tuple[float, str]], scale: Scale, rows: Sequence[int], line_x: float | None
) -> tuple[Label, ...]:
    """Labels near their x that overlap neither each other nor the line of today.

    Tried in turn: under it, left, right, then the next row; what fits nowhere is left to the table.
    """
    placed: list[tuple[Label, float, float]] = []
    for x, text in texts:
        free = (
            candidate
            for candidate in _candidates(x, text, rows)
            if _fits(candidate, scale, line_x) and _is_free(*candidate, placed)
        )
        label = next(free, None)
        if text and label:
            placed.append(label)
    return tuple(label for label, _, _ in placed)


def _candidates(x: float, text: str, rows: Sequence[int]) -> Iterable[tuple[Label, float, float]]:
    long = width(text, LABEL_SIZE)
    for y in rows:
        yield Label(x, y, "middle", text), x - long / 2, x + long / 2
        yield Label(round(x + 7, 1), y, "end", text), x + 7 - long, x + 7
        yield Label(round(x - 7, 1), y, "start", text), x - 7, x - 7 + long


def _fits(candidate: tuple[Label, float, float], scale: Scale, line_x: float | None) -> bool:
    _, low, high = candidate
    on_line = line_x is not None and low - 2 <= line_x <= high + 2
    return low >= scale.left - 40 and high <= scale.right + 20 and not on_line


def _is_free(label: Label, low: float, high: float, placed: Iterable[tuple[Label, float, float]]) -> bool:
    return all(other.y != label.y or high + 8 <= left or right + 8 <= low for other, left, right in placed)


def beside(bar_left: float, bar_right: float, text: str, scale: Scale) -> tuple[float, str]:
    """Where a text of a clock bar goes: inside it, right of it, or left of it, as (x, anchor)."""
    long = width(text, WORD_SIZE)
    if bar_right - bar_left >= long + 2 * INSET:
        return round((bar_left + bar_right) / 2, 1), "middle"
    if bar_right + 8 + long <= scale.right + 30:
        return round(bar_right + 8, 1), "start"
    return round(bar_left - 8, 1), "end"
