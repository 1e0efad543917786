"""A configuration that would be unsafe where others can reach it is refused before the first request."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from django.conf import settings as configured

from isotrack import preflight
from tests.architecture.source import ROOT

PRODUCTION = {
    "DEBUG": False,
    "SECRET_KEY": "k" * 60,
    "ALLOWED_HOSTS": ["iso.example.com"],
    "BASE_URL": "https://iso.example.com",
    "HTTPS": True,
}
REFUSED = {
    "ISOTRACK_SECRET_KEY": {"SECRET_KEY": configured.INSECURE_SECRET_KEY},
    "ISOTRACK_ALLOWED_HOSTS": {"ALLOWED_HOSTS": ["*"]},
    "must name the hosts": {"ALLOWED_HOSTS": ["*.example.com", "iso.example.com"]},
    "ISOTRACK_DEBUG": {"DEBUG": True},
    "ISOTRACK_BASE_URL": {"BASE_URL": "http://localhost:8000"},
}


def test_production_is_accepted(settings):
    for name, value in PRODUCTION.items():
        setattr(settings, name, value)
    assert preflight.check_configuration() is None


@pytest.mark.parametrize("says", REFUSED)
def test_refused(settings, says):
    for name, value in {**PRODUCTION, **REFUSED[says]}.items():
        setattr(settings, name, value)
    with pytest.raises(preflight.CannotStartError, match=says):
        preflight.check_configuration()


def environment(**more: str) -> dict[str, str]:
    """The environment of an installation behind TLS."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ISOTRACK_", "DJANGO_"))}
    return {
        **kept,
        "ISOTRACK_ENV_FILE": os.devnull,
        "ISOTRACK_VAR_DIR": os.environ["ISOTRACK_VAR_DIR"],
        "ISOTRACK_HTTPS": "1",
        "ISOTRACK_SECRET_KEY": "correct-horse-battery-staple-" + "0123456789abcdefABCDEF-x" * 2,
        "ISOTRACK_ALLOWED_HOSTS": "iso.example.com",
        "ISOTRACK_BASE_URL": "https://iso.example.com",
        **more,
    }


def run(*command: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *command], cwd=ROOT, env=environment(**more), capture_output=True, text=True, check=False
    )


def test_check_deploy_is_silent():
    ended = run("manage.py", "check", "--deploy", "--fail-level", "WARNING")
    assert (ended.returncode, ended.stdout, ended.stderr) == (
        0,
        "System check identified no issues (0 silenced).\n",
        "",
    )


def test_the_server_ends_with_one_line():
    ended = run("-m", "gunicorn", "--check-config", "isotrack.wsgi", ISOTRACK_ALLOWED_HOSTS="*")
    assert ended.returncode != 0
    assert "isotrack: ISOTRACK_ALLOWED_HOSTS must name the hosts; with * a forged host gets into mails" in ended.stderr


@pytest.mark.postgres
@pytest.mark.django_db
def test_a_statement_ends_after_its_time(settings, monkeypatch):
    import psycopg2  # only where PostgreSQL is

    database = {**settings.DATABASES["default"], "OPTIONS": {}}
    monkeypatch.setattr(preflight, "WEB_STATEMENT_SECONDS", 1)
    monkeypatch.setitem(settings.DATABASES, "default", database)
    preflight.limit_statements()
    connection = psycopg2.connect(
        dbname="postgres",
        host=database["HOST"],
        port=database["PORT"],
        user=database["USER"],
        options=database["OPTIONS"]["options"],
    )
    with connection, connection.cursor() as cursor, pytest.raises(psycopg2.errors.QueryCanceled):
        cursor.execute("SELECT pg_sleep(5)")
    connection.close()
