"""The way back, in processes of their own: into an empty place, proven equal, and silent until released."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from django.db import connection

from accounts import clock, tenancy
from accounts.permissions import Role
from certifications.catalog_rows import install_catalog
from isotrack.backup.drill import rehearse
from isotrack.backup.making import make
from isotrack.backup.manifest import BackupDamaged
from tests import factories
from tests.architecture.source import ROOT
from tests.conftest import Organization, member
from tests.evidence.conftest import attached
from tests.evidence.files import PDF

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def folder(db, tmp_path) -> Path:
    """A backup of an organization with evidence, a history and a mail that waits."""
    organization = Organization.objects.create(name="Halden Group", slug="halden", time_zone="Europe/Warsaw")
    install_catalog(organization)
    user = member(organization, "marta@halden.example", "Marta", Role.COMPLIANCE_OFFICER)
    with tenancy.acting_in(organization), clock.at(date(2026, 5, 4)):
        nc = factories.nonconformity(organization, [factories.certificate(organization)], "NC-7")
        attached(nc, title="Calibration", owner=user, expires_on=date(2026, 5, 4))
        from evidence.reminding import remind  # its own mail, without a sweep

        assert remind(organization) == 1
    return make(tmp_path / "backups", lambda line: None)


def environment(place: Path) -> dict[str, str]:
    from django.conf import settings  # those of this test

    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ISOTRACK_", "DJANGO_"))}
    return {
        **kept,
        "ISOTRACK_ENV_FILE": os.devnull,
        "ISOTRACK_SECRET_KEY": settings.SECRET_KEY,
        "ISOTRACK_DATABASE_URL": f"sqlite:///{place / 'back.sqlite3'}",
        "ISOTRACK_VAR_DIR": str(place),
    }


def run(place: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *words],
        cwd=ROOT,
        env=environment(place),
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.skipif(connection.vendor != "sqlite", reason="puts back a backup of SQLite")
def test_there_and_back(folder, tmp_path):
    place = tmp_path / "back"
    place.mkdir()
    ended = run(place, "restore", str(folder), "--revoke-keys")
    assert (ended.returncode, ended.stderr) == (0, "")
    lines = ended.stdout.splitlines()
    assert "1 messages are held; look at them, then: manage.py deliver --release" in lines
    assert "1 files of evidence compared with their hash" in lines
    assert any(line.startswith("history of Halden Group: ") for line in lines)
    rows = sqlite3.connect(place / "back.sqlite3").execute("SELECT state FROM records_message").fetchall()
    assert rows == [("held",)]
    [kept] = [path for path in (place / "evidence").rglob("*") if path.is_file()]
    assert kept.read_bytes() == PDF
    assert (place / "files/papers/dossier-1.pdf").read_bytes() == b"%PDF-1.7 paper"
    assert "1 messages are released" in run(place, "deliver", "--release").stdout
    again = run(place, "restore", str(folder))
    assert again.returncode == 1
    assert again.stderr.startswith("isotrack: the database ")
    assert again.stderr.strip().endswith("is not empty; name a new one")


@pytest.mark.skipif(connection.vendor != "sqlite", reason="puts back a backup of SQLite")
def test_a_damaged_one_touches_nothing(folder, tmp_path):
    place = tmp_path / "back"
    place.mkdir()
    path = folder / "database.sqlite3"
    path.write_bytes(path.read_bytes()[:-1])
    ended = run(place, "restore", str(folder))
    assert (ended.returncode, ended.stderr) == (1, "isotrack: database.sqlite3 is not what was backed up\n")
    assert [path for path in place.rglob("*") if path.is_file() and path.stat().st_size] == []


def test_the_drill_proves_and_leaves_nothing(folder, vault_folder):
    lines: list[str] = []
    assert 0 < rehearse(folder, lines.append) < 10
    assert "the backup is put back" in lines
    assert any(line.endswith("entries hold") for line in lines)


@pytest.mark.postgres
def test_there_and_back_on_postgres(folder):
    lines: list[str] = []
    assert rehearse(folder, lines.append) < 10
    assert "the backup is put back" in lines
    assert "1 messages are held; look at them, then: manage.py deliver --release" in lines
    assert "1 files of evidence compared with their hash" in lines
    assert any(line.startswith("history of Halden Group: ") for line in lines)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_database WHERE datname LIKE 'isotrack_drill_%'")
        assert cursor.fetchone()[0] == 0


def test_a_drill_of_a_damaged_one_says_so(folder):
    (folder / "manifest.seal").write_text("x")
    with pytest.raises(BackupDamaged, match="its seal is broken"):
        rehearse(folder, lambda line: None)
