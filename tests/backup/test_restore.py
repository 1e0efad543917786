"""The way back, in processes of their own: into an empty place, proven equal, and silent until released."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from threading import Event

import pytest
from django.db import connection, connections

from accounts import clock, tenancy
from accounts.permissions import Role
from certifications.catalog_rows import install_catalog
from isotrack.backup.drill import rehearse
from isotrack.backup.making import make
from isotrack.backup.manifest import BackupDamaged, check
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


@pytest.mark.long
def test_a_backup_of_an_older_version_becomes_one_of_this_version(tmp_path):
    """D23: its rows are proven as they were, its tables become those of this version, its history holds."""
    old, new = tmp_path / "old", tmp_path / "new"
    for place, steps in {
        old: [
            ["migrate", "-v0"],
            ["shell", "-v0", "-c", "from tests.faults.one_certificate import make; make()"],
            ["migrate", "-v0", "accounts", "0005"],
            ["backup", "create", "--to", str(tmp_path)],
        ],
        new: [["restore", str(tmp_path / "backup")]],
    }.items():
        place.mkdir()
        for step in steps:
            ended = run(place, *step)
            assert ended.returncode == 0, ended.stderr
        for made in tmp_path.glob("isotrack-*"):
            made.rename(tmp_path / "backup")
    held = [line for line in ended.stdout.splitlines() if line.startswith("history of Halden Group: ")]
    assert held[0].endswith("entries hold")
    assert not held[0].startswith("history of Halden Group: 0 ")
    columns = sqlite3.connect(new / "back.sqlite3").execute("SELECT require_second_factor FROM accounts_organization")
    assert columns.fetchall() == [(0,)]


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


@pytest.mark.postgres
def test_a_backup_while_people_work_is_of_one_moment(nc, places):
    """D22: every row has its file and every history ends where its rows do, however much is written meanwhile."""
    over, organization, day = Event(), nc.organization, date(2026, 5, 4)

    def work(place: int) -> int:
        done = 0
        with tenancy.acting_in(organization), clock.at(day):
            while not over.is_set():
                done += 1
                attached(nc, content=PDF + b"%% %d-%d" % (place, done))
                raised = factories.nonconformity(
                    organization, [], f"NC-{place}-{done}", source="complaint", grade="minor"
                )
                factories.settled(raised, day)
        connections.close_all()
        return done

    with ThreadPoolExecutor(4) as people:
        working = [people.submit(work, place) for place in range(4)]
        try:
            folders = [make(places / f"backups-{number}", lambda line: None) for number in range(2)]
        finally:
            over.set()
    assert sum(worker.result() for worker in working) > 2
    counts = [check(folder).counts for folder in folders]
    assert counts[0]["evidence_blob"] < counts[1]["evidence_blob"]
    assert counts[0]["records_event"] < counts[1]["records_event"]
    for folder in folders:
        rehearse(folder, lambda line: None)


def test_a_drill_of_a_damaged_one_says_so(folder):
    (folder / "manifest.seal").write_text("x")
    with pytest.raises(BackupDamaged, match="its seal is broken"):
        rehearse(folder, lambda line: None)
