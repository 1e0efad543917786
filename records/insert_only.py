"""The database itself refuses to change or delete history: a trigger, and rights of the role that the product runs as.

What may be erased (``erasable``: names and texts, for privacy) can be emptied and nothing else; each erasure is an
entry of its own, and verifying finds one that is not. The triggers are put up again after every migration.
"""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.db import connections

ERASED = {"actor_label": "''", "subject_label": "''", "reason": "''", "before": "'{}'", "after": "'{}'"}
SEALS = ("who_seal", "what_seal")
TABLES: dict[str, tuple[str, ...]] = {
    "records.Event": (*ERASED, *SEALS),
    "records.SignedHead": (),
    "records.Signature": (),
}
REFUSAL = "history is never changed or deleted"


def put_up(using: str = "default") -> None:
    """Make the triggers on every table whose rows stay as they are."""
    take_down(using)
    _run(using, [statement for name, may in TABLES.items() for statement in _triggers(using, name, may)])


def take_down(using: str = "default") -> None:
    """Remove the triggers; for tests and measurements that start over on the same tables."""
    tables = [_table(name) for name in TABLES]
    on = (lambda table: f" ON {table}") if connections[using].vendor == "postgresql" else (lambda table: "")
    kinds = ("update", "delete")
    _run(using, [f"DROP TRIGGER IF EXISTS {table}_no_{kind}{on(table)}" for table in tables for kind in kinds])


def after_migrate(sender: Any, using: str = "default", **kwargs: Any) -> None:
    """Put the triggers up again: a migration of SQLite that rebuilds a table loses them."""
    existing = set(connections[using].introspection.table_names())
    if all(_table(name) in existing for name in TABLES):
        put_up(using)


def _table(name: str) -> str:
    return apps.get_model(name)._meta.db_table


def _triggers(using: str, name: str, may: tuple[str, ...]) -> list[str]:
    columns = [field.column for field in apps.get_model(name)._meta.concrete_fields]
    stays = [column for column in columns if column not in may]
    if connections[using].vendor == "postgresql":
        return _postgres(_table(name), stays, may)
    return _sqlite(_table(name), stays, may)


def _erased_or_same(same: str, may: tuple[str, ...]) -> list[str]:
    """Conditions under which an update only erases: texts become empty, a salt becomes a digest."""
    emptied = [f'(NEW."{c}" {same} OLD."{c}" OR NEW."{c}" = {ERASED[c]})' for c in may if c in ERASED]
    return emptied + [
        f'(NEW."{c}" {same} OLD."{c}" OR (length(OLD."{c}") = 32 AND length(NEW."{c}") = 64))'
        for c in may
        if c in SEALS
    ]


def _postgres(table: str, stays: list[str], may: tuple[str, ...]) -> list[str]:
    same = "IS NOT DISTINCT FROM"
    conditions = [f'NEW."{column}" {same} OLD."{column}"' for column in stays] + _erased_or_same(same, may)
    function = f"{table}_stays"
    return [
        f"""CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          IF TG_OP = 'UPDATE' AND {" AND ".join(conditions) if may else "false"} THEN RETURN NEW; END IF;
          RAISE EXCEPTION '{REFUSAL} ({table} %)', OLD.id USING ERRCODE = 'integrity_constraint_violation';
        END $$""",
        *(
            f"CREATE TRIGGER {table}_no_{kind} BEFORE {kind} ON {table} FOR EACH ROW EXECUTE FUNCTION {function}()"
            for kind in ("update", "delete")
        ),
    ]


def _sqlite(table: str, stays: list[str], may: tuple[str, ...]) -> list[str]:
    conditions = [f'NEW."{column}" IS OLD."{column}"' for column in stays] + _erased_or_same("IS", may)
    only = f"WHEN NOT ({' AND '.join(conditions)})" if may else ""
    raises = f"BEGIN SELECT RAISE(ABORT, '{REFUSAL} ({table})'); END"
    return [
        f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} {only} {raises}",
        f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} {raises}",
    ]


def _run(using: str, statements: list[str]) -> None:
    with connections[using].cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
