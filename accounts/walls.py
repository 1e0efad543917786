"""The second and third wall between organizations, inside PostgreSQL, worked out from the models.

Row-level security shows a connection the rows of the organization it names (``accounts.database``) and lets it write
no others. Foreign keys over ``(organization, id)`` keep a row from pointing into another organization.
``manage.py migrate`` raises what is missing, so a table is covered from its first migration on.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.core.checks import CheckMessage, Error
from django.db import connection, models
from django.db.backends.utils import names_digest

from accounts.database import EVERYONE, SETTING

ORGANIZATION = "accounts.Organization"
OPERATOR = "isotrack_operator"
RIGHTS = ("SELECT", "INSERT", "UPDATE", "DELETE")
# The name changes with the rule, so that a migration replaces an older one.
POLICY = "own_organization_1"
RULE = f"""{{column}} = (SELECT nullif(current_setting('{SETTING}', true), '')::bigint)
    OR (SELECT isotrack_for_all())"""
FUNCTIONS = {
    OPERATOR: f"CREATE FUNCTION {OPERATOR}() RETURNS boolean LANGUAGE sql STABLE AS 'SELECT true'; "
    f"REVOKE EXECUTE ON FUNCTION {OPERATOR}() FROM PUBLIC",
    "isotrack_for_all": f"""CREATE FUNCTION isotrack_for_all() RETURNS boolean LANGUAGE plpgsql STABLE AS $$ BEGIN
        IF current_setting('{SETTING}', true) IS DISTINCT FROM '{EVERYONE}' THEN RETURN false; END IF;
        RETURN {OPERATOR}();
    END $$""",
}
Model = type[models.Model]


@dataclass(frozen=True, slots=True)
class Relation:
    """A foreign key from one organization's table to another."""

    model: Model
    column: str
    target: Model
    target_column: str

    @property
    def name(self) -> str:
        """The name of its constraint; another target gets another name."""
        table, target = self.model._meta.db_table, self.target._meta.db_table
        return f"{table[:28]}_{self.column[:20]}_{names_digest(table, self.column, target, length=6)}_wall"


def organization_models() -> list[Model]:
    """Every table that carries an organization."""
    return [model for model in apps.get_models(include_auto_created=True) if organization_column(model)]


def organization_column(model: Model) -> str | None:
    """The column that names the row's organization; None for tables that organizations share."""
    for field in model._meta.concrete_fields:
        if field.name == "organization" and field.related_model and field.related_model._meta.label == ORGANIZATION:
            return str(field.column)
    return None


def relations() -> list[Relation]:
    """Every foreign key between two tables that carry an organization."""
    return [
        Relation(model, str(field.column), target, str(field.target_field.column))
        for model in organization_models()
        for field, target in foreign_keys(model)
        if organization_column(target)
    ]


def foreign_keys(model: Model) -> Iterator[tuple[Any, Model]]:
    """The foreign keys of a table and the models they point to."""
    for field in model._meta.concrete_fields:
        if isinstance(field, models.ForeignKey):
            yield field, field.related_model


def check_models(**_options: Any) -> list[CheckMessage]:
    """A table that points at organizations' rows must say whose its own rows are, or no wall can hold it."""
    return [
        Error(
            f"{model._meta.label} points at {target.__name__} and carries no organization.",
            hint="Make it an OrganizationRow; a many-to-many relation needs a model of its own (through=).",
            id="accounts.E001",
        )
        for model in apps.get_models(include_auto_created=True)
        if not organization_column(model)
        for _, target in foreign_keys(model)
        if organization_column(target)
    ]


def raise_walls() -> list[str]:
    """Bring the database up to the models; returns the statements it took. Other databases have no such walls."""
    if connection.vendor != "postgresql":
        return []
    with connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor))
        statements = [*_functions(cursor), *_policies(cursor, tables), *_keys(cursor, tables)]
        for statement in statements:
            cursor.execute(statement)
    return statements


def _functions(cursor: Any) -> Iterator[str]:
    """Acting across organizations takes the right to call one of them."""
    cursor.execute("SELECT proname FROM pg_proc WHERE pronamespace = current_schema()::regnamespace")
    known = {name for (name,) in cursor.fetchall()}
    yield from (statement for name, statement in FUNCTIONS.items() if name not in known)


