"""The proof that a backup can be used: put back into a database of its own, compared, timed, and removed."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from django.conf import settings
from django.db import connection

from isotrack.backup import databases
from isotrack.backup.manifest import BackupDamaged


def rehearse(folder: Path, tell: Callable[[str], object]) -> float:
    """Put a backup back somewhere else, in a process of its own; returns the minutes it took."""
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="isotrack-drill-") as place, _empty_database(Path(place)) as url:
        ended = subprocess.run(
            [sys.executable, "manage.py", "restore", str(folder.resolve())],
            cwd=settings.BASE_DIR,
            env=_environment(Path(place), url),
            capture_output=True,
            text=True,
            check=False,
        )
    for line in ended.stdout.splitlines():
        tell(line)
    if ended.returncode:
        raise BackupDamaged(ended.stderr.strip().splitlines()[-1] if ended.stderr.strip() else "the drill failed")
    return (time.monotonic() - started) / 60


def _environment(place: Path, url: str) -> dict[str, str]:
    """This installation's own keys, and places that are nobody's."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ISOTRACK_")}
    return {
        **kept,
        "ISOTRACK_ENV_FILE": os.devnull,
        "ISOTRACK_SECRET_KEY": settings.SECRET_KEY,
        "ISOTRACK_BACKUP_KEY": settings.BACKUP_KEY,
        "ISOTRACK_DATABASE_URL": url,
        "ISOTRACK_VAR_DIR": str(place),
    }


@contextmanager
def _empty_database(place: Path) -> Iterator[str]:
    if connection.vendor == "sqlite":
        yield f"sqlite:///{place / 'drill.sqlite3'}"
        return
    name = f"isotrack_drill_{secrets.token_hex(4)}"
    with _administrator() as tell_postgres:
        tell_postgres(f'CREATE DATABASE "{name}"')
        try:
            yield _url(name)
        finally:
            tell_postgres(f'DROP DATABASE "{name}" WITH (FORCE)')


@contextmanager
def _administrator() -> Iterator[Callable[[str], None]]:
    """A connection outside any transaction, with the account of the backups."""
    import psycopg2  # only where PostgreSQL is used

    connected = psycopg2.connect(**databases.psycopg_words() | {"dbname": "postgres"})
    connected.autocommit = True
    try:
        yield lambda statement: connected.cursor().execute(statement)
    finally:
        connected.close()


def _url(name: str) -> str:
    words = databases.psycopg_words()
    person = quote(str(words.get("user", "")), safe="")
    secret = f":{quote(str(words['password']), safe='')}" if words.get("password") else ""
    return f"postgres://{person}{secret}@{words.get('host', 'localhost')}:{words.get('port', 5432)}/{name}"
