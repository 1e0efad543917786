"""Where the list stands on its sheet: the heading rows, the first data row, and what each column holds."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext

from exchange.cells import Cell, Row
from exchange.fields import FIELDS, NEEDED, Kind
from exchange.headings import LEFT_OUT, Guess, assign, guesses
from exchange.text import column_letter, fold, fold_heading, one_line
from exchange.words import phrases

SEARCHED_ROWS = 40
Numbered = tuple[int, Row]
_HINT = re.compile(
    r"^[(\[]?(?:\d{1,2}|[a-zA-Z]|[DMYTJAR]{2,4}[./ -][DMYTJAR]{2,4}(?:[./ -][DMYTJAR]{2,4})?)[)\]]?$", re.IGNORECASE
)


_UNNAMED = re.compile(r" ?\(column (\w+)\)$")


def column_name(key: str) -> str:
    """A column as a page calls it; ``key`` is kept with answers, so that its own words stay English."""
    found = _UNNAMED.search(key)
    if found is None:
        return key
    letter = gettext("(column %(letter)s)") % {"letter": found.group(1)}
    return f"{key[: found.start()]} {letter}".strip()


@dataclass(slots=True)
class Column:
    """A column of the list. ``field`` is what it is imported as (None: left out), ``guess`` how sure that is."""

    index: int
    heading: str
    key: str
    field: str | None = None
    guess: float = 0.0
    hidden: bool = False
    samples: tuple[str, ...] = ()

    @property
    def letter(self) -> str:
        """Its letter in a spreadsheet program."""
        return column_letter(self.index)


@dataclass(slots=True)
class Layout:
    """How a sheet is read as a list of one kind."""

    kind: Kind
    header_rows: tuple[int, ...]
    columns: list[Column]
    headings: list[str]
    score: float = 0.0
    by_field: dict[str, Column] = field(default_factory=dict)

    @property
    def first_data_row(self) -> int:
        """The row below the heading."""
        return self.header_rows[-1] + 1

    @property
    def notes(self) -> list[Column]:
        """Columns whose text goes into the note, the one that is headed so first."""
        own = phrases("headings", "note")
        chosen = [column for column in self.columns if column.field == "note"]
        return sorted(chosen, key=lambda column: fold_heading(column.heading) not in own)

    @property
    def missing(self) -> list[str]:
        """Needed fields for which no column was found."""
        needed = [name for name in NEEDED[self.kind] if name not in self.by_field]
        return [name for name in needed if not (name == "started_on" and "ended_on" in self.by_field)]

    def choose(self, choices: Mapping[str, str | None]) -> None:
        """Lay a person's choices over the guesses; a field given to one column is taken from another."""
        for key, name in choices.items():
            for column in self.columns:
                if key in {column.key, column.heading, column.letter}:
                    column.field, column.guess = name or None, 1.0
                elif name and name != "note" and column.field == name and column.key not in choices:
                    column.field = None
        self.index_fields()

    def index_fields(self) -> None:
        """Find columns by field from now on."""
        self.by_field = {}
        for column in self.columns:
            if column.field and column.field in FIELDS[self.kind]:
                self.by_field.setdefault(column.field, column)


def find_layout(kind: Kind, head: Sequence[Numbered], header_row: int | None = None) -> Layout | None:
    """The best reading of the first rows of a sheet; None when no row looks like a heading."""
    best: Layout | None = None
    for position, (number, row) in enumerate(head[:SEARCHED_ROWS]):
        if header_row is not None and number != header_row:
            continue
        if sum(cell is not None for cell in row) < 2:
            continue
        for rows in _heading_blocks(head, position):
            layout = _layout_of(kind, head, position, rows)
            if best is None or layout.score > best.score + 0.3:
                best = layout
    if best and (header_row is not None or _is_heading(best)):
        _skip_hints(best, head)
        return best
    return None


