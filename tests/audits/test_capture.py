"""What a phone sends from the capture screen: taken in once, refused in words, never lost on a page of errors."""

from __future__ import annotations

import io
import struct
import zlib
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts import clock
from accounts.models import Organization, User
from accounts.permissions import Role
from audits import actions
from audits.models import Audit, ChecklistAnswer, ChecklistItem, Finding
from evidence.models import Evidence, Use
from records.models import Event
from tests.conftest import member
from tests.factories import BY

DAY = date(2026, 11, 23)


@pytest.fixture
def audit(acting: Organization) -> Audit:
    """An internal audit under way, with two questions."""
    with clock.at(DAY):
        row = actions.plan_audit(acting, {"number": "A-1", "kind": "internal", "planned_on": DAY}, [], BY)
        for clause in ("8.4", "8.5"):
            actions.add_question(row, {"clause": clause, "question": f"Is {clause} done?"}, BY)
        return actions.start_audit(row, DAY, BY)


@pytest.fixture
def auditor(organization: Organization) -> User:
    return member(organization, "jo@halden.example", "Jo Okafor", Role.AUDITOR)


@pytest.fixture
def phone(auditor: User) -> Client:
    client = Client()
    client.force_login(auditor)
    return client


def item(audit: Audit, clause: str = "8.4") -> ChecklistItem:
    found: ChecklistItem = audit.items.get(clause=clause)
    return found


def send(phone: Client, audit: Audit, **fields: Any) -> Any:
    return phone.post(f"/audits/{audit.pk}/capture/send/", {"uid": str(uuid4()), **fields})


