"""A checklist as a spreadsheet: written with the product's own writer, read with its own reader."""

from __future__ import annotations

from typing import Any, BinaryIO

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from audits.models import Audit
from audits.progress import latest_answers
from exchange.readers import Unreadable, XlsxFile, open_source
from records.sheets import workbook

HEADINGS = ("Standard", "Group", "Clause", "Question", "Answer", "Evidence")
MOST_ROWS = 2_000
LENGTHS = {"group": 200, "clause": 20, "question": 10_000}


def write_sheet(audit: Audit, stream: BinaryIO) -> int:
    """Write the questions of an audit with their latest answers; returns how many. Text never becomes a formula."""
    book = workbook(stream, row_by_row=False)
    sheet = book.add_worksheet("Checklist")
    bold, wrapped = book.add_format({"bold": True}), book.add_format({"text_wrap": True, "valign": "top"})
    for column, (heading, width) in enumerate(zip(HEADINGS, (18, 28, 10, 60, 12, 50), strict=True)):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, heading, bold)
    sheet.freeze_panes(1, 0)
    answers = latest_answers(audit)
    items = list(audit.items.select_related("edition__standard"))
    for place, item in enumerate(items, 1):
        answer = answers.get(item.pk)
        told = (str(answer.get_answer_display()), answer.evidence) if answer else ("", "")
        texts = (str(item.edition or ""), item.group, item.clause, item.question, *told)
        for column, text in enumerate(texts):
            sheet.write_string(place, column, text[:32_767], wrapped)
    book.close()
    return len(items)


def read_sheet(stream: BinaryIO) -> list[dict[str, Any]]:
    """The questions of a sheet; ``ValidationError`` with the row says what cannot be read."""
    try:
        source = open_source(stream)
        rows = source.rows(source.sheets[0]) if isinstance(source, XlsxFile) else source.rows()
        return _questions([(number, [_text(cell) for cell in row]) for number, row in rows])
    except Unreadable as error:
        raise ValidationError({"file": str(error)}) from error


def _text(cell: Any) -> str:
    return cell.text.strip() if cell is not None else ""


def _questions(rows: list[tuple[int, list[str]]]) -> list[dict[str, Any]]:
    rows = [(number, row) for number, row in rows if any(row)]
    columns = _columns(rows[0][1]) if rows else {}
    if "question" not in columns:
        raise ValidationError({"file": _("The first row needs a column headed “Question”.")})
    if len(rows) > MOST_ROWS + 1:
        raise ValidationError({"file": _("At most %d questions at once.") % MOST_ROWS})
    found = [
        (number, {name: row[place] if place < len(row) else "" for name, place in columns.items()})
        for number, row in rows[1:]
    ]
    for number, question in found:
        _check(number, question)
    return [question for _number, question in found]


def _columns(headings: list[str]) -> dict[str, int]:
    known = {"group": "group", "clause": "clause", "question": "question"}
    return {known[text.casefold()]: place for place, text in enumerate(headings) if text.casefold() in known}


def _check(number: int, question: dict[str, str]) -> None:
    if not question["question"]:
        raise ValidationError({"file": _("Row %d has no question.") % number})
    for name, most in LENGTHS.items():
        if len(question.get(name, "")) > most:
            words = {"number": number, "column": name.capitalize(), "most": most}
            raise ValidationError({"file": _("Row %(number)d: %(column)s is longer than %(most)d characters.") % words})