def _heading_blocks(head: Sequence[Numbered], position: int) -> list[list[Row]]:
    """The row alone, and with the row below it when both may form one heading."""
    row = head[position][1]
    blocks = [[row]]
    if position + 1 < len(head):
        below = head[position + 1][1]
        filled = [cell for cell in below if cell is not None]
        if filled and all(isinstance(cell.value, str) and not any(c.isdecimal() for c in cell.text) for cell in filled):
            blocks.append([row, below])
    return blocks


def _layout_of(kind: Kind, head: Sequence[Numbered], position: int, rows: list[Row]) -> Layout:
    texts = _joined(rows)
    values = _values_below(head, position + len(rows), len(texts))
    chosen = assign([guesses(kind, text, column) for text, column in zip(texts, values, strict=True)])
    header_rows = tuple(head[position + offset][0] for offset in range(len(rows)))
    layout = Layout(kind, header_rows, _columns(texts, chosen, values), texts)
    layout.score = sum(guess.score for guess in chosen if guess and guess.field != LEFT_OUT) - _data_like(rows)
    layout.index_fields()
    return layout


def _joined(rows: list[Row]) -> list[str]:
    """The text of each column's heading; in two rows the upper one may stand for several columns."""
    width = max(len(row) for row in rows)
    texts = []
    group = ""
    for index in range(width):
        parts = [_text_at(row, index) for row in rows]
        if len(parts) == 2:
            group = parts[0] or (group if parts[1] else "")
            parts = [group, parts[1]]
        texts.append("\n".join(part for part in parts if part))
    while texts and not texts[-1]:
        texts.pop()
    return texts


def _text_at(row: Row, index: int) -> str:
    cell = row[index] if index < len(row) else None
    return cell.text.strip() if cell else ""


def _values_below(head: Sequence[Numbered], start: int, width: int) -> list[list[Cell]]:
    columns: list[list[Cell]] = [[] for _ in range(width)]
    for _, row in head[start:]:
        for index, cell in enumerate(row[:width]):
            if cell is not None and not cell.error and sum(c is not None for c in row) > 2:
                columns[index].append(cell)
    return columns


def _columns(texts: list[str], chosen: list[Guess | None], values: list[list[Cell]]) -> list[Column]:
    often = [one_line(text) for text in texts]
    columns = []
    for index, (text, guess) in enumerate(zip(texts, chosen, strict=True)):
        heading = often[index]
        key = heading if heading and often.count(heading) == 1 else f"{heading} (column {column_letter(index)})".strip()
        samples = tuple(dict.fromkeys(cell.text for cell in values[index]))[:3]
        column = Column(index, text, key, samples=samples)
        if guess and guess.field != LEFT_OUT:
            column.field, column.guess = guess.field, round(guess.score, 2)
        columns.append(column)
    return columns


def _data_like(rows: list[Row]) -> float:
    """A heading has words; dates and numbers speak against one."""
    cells = [cell for row in rows for cell in row if cell is not None]
    return 0.5 * sum(1 for cell in cells if not isinstance(cell.value, str) or cell.error)


def _is_heading(layout: Layout) -> bool:
    found = set(layout.by_field)
    needed = sum(1 for name in NEEDED[layout.kind] if name in found)
    return layout.score >= 1.5 and (needed >= 1 or len(found) >= 3)


def _skip_hints(layout: Layout, head: Sequence[Numbered]) -> None:
    """A row of hints below the heading, such as ``DD.MM.YYYY`` or ``(1)``, belongs to it."""
    below = next((row for number, row in head if number == layout.first_data_row), [])
    filled = [cell for cell in below if cell is not None]
    if len(filled) >= 2 and all(isinstance(cell.value, str) and _HINT.match(fold_hint(cell.text)) for cell in filled):
        layout.header_rows = (*layout.header_rows, layout.first_data_row)


def fold_hint(text: str) -> str:
    """A hint without its spaces."""
    return text.strip() if len(text) < 15 else fold(text)
