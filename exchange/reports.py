"""The check in words for a terminal, and as plain data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from exchange.answers import write_rows
from exchange.check import PLACES, Check
from exchange.questions import Question

SHOWN = 5
SHOWN_CHANGES = 100


def summary(check: Check) -> str:
    """One sentence in which the numbers add up to the rows of the sheet."""
    counts = check.counts
    parts = [
        f"{counts['ready']} can be imported",
        *([f"{counts['change']} {'changes' if counts['change'] == 1 else 'change'}"] if counts["change"] else []),
        *([f"{counts['same']} {_are(counts['same'])} recorded already"] if counts["same"] else []),
        f"{counts['waiting']} {_wait(counts['waiting'])} for an answer",
        f"{counts['refused']} {_are(counts['refused'])} refused",
    ]
    if counts["left_out"]:
        parts.append(f"{counts['left_out']} {_are(counts['left_out'])} left out")
    rows = counts["not_data"]
    records = f"{len(check.rows)} record{_s(len(check.rows))}"
    return f"{records}: {', '.join(parts)}; {rows} row{_s(rows)} {_are(rows)} not data."


def _are(count: int) -> str:
    return "is" if count == 1 else "are"


def _wait(count: int) -> str:
    return "waits" if count == 1 else "wait"


def _s(count: int) -> str:
    return "" if count == 1 else "s"


def lines(check: Check) -> Iterator[str]:
    """The whole check, one thing a line."""
    yield from _where(check)
    yield summary(check)
    yield from (f"Note: {remark}" for remark in check.survey.remarks)
    for question in check.questions:
        yield from _question(question)
    for problem in check.problems:
        count = f"{len(problem.rows)} row{_s(len(problem.rows))}"
        yield f"Refused, {count}: {problem.title}{_in(problem.column)} ({problem.kind})"
        yield from _values(problem.values)
    for notice in check.notices:
        yield f"Note, {len(notice.rows)} row{_s(len(notice.rows))}: {notice.title}{_in(notice.column)} ({notice.kind})"
        yield from _values(notice.values)
    for row, result in list(check.changes.items())[:SHOWN_CHANGES]:
        yield f"Change, row {row}: {result.values['number']}"
        yield from (f"    {change.field}: {change.before or '(empty)'} → {change.after}" for change in result.changes)
    for what, names in check.creates.items():
        title = {"sites": "New sites", "names": "Names kept as text, not known as members"}[what]
        yield f"{title}: {', '.join(names[:20])}{' …' if len(names) > 20 else ''}"


def _where(check: Check) -> Iterator[str]:
    source, layout = check.survey.source, check.layout
    form = f"Excel workbook, sheet “{check.survey.sheet.name}”" if check.survey.sheet else "CSV"
    if source.format == "csv":
        separator = "tab" if source.delimiter == "\t" else source.delimiter
        form += f", {source.encoding}, separator {separator}"
    yield f"{form}; headings in row {write_rows(layout.header_rows)}"
    for column in layout.columns:
        field = column.field or "left out"
        yield f"  {column.letter:>2}  {column.key or '(no heading)'} → {field}" + (
            " (hidden in the file)" if column.hidden else ""
        )


def _question(question: Question) -> Iterator[str]:
    state = f"{question.waiting} of {len(question.rows)} rows wait" if question.waiting else "answered"
    rows = write_rows(question.rows)
    yield f"Question, {state}: {question.title}{_in(question.column)} ({question.kind}), rows {rows}"
    shown = ", ".join(value or "(empty)" for value in question.values[:SHOWN])
    yield f"    found: {shown}"
    if question.proof:
        yield f"    the file itself shows: {', '.join(question.proof)}"
    yield f"    answers: {', '.join(value for value, _ in question.choices)}"
    for value, answer in question.proposed.items():
        yield f"    offered{f' for {value}' if value else ''}: {answer}"


def _values(values: dict[str | None, tuple[int, ...]]) -> Iterator[str]:
    for found, rows in list(values.items())[:SHOWN]:
        yield f"    {found or '(empty)'}: row{_s(len(rows))} {write_rows(rows)}"
    if len(values) > SHOWN:
        yield f"    and {len(values) - SHOWN} more values"


def _in(column: str) -> str:
    return f" in “{column}”" if column else ""


def as_data(check: Check) -> dict[str, Any]:
    """The check as plain data, for other programs."""
    source = check.survey.source
    return {
        "kind": check.kind.value,
        "format": source.format,
        "encoding": source.encoding,
        "delimiter": source.delimiter,
        "sheet": check.survey.sheet.name if check.survey.sheet else None,
        "header_rows": list(check.layout.header_rows),
        "first_data_row": check.layout.first_data_row,
        "columns": [{"heading": c.heading, "field": c.field} for c in check.layout.columns],
        "counts": {"data_rows": len(check.rows), **check.counts},
        "rows": {place: write_rows(check.rows_in(place)) for place in PLACES[:-1]},
        "ask": [_question_data(question) for question in check.questions],
        "refused": [finding._asdict() for finding in check.refused],
        "warnings": [finding._asdict() for finding in check.warnings],
        "not_data": [{"row": row, "class": kind} for row, kind in check.not_data.items()],
        "changes": [
            {"row": row, "number": result.values["number"], "fields": [change._asdict() for change in result.changes]}
            for row, result in check.changes.items()
        ],
        "creates": {what: list(names) for what, names in check.creates.items()},
        "remarks": check.survey.remarks,
    }


def _question_data(question: Question) -> dict[str, Any]:
    return {
        "class": question.kind,
        "column": question.column,
        "rows": write_rows(question.rows),
        "waiting": question.waiting,
        "found": list(question.values),
        "choices": [value for value, _ in question.choices],
        "offered": question.proposed,
        "proof": list(question.proof),
    }
