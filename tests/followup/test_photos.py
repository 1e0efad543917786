"""Photos of findings in the report of an audit."""

from __future__ import annotations

import io
import subprocess
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from random import Random
from typing import Any
from uuid import uuid4

import pytest
from PIL import Image

from accounts import clock
from accounts.models import Organization, User
from audits import actions
from audits.models import Audit, Finding
from evidence.actions import Given, attach, revise, withdraw
from evidence.vault import storage
from followup.actions import issue_report
from followup.models import AuditReport
from records import papers
from tests.evidence.files import jpeg
from tests.factories import BY, certificate
from tests.records.tags import complaints

TODAY = date(2026, 6, 11)
ROTATED = 6


@pytest.fixture(autouse=True)
def june(acting: Organization) -> Iterator[None]:
    """It is 11 June 2026."""
    with clock.at(TODAY):
        yield


@pytest.fixture
def audit(acting: Organization) -> Audit:
    """A surveillance audit of an ISO 9001 certificate, held on 9 and 10 June."""
    row = certificate(acting, certified_on=date(2025, 8, 1))
    planned = actions.plan_audit(acting, {"number": "S1", "kind": "surveillance", "planned_on": TODAY}, [row], BY)
    return actions.hold_audit(planned, date(2026, 6, 10), BY, date(2026, 6, 9))


@pytest.fixture
def finding(audit: Audit) -> Finding:
    """A minor finding."""
    seen = {"uid": uuid4(), "grade": "minor", "clause": "7.2", "evidence": "No training record, press 4"}
    [row] = actions.record_findings(audit, [seen], BY)
    return row


def photo(width: int = 1600, height: int = 1200, colour: str = "teal", turned: int = 0) -> Given:
    """A photo as a phone takes it; ``turned`` is how the phone was held (EXIF orientation)."""
    stream = io.BytesIO()
    exif = Image.Exif()
    if turned:
        exif[0x0112] = turned
    Image.new("RGB", (width, height), colour).save(stream, "JPEG", exif=exif)
    return Given("press-4.jpg", [stream.getvalue()])


def paper_of(report: AuditReport, by: User, folder: Path) -> Path:
    """The PDF of a report as a file, which conforms to PDF/UA."""
    paper = papers.ask("audit-report", report, by)
    assert papers.make(paper.pk)
    paper.refresh_from_db()
    assert paper.error == ""
    target = folder / "report.pdf"
    target.write_bytes(paper.file.read())
    assert complaints(target.read_bytes()) == []
    return target


def pictures_in(pdf: Path) -> list[tuple[int, int]]:
    """Width and height of each picture that a reader of PDFs finds."""
    done = subprocess.run(["pdfimages", "-list", str(pdf)], capture_output=True, check=True, text=True)
    rows = [line.split() for line in done.stdout.splitlines()[2:]]
    return [(int(row[3]), int(row[4])) for row in rows]


def words_in(pdf: Path) -> str:
    """The words of the paper."""
    done = subprocess.run(["pdftotext", "-layout", str(pdf), "-"], capture_output=True, check=True, text=True)
    return " ".join(done.stdout.split())


def test_photos_stand_beside_the_evidence_small_and_upright(
    finding: Finding, audit: Audit, officer: User, tmp_path: Path
) -> None:
    attach(finding, photo(), BY)
    attach(finding, photo(colour="navy", turned=ROTATED), BY)
    report = issue_report(audit, TODAY, BY)
    pdf = paper_of(report, officer, tmp_path)
    assert sorted(pictures_in(pdf)) == [(600, 800), (800, 600)]
    assert "press-4.jpg" in words_in(pdf)


def test_the_frozen_report_names_each_photo_by_its_hash(finding: Finding, audit: Audit) -> None:
    given = photo()
    evidence = attach(finding, given, BY)
    attach(finding, Given("notes.txt", [b"what the operator said"]), BY)
    withdraw(attach(finding, photo(colour="red"), BY), BY, "Shows a person")
    report = issue_report(audit, TODAY, BY)
    blob = evidence.current.blob
    assert report.content["findings"][0]["photos"] == [{"name": "press-4.jpg", "sha256": blob.sha256}]


def test_a_newer_file_leaves_the_issued_report_as_it_was(
    finding: Finding, audit: Audit, officer: User, tmp_path: Path
) -> None:
    evidence = attach(finding, photo(), BY)
    report = issue_report(audit, TODAY, BY)
    revise(evidence, photo(800, 800, "red"), BY)
    assert pictures_in(paper_of(report, officer, tmp_path)) == [(800, 600)]


@pytest.mark.parametrize("damage", ["is no picture", "is missing"])
def test_a_photo_that_cannot_be_drawn_is_named(
    finding: Finding, audit: Audit, officer: User, tmp_path: Path, damage: str
) -> None:
    given: Any = Given("press-4.jpg", [jpeg()]) if damage == "is no picture" else photo()
    evidence = attach(finding, given, BY)
    report = issue_report(audit, TODAY, BY)
    if damage == "is missing":
        storage().delete(evidence.current.blob.name)
    pdf = paper_of(report, officer, tmp_path)
    assert pictures_in(pdf) == []
    assert "press-4.jpg, cannot be shown" in words_in(pdf)


@pytest.mark.long
def test_many_photos_make_a_report_that_can_be_mailed(
    finding: Finding, audit: Audit, officer: User, tmp_path: Path
) -> None:
    draw = Random(40)
    grains = bytes(min(255, max(0, round(draw.gauss(128, 80)))) for _ in range(200 * 150))
    scene = Image.frombytes("L", (200, 150), grains).convert("RGB").resize((1600, 1200))
    for number in range(40):
        stream = io.BytesIO()
        scene.putpixel((number, 0), (255, 0, 0))
        scene.save(stream, "JPEG", quality=90)
        attach(finding, Given(f"photo-{number}.jpg", [stream.getvalue()]), BY)
    pdf = paper_of(issue_report(audit, TODAY, BY), officer, tmp_path)
    assert len(pictures_in(pdf)) == 40
    assert pdf.stat().st_size < 40 * 100_000, pdf.stat().st_size
