"""`manage.py migrate`: Django's own, then the walls between organizations and the rights of the application."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.core.management.commands import migrate
from django.db import connection

from accounts import tenancy, walls


class Command(migrate.Command):
    """Runs as the owner of the tables, where there is one, and leaves the application no more than it needs."""

    def handle(self, *args: Any, **options: Any) -> None:
        """Migrate in the scope of the operator; a database that was not changed gets its missing walls all the same."""
        with tenancy.across_organizations(), as_owner():
            super().handle(*args, **options)
            if any(options.get(name) for name in ("plan", "check_unapplied")):
                return
            raised = walls.raise_walls()
            if raised and options["verbosity"] > 0:
                self.stdout.write(f"Walls between organizations: {len(raised)} statements")


@contextmanager
def as_owner() -> Iterator[None]:
    """Connect as the owner of the tables; afterwards the application's role has its rights and is used again."""
    if not settings.OWNER_DATABASE:
        yield
        return
    application = dict(connection.settings_dict)
    connection.close()
    connection.settings_dict.update(settings.OWNER_DATABASE)
    try:
        yield
        _make_role(application["USER"], application["PASSWORD"])
        walls.grant(application["USER"])
    finally:
        connection.close()
        connection.settings_dict.update(application)


def _make_role(name: str, password: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [name])
        if not cursor.fetchone():
            quoted = connection.ops.quote_name(name)
            cursor.execute(f"CREATE ROLE {quoted} LOGIN NOSUPERUSER NOBYPASSRLS PASSWORD %s", [password])
