"""What the pages of an import show, made ready for the templates."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

from django.urls import reverse
from django.utils.translation import gettext, gettext_noop, pgettext_lazy

from exchange.answers import Answers, write_rows
from exchange.cells import Row
from exchange.changes import spoken
from exchange.check import Check, Problem
from exchange.checking import opened
from exchange.fields import FIELDS, Kind
from exchange.judging import Change
from exchange.layout import Column, Layout, column_name
from exchange.models import ImportRun
from exchange.questions import Question
from exchange.readers import XlsxFile
from exchange.values.vocabulary import GRADES, grade_word

SHOWN_VALUES, SHOWN_ROWS, PREVIEW_ROWS, SHOWN_CHANGES = 15, 25, 15, 200
BY_CELL = {"duplicate_number", "too_long"}  # each row gets a value of its own
NOT_REPLACED = {"character_not_allowed", "further_not_understood"}  # what is shown is not the whole cell
TYPED: dict[str, str] = {
    "closed_without_date": gettext_noop("Type the closing date row by row"),
    "status_date_missing": gettext_noop("Type the status with its date row by row"),
}
NOT_DATA = {
    "empty": pgettext_lazy("rows of a list", "empty"),
    "section": pgettext_lazy("rows of a list", "section"),
    "total": pgettext_lazy("rows of a list", "total"),
    "note": pgettext_lazy("rows of a list", "note"),
    "repeated_header": pgettext_lazy("rows of a list", "heading repeated"),
}


@dataclass(frozen=True, slots=True)
class Step:
    """One of the four steps, as the stepper shows it."""

    url: str
    name: str
    note: str
    done: bool
    current: bool


def steps(run: ImportRun | None, current: int) -> list[Step]:
    """File, match, check, done."""
    names = [
        (gettext("File"), gettext("CSV or XLSX")),
        (gettext("Match columns"), gettext("what holds what")),
        (gettext("Check"), gettext("nothing is saved yet")),
        (gettext("Done"), gettext("what came of it")),
    ]
    urls = [reverse("imports")]
    if run is not None:
        urls += [reverse(name, args=[run.pk]) for name in ("import-match", "import-check", "import-done")]
    urls += ["#main"] * (4 - len(urls))
    return [Step(url, *names[i], done=i < current, current=i == current) for i, url in enumerate(urls)]


@dataclass(frozen=True, slots=True)
class ColumnChoice:
    """A column with three of its values and the fields it may be."""

    name: str
    letter: str
    heading: str
    hidden: bool
    samples: tuple[str, ...]
    guessed: bool
    field: str
    number: int


def column_choices(layout: Layout, run: ImportRun) -> list[ColumnChoice]:
    """The columns of the match page."""
    return [
        ColumnChoice(
            f"column|{column.key}",
            column.letter,
            column.heading or gettext("(no heading)"),
            column.hidden,
            tuple(sample[:80] for sample in column.samples),
            bool(column.field) and not _was_chosen(column, run),
            column.field or "",
            column.index,
        )
        for column in layout.columns
    ]


def _was_chosen(column: Column, run: ImportRun) -> bool:
    return bool({column.key, column.heading, column.letter} & set(run.columns))


def field_choices(kind: Kind) -> list[tuple[str, str]]:
    """Fields that a column may be imported as."""
    return [("", gettext("Leave out")), *((f.name, f.label) for f in FIELDS[kind].values())]


@dataclass(frozen=True, slots=True)
class Preview:
    """The first rows of a sheet, for showing where the headings are."""

    sheets: list[str]
    rows: list[tuple[int, list[str]]]


def preview(run: ImportRun) -> Preview:
    """The sheets of the file and the first rows of the chosen one."""
    with opened(run) as source:
        if not isinstance(source, XlsxFile):
            return Preview([], _first_rows(source.rows()))
        sheets = [sheet.name for sheet in source.sheets]
        chosen = next((s for s in source.sheets if s.name == run.sheet), None)
        chosen = chosen or next((s for s in source.sheets if not s.hidden), source.sheets[0])
        return Preview(sheets, _first_rows(source.rows(chosen)))


def _first_rows(rows: Iterable[tuple[int, Row]]) -> list[tuple[int, list[str]]]:
    return [
        (number, [cell.text[:40] if cell else "" for cell in row[:12]])
        for number, row in islice(rows, PREVIEW_ROWS)
        if any(row)
    ]


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """A record that a row of the list changes, with both values of each field."""

    row: int
    number: str
    fields: list[tuple[str, str, str]]


def changes(check: Check) -> list[ChangeLine]:
    """The first records that would change."""
    return [
        ChangeLine(row, result.values["number"], [_change(check.kind, change) for change in result.changes])
        for row, result in islice(sorted(check.changes.items()), SHOWN_CHANGES)
    ]


def _change(kind: Kind, change: Change) -> tuple[str, str, str]:
    label = FIELDS[kind][change.field].label
    return label, spoken(kind, change.field, change.before), spoken(kind, change.field, change.after)


@dataclass(frozen=True, slots=True)
class Ask:
    """One select of the check page: its name, what was found, the answers and the one given or offered."""

    name: str
    found: str
    choices: tuple[tuple[str, str], ...]
    given: str
    offered: bool


@dataclass(frozen=True, slots=True)
class CellEntry:
    """A field in which one cell is typed anew."""

    name: str
    row: int


@dataclass(frozen=True, slots=True)
class AskedQuestion:
    """A question with its selects."""

    question: Question
    rows: str
    asks: list[Ask]
    cells: list[CellEntry]
    what: str


def asked(check: Check, answers: Answers) -> list[AskedQuestion]:
    """The questions of the check page, those without an answer first."""
    found = [_asked(question, answers) for question in check.questions]
    return sorted(found, key=lambda item: not item.question.waiting)


def _asked(question: Question, answers: Answers) -> AskedQuestion:
    values = question.values[: SHOWN_ROWS * 2] if question.per_value else ("",)
    asks = []
    for value in values:
        key = (question.kind, question.column, value)
        given, offered = answers.choices.get(key, ""), question.proposed.get(value, "")
        asks.append(
            Ask("answer|" + json.dumps(key, ensure_ascii=False), value, question.choices, given or offered, not given)
        )
    typed = question.rows[:SHOWN_ROWS] if question.kind in TYPED else ()
    return AskedQuestion(
        question,
        write_rows(question.rows),
        asks,
        [_cell(row, question.column) for row in typed],
        gettext(TYPED[question.kind]) if question.kind in TYPED else "",
    )


@dataclass(frozen=True, slots=True)
class Repair:
    """One value of a problem with the field in which it is replaced in all its rows."""

    name: str
    found: str
    rows: str
    choices: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Repairs:
    """A problem with its repairs: values replaced at once, or empty cells filled one by one."""

    problem: Problem
    values: list[Repair]
    cells: list[CellEntry]
    more: int


def repairs(check: Check) -> list[Repairs]:
    """The problems of the check page."""
    return [_repairs(problem) for problem in check.problems]


def _repairs(problem: Problem) -> Repairs:
    named = {found: rows for found, rows in problem.values.items() if found is not None}
    by_cell = problem.kind in BY_CELL
    repairable = bool(problem.column) and not by_cell and problem.kind not in NOT_REPLACED
    values = [
        Repair(
            "with|" + json.dumps([problem.column, found], ensure_ascii=False) if repairable else "",
            found,
            write_rows(rows),
            [(name, grade_word(name)) for name in GRADES] if problem.kind == "grade_not_understood" else [],
        )
        for found, rows in islice(named.items(), SHOWN_VALUES)
    ]
    single = problem.values.get(None, ()) if problem.column else ()
    single = single or (problem.rows if by_cell and problem.column else ())
    return Repairs(
        problem, values, [_cell(row, problem.column) for row in single[:SHOWN_ROWS]], len(named) - len(values)
    )


def _cell(row: int, column: str) -> CellEntry:
    return CellEntry("cell|" + json.dumps([row, column], ensure_ascii=False), row)


@dataclass(frozen=True, slots=True)
class Changed:
    """A value that a person replaced, with the box that takes it back."""

    name: str
    what: str
    new: str


def changed(answers: Answers) -> list[Changed]:
    """Everything that was replaced on the check page."""
    where, cell = gettext("“%(found)s” in “%(column)s”"), gettext("Row %(row)s, “%(column)s”")
    replaced = [
        _changed(key, where % {"found": key[1], "column": column_name(key[0])}, new)
        for key, new in answers.replacements.items()
    ]
    typed = [
        _changed(key, cell % {"row": key[0], "column": column_name(key[1])}, new) for key, new in answers.cells.items()
    ]
    return [*replaced, *typed]


def _changed(key: tuple[str | int, str], what: str, new: str) -> Changed:
    return Changed("undo|" + json.dumps(list(key), ensure_ascii=False), what, new)
