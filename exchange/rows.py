"""What a row of the sheet is: a record, or one of the things people write between records."""

from __future__ import annotations

import re
from typing import Literal

from exchange.cells import Cell, Row
from exchange.layout import Layout
from exchange.text import fold, fold_heading, shape
from exchange.values.dates import read_date
from exchange.words import phrases

RowClass = Literal["data", "empty", "section", "total", "note", "repeated_header"]

_YEAR_ALONE = re.compile(r"^(?:19|20)\d\d\b")


class Classifier:
    """Tells records from the rest; it learns what numbers look like from rows that are records beyond doubt."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._headings = [fold_heading(text) for text in layout.headings]
        self._shapes: set[str] = set()
        self._number = layout.by_field.get("number")
        self._mapped = {column.index for column in layout.columns if column.field}
        self.last_data_row = 0

    def learn(self, number: int, row: Row) -> bool:
        """Look at a row on the first reading; True when it is a record beyond doubt."""
        filled = _filled(row)
        if self._repeats_heading(row) or self._is_total(filled):
            return False
        if not self._is_record(filled):
            self.last_data_row = number if self._has_number(row) else self.last_data_row
            return False
        self.last_data_row = number
        value = self._number_of(row)
        if value and len(filled) >= min(4, len(self._mapped)):
            self._shapes.add(shape(value))
        return True

    def classify(self, number: int, row: Row) -> RowClass:
        """What the row is, once the whole sheet was seen."""
        filled = _filled(row)
        if not filled:
            return "empty"
        if self._repeats_heading(row):
            return "repeated_header"
        if self._is_total(filled):
            return "total"
        if self._is_record(filled) or self._has_number(row):
            return "data"
        if number > self.last_data_row or _is_sentence(filled[0][1].text):
            return "note"
        return _beside_records(filled)

    def _is_record(self, filled: list[tuple[int, Cell]]) -> bool:
        mapped = [cell for index, cell in filled if index in self._mapped]
        if len(mapped) >= 3:
            return True
        dated = any(index in self._mapped and _is_dated(cell) for index, cell in filled)
        return len(mapped) == 2 and (dated or len(self._mapped) <= 3) and len(filled) == len(mapped)

    def _repeats_heading(self, row: Row) -> bool:
        filled = _filled(row)
        here = [(cell.text, self._headings[index]) for index, cell in filled if index < len(self._headings)]
        same = sum(1 for text, heading in here if fold_heading(text) == heading)
        return same >= 2 and same >= 0.6 * len(filled)

    def _is_total(self, filled: list[tuple[int, Cell]]) -> bool:
        """A word such as ``Total``, or one that ends in a colon, with nothing but numbers beside it."""
        if not filled or not isinstance(filled[0][1].value, str):
            return False
        first, others = filled[0][1].text.strip(), [cell for _, cell in filled[1:]]
        if not all(_is_amount(cell) for cell in others):
            return False
        words = fold(first).split()
        totals = phrases("totals")
        named = bool(words) and (words[0] in totals or " ".join(words[:2]) in totals or words[-1] in totals)
        return (named and len(words) <= 6) or (bool(others) and first.endswith(":"))

    def _has_number(self, row: Row) -> bool:
        """A value in the number column that is built like the other numbers makes a record of any row."""
        value = self._number_of(row)
        return bool(value) and not _YEAR_ALONE.match(value) and shape(value) in self._shapes

    def _number_of(self, row: Row) -> str:
        index = self._number.index if self._number else -1
        cell = row[index] if 0 <= index < len(row) else None
        return cell.text.strip() if cell else ""


def _beside_records(filled: list[tuple[int, Cell]]) -> RowClass:
    """A row between records that is none: a caption at its start, a remark further right, or a torn record."""
    if len(filled) == 1:
        return "section" if filled[0][0] <= 1 else "note"
    dated = any(_is_dated(cell) for _, cell in filled[1:])
    return "section" if len(filled) == 2 and filled[0][0] <= 1 and not dated else "data"


def _filled(row: Row) -> list[tuple[int, Cell]]:
    return [(index, cell) for index, cell in enumerate(row) if cell is not None]


def _is_dated(cell: Cell) -> bool:
    return read_date(cell).kind in {"date", "day_month"}


def _is_amount(cell: Cell) -> bool:
    return cell.formula or not isinstance(cell.value, str) or bool(re.match(r"^[\d\s.,%€$£+-]+$", cell.value))


def _is_sentence(text: str) -> bool:
    return len(text) > 80 or (text.rstrip().endswith((".", "!")) and len(text.split()) > 5)
