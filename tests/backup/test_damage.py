"""A backup that is cut, changed, mixed or sealed by somebody else is never taken for a whole one."""

from __future__ import annotations

import random
import shutil
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection

from accounts import clock
from evidence.models import Blob
from isotrack.backup.making import make
from isotrack.backup.manifest import MANIFEST, SEAL, BackupDamaged, check
from records.models import Event
from tests.evidence.conftest import attached
from tests.evidence.files import png

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def folder(nc, tmp_path) -> Path:
    attached(nc, title="Calibration")
    attached(nc, content=png(), name="photo.png")
    return make(tmp_path / "backups", lambda line: None)


def files_of(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_it_holds_everything_and_says_how_much(folder):
    made = check(folder)
    names = sorted(made.parts)
    database = "database.dump" if connection.vendor == "postgresql" else "database.sqlite3"
    assert [name.partition("/")[0] for name in names] == [database, "evidence", "evidence", "files"]
    assert made.counts["evidence_blob"] == Blob.objects.count() == 2
    assert made.counts["records_event"] == Event.objects.count()
    assert list(made.heads.values()) == [{"number": Event.objects.count(), "hash": Event.objects.all()[0].hash}]
    assert made.damaged == []
    assert files_of(folder.parent) == files_of(folder)  # nothing unfinished stays


def test_no_secret_is_in_it(folder, settings):
    for path in files_of(folder):
        assert settings.SECRET_KEY.encode() not in path.read_bytes(), path


def test_cut_at_twenty_places(folder, tmp_path):
    draw, found = random.Random(20), 0
    for number in range(20):
        copy = shutil.copytree(folder, tmp_path / f"cut-{number}")
        path = draw.choice(files_of(copy))
        with path.open("r+b") as file:
            file.truncate(draw.randrange(path.stat().st_size))
        with pytest.raises(BackupDamaged):
            check(copy)
        found += 1
    assert found == 20


def test_a_hundred_flipped_bytes(folder):
    draw, found = random.Random(100), 0
    for _ in range(100):
        path = draw.choice(files_of(folder))
        raw = path.read_bytes()
        place = draw.randrange(len(raw))
        path.write_bytes(raw[:place] + bytes([raw[place] ^ (1 << draw.randrange(8))]) + raw[place + 1 :])
        with pytest.raises(BackupDamaged):
            check(folder)
        path.write_bytes(raw)
        found += 1
    assert found == 100
    check(folder)


def test_a_file_that_is_gone_or_does_not_belong(folder):
    path = next(path for path in files_of(folder) if "evidence" in path.parts)
    raw = path.read_bytes()
    path.unlink()
    with pytest.raises(BackupDamaged, match="is missing"):
        check(folder)
    path.write_bytes(raw)
    (folder / "evidence" / "more").write_bytes(b"x")
    with pytest.raises(BackupDamaged, match="does not belong"):
        check(folder)


def test_without_manifest_or_seal(folder):
    for name in (SEAL, MANIFEST):
        (folder / name).rename(folder.parent / name)
        with pytest.raises(BackupDamaged, match="no whole backup"):
            check(folder)
        (folder.parent / name).rename(folder / name)


def test_another_key(folder, settings):
    settings.BACKUP_KEY = "another"
    with pytest.raises(BackupDamaged, match="sealed with another key"):
        check(folder)


def test_the_command_says_what_is_wrong(folder):
    out = StringIO()
    call_command("backup", "verify", str(folder), stdout=out)
    assert "is whole: 4 parts" in out.getvalue()
    (folder / SEAL).write_bytes(b"x")
    with pytest.raises(SystemExit, match=r"isotrack: .*its seal is broken"):
        call_command("backup", "verify", str(folder))
    with pytest.raises(SystemExit, match="isotrack: name the backup"):
        call_command("backup", "verify")


def test_a_full_disk_leaves_the_last_good_one(nc, tmp_path, monkeypatch):
    where = tmp_path / "backups"
    with clock.at(clock.today().replace(day=1)):
        good = make(where, lambda line: None)

    def full(*args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("isotrack.backup.making.shutil.copyfile", full)
    with pytest.raises(OSError, match="No space left"):
        make(where, lambda line: None)
    assert list(where.iterdir()) == [good]
    check(good)


def test_one_that_is_there_is_not_touched(folder):
    with clock.at(clock.now()):
        name = make(folder.parent / "other", lambda line: None)
        with pytest.raises(FileExistsError, match="is there already"):
            make(folder.parent / "other", lambda line: None)
    check(name)


def test_evidence_that_was_damaged_before_is_named_and_the_rest_is_kept(nc, tmp_path, vault_folder):
    found = attached(nc)
    attached(nc, content=png(), name="photo.png")
    (vault_folder / found.current.blob.name).unlink()
    out = StringIO()
    with pytest.raises(SystemExit):
        call_command("backup", "create", to=tmp_path / "backups", stdout=out)
    assert f"damaged before the backup: {found.current.blob.name}: missing" in out.getvalue()
    [folder] = (tmp_path / "backups").iterdir()
    assert len([name for name in check(folder).parts if name.startswith("evidence/")]) == 1
