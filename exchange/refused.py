"""The rows that were not imported, as a file: as they were in the list, with a column that says why."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import BinaryIO

from exchange.check import Analysis
from exchange.judging import Finding, RowResult
from exchange.questions import TITLES
from exchange.text import one_line
from records.sheets import write_csv_rows

REASON, ROW = "Not imported because", "Row"


def write_refused(analysis: Analysis, stream: BinaryIO) -> int:
    """Write every row that is not ready to be imported as CSV; returns how many.

    Read back in, the file asks the same again.
    """
    headings = [one_line(column.heading) for column in analysis.survey.layout.columns]
    text = io.TextIOWrapper(stream, encoding="utf-8-sig", newline="", write_through=True)
    count = write_csv_rows(text, [ROW, REASON, *headings], _rows(analysis))
    text.detach()
    return count


def _rows(analysis: Analysis) -> Iterator[list[str]]:
    not_ready = {r.row: _why(r) for r in analysis.results() if r.place not in {"ready", "change", "same"}}
    for number, row in analysis.survey.numbered_rows():
        if number in not_ready:
            yield [str(number), not_ready[number], *(cell.text if cell else "" for cell in row)]


def _why(result: RowResult) -> str:
    """All reasons in words; of rows that wait, the questions without an answer."""
    if result.place == "left_out":
        return "Left out"
    findings = result.reasons or [finding for finding, answered in result.questions if not answered]
    return "; ".join(_words(finding) for finding in findings)


def _words(finding: Finding) -> str:
    place = f" in “{finding.column}”" if finding.column else ""
    found = f": {finding.found}" if finding.found else ""
    expected = f" (expected {finding.expected})" if finding.expected else ""
    return f"{TITLES[finding.kind]}{place}{found}{expected}"
