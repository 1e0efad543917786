"""Many rows at once: locked, updated each with its own values, inserted.

PostgreSQL gets one statement over arrays (``unnest``), SQLite one ``executemany``. Django's ``bulk_update`` takes
some seventeen times as long and its ``bulk_create`` two to four times; see docs/benchmarks.md.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection, models

Change = tuple[models.Model, dict[str, Any]]
Columns = Sequence["models.Field[Any, Any]"]


def lock(rows: models.QuerySet[Any], limit: int | None = None) -> list[Any]:
    """The rows, locked. With a limit at most so many, and rows that another worker holds are left to it."""
    if connection.features.has_select_for_update:
        rows = rows.select_for_update(skip_locked=limit is not None, of=("self",))
    return list(rows if limit is None else rows[:limit])


def update_rows(changes: Sequence[Change]) -> None:
    """Write new values of rows of one model; all name the same fields. The rows in memory follow.

    Rows on which nothing changes are left out.
    """
    changes = [(row, values) for row, values in changes if any(getattr(row, n) != v for n, v in values.items())]
    if not changes:
        return
    model = type(changes[0][0])
    columns: Columns = [*(_field(model, name) for name in changes[0][1]), model._meta.pk]
    rows = [[*values.values(), row.pk] for row, values in changes]
    if connection.vendor == "postgresql":
        _execute(_update_all(model, columns[:-1]), _arrays(columns, rows))
    else:
        _execute_each(_update_one(model, columns[:-1]), columns, rows)
    for row, values in changes:
        for name, value in values.items():
            setattr(row, name, value)


def insert_rows(
    model: type[models.Model], names: Sequence[str], rows: Sequence[Sequence[Any]], known_stay: bool = False
) -> None:
    """Insert rows given as values of the named fields; with ``known_stay`` one that would be doubled is left out."""
    if not rows:
        return
    columns: Columns = [_field(model, name) for name in names]
    if connection.vendor == "postgresql":
        _execute(_insert_all(model, columns, known_stay), _arrays(columns, rows))
    else:
        _execute_each(_insert_one(model, columns, known_stay), columns, rows)


def _field(model: type[models.Model], name: str) -> models.Field[Any, Any]:
    field = model._meta.get_field(name)
    assert isinstance(field, models.Field)
    return field


def _execute(statement: str, arrays: Sequence[Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, arrays)


def _execute_each(statement: str, columns: Columns, rows: Iterable[Sequence[Any]]) -> None:
    prepared = [
        [column.get_db_prep_save(value, connection) for column, value in zip(columns, row, strict=True)] for row in rows
    ]
    with connection.cursor() as cursor:
        cursor.executemany(statement, prepared)


def _arrays(columns: Columns, rows: Sequence[Sequence[Any]]) -> list[list[str | None]]:
    """Each column as an array of texts, which the database casts."""
    return [_texts(column, values) for column, values in zip(columns, zip(*rows, strict=True), strict=True)]


def _texts(column: models.Field[Any, Any], values: Sequence[Any]) -> list[str | None]:
    if isinstance(column, models.JSONField):
        encode = (column.encoder or json.JSONEncoder)().encode
        return [None if value is None else encode(value) for value in values]
    return [None if value is None else str(value) for value in values]


def _cast(column: models.Field[Any, Any]) -> str:
    """The column's type without its length: too long a text is refused, where a cast would cut it silently."""
    return str(column.rel_db_type(connection)).partition("(")[0]


def _quoted(name: str | None) -> str:
    return connection.ops.quote_name(str(name))


def _update_all(model: type[models.Model], columns: Columns) -> str:
    sets = ", ".join(f"{_quoted(f.column)} = new.{_quoted(f.column)}::{_cast(f)}" for f in columns)
    arrays = ", ".join(["%s::text[]"] * (len(columns) + 1))
    named = ", ".join([*(_quoted(field.column) for field in columns), "row_id"])
    table, key = _quoted(model._meta.db_table), model._meta.pk
    where = f"{table}.{_quoted(key.column)} = new.row_id::bigint"
    return f"UPDATE {table} SET {sets} FROM unnest({arrays}) AS new({named}) WHERE {where}"


def _update_one(model: type[models.Model], columns: Columns) -> str:
    sets = ", ".join(f"{_quoted(field.column)} = %s" for field in columns)
    return f"UPDATE {_quoted(model._meta.db_table)} SET {sets} WHERE {_quoted(model._meta.pk.column)} = %s"


def _insert_all(model: type[models.Model], columns: Columns, known_stay: bool) -> str:
    named = ", ".join(_quoted(field.column) for field in columns)
    casts = ", ".join(f"{_quoted(field.column)}::{_cast(field)}" for field in columns)
    arrays = ", ".join(["%s::text[]"] * len(columns))
    stay = " ON CONFLICT DO NOTHING" if known_stay else ""
    into = f"INSERT INTO {_quoted(model._meta.db_table)} ({named})"
    return f"{into} SELECT {casts} FROM unnest({arrays}) AS new({named}){stay}"


def _insert_one(model: type[models.Model], columns: Columns, known_stay: bool) -> str:
    named = ", ".join(_quoted(field.column) for field in columns)
    marks = ", ".join(["%s"] * len(columns))
    stay = " OR IGNORE" if known_stay else ""
    return f"INSERT{stay} INTO {_quoted(model._meta.db_table)} ({named}) VALUES ({marks})"
