"""A list as an answer that is a file."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpResponse, QueryDict

from records.lists.keyset import ordered
from records.lists.listing import ListSpec, in_file, values_of
from records.lists.writing import write_csv, write_xlsx

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Rows = Iterable[Any]


def as_file(
    spec: ListSpec, rows: QuerySet[Any], given: QueryDict, form: str, through: Callable[[Rows], Rows] = iter
) -> Any:
    """Exactly these rows and the columns that the address shows, in its order; ``through`` sees the rows pass."""
    columns = in_file(spec, given)
    _key, sort = spec.sort_of(given.get("sort", ""))
    headings = [str(column.title) for column in columns]
    lines = values_of(columns, through(ordered(rows, sort).iterator(chunk_size=1000)))
    name = f"{spec.url}.{form}"
    if form == "xlsx":
        book = write_xlsx(str(spec.title), headings, lines)
        return FileResponse(book, as_attachment=True, filename=name, content_type=XLSX)
    if form != "csv":
        raise Http404
    answer = HttpResponse(b"".join(write_csv(headings, lines)), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