def photo(name: str = "photo-1.jpg") -> SimpleUploadedFile:
    """A real picture of one pixel."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    png = (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0\0\0\0")) + chunk(b"IEND", b"")
    )
    return SimpleUploadedFile(name.replace(".jpg", ".png"), io.BytesIO(png).read(), "image/png")


def test_the_questions_come_with_their_latest_answers(phone: Client, audit: Audit) -> None:
    actions.answer_items(audit, [{"item": item(audit), "uid": uuid4(), "answer": "conforms", "evidence": "Seen"}], BY)
    found = phone.get(f"/audits/{audit.pk}/capture/data/").json()
    assert (found["open"], found["audit"], len(found["token"])) == (True, audit.pk, 64)
    rows = [(row["clause"], row["answer"], row["evidence"], row["by"]) for row in found["questions"]]
    assert rows == [("8.4", "conforms", "Seen", "Marta"), ("8.5", "", "", "")]


def test_an_answer_is_taken_in(phone: Client, audit: Audit, auditor: User) -> None:
    made_at = "2026-11-23T09:30:00Z"
    answer = send(phone, audit, question=item(audit).pk, answer="conforms", evidence="Log seen", made_at=made_at)
    assert answer.status_code == 200
    row = ChecklistAnswer.objects.get()
    assert (row.answer, row.evidence, row.answered_by, row.item) == ("conforms", "Log seen", auditor, item(audit))
    assert row.made_at is not None
    assert row.made_at.isoformat() == "2026-11-23T09:30:00+00:00"


def test_a_finding_comes_with_its_photos_and_answers_its_question(phone: Client, audit: Audit) -> None:
    photos = [photo("a.jpg"), photo("b.jpg")]
    answer = send(phone, audit, question=item(audit).pk, grade="minor", evidence="No log", place="Hall 2", photo=photos)
    assert answer.status_code == 200
    finding = Finding.objects.get()
    assert (finding.grade, finding.clause, finding.evidence, finding.place) == ("minor", "8.4", "No log", "Hall 2")
    assert Use.objects.filter(subject_type="finding", subject_id=finding.pk).count() == 2
    assert ChecklistAnswer.objects.get().answer == "finding"


def test_what_comes_twice_is_kept_once(phone: Client, audit: Audit) -> None:
    uid = str(uuid4())
    answers = [
        send(phone, audit, uid=uid, grade="major", clause="8.4", evidence="No log", photo=[photo()]) for _ in range(3)
    ]
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert len({answer.json()["kept"] for answer in answers}) == 1
    assert (Finding.objects.count(), Evidence.objects.count()) == (1, 1)
    assert Event.objects.filter(kind="finding.recorded").count() == 1


@pytest.mark.parametrize(
    ("fields", "status", "said"),
    [
        ({"grade": "minor", "clause": "8.4", "evidence": " "}, 422, "Write what you saw"),
        ({"grade": "minor", "evidence": "No log"}, 422, "Name the clause"),
        ({"grade": "huge", "clause": "8.4", "evidence": "No log"}, 422, "huge"),
        ({}, 422, "neither an answer nor a finding"),
        ({"question": 9_999_999, "answer": "conforms"}, 422, "not on the checklist any more"),
        ({"question": 10**30, "answer": "conforms"}, 422, "not on the checklist any more"),
        ({"uid": "x", "answer": "conforms"}, 422, "UUID"),
    ],
)
def test_what_cannot_be_taken_says_why(
    phone: Client, audit: Audit, fields: dict[str, Any], status: int, said: str
) -> None:
    answer = send(phone, audit, **fields)
    assert answer.status_code == status
    assert said in answer.json()["reason"]
    assert (Finding.objects.count(), ChecklistAnswer.objects.count()) == (0, 0)


def test_a_photo_that_is_none_keeps_nothing_of_its_finding(phone: Client, audit: Audit) -> None:
    wrong = SimpleUploadedFile("photo-1.jpg", b"<html>", "image/jpeg")
    answer = send(phone, audit, grade="minor", clause="8.4", evidence="No log", photo=[photo(), wrong])
    assert answer.status_code == 422
    assert (Finding.objects.count(), Evidence.objects.count()) == (0, 0)


def test_after_the_report_nothing_more_is_taken(phone: Client, audit: Audit) -> None:
    with clock.at(DAY):
        actions.cancel_audit(audit, "Strike", BY)
    answer = send(phone, audit, question=item(audit).pk, answer="conforms")
    assert answer.status_code == 409
    assert "ancelled" in answer.json()["reason"]


def test_a_session_that_has_ended_is_said_in_json(audit: Audit) -> None:
    answer = send(Client(), audit, question=item(audit).pk, answer="conforms")
    assert (answer.status_code, answer.json()["reason"]) == (401, "Sign in again; then it is sent.")
    assert Client().get(f"/audits/{audit.pk}/capture/data/").status_code == 401


def test_who_may_not_capture_is_told(organization: Organization, audit: Audit) -> None:
    client = Client()
    client.force_login(member(organization, "vi@halden.example", "Vi", Role.VIEWER))
    answer = send(client, audit, question=item(audit).pk, answer="conforms")
    assert answer.status_code == 403
    assert "may not" in answer.json()["reason"]
    assert client.get(f"/audits/{audit.pk}/capture/").status_code == 403


def test_an_audit_of_others_does_not_exist(other_organization: Organization, audit: Audit) -> None:
    client = Client()
    client.force_login(member(other_organization, "eva@ostrava.example", "Eva", Role.AUDITOR))
    foreign, missing = (send(client, row, answer="conforms") for row in (audit, Audit(pk=audit.pk + 1000)))
    assert (foreign.status_code, foreign.content) == (404, missing.content)


def test_without_a_token_nothing_is_taken(auditor: User, audit: Audit) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(auditor)
    assert send(client, audit, question=item(audit).pk, answer="conforms").status_code == 403
    token = client.get(f"/audits/{audit.pk}/capture/data/").json()["token"]
    body = {"uid": str(uuid4()), "question": item(audit).pk, "answer": "conforms"}
    sent = client.post(f"/audits/{audit.pk}/capture/send/", body, headers={"X-CSRFToken": token})
    assert sent.status_code == 200


def test_the_worker_is_limited_to_one_screen(phone: Client, audit: Audit) -> None:
    answer = phone.get(f"/audits/{audit.pk}/capture/worker.js")
    assert answer.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert "Service-Worker-Allowed" not in answer.headers
    assert "no-cache" in answer.headers["Cache-Control"]


def test_a_phone_can_put_the_screen_on_its_home_screen(phone: Client, audit: Audit) -> None:
    address = f"/audits/{audit.pk}/capture/"
    assert f'<link rel="manifest" href="{address}app.webmanifest"' in phone.get(address).content.decode()
    answer = phone.get(f"{address}app.webmanifest")
    assert answer.headers["Content-Type"] == "application/manifest+json"
    told = answer.json()
    assert (told["start_url"], told["scope"], told["short_name"]) == (address, address, str(audit))
    assert (told["display"], [icon["sizes"] for icon in told["icons"]]) == ("standalone", ["any"])
