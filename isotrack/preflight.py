"""What usually goes wrong at a start, found before the start and said in one line each."""

from __future__ import annotations

import os
import secrets
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management import CommandError
from django.db import DatabaseError, connection
from django.db.migrations.exceptions import InconsistentMigrationHistory
from django.db.migrations.executor import MigrationExecutor

# What the role that signed in may do, and whether it is the owner of a table or may become it.
ROLE_CAN = """SELECT session_user, rolsuper, rolbypassrls, EXISTS (
    SELECT 1 FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = current_schema()::regnamespace
        AND pg_has_role(session_user, relowner, 'MEMBER'))
    FROM pg_roles WHERE rolname = session_user"""
WEB_STATEMENT_SECONDS = 30
IDLE_SECONDS = 60
LOCAL = frozenset({"localhost", "127.0.0.1", "[::1]", "::1"})


class CannotStartError(Exception):
    """The product cannot start; the message says why and what helps."""


def check(bind: str) -> None:
    """Directory, secret key, static files, address, sign-on and database, in the order in which they are needed."""
    check_configuration(keeps_key=True)
    check_directory(Path(settings.VAR_DIR))
    keep_secret_key(Path(settings.SECRET_KEY_FILE))
    check_static_files(Path(settings.STATIC_ROOT))
    check_address(bind)
    check_sign_on()
    with database_refusals():
        connection.ensure_connection()


def check_configuration(keeps_key: bool = False) -> None:
    """Refuse a configuration that would be unsafe or useless where others can reach it.

    ``keeps_key`` is for a start that makes a secret key of its own.
    """
    reaches_out = [host for host in settings.ALLOWED_HOSTS if host not in LOCAL]
    if settings.DEBUG:
        if settings.HTTPS or reaches_out:
            raise CannotStartError("ISOTRACK_DEBUG shows the inside to everybody; set it to 0 here")
        return
    if settings.SECRET_KEY == settings.INSECURE_SECRET_KEY and not keeps_key:
        remedy = "or start with `manage.py serve`, which keeps a key of its own"
        raise CannotStartError(f"set ISOTRACK_SECRET_KEY, {remedy}")
    if any("*" in host for host in settings.ALLOWED_HOSTS):
        raise CannotStartError("ISOTRACK_ALLOWED_HOSTS must name the hosts; with * a forged host gets into mails")
    if reaches_out and urlsplit(settings.BASE_URL).hostname in LOCAL:
        raise CannotStartError(
            f"links in mails would lead to {settings.BASE_URL}; set ISOTRACK_BASE_URL to the address people use"
        )


def check_sign_on() -> None:
    """The operator's SAML provider can be used, if there is one."""
    if not settings.SAML_METADATA:
        return
    from access import sign_on  # it reads models, which are not ready when the server reads its configuration

    if not sign_on.has_saml_packages():
        raise CannotStartError(
            "ISOTRACK_SAML_METADATA needs packages that are not installed; run: scripts/setup.sh saml"
        )
    from access import saml  # its packages are an extra

    try:
        saml.ask()
    except saml.Unusable as error:
        raise CannotStartError(f"ISOTRACK_SAML_METADATA, ISOTRACK_SAML_KEY: {error}") from error


def limit_statements() -> None:
    """Web processes on PostgreSQL: no statement runs longer than half a minute, no transaction stays idle."""
    database = settings.DATABASES["default"]
    if database["ENGINE"].endswith("postgresql"):
        limits = f"-c statement_timeout={WEB_STATEMENT_SECONDS}s -c idle_in_transaction_session_timeout={IDLE_SECONDS}s"
        options = database.setdefault("OPTIONS", {})
        options["options"] = f"{options.get('options', '')} {limits}".strip()


def check_directory(directory: Path) -> None:
    """The directory exists or can be made, and a file can be written into it."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=directory):
            pass
    except OSError as error:
        remedy = "give yourself the right to write there, or name another directory with ISOTRACK_VAR_DIR"
        raise CannotStartError(f"cannot write to {directory} ({error.strerror}); {remedy}") from error


def keep_secret_key(file: Path) -> None:
    """Makes a secret key, readable by its owner only, when the operator gave none."""
    if settings.SECRET_KEY != settings.INSECURE_SECRET_KEY or file.exists():
        return
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as target:
        target.write(secrets.token_urlsafe(50))


def check_static_files(directory: Path) -> None:
    """The collected files are there when this installation serves collected ones."""
    directory.mkdir(parents=True, exist_ok=True)
    if not settings.WHITENOISE_USE_FINDERS and not (directory / "staticfiles.json").exists():
        raise CannotStartError("the static files are not collected; run: python manage.py collectstatic --no-input")


def check_address(bind: str) -> None:
    """Nobody else listens there, and we may."""
    host, _, port = bind.rpartition(":")
    family = socket.AF_INET6 if host.startswith("[") else socket.AF_INET
    with socket.socket(family) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host.strip("[]"), int(port)))
            listener.listen(1)
        except OSError as error:
            remedy = "choose another port, e.g. PORT=8123 make demo"
            raise CannotStartError(f"cannot listen on {bind} ({error.strerror}); {remedy}") from error


@contextmanager
def database_refusals() -> Iterator[None]:
    """Turns what a database says about itself into a line with a way out."""
    remedy = way_out()
    try:
        yield
    except InconsistentMigrationHistory as error:
        raise CannotStartError(f"the database was written by another version of isotrack; {remedy}") from error
    except (DatabaseError, CommandError) as error:
        cause = str(error).strip().splitlines()[0]
        raise CannotStartError(f"the database cannot be used ({cause}); {remedy}") from error


def way_out() -> str:
    """What helps against a database that cannot be used."""
    if connection.vendor == "sqlite":
        return f"if its content does not matter, move {connection.settings_dict['NAME']} away and start again"
    return "check ISOTRACK_DATABASE_URL"


def check_database_role() -> None:
    """In production the application's role passes no wall: PostgreSQL asks owners and superusers for nothing."""
    if connection.vendor != "postgresql" or settings.DEBUG or settings.DEMO:
        return
    with database_refusals(), connection.cursor() as cursor:
        cursor.execute(ROLE_CAN)
        name, *can = cursor.fetchone()
    reasons = ("is a superuser", "bypasses row-level security", "owns tables")
    if found := [reason for reason, true in zip(reasons, can, strict=True) if true]:
        raise CannotStartError(
            f"the database role {name} {' and '.join(found)}, so no wall would stand between organizations; "
            "let ISOTRACK_DATABASE_URL name a role of its own and ISOTRACK_OWNER_DATABASE_URL the owner of the tables, "
            "then run: python manage.py migrate"
        )


def check_schema() -> None:
    """Code and database are of the same version."""
    with database_refusals():
        executor = MigrationExecutor(connection)
        executor.loader.check_consistent_history(connection)
        missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
        unknown = set(executor.loader.applied_migrations) - set(executor.loader.disk_migrations)
    if missing:
        raise CannotStartError("the database is older than this version of isotrack; run: python manage.py migrate")
    if unknown:
        name = ".".join(min(unknown))
        raise CannotStartError(
            f"the database is newer than this version of isotrack (it knows {name}); update isotrack first"
        )
