"""One cell of a sheet as it was read."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple


class Cell(NamedTuple):
    """A value and what a spreadsheet program shows for it.

    ``value`` is text, a number or a civil date; ``shows`` tells which parts of a date its number format shows
    (``ymd``, ``ym``, ``y`` or ``md``/``dm``); ``error`` is an error value such as ``#N/A``, ``formula`` says that the
    value was calculated.
    """

    value: str | int | float | date
    text: str
    shows: str = ""
    error: bool = False
    formula: bool = False


Row = list[Cell | None]


def text_cell(text: str) -> Cell:
    """A cell that holds text only, as every cell of a CSV file does."""
    return Cell(text, text)
