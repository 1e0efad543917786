"""What a record of each kind needs before it can be imported. One file per kind, read from top to bottom."""

from __future__ import annotations

from django.utils.translation import gettext

from exchange import further
from exchange.cells import Cell
from exchange.fields import Kind
from exchange.judging import Judging, RowReader, RowResult
from exchange.layout import Numbered
from exchange.reading import read_note
from exchange.rules.audits import read_audit
from exchange.rules.certificates import read_certificate
from exchange.rules.nonconformities import read_nonconformity


def judge(judging: Judging, numbered: Numbered) -> RowResult:
    """Judge one record."""
    number, cells = numbered
    row = RowReader(judging, number, cells)
    row.values["row"] = number
    if _has_forbidden_character(row, cells) or _has_too_many_values(row, cells):
        return row.result()
    _further(row)
    {Kind.CERTIFICATES: read_certificate, Kind.AUDITS: read_audit, Kind.NONCONFORMITIES: read_nonconformity}[
        judging.kind
    ](row)
    read_note(row)
    return row.result()


def _has_forbidden_character(row: RowReader, cells: list[Cell | None]) -> bool:
    """NUL and halves of surrogate pairs can not be stored by any database."""
    for column in row.judging.survey.layout.columns:
        cell = cells[column.index] if column.index < len(cells) else None
        if cell and not cell.text.isascii() and any("\ud800" <= c <= "\udfff" for c in cell.text):
            row.refuse_column("character_not_allowed", column, gettext("half a character"))
        if cell and "\x00" in cell.text:
            row.refuse_column("character_not_allowed", column, "U+0000")
    return bool(row.reasons)


def _has_too_many_values(row: RowReader, cells: list[Cell | None]) -> bool:
    """In a text file an unquoted separator shifts the values of a row; nobody can tell which."""
    width = len(row.judging.survey.layout.columns)
    if row.judging.survey.source.format != "csv" or len(cells) <= width:
        return False
    found = gettext("%(values)s values in %(columns)s columns") % {"values": len(cells), "columns": width}
    row.refuse("column_count", None, found, gettext("text that holds the separator stands in quotation marks"))
    return True


def _further(row: RowReader) -> None:
    """Facts of an export that no column can hold."""
    row.values["further"] = {}
    text = row.text("further")
    if not text:
        return
    try:
        row.values["further"] = further.read(row.judging.kind, text)
    except further.FurtherNotUnderstood as problem:
        row.refuse("further_not_understood", "further", text[:60], str(problem))
