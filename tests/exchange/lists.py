"""Lists for the tests of import: sample files, files written on the spot, and a day to judge them on."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import xlsxwriter

from exchange.answers import Answers
from exchange.check import Analysis, Check
from exchange.fields import Kind
from exchange.judging import RowResult
from exchange.known import Known, KnownAudit, KnownCertificate
from exchange.readers import open_source
from exchange.survey import Options

SAMPLES = Path(__file__).parent.parent / "data" / "samples"
TODAY = date(2026, 11, 20)
UNDECIDED = {
    "closed_without_date": "as_open",
    "open_with_closing_date": "closed",
    "past_but_planned": "took_place",
    "status_date_missing": "as_note",
    "day_month_order": "day_first",
}


def analysis(
    content: bytes,
    kind: str,
    known: Known | None = None,
    answers: Answers | None = None,
    options: Options | None = None,
) -> Analysis:
    """A file held in memory, being checked."""
    source = open_source(io.BytesIO(content))
    return Analysis(source, Kind(kind), known or Known(), TODAY, answers, options)


def check(content: bytes, kind: str, known: Known | None = None, answers: Answers | None = None) -> Check:
    """The check of a file held in memory."""
    return analysis(content, kind, known, answers).check()


def proposed(found: Check) -> Answers:
    """The answers a person gives who takes what is offered."""
    answers = Answers()
    for question in found.questions:
        given = question.proposed or {"": UNDECIDED[question.kind]}
        for value, answer in given.items():
            answers.choices[question.kind, question.column, value] = answer
    return answers


def results(
    content: bytes, kind: str, known: Known | None = None, answers: Answers | None = None
) -> dict[int, RowResult]:
    """Every judged row of a file by its number."""
    return {result.row: result for result in analysis(content, kind, known, answers).results()}


def known_after(known: Known, kind: str, judged: dict[int, RowResult]) -> Known:
    """The organization once the ready rows were imported."""
    after = Known("", dict(known.certificates), dict(known.audits), set(), known.sites, known.people)
    sites = dict.fromkeys(known.sites)
    for result in judged.values():
        if result.place != "ready":
            continue
        if kind == "certificates":
            values = result.values
            after.add_certificate(KnownCertificate(values["number"], values["standard"], values["edition"]))
            sites.update(dict.fromkeys(result.values["sites"]))
        elif kind == "audits":
            covered, external = result.values["certificates"], result.values["kind"] != "internal"
            after.add_audit(KnownAudit(result.values["number"], result.values["ended_on"], covered, external))
    after.sites = tuple(sites)
    return after


def csv_of(rows: Sequence[Sequence[str]], delimiter: str = ",", encoding: str = "utf-8") -> bytes:
    """A CSV file as a spreadsheet program writes it."""
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter).writerows(rows)
    return text.getvalue().encode(encoding)


def xlsx_of(rows: Sequence[Sequence[Any]], formats: dict[tuple[int, int], str] | None = None, **options: Any) -> bytes:
    """A workbook with one sheet; ``formats`` gives number formats by (row, column) counted from 0."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "default_date_format": "yyyy-mm-dd", **options})
    sheet = book.add_worksheet("List")
    for row, values in enumerate(rows):
        for column, value in enumerate(values):
            code = (formats or {}).get((row, column))
            sheet.write(row, column, value, *([book.add_format({"num_format": code})] if code else []))
    book.close()
    return buffer.getvalue()
