"""The rows that were not imported, as a file: as they were in the list, with a column that says why.

Both columns in front are in the language of whoever imports; an import leaves them out again.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import BinaryIO

from django.utils.translation import gettext, gettext_noop

from exchange.check import Analysis
from exchange.judging import Finding, RowResult
from exchange.layout import column_name
from exchange.questions import title_of
from exchange.text import one_line
from records.sheets import write_csv_rows

REASON, ROW = gettext_noop("Not imported because"), gettext_noop("Row")


def write_refused(analysis: Analysis, stream: BinaryIO) -> int:
    """Write every row that is not ready to be imported as CSV; returns how many.

    Read back in, the file asks the same again.
    """
    headings = [one_line(column.heading) for column in analysis.survey.layout.columns]
    text = io.TextIOWrapper(stream, encoding="utf-8-sig", newline="", write_through=True)
    count = write_csv_rows(text, [gettext(ROW), gettext(REASON), *headings], _rows(analysis))
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
        return gettext("Left out")
    findings = result.reasons or [finding for finding, answered in result.questions if not answered]
    return "; ".join(_words(finding) for finding in findings)


def _words(finding: Finding) -> str:
    told = {"problem": title_of(finding.kind), "column": column_name(finding.column)}
    text = gettext("%(problem)s in “%(column)s”") % told if finding.column else told["problem"]
    if finding.found:
        text = f"{text}: {finding.found}"
    if finding.expected:
        expected = gettext("(expected %(expected)s)") % {"expected": finding.expected}
        text = f"{text} {expected}"
    return text
