"""One row of the list while it is judged: its values, and what speaks against it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from django.utils.translation import gettext, ngettext

from exchange.answers import LEAVE_OUT, Answers
from exchange.cells import Cell, Row, text_cell
from exchange.fields import FIELDS, Field, Kind
from exchange.known import Known
from exchange.layout import Column
from exchange.survey import Survey
from exchange.text import invisible_in, number_key, one_line, tidy, visible
from exchange.values.people import People
from exchange.values.sites import Places
from exchange.values.standards import Catalog
from exchange.words import words

_EMPTIES = frozenset(words()["empties"])
_TEXT_FORMULA = re.compile(r'^="(.*)"$', re.DOTALL)


def shortened(text: str) -> str:
    """The beginning of a long text, and how long it is."""
    words = ngettext("%(text)s… (%(n)s character)", "%(text)s… (%(n)s characters)", len(text))
    return words % {"text": text[:40], "n": len(text)}


class Finding(NamedTuple):
    """Something about one row: why it is refused, what is asked, or what to know. Column "" is the whole row."""

    row: int
    kind: str
    column: str
    found: str | None
    expected: str = ""


class Change(NamedTuple):
    """A field in which a row differs from what is recorded: both values in words."""

    field: str
    before: str
    after: str


@dataclass(slots=True)
class RowResult:
    """A judged record: ``place`` is one of ``check.PLACES``; ``values`` are complete only when ready.

    ``existing`` tells that its number is recorded. Then ``changes`` and the ``record`` (id and version) that was
    compared are filled in, and the place becomes change or same.
    """

    row: int
    place: str
    values: dict[str, Any]
    reasons: list[Finding]
    questions: list[tuple[Finding, bool]]
    warnings: list[Finding]
    existing: bool = False
    changes: tuple[Change, ...] = ()
    record: tuple[int, int] | None = None


@dataclass(slots=True)
class Judging:
    """All that judging a row needs besides the row: the survey, the known world, the answers and the day."""

    survey: Survey
    known: Known
    answers: Answers
    today: date
    updates: bool = False
    catalog: Catalog = field(init=False)
    places: Places = field(init=False)
    people: People = field(init=False)
    taken: dict[str, int] = field(default_factory=dict)
    new: dict[str, dict[str, None]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.catalog = Catalog(self.known.standards)
        self.places = Places(self.survey.sites)
        self.people = People((*self.survey.people, *self.known.people), closed=bool(self.survey.people))

    @property
    def kind(self) -> Kind:
        """Which list it is."""
        return self.survey.layout.kind

    @property
    def date_system(self) -> int:
        """From which day the file counts days."""
        return self.survey.source.date_system or 1900

    def needs_site(self, name: str) -> None:
        """A site that a record refers to; one that the organization does not have is added with it."""
        if name not in self.known.sites:
            self.creates("sites", name)

    def creates(self, what: str, name: str) -> None:
        """Remember something that the import will add beside the records."""
        self.new.setdefault(what, {})[name] = None


class RowReader:
    """Reads the fields of one row and collects what is found about it."""

    def __init__(self, judging: Judging, number: int, row: Row) -> None:
        self.judging = judging
        self.number = number
        self._row = row
        self.values: dict[str, Any] = {}
        self.reasons: list[Finding] = []
        self.questions: list[tuple[Finding, bool]] = []
        self.warnings: list[Finding] = []
        self.kept: list[str] = []
        self.left_out = number in judging.answers.left_out
        self.existing = False

    def column(self, name: str) -> Column | None:
        """The column of a field, where the list has one."""
        return self.judging.survey.layout.by_field.get(name)

    def field(self, name: str) -> Field:
        """The definition of a field."""
        return FIELDS[self.judging.kind][name]

    def cell(self, name: str) -> Cell | None:
        """What stands in the field, with a person's corrections; error values and signs for "nothing" are empty."""
        column = self.column(name)
        if column is None:
            return None
        cell = self.corrected(column)
        if cell is None or (self.field(name).type != "long" and cell.text.strip().lower() in _EMPTIES):
            return None
        if cell.error:
            self.warn("formula_error", name, cell.text or gettext("formula without a stored value"))
            return None
        return self._without_text_formula(name, cell)

    def corrected(self, column: Column) -> Cell | None:
        """The cell of a column, with a person's corrections."""
        answers, cell = self.judging.answers, self._row[column.index] if column.index < len(self._row) else None
        if not answers.cells and not answers.replacements:
            return cell
        new = answers.cells.get((self.number, column.key))
        if new is None:
            new = answers.replacements.get((column.key, cell.text if cell else ""))
        return cell if new is None else (text_cell(new) if new.strip() else None)

    def raw(self, name: str) -> str | None:
        """The text of a field as it stands, for a person to see."""
        column = self.column(name)
        cell = self.corrected(column) if column else None
        return cell.text if cell else None

    def text(self, name: str) -> str:
        """Text of a field without outer spaces; characters nobody sees are named in a warning and stay."""
        cell = self.cell(name)
        if cell is None:
            return ""
        text = tidy(cell.text)
        for point in invisible_in(text):
            self.warn("invisible_characters", name, point)
        limit = self.field(name).limit
        if limit and len(text) > limit:
            most = ngettext("at most %(n)s character", "at most %(n)s characters", limit) % {"n": limit}
            self.refuse("too_long", name, shortened(text), most)
        return text

    def word(self, name: str) -> str:
        """Text of a field on one line without characters nobody sees, for comparing and looking up."""
        return one_line(visible(self.text(name)))

    def refuse(self, kind: str, name: str | None, found: str | None, expected: str = "") -> None:
        """The row can not be imported."""
        self.reasons.append(Finding(self.number, kind, self._key(name), found, expected))

    def refuse_column(self, kind: str, column: Column, found: str) -> None:
        """The row can not be imported because of a column, whatever it is imported as."""
        self.reasons.append(Finding(self.number, kind, column.key, found, gettext("text without it")))

    def is_colored(self) -> bool:
        """Whether a color marks this row among others that have none (not every second one)."""
        survey = self.judging.survey
        colored = survey.sheet.colored_rows if survey.sheet else set()
        return self.number in colored and len(colored) <= survey.rows / 3

    def warn(self, kind: str, name: str, found: str | None) -> None:
        """The row is imported; the check page says this about it (once, however often it is looked at)."""
        finding = Finding(self.number, kind, self._key(name), found)
        if finding not in self.warnings:
            self.warnings.append(finding)

    def ask(self, kind: str, name: str, found: str | None) -> str | None:
        """The answer to a question about a value; None while nobody has given one."""
        column = self._key(name)
        answer = self.judging.answers.choice(kind, column, found or "")
        self.questions.append((Finding(self.number, kind, column, found), answer is not None))
        if answer == LEAVE_OUT:
            self.left_out = True
        return answer

    def keep(self, name: str, text: str | None = None) -> None:
        """What a field said but no field can hold goes into the note, so that nothing is lost."""
        column, shown = self.column(name), text if text is not None else self.raw(name)
        if column and shown:
            self.kept.append(f"{one_line(column.heading) or column.key}: {shown}")

    def number_is_new(self, number: str) -> None:
        """Refuse a number that an earlier row has; with one that is recorded the row is about that record."""
        key = number_key(number)
        taken = self.judging.taken
        found = self.raw("number")
        recorded = self.judging.known.has(self.judging.kind, number)
        if key in taken:
            own = gettext("a number of its own (row %(row)s has it)") % {"row": taken[key]}
            self.refuse("duplicate_number", "number", found, own)
        elif recorded and not self.judging.updates:
            self.refuse("duplicate_number", "number", found, gettext("a number that is not recorded yet"))
        else:
            taken[key] = self.number
            self.existing = recorded

    def result(self) -> RowResult:
        """Where the row ends."""
        waiting = any(not answered for _, answered in self.questions)
        place = "left_out" if self.left_out else "refused" if self.reasons else "waiting" if waiting else "ready"
        return RowResult(
            self.number, place, self.values, self.reasons, self.questions, self.warnings, existing=self.existing
        )

    def _key(self, name: str | None) -> str:
        column = self.column(name) if name else None
        return column.key if column else ""

    def _without_text_formula(self, name: str, cell: Cell) -> Cell | None:
        match = _TEXT_FORMULA.match(cell.value) if isinstance(cell.value, str) and cell.value.startswith('="') else None
        if not match:
            return cell
        answer = self.ask("text_formula", name, cell.text)
        if answer == "text":
            return text_cell(match.group(1).replace('""', '"'))
        return cell if answer == "as_written" else None