def _policies(cursor: Any, tables: set[str]) -> Iterator[str]:
    cursor.execute("SELECT tablename, policyname FROM pg_policies WHERE schemaname = current_schema()")
    known = set(cursor.fetchall())
    for model in organization_models():
        table = model._meta.db_table
        if table not in tables or (table, POLICY) in known:
            continue
        yield f"ALTER TABLE {_quoted(table)} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY"
        yield from (f"DROP POLICY {_quoted(name)} ON {_quoted(table)}" for other, name in known if other == table)
        rule = RULE.format(column=_quoted(str(organization_column(model))))
        yield f"CREATE POLICY {POLICY} ON {_quoted(table)} USING ({rule}) WITH CHECK ({rule})"


def _keys(cursor: Any, tables: set[str]) -> Iterator[str]:
    """What is no longer wanted goes first, keys before the uniqueness they rest on; then what is missing comes."""
    cursor.execute(
        "SELECT conname, conrelid::regclass::text FROM pg_constraint WHERE conname LIKE %s ORDER BY contype",
        ["%\\_wall"],
    )
    known = dict(cursor.fetchall())
    wanted = _wanted(tables)
    for name, table in known.items():
        if name not in wanted:
            yield f"ALTER TABLE {table} DROP CONSTRAINT {_quoted(name)}"
    yield from (statement for name, statement in wanted.items() if name not in known)


def _wanted(tables: set[str]) -> dict[str, str]:
    """The statement that makes each constraint, by name; uniqueness first."""
    there = [r for r in relations() if {r.model._meta.db_table, r.target._meta.db_table} <= tables]
    unique = {_unique_name(r.target): _unique(r) for r in there}
    return unique | {r.name: _foreign_key(r) for r in there}


def _unique_name(target: Model) -> str:
    return f"{target._meta.db_table[:50]}_own_wall"


def _unique(relation: Relation) -> str:
    columns = _pair(relation.target, relation.target_column)
    return _add(relation.target, _unique_name(relation.target), f"UNIQUE ({columns})")


def _foreign_key(relation: Relation) -> str:
    there = f"{_quoted(relation.target._meta.db_table)} ({_pair(relation.target, relation.target_column)})"
    own = _pair(relation.model, relation.column)
    rule = f"FOREIGN KEY ({own}) REFERENCES {there} DEFERRABLE INITIALLY DEFERRED"
    return _add(relation.model, relation.name, rule)


def _add(model: Model, name: str, rule: str) -> str:
    return f"ALTER TABLE {_quoted(model._meta.db_table)} ADD CONSTRAINT {_quoted(name)} {rule}"


def _pair(model: Model, column: str) -> str:
    return f"{_quoted(str(organization_column(model)))}, {_quoted(column)}"


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)


def grant(role: str) -> list[str]:
    """Give the role of pages and workers what it needs, table by table; returns the statements."""
    statements = [
        f"GRANT USAGE ON SCHEMA public TO {_quoted(role)}",
        f"GRANT {', '.join(RIGHTS)} ON ALL TABLES IN SCHEMA public TO {_quoted(role)}",
        f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {_quoted(role)}",
        f"GRANT EXECUTE ON FUNCTION {OPERATOR}() TO {_quoted(role)}",
        *_withheld(role),
    ]
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
    return statements


def _withheld(role: str) -> Iterator[str]:
    """A model may name fewer rights (``database_rights``), for example for rows that are only ever added.

    ``database_updates`` names the columns of such a row that may be changed all the same.
    """
    for model in organization_models():
        missing = [right for right in RIGHTS if right not in getattr(model, "database_rights", RIGHTS)]
        if missing:
            yield f"REVOKE {', '.join(missing)} ON {_quoted(model._meta.db_table)} FROM {_quoted(role)}"
        if columns := getattr(model, "database_updates", ()):
            named = ", ".join(_quoted(column) for column in columns)
            yield f"GRANT UPDATE ({named}) ON {_quoted(model._meta.db_table)} TO {_quoted(role)}"
