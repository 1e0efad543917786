"""The one writer of spreadsheets: whatever a text says, no spreadsheet program calculates it or follows it."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any, BinaryIO

import xlsxwriter

FORMULA = re.compile(r"^'*[\s\u00a0]*[=+\-@\t\r＝＋－＠]")
LONGEST_CELL = 32_767


def harmless(value: Any) -> str:
    """A value as CSV text; text that a spreadsheet program would calculate gets an apostrophe, numbers do not."""
    if value is None:
        return ""
    if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool):
        return str(value)
    text = value.isoformat() if isinstance(value, date) else str(value)
    return f"'{text}" if FORMULA.match(text) else text


def write_csv_rows(text: Any, headings: Iterable[str], rows: Iterable[Iterable[Any]]) -> int:
    """Write a list as CSV in which no text can become a formula; returns how many rows."""
    write_csv_lines(text, [headings])
    return write_csv_lines(text, rows)


def write_csv_lines(text: Any, rows: Iterable[Iterable[Any]]) -> int:
    """Write further lines of such a list; returns how many."""
    writer = csv.writer(text, lineterminator="\r\n")
    count = 0
    for count, row in enumerate(rows, start=1):  # noqa: B007 - the number of the last row is what is returned
        writer.writerow([harmless(value) for value in row])
    return count


def write_workbook(stream: BinaryIO, name: str, headings: Iterable[str], rows: Iterable[Iterable[Any]]) -> int:
    """Write rows as a workbook with typed dates and numbers; text is never taken for a formula or a link."""
    book = workbook(stream)
    sheet = book.add_worksheet(name[:31])
    day, bold = book.add_format({"num_format": "yyyy-mm-dd"}), book.add_format({"bold": True})
    for column, heading in enumerate(headings):
        sheet.write_string(0, column, heading, bold)
    count = 0
    for count, row in enumerate(rows, start=1):
        for column, value in enumerate(row):
            write_cell(sheet, count, column, value, day)
    book.close()
    return count


def workbook(stream: BinaryIO, row_by_row: bool = True) -> Any:
    """A new workbook that keeps text as text; written ``row_by_row`` it needs little memory."""
    options = {
        "constant_memory": row_by_row,
        "in_memory": not row_by_row,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    return xlsxwriter.Workbook(stream, options)


def write_cell(sheet: Any, row: int, column: int, value: Any, day: Any) -> None:
    """Write one typed value; ``day`` is the format of dates."""
    if value in (None, ""):
        return
    if isinstance(value, date):
        sheet.write_datetime(row, column, value, day)
    elif isinstance(value, (int, float, Decimal)) and not isinstance(value, bool):
        sheet.write_number(row, column, float(value))
    else:
        sheet.write_string(row, column, str(value)[:LONGEST_CELL])
