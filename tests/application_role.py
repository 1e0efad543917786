"""On PostgreSQL the tests use a role like the application's; what only an owner may do is made before or apart."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection
from django.db.backends.signals import connection_created

from accounts import walls

ROLE = "isotrack_tests"
PASSWORD = "isotrack"
MAKE_ROLE = f"""DO $$ BEGIN CREATE ROLE {ROLE} LOGIN NOSUPERUSER NOBYPASSRLS PASSWORD '{PASSWORD}';
    EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"""


def become_application() -> None:
    """Every connection of this process to the database of the tests gives up what the application must not have."""
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute(MAKE_ROLE)
    walls.grant(ROLE)
    connection_created.connect(_give_up_rights)
    _give_up_rights(connection)


def _give_up_rights(connection: Any, **_signal: Any) -> None:
    if connection.alias == "default" and connection.vendor == "postgresql":
        with connection.connection.cursor() as cursor:
            cursor.execute(f"SET ROLE {ROLE}")


@contextmanager
def as_owner() -> Iterator[Any]:
    """A cursor with the rights of the owner of the tables; other databases know no owner."""
    if connection.vendor != "postgresql":
        with connection.cursor() as cursor:
            yield cursor
        return
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
        try:
            yield cursor
        except BaseException:
            if not connection.in_atomic_block:  # otherwise the rollback brings the role back
                cursor.execute(f"SET ROLE {ROLE}")
            raise
        cursor.execute(f"SET ROLE {ROLE}")
