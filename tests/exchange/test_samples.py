"""The sample files: all that ``expected.yaml`` says of them holds."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date
from functools import cache
from typing import Any

import pytest
import yaml

from exchange.answers import read_rows, write_rows
from exchange.check import Analysis, Check
from exchange.fields import Kind
from exchange.judging import RowResult
from exchange.known import Known
from exchange.readers import Unreadable, open_source
from tests.exchange.lists import SAMPLES, TODAY, known_after, proposed

EXPECTED: dict[str, Any] = yaml.safe_load((SAMPLES / "expected.yaml").read_text(encoding="utf-8"))
FILES = {entry["file"]: entry for entry in EXPECTED["files"]}
ORDER = ["certificate-register.xlsx", "auditplan-2024-2027.csv", "nc-capa-log.xlsx"]
SAME_CLASS = {name: group[0] for group in EXPECTED["equal_classes"] for name in group}


class Imported:
    """A sample file: its check before answers, and its rows after them."""

    def __init__(self, file: str, known: Known) -> None:
        self.expected = FILES[file]
        self.kind = self.expected["kind"]
        self.source = open_source(io.BytesIO((SAMPLES / file).read_bytes()))
        self.check: Check = Analysis(self.source, Kind(self.kind), known, TODAY).check()
        answered = Analysis(self.source, Kind(self.kind), known, TODAY, proposed(self.check))
        self.rows: dict[int, RowResult] = {result.row: result for result in answered.results()}
        self.known = known_after(known, self.kind, self.rows)


@cache
def imported(file: str) -> Imported:
    """The three files of one organization build on each other; the upload file stands alone."""
    position = ORDER.index(file) if file in ORDER else 0
    return Imported(file, imported(ORDER[position - 1]).known if position else Known())


@pytest.fixture(params=FILES)
def sample(request: pytest.FixtureRequest) -> Iterator[Imported]:
    """Each sample file in turn."""
    yield imported(request.param)


def test_the_reference_day_is_the_one_the_samples_were_made_for() -> None:
    assert date.fromisoformat(EXPECTED["reference_day"]) == TODAY


def test_format_and_place_of_the_list(sample: Imported) -> None:
    expected = sample.expected
    layout = sample.check.layout
    assert sample.source.format == expected["format"]
    assert sample.source.encoding == expected.get("encoding")
    assert sample.source.delimiter == expected.get("delimiter")
    assert sample.source.date_system == expected.get("date_system")
    assert (sample.check.survey.sheet.name if sample.check.survey.sheet else None) == expected.get("sheet")
    assert list(layout.header_rows) == expected["header_rows"]
    assert layout.first_data_row == expected["first_data_row"]


def test_columns(sample: Imported) -> None:
    found = [{"heading": c.heading, "field": c.field} for c in sample.check.layout.columns]
    assert found == sample.expected["columns"]


def test_counts_add_up(sample: Imported) -> None:
    expected, counts = sample.expected["counts"], sample.check.counts
    assert counts == {
        "ready": expected["import_without_question"],
        "change": 0,
        "same": 0,
        "waiting": expected["import_after_answer"],
        "refused": expected["refused"],
        "left_out": 0,
        "not_data": expected["not_data"],
    }
    assert sum(counts.values()) == sample.check.survey.rows
    assert len(sample.check.rows) == expected["data_rows"]


def test_after_the_answers_all_importable_rows_are_ready(sample: Imported) -> None:
    ready = {row for row, result in sample.rows.items() if result.place == "ready"}
    assert ready == read_rows(sample.expected["importable_rows"])
    assert {result.place for result in sample.rows.values()} <= {"ready", "refused"}


def test_questions(sample: Imported) -> None:
    found = [
        {"class": q.kind, "column": q.column, "rows": write_rows(q.rows), "examples": [v or "None" for v in q.values]}
        for q in sample.check.questions
    ]
    expected = [
        {
            "class": q["class"],
            "column": " ".join(q["column"].split()),
            "rows": q["rows"],
            "examples": [str(example) for example in q["examples"]],
        }
        for q in sample.expected["ask"]
    ]
    assert sorted(found, key=str) == sorted(expected, key=str)


def test_refused_rows_with_their_reasons(sample: Imported) -> None:
    found = [(f.row, SAME_CLASS.get(f.kind, f.kind), f.column, f.found) for f in sample.check.refused]
    expected = [
        (entry["row"], SAME_CLASS.get(r["class"], r["class"]), " ".join((r["column"] or "").split()), r["found"])
        for entry in sample.expected["refused"]
        for r in entry["reasons"]
    ]
    assert sorted(found, key=str) == sorted(expected, key=str)


def test_warnings(sample: Imported) -> None:
    found = [(w.row, w.kind, w.column, w.found) for w in sample.check.warnings]
    expected = [(w["row"], w["class"], w["column"], str(w["found"])) for w in sample.expected["warnings"]]
    assert sorted(found) == sorted(expected)


def test_rows_that_are_no_data(sample: Imported) -> None:
    assert sample.check.not_data == {entry["row"]: entry["class"] for entry in sample.expected["not_data"]}


def test_values(sample: Imported) -> None:
    for spot in sample.expected["checks"]:
        value = sample.rows[spot["row"]].values[spot["field"]]
        value = list(value) if isinstance(value, tuple) else value
        assert (value.isoformat() if isinstance(value, date) else value) == spot["value"], spot


def test_one_description_of_twenty_thousand_characters_stays_whole() -> None:
    longest = max(len(r.values.get("description", "")) for r in imported(ORDER[2]).rows.values())
    assert longest == 20_000


@pytest.mark.parametrize("expected", EXPECTED["broken"], ids=lambda entry: entry["file"])
def test_broken_files_give_one_clear_sentence(expected: dict[str, Any]) -> None:
    content = (SAMPLES / expected["file"]).read_bytes()
    try:
        check = Analysis(open_source(io.BytesIO(content)), Kind.CERTIFICATES, Known(), TODAY).check()
    except Unreadable as problem:
        assert problem.reason == expected["class"]
        assert 20 < len(problem.sentence) < 250
        assert problem.sentence.endswith(".")
    else:
        assert expected["file"] == "broken/nul.csv"
        assert [(f.row, f.kind, f.column, f.found) for f in check.refused] == [
            (3, expected["class"], "Cert. No.", "U+0000")
        ]
        assert check.rows == {2: "ready", 3: "refused"}


def test_a_quote_that_never_closes_is_named_by_its_line() -> None:
    with pytest.raises(Unreadable, match="opens on line 2 is never closed"):
        content = (SAMPLES / "broken/open-quote.csv").read_bytes()
        Analysis(open_source(io.BytesIO(content)), Kind.CERTIFICATES, Known(), TODAY)
