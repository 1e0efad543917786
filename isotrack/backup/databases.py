"""Copying a database as it was at one moment, looking into the copy, and putting it back."""

from __future__ import annotations

import os
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

POSTGRES, SQLITE = "database.dump", "database.sqlite3"


class CannotCopy(Exception):
    """The database could not be copied or put back; the text is what its own tool says."""


class Snapshot:
    """A connection that sees the database as it was copied."""

    def __init__(self, connected: Any) -> None:
        self._connected = connected

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        """What a statement finds."""
        cursor = self._connected.cursor()
        cursor.execute(statement)
        return [tuple(row) for row in cursor.fetchall()]

    def counts(self) -> dict[str, int]:
        """Rows of each table of ours."""
        tables = sorted({*connection.introspection.django_table_names(only_existing=True), "django_migrations"})
        return {table: self.rows(f'SELECT count(*) FROM "{table}"')[0][0] for table in tables}


@contextmanager
def copied(folder: Path) -> Iterator[tuple[str, Snapshot]]:
    """Copy the database into the folder; gives the copy's name and a view of the same moment."""
    if connection.vendor == "sqlite":
        with _copied_sqlite(folder / SQLITE) as snapshot:
            yield SQLITE, snapshot
    else:
        with _copied_postgres(folder / POSTGRES) as snapshot:
            yield POSTGRES, snapshot


@contextmanager
def _copied_sqlite(target: Path) -> Iterator[Snapshot]:
    if connection.in_atomic_block:
        raise CannotCopy("a database cannot be copied inside a transaction of its own")
    connection.ensure_connection()
    copy = sqlite3.connect(target)
    try:
        connection.connection.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")
        copy.commit()
        if copy.execute("PRAGMA integrity_check").fetchone()[0] != "ok":
            raise CannotCopy("the copy of the database is not sound")
        yield Snapshot(copy)
    finally:
        copy.close()


@contextmanager
def _copied_postgres(target: Path) -> Iterator[Snapshot]:
    """``pg_dump`` takes the snapshot that our own view holds, so that counts and copy are of one moment."""
    import psycopg2  # only where PostgreSQL is used

    reader = psycopg2.connect(**psycopg_words())
    try:
        reader.set_session(isolation_level="REPEATABLE READ", readonly=True)
        snapshot = Snapshot(reader)
        exported = snapshot.rows("SELECT pg_export_snapshot()")[0][0]
        run("pg_dump", "--format=custom", "--no-owner", f"--snapshot={exported}", f"--file={target}", *_tool_words())
        yield snapshot
    finally:
        reader.close()


@contextmanager
def looked_at() -> Iterator[Snapshot]:
    """A view of the database of the settings, with the account that sees every row."""
    if connection.vendor == "sqlite":
        yield Snapshot(connection)
        return
    import psycopg2  # only where PostgreSQL is used

    reader = psycopg2.connect(**psycopg_words())
    try:
        yield Snapshot(reader)
    finally:
        reader.close()


def put_back(folder: Path) -> None:
    """Fill the empty database of the settings."""
    if connection.vendor == "sqlite":
        connection.close()
        source, target = sqlite3.connect(folder / SQLITE), sqlite3.connect(settings.DATABASES["default"]["NAME"])
        with source, target:
            source.backup(target)
        source.close()
        target.close()
        return
    words = ("--no-owner", "--exit-on-error", "--single-transaction", str(folder / POSTGRES))
    run("pg_restore", *_tool_words(), *words)


def is_empty() -> bool:
    """Whether no table of ours is there."""
    return not connection.introspection.django_table_names(only_existing=True)


def run(tool: str, *words: str) -> None:
    """Run a tool of PostgreSQL."""
    secret = {"PGPASSWORD": _database().get("PASSWORD") or ""}
    try:
        ended = subprocess.run(
            [tool, *words], env={**os.environ, **secret}, capture_output=True, text=True, check=False
        )
    except FileNotFoundError as error:
        raise CannotCopy(f"{tool} is not installed: apt-get install postgresql-client") from error
    if ended.returncode:
        raise CannotCopy(f"{tool}: {ended.stderr.strip().splitlines()[-1][:300] if ended.stderr.strip() else 'failed'}")


def _database() -> dict[str, Any]:
    """How backups reach the database: with an account that sees every row, where one is named."""
    return {**connection.settings_dict, **settings.BACKUP_DATABASE, "NAME": connection.settings_dict["NAME"]}


def _tool_words() -> list[str]:
    given = _database()
    named = {"--host": given.get("HOST"), "--port": given.get("PORT"), "--username": given.get("USER")}
    return [*(f"{word}={value}" for word, value in named.items() if value), f"--dbname={given['NAME']}"]


def psycopg_words() -> dict[str, Any]:
    """How psycopg reaches the database of the settings with the account of the backups."""
    given = _database()
    named = {"host": "HOST", "port": "PORT", "user": "USER", "password": "PASSWORD", "dbname": "NAME"}
    return {word: given[name] for word, name in named.items() if given.get(name)}
