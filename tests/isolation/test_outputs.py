"""What leaves the product: exports, papers, mails, calendars and logs hold texts of one organization only."""

from __future__ import annotations

import io
import logging
import zipfile
from typing import Any

import pytest

from accounts import clock, tenancy
from agenda.models import CalendarAddress
from alerts.deliver import deliver
from records.models import Message, RenderedPdf
from records.outbox import NewMessage, queue
from records.papers import PAPERS, html_of
from records.record import subject_type
from tests.api.world import World
from tests.isolation import callers
from tests.isolation.matrix import Found, Matrix


def unpacked(content: bytes) -> bytes:
    """A file, or the files inside it."""
    if not content.startswith(b"PK"):
        return content
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return b"".join(archive.read(name) for name in archive.namelist())


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize("kind", ["certificates", "audits", "nonconformities"])
def test_exports(matrix: Matrix, kind: str, form: str) -> None:
    who = callers.on_pages("compliance_officer", matrix.own, matrix.foreign)
    answer: Any = who.client.get(f"/import/export/{kind}.{form}")
    content = unpacked(b"".join(answer))
    assert (answer.status_code, b"Halden" in content, b"Ostrava" in content) == (200, True, False)


def test_papers(matrix: Matrix) -> None:
    found = Found()
    for world, other in ((matrix.own, matrix.foreign), (matrix.foreign, matrix.own)):
        for kind, paper in PAPERS.items():
            subject = next((row for row in vars(world).values() if type(row) is paper.model), None)
            if subject is None:
                continue
            with tenancy.acting_in(world.organization):
                row = RenderedPdf(
                    organization=world.organization, kind=kind, subject_type=subject_type(paper.model),
                    subject_id=subject.pk, asked_by=world.user, asked_at=clock.now(),
                )  # fmt: skip
                html = html_of(row)
            found.cells += 1
            found.leaks += [kind] * (other.marker in html or world.marker not in html)
    found.write_down("papers")
    assert found.leaks == []
    assert found.cells >= 2 * len(PAPERS) - 2


def test_mails(matrix: Matrix, mailoutbox: list[Any]) -> None:
    """Each kind of message that waits in either world, sent in one run."""
    for world in (matrix.own, matrix.foreign):
        with tenancy.acting_in(world.organization):
            queue([
                NewMessage(
                    world.organization.pk, f"deadline:nonconformity:{world.nonconformity.pk}:closure:1:{world.user.pk}",
                    "proposal", world.user.pk, "certificate", world.certificate.pk,
                    {"date": "2027-01-01", "from": "active", "to": "suspended", "because": []},
                )
            ])  # fmt: skip
    deliver()
    wrong = []
    for mail in mailoutbox:
        world, other = mine(matrix, mail)
        if other.marker in str(mail.message()):
            wrong.append((mail.subject, world.marker))
    with tenancy.across_organizations():
        kept = Message.objects.exclude(mail_text="")
        wrong += [
            (row.mail_subject, row.organization.name)
            for row in kept
            if ("Ostrava" if row.organization_id == matrix.own.organization.pk else "Halden") in row.mail_text
        ]
    assert wrong == []


def mine(matrix: Matrix, mail: Any) -> tuple[World, World]:
    """The world of the person who gets a mail, and the other one."""
    both = (matrix.own, matrix.foreign)
    return both if matrix.own.marker.lower() in mail.to[0] else (both[1], both[0])


def test_calendars(matrix: Matrix) -> None:
    for world, other in ((matrix.own, matrix.foreign), (matrix.foreign, matrix.own)):
        secret = CalendarAddress.new_secret()
        with tenancy.acting_in(world.organization):
            CalendarAddress.objects.create(
                organization=world.organization, user=world.user, choice="all", digest=CalendarAddress.hash(secret)
            )
        calendar = callers.on_pages("anonymous", matrix.own, matrix.foreign).client.get(f"/cal/{secret}.ics")
        text = calendar.content.decode().replace("\r\n ", "")
        assert (calendar.status_code, world.marker in text, other.marker in text) == (200, True, False)


def test_logs(matrix: Matrix, caplog: pytest.LogCaptureFixture) -> None:
    """Neither refusals nor jobs write a text of a record into the log."""
    caplog.set_level(logging.DEBUG)
    who = callers.on_pages("administrator", matrix.own, matrix.foreign)
    for path in ("certificates", "audits", "ncs", "evidence"):
        for row in (matrix.own, matrix.foreign):
            who.client.get(f"/{path}/{row.certificate.pk}/")
            who.client.post(f"/{path}/{row.certificate.pk}/edit/", {"number": "Ostrava-1"})
    deliver()
    assert [
        line for line in caplog.messages if "Ostrava" in line and "SELECT" not in line and "INSERT" not in line
    ] == []
