"""Every statement tells PostgreSQL in whose scope it runs, so that row-level security can hold it to that.

The organization travels in front of the statement as ``SET LOCAL``, in the same message. It lasts until the end of the
transaction (of the statement, outside one), so a connection that is used again, or lent by a pool, remembers nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import InterfaceError, OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper

from accounts import tenancy

SETTING = "isotrack.organization"
EVERYONE = 0
READ_ONLY = "25006"  # what PostgreSQL calls a change that a standby, or a server in failover, does not take
_OF_ROWS = frozenset({"SELECT", "INSERT", "UPDATE", "DELETE", "WITH", "EXPLAIN", "MERGE", "(SELECT", "COPY"})


def is_outage(error: BaseException | None) -> bool:
    """Whether the database is out of reach, ended the connection, or takes no changes for now: trying again helps."""
    if isinstance(error, OperationalError | InterfaceError):
        return True
    return getattr(error.__cause__, "pgcode", None) == READ_ONLY if error else False


def install(connection: BaseDatabaseWrapper, **_signal: Any) -> None:
    """Let the connection name the organization of each statement; called for every new connection."""
    if connection.vendor == "postgresql" and tell_scope not in connection.execute_wrappers:
        connection.execute_wrappers.append(tell_scope)


def tell_scope(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
    """Run the statement in the scope of the caller; one that neither reads nor writes rows stays as it is."""
    if str(sql).split(None, 1)[0].upper() not in _OF_ROWS:
        return execute(sql, params, many, context)
    connection = context["connection"]
    if context["cursor"].cursor.name:
        return _declare(connection, lambda: execute(sql, params, many, context))
    if tenancy.current() is None and not connection.in_atomic_block:
        return execute(sql, params, many, context)
    return execute(f"{_scope()}; {sql}", params, many, context)


def _scope() -> str:
    scope = tenancy.current()
    value = "" if scope is None else EVERYONE if scope == tenancy.ALL else int(scope)
    return f"SET LOCAL {SETTING} = '{value}'"


def _declare(connection: BaseDatabaseWrapper, execute: Callable[[], Any]) -> Any:
    """A cursor of the server is declared alone; outside a transaction it gets one, and holds its rows beyond it."""
    with connection.connection.cursor() as cursor:
        if connection.in_atomic_block:
            cursor.execute(_scope())
            return execute()
        cursor.execute(f"BEGIN; {_scope()}")
        try:
            return execute()
        finally:
            cursor.execute("COMMIT")
