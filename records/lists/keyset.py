"""Pages found by comparing with their neighbor, never by counting: a late page costs what the first one does.

Rows without a value come last, whichever way the list is sorted. Rows with a value and rows without one are asked for
apart, so that each question is a walk along an index (column, id) from the row where the page begins.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import F, Model, Q, QuerySet
from django.db.models.fields import Field

PAGE_SIZE = 50
Cursor = tuple[Any, int]


@dataclass(frozen=True, slots=True)
class Sort:
    """A column of the model, or an annotation of the rows, to sort by."""

    field: str
    descending: bool = False


@dataclass(frozen=True)
class KeysetPage:
    """One page of a list; a cursor names the row next to which the neighboring page begins."""

    rows: Sequence[Any]
    next_cursor: str
    previous_cursor: str


def keyset_page(rows: QuerySet[Any], sort: Sort, given: Mapping[str, str], size: int = PAGE_SIZE) -> KeysetPage:
    """The page that ``after`` or ``before`` asks for; at most two queries. A damaged cursor starts the list again."""
    backwards = bool(given.get("before"))
    cursor = _read(given.get("before") or given.get("after") or "", _column(rows, sort)[0])
    found: list[Any] = []
    for valued in (False, True) if backwards else (True, False):
        if len(found) <= size:
            part = _part(rows, sort, valued, cursor, backwards)
            found += part[: size + 1 - len(found)] if part is not None else []
    more, found = len(found) > size, found[:size]
    if backwards:
        found.reverse()
    has_next, has_previous = (bool(cursor), more) if backwards else (more, bool(cursor))
    return KeysetPage(
        found,
        cursor_of(found[-1], sort) if found and has_next else "",
        cursor_of(found[0], sort) if found and has_previous else "",
    )


def neighbors(rows: QuerySet[Any], sort: Sort, row: Model) -> tuple[int | None, int | None]:
    """The ids of the rows before and after one in the order of the pages; at most three queries."""
    cursor = getattr(row, sort.field), row.pk
    return _beside(rows, sort, cursor, backwards=True), _beside(rows, sort, cursor, backwards=False)


def _beside(rows: QuerySet[Any], sort: Sort, cursor: Cursor, backwards: bool) -> int | None:
    for valued in (False, True) if backwards else (True, False):
        part = _part(rows, sort, valued, cursor, backwards)
        found: int | None = part.values_list("pk", flat=True).first() if part is not None else None
        if found is not None:
            return found
    return None


def ordered(rows: QuerySet[Any], sort: Sort) -> QuerySet[Any]:
    """All rows in the order of the pages."""
    column = F(sort.field)
    falling = column.desc(nulls_last=True), "-pk"
    return rows.order_by(*(falling if sort.descending else (column.asc(nulls_last=True), "pk")))


def _part(
    rows: QuerySet[Any], sort: Sort, valued: bool, cursor: Cursor | None, backwards: bool
) -> QuerySet[Any] | None:
    """Rows with a value, or those without one, from the cursor on in the direction of travel; None where none is."""
    _field, nullable = _column(rows, sort)
    if not valued and not nullable:
        return None
    if nullable:
        rows = rows.filter(**{f"{sort.field}__isnull": not valued})
    falling = sort.descending != backwards
    if cursor:
        value, pk = cursor
        if (value is not None) is valued:
            rows = rows.filter(_beyond(sort.field, value, pk, falling))
        elif valued is not backwards:
            return None
    sign = "-" if falling else ""
    return rows.order_by(*([f"{sign}{sort.field}"] if valued else []), f"{sign}pk")


def _column(rows: QuerySet[Any], sort: Sort) -> tuple[Field[Any, Any], bool]:
    """What is sorted by, and whether rows may lack it; of an annotation nobody knows."""
    annotation = rows.query.annotations.get(sort.field)
    if annotation is not None:
        return annotation.output_field, True
    field: Any = rows.model._meta.get_field(sort.field)
    return field, field.null


def _beyond(field: str, value: Any, pk: int, falling: bool) -> Q:
    """Rows past the cursor; the first condition alone lets an index start there."""
    side = "lt" if falling else "gt"
    if value is None:
        return Q(**{f"pk__{side}": pk})
    return Q(**{f"{field}__{side}e": value}) & (Q(**{f"{field}__{side}": value}) | Q(**{f"pk__{side}": pk}))


def cursor_of(row: Model, sort: Sort) -> str:
    """What ``after`` must say for the page that begins behind a row."""
    value = getattr(row, sort.field)
    plain = value.isoformat() if isinstance(value, date) else value
    return urlsafe_b64encode(json.dumps([plain, row.pk]).encode()).decode().rstrip("=")


def _read(text: str, field: Field[Any, Any]) -> Cursor | None:
    try:
        plain, pk = json.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        value = None if plain is None else field.to_python(plain)
        return value, int(pk)
    except Exception:  # noqa: BLE001 (a cursor is typed by anybody, and a wrong one only starts the list again)
        return None
