"""In production no process starts with a database role that the walls between organizations do not hold."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import psycopg2
import pytest
from django.db import connection

from isotrack import preflight
from tests.application_role import PASSWORD, ROLE, as_owner
from tests.architecture.source import ROOT

pytestmark = pytest.mark.postgres
STARTS = {"web": ["gunicorn", "isotrack.wsgi"], "worker": ["celery", "-A", "isotrack", "worker", "--pool", "solo"]}


def test_a_superuser_is_refused(db: None) -> None:
    with pytest.raises(preflight.CannotStartError) as refused:
        preflight.check_database_role()
    assert str(refused.value) == (
        f"the database role {connection.settings_dict['USER']} is a superuser and bypasses row-level security and owns "
        "tables, so no wall would stand between organizations; let ISOTRACK_DATABASE_URL name a role of its own and "
        "ISOTRACK_OWNER_DATABASE_URL the owner of the tables, then run: python manage.py migrate"
    )


@pytest.mark.parametrize("setting", ["DEBUG", "DEMO"])
def test_for_development_and_demonstration_anything_goes(db: None, settings, setting: str) -> None:
    setattr(settings, setting, True)
    assert preflight.check_database_role() is None  # type: ignore[func-returns-value]


@pytest.mark.django_db(transaction=True)
def test_the_role_of_the_application_is_accepted_until_it_owns_a_table() -> None:
    def may() -> tuple[object, ...]:
        with psycopg2.connect(**as_application()) as own, own.cursor() as cursor:
            cursor.execute(preflight.ROLE_CAN)
            found: tuple[object, ...] = cursor.fetchone()
        own.close()
        return found

    assert may() == (ROLE, False, False, False)
    with as_owner() as cursor:
        cursor.execute(f"CREATE TABLE of_the_application (); ALTER TABLE of_the_application OWNER TO {ROLE}")
    try:
        assert may() == (ROLE, False, False, True)
    finally:
        with as_owner() as cursor:
            cursor.execute("DROP TABLE of_the_application")


def as_application() -> dict[str, object]:
    server = connection.settings_dict
    return {
        "host": server["HOST"],
        "port": server["PORT"] or 5432,
        "dbname": server["NAME"],
        "user": ROLE,
        "password": PASSWORD,
    }


@pytest.mark.parametrize("name", sorted(STARTS))
def test_no_process_starts_with_a_superuser(db: None, tmp_path: Path, name: str) -> None:
    program, *rest = STARTS[name]
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("ISOTRACK_", "DJANGO_"))}
    more = {
        "ISOTRACK_ENV_FILE": os.devnull,
        "ISOTRACK_SECRET_KEY": "a key for this test alone",
        "ISOTRACK_VAR_DIR": str(tmp_path),
        "ISOTRACK_DATABASE_URL": os.environ["ISOTRACK_DATABASE_URL"].rpartition("/")[0]
        + f"/{connection.settings_dict['NAME']}",
        "ISOTRACK_WEB_BIND": "127.0.0.1:0",
    }
    result = subprocess.run(
        [str(Path(sys.executable).with_name(program)), *rest],
        cwd=ROOT,
        env=kept | more,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert result.returncode != 0
    assert "is a superuser" in result.stderr
