"""The cells of one sheet."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from django.utils.translation import gettext, gettext_noop

from exchange.cells import Cell, Row
from exchange.readers.errors import Unreadable
from exchange.readers.number_format import date_parts, day_of_serial, plain, shown
from exchange.readers.package import Handler, damaged
from exchange.text import unescape

MAX_COLUMNS = 500
MAX_TEXT = 131_072
_REFERENCE = re.compile(r"^([A-Z]+)(\d+)$")
Styles = list[tuple[str, bool]]


class SheetHandler(Handler):
    """Collects rows of a sheet until they are taken away.

    ``merged_down`` (first row, last row, column) of an earlier reading lets a value that stands for several rows
    be seen in each of them.
    """

    def __init__(
        self, texts: list[str], styles: Styles, date_system: int, merged_down: list[tuple[int, int, int]]
    ) -> None:
        self._texts, self._styles, self._date_system = texts, styles, date_system
        self._merges = _Merges(merged_down)
        self._rows: list[tuple[int, Row]] = []
        self._row: Row = []
        self._number = 0
        self._column = -1
        self._cell: dict[str, str] = {}
        self._value: list[str] = []
        self._formula = False
        self._inside = ""
        self._colored = False
        self.hidden_columns: set[int] = set()
        self.colored_rows: set[int] = set()
        self.merged_down: list[tuple[int, int, int]] = []

    def take_rows(self) -> list[tuple[int, Row]]:
        """Rows read since the last call."""
        rows, self._rows = self._rows, []
        return rows

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Rows, cells and their values; everything else is layout."""
        if name == "c":
            self._start_cell(attributes)
        elif name in {"v", "t"}:
            self._inside = "" if self._inside == "rPh" else name
        elif name == "f":
            self._formula, self._inside = True, ""
        elif name == "rPh":
            self._inside = name
        elif name == "row":
            self._start_row(attributes)
        elif name == "col" and attributes.get("hidden", "0") in {"1", "true"}:
            first, last = int(attributes.get("min", "1")), int(attributes.get("max", "1"))
            self.hidden_columns.update(range(first - 1, min(last, first + MAX_COLUMNS)))
        elif name == "mergeCell":
            self._remember_merge(attributes.get("ref", ""))

    def end(self, name: str) -> None:
        """A value, cell or row is complete."""
        if name in {"v", "t", "rPh"}:
            self._inside = ""
        elif name == "c":
            self._end_cell()
        elif name == "row":
            self._end_row()

    def text(self, data: str) -> None:
        """A piece of the cell's value."""
        if self._inside in {"v", "t"}:
            self._value.append(data)
            if len(data) > MAX_TEXT or len(self._value) > MAX_TEXT:
                text = gettext("A cell in row %(row)s holds more than %(most)s characters.")
                raise Unreadable("too_large", text % {"row": self._number, "most": MAX_TEXT})

    def _start_row(self, attributes: dict[str, str]) -> None:
        given = attributes.get("r", "")
        self._number = int(given) if given.isdecimal() else self._number + 1
        self._row, self._column, self._colored = [], -1, False

    def _start_cell(self, attributes: dict[str, str]) -> None:
        reference = _REFERENCE.match(attributes.get("r", ""))
        self._column = _column(reference.group(1)) if reference else self._column + 1
        self._cell, self._value, self._formula = attributes, [], False

    def _end_cell(self) -> None:
        style = self._cell.get("s", "0")
        code, colored = (
            self._styles[int(style)] if style.isdecimal() and int(style) < len(self._styles) else ("", False)
        )
        cell = self._read(self._cell.get("t", "n"), "".join(self._value), code)
        self._colored = self._colored or (colored and cell is not None)
        if cell is None or self._column >= MAX_COLUMNS:
            return
        self._row.extend([None] * (self._column + 1 - len(self._row)))
        self._row[self._column] = cell

    def _end_row(self) -> None:
        if self._colored:
            self.colored_rows.add(self._number)
        self._merges.fill(self._number, self._row)
        self._rows.append((self._number, self._row))

    def _read(self, kind: str, raw: str, code: str) -> Cell | None:
        if not raw:
            return Cell("", "", error=True, formula=True) if self._formula else None
        if kind == "s":
            return self._text(self._shared(raw))
        if kind in {"str", "inlineStr"}:
            return self._text(unescape(raw))
        if kind == "e":
            return Cell(raw, raw, error=True, formula=self._formula)
        if kind == "b":
            return self._text("TRUE" if raw.strip() == "1" else "FALSE")
        if kind == "d":
            return self._iso_date(raw)
        return self._number_or_date(raw, code)

    def _shared(self, raw: str) -> str:
        try:
            return self._texts[int(raw)]
        except (ValueError, IndexError):
            raise damaged(gettext_noop("a text of row %(row)s is missing"), row=self._number) from None

    def _text(self, text: str) -> Cell | None:
        if not text or text.isspace():
            return None
        return Cell(text, text, formula=self._formula)

    def _iso_date(self, raw: str) -> Cell:
        try:
            day = date.fromisoformat(raw[:10])
        except ValueError:
            return Cell(raw, raw, formula=self._formula)
        return Cell(day, day.isoformat(), "ymd", formula=self._formula)

    def _number_or_date(self, raw: str, code: str) -> Cell:
        try:
            number: Any = int(raw) if raw.isdecimal() else float(raw)
        except ValueError:
            return Cell(raw, raw, formula=self._formula)
        if number != number or number in {float("inf"), float("-inf")}:
            return Cell(raw, raw, error=True, formula=self._formula)
        shows = date_parts(code) if code else ""
        if shows and shows != "time":
            day = day_of_serial(number, self._date_system)
            return Cell(day or raw, day.isoformat() if day else plain(number), shows, formula=self._formula)
        return Cell(number, shown(number, code), formula=self._formula)

    def _remember_merge(self, reference: str) -> None:
        first, _, last = reference.partition(":")
        start, end = _REFERENCE.match(first), _REFERENCE.match(last)
        if start and end and start.group(2) != end.group(2) and len(self.merged_down) < 100_000:
            self.merged_down.append((int(start.group(2)), int(end.group(2)), _column(start.group(1))))


class _Merges:
    """Values of cells that were joined over several rows."""

    def __init__(self, areas: list[tuple[int, int, int]]) -> None:
        self._areas: dict[int, list[tuple[int, int]]] = {}
        for first, last, column in areas:
            self._areas.setdefault(first, []).append((last, column))
        self._open: dict[int, tuple[int, Cell]] = {}

    def fill(self, number: int, row: Row) -> None:
        """Give the row the values of joined cells that reach into it, and remember those that start in it."""
        for column, (last, cell) in list(self._open.items()):
            if number > last:
                del self._open[column]
            elif any(row):
                row.extend([None] * (column + 1 - len(row)))
                row[column] = row[column] or cell
        for last, column in self._areas.get(number, ()):
            cell_here = row[column] if column < len(row) else None
            if cell_here is not None:
                self._open[column] = (last, cell_here)


def _column(letters: str) -> int:
    index = 0
    for letter in letters:
        index = index * 26 + ord(letter) - 64
    return index - 1
