"""The check of a file: every row in exactly one place, what is asked, what is wrong. Nothing is saved."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import islice

from django.utils.translation import gettext

from exchange.answers import Answers, write_rows
from exchange.fields import FIELDS, Kind
from exchange.judging import Finding, Judging, RowResult
from exchange.known import Known
from exchange.layout import Layout, column_name
from exchange.questions import Question, build, title_of
from exchange.readers import Source
from exchange.rules import judge
from exchange.survey import Options, Progress, Survey, survey

PLACES = ("ready", "change", "same", "waiting", "refused", "left_out", "not_data")
COMPARED = 500
Compare = Callable[[Sequence[RowResult]], None]


@dataclass(frozen=True, slots=True)
class Problem:
    """Rows that are refused for one reason in one column: the group that is repaired at once.

    ``place`` is the column as a page calls it; ``values`` maps what was found to the rows in which it stands.
    """

    kind: str
    column: str
    place: str
    expected: str
    values: dict[str | None, tuple[int, ...]]

    @property
    def title(self) -> str:
        """The reason in words."""
        return title_of(self.kind)

    @property
    def rows(self) -> tuple[int, ...]:
        """All rows of the group."""
        return tuple(sorted({row for rows in self.values.values() for row in rows}))

    @property
    def shown(self) -> list[tuple[str, str]]:
        """The first values found, with their rows."""
        return [(found or gettext("(empty)"), write_rows(rows)) for found, rows in islice(self.values.items(), 5)]

    @property
    def rows_text(self) -> str:
        """The rows as a short list."""
        return write_rows(self.rows)


@dataclass(slots=True)
class Check:
    """What importing a file would do."""

    survey: Survey
    rows: dict[int, str] = field(default_factory=dict)
    not_data: dict[int, str] = field(default_factory=dict)
    refused: list[Finding] = field(default_factory=list)
    warnings: list[Finding] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    creates: dict[str, tuple[str, ...]] = field(default_factory=dict)
    asked: int = 0
    changes: dict[int, RowResult] = field(default_factory=dict)

    @property
    def changing(self) -> dict[str, list[int]]:
        """Id and version of the record that each changing row was compared with, by row."""
        return {str(row): list(result.record) for row, result in self.changes.items() if result.record}

    @property
    def seen(self) -> str:
        """What a person agrees to who agrees to the changes; it differs as soon as one of the records does."""
        told = [[row, result.record, result.changes] for row, result in sorted(self.changes.items())]
        return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:32] if told else ""

    @property
    def kind(self) -> Kind:
        """Which list it is."""
        return self.survey.layout.kind

    @property
    def layout(self) -> Layout:
        """Where the list stands and what its columns are."""
        return self.survey.layout

    @property
    def counts(self) -> dict[str, int]:
        """Rows in each place; together they are the rows below the heading."""
        found = Counter(self.rows.values())
        return {place: found.get(place, 0) for place in PLACES[:-1]} | {"not_data": len(self.not_data)}

    def rows_in(self, place: str) -> list[int]:
        """Numbers of the rows in a place."""
        return [row for row, found in self.rows.items() if found == place]

    @property
    def problems(self) -> list[Problem]:
        """Reasons of refused rows, grouped by what repairs them."""
        groups: dict[tuple[str, str], dict[str | None, list[int]]] = {}
        expected: dict[tuple[str, str], str] = {}
        for finding in self.refused:
            key = (finding.kind, finding.column)
            groups.setdefault(key, {}).setdefault(finding.found, []).append(finding.row)
            expected.setdefault(key, finding.expected)
        return [
            Problem(kind, column, column_name(column), expected[kind, column], _by_value(values))
            for (kind, column), values in groups.items()
        ]

    @property
    def notices(self) -> list[Problem]:
        """Warnings, grouped like problems."""
        groups: dict[tuple[str, str], dict[str | None, list[int]]] = {}
        for finding in self.warnings:
            groups.setdefault((finding.kind, finding.column), {}).setdefault(finding.found, []).append(finding.row)
        return [
            Problem(kind, column, self._place(kind, column), "", _by_value(values))
            for (kind, column), values in groups.items()
        ]

    def _place(self, kind: str, column: str) -> str:
        """What differs from a record is told by its field, everything else by its column."""
        return FIELDS[self.kind][column].label if kind == "kept_as_recorded" else column_name(column)

    @property
    def open_questions(self) -> list[Question]:
        """Questions for which rows are still waiting."""
        return [question for question in self.questions if question.waiting]


def _by_value(values: dict[str | None, list[int]]) -> dict[str | None, tuple[int, ...]]:
    return {found: tuple(rows) for found, rows in values.items()}


class Analysis:
    """A file being checked; ``results`` judges its rows one by one, so that a large file needs little memory."""

    def __init__(
        self,
        source: Source,
        kind: Kind,
        known: Known,
        today: date,
        answers: Answers | None = None,
        options: Options | None = None,
        progress: Progress | None = None,
        compare: Compare | None = None,
    ) -> None:
        self._compare = compare
        self.survey = survey(source, kind, known, options or Options(), progress)
        self._known, self._today, self._answers = known, today, answers or Answers()
        self._progress = progress
        self.not_data: dict[int, str] = {}
        self.judging = self._fresh()

    def _fresh(self) -> Judging:
        return Judging(self.survey, self._known, self._answers, self._today, updates=self._compare is not None)

    def results(self) -> Iterator[RowResult]:
        """Every record, judged and compared with what is recorded under its number."""
        judged = self._judged()
        while chunk := list(islice(judged, COMPARED)):
            if self._compare:
                self._compare([result for result in chunk if result.existing and result.place == "ready"])
            yield from chunk

    def _judged(self) -> Iterator[RowResult]:
        """Every record; rows that are none are remembered in ``not_data``."""
        self.judging = self._fresh()
        self.not_data = {}
        classifier = self.survey.classifier
        for count, (number, row) in enumerate(self.survey.numbered_rows(), start=1):
            found = classifier.classify(number, row)
            if found == "data":
                yield judge(self.judging, (number, row))
            else:
                self.not_data[number] = found
            if self._progress and count % 1000 == 0:
                self._progress(self.survey.rows + count)

    def check(self) -> Check:
        """The whole file, judged and summed up."""
        check = Check(self.survey)
        asked = _Asked()
        for result in self.results():
            check.rows[result.row] = result.place
            if result.place == "refused":
                check.refused += result.reasons
            elif result.place == "same":
                continue
            else:
                check.warnings += result.warnings
                check.asked += bool(result.questions)
                asked.add(result)
            if result.place == "change":
                check.changes[result.row] = result
        check.not_data = self.not_data
        check.questions = asked.questions(self.survey)
        check.creates = {what: tuple(names) for what, names in self.judging.new.items()}
        return check


class _Asked:
    """Collects what is asked by class and column."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, str], dict[int, bool]] = {}
        self._values: dict[tuple[str, str], dict[str, None]] = {}

    def add(self, result: RowResult) -> None:
        for finding, answered in result.questions:
            key = (finding.kind, finding.column)
            rows = self._rows.setdefault(key, {})
            rows[result.row] = rows.get(result.row, True) and answered
            self._values.setdefault(key, {})[finding.found or ""] = None

    def questions(self, survey: Survey) -> list[Question]:
        return [
            build(
                survey,
                kind,
                column,
                list(rows),
                sum(not done for done in rows.values()),
                list(self._values[kind, column]),
            )
            for (kind, column), rows in self._rows.items()
        ]
