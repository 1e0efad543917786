"""Known holes are found in locked versions, offline, and the answer says of which day it is."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date, timedelta

import pytest

from scripts import advisories
from tests.architecture.source import ROOT

DJANGO = [{"introduced": "0"}, {"fixed": "4.2.26"}], [{"introduced": "5.2"}, {"fixed": "5.2.8"}]


def affected(*ranges, **more):
    return {"package": {"name": "Django"}, "ranges": [{"type": "ECOSYSTEM", "events": e} for e in ranges], **more}


@pytest.mark.parametrize(
    ("version", "concerned"),
    [("4.2.25", True), ("4.2.26", False), ("5.1", False), ("5.2", True), ("5.2.7", True), ("5.2.8", False)],
)
def test_ranges(version, concerned):
    assert advisories.concerns(version, affected(*DJANGO)) is concerned


def test_last_affected_and_named_versions():
    last = [{"introduced": "1.0"}, {"last_affected": "1.4"}]
    assert [advisories.concerns(v, affected(last)) for v in ("0.9", "1.4", "1.5")] == [False, True, False]
    assert advisories.concerns("7.7", affected(versions=["7.7"]))


def test_names_are_compared_in_their_plain_form():
    entry = {"id": "X-1", "summary": "A hole", "affected": [affected(*DJANGO)]}
    assert advisories.holes({"django": "5.2.7"}, [entry]) == ["django 5.2.7: X-1 A hole (mended in 4.2.26, 5.2.8)"]


def test_what_we_lock_has_no_known_hole():
    data = json.loads(advisories.DATA.read_text())
    assert advisories.holes(advisories.locked(), data["advisories"]) == []


def test_the_answer_says_its_date(capsys):
    as_of = date.fromisoformat(json.loads(advisories.DATA.read_text())["as_of"])
    assert advisories.check(30, as_of + timedelta(days=30)) == 0
    assert f"as of {as_of} (30 days old): 0 concern us" in capsys.readouterr().out
    assert advisories.check(30, as_of + timedelta(days=31)) == 1
    assert advisories.check(None, as_of + timedelta(days=400)) == 0


def test_an_export_is_condensed(tmp_path, monkeypatch):
    monkeypatch.setattr(advisories, "DATA", tmp_path / "advisories.json")
    (tmp_path / "export").mkdir()
    for name, package in (("ours", "Django"), ("other", "some-package-we-do-not-have")):
        entry = {"id": name, "summary": "s", "details": "long", "affected": [{"package": {"name": package}}]}
        (tmp_path / "export" / f"{name}.json").write_text(json.dumps(entry))
    advisories.update(tmp_path / "export", date(2026, 11, 25))
    kept = json.loads((tmp_path / "advisories.json").read_text())
    assert (kept["as_of"], [entry["id"] for entry in kept["advisories"]]) == ("2026-11-25", ["ours"])


@pytest.mark.long
@pytest.mark.parametrize("lock", advisories.LOCKS, ids=lambda lock: lock.stem)
def test_the_bill_of_materials_names_every_locked_package(tmp_path, lock):
    out = tmp_path / "sbom.json"
    tool = [sys.executable, "-m", "cyclonedx_py", "requirements", str(lock), "--output-file", str(out)]
    subprocess.run(tool, cwd=ROOT, check=True, capture_output=True)
    found = {advisories.plain(part["name"]): part["version"] for part in json.loads(out.read_text())["components"]}
    assert found == advisories.locked((lock,))
