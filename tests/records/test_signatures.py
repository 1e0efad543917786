"""Signatures: who signed exactly what, and what is refused (S26)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from html import unescape
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client

from accounts import clock
from accounts.models import Organization, User
from accounts.permissions import Role
from certifications import actions
from certifications.models import Certificate, Decision
from records.models import Event, HistoryPolicy, Signature
from records.policy import change_policy, policy_of
from records.signatures import ACTS, SignatureRequired, signatures_on
from tests.conftest import member
from tests.factories import BY, certificate
from tests.pages import problems, signed_in, text_of

TODAY = date(2026, 11, 23)


@pytest.fixture(autouse=True)
def autumn(acting: Organization) -> Iterator[None]:
    """It is 23 November 2026, and the organization asks for every signature there is."""
    HistoryPolicy.objects.create(organization=acting, signed=sorted(ACTS))
    with clock.at(TODAY):
        yield


@pytest.fixture
def row(acting: Organization) -> Certificate:
    return certificate(acting, scope="Welding", certified_on=date(2025, 10, 22), expires_on=date(2028, 10, 21))


@pytest.fixture
def browser(officer: User) -> Client:
    return signed_in(officer)


def address(row: Certificate) -> str:
    return f"/certificates/{row.pk}/decisions/new/suspend/"


GIVEN = {"decided_on_day": "20", "decided_on_month": "11", "decided_on_year": "2026", "reason": "Audit refused"}
PASSWORD = "marta@halden.example"


def read(browser: Client, row: Certificate) -> str:
    """Look at what the decision does and at what is signed; gives what the form carries."""
    page = browser.post(address(row), {**GIVEN, "step": "preview"})
    assert page.status_code == 200, problems(page)
    assert "You sign this" in text_of(page)
    return carried(page)


def carried(page: Any) -> str:
    found = re.search(r'name="signature_seen" value="([^"]+)"', page.content.decode())
    assert found
    return unescape(found[1])


def signs(browser: Client, row: Certificate, seen: str, password: str = PASSWORD, **changes: str) -> Any:
    sent = {**GIVEN, "step": "record", "signature_seen": seen, "signature_password": password, **changes}
    return browser.post(address(row), sent)


def refused(response: Any, sentence: str) -> None:
    assert response.status_code == 422
    assert [sentence in said for _, said in problems(response)] == [True]
    assert (Decision.objects.count(), Signature.objects.count()) == (0, 0)


def test_a_signature_keeps_who_when_what_it_means_and_what_was_on_the_screen(
    browser: Client, row: Certificate, officer: User
) -> None:
    assert signs(browser, row, read(browser, row)).status_code == 302
    kept = Signature.objects.get()
    assert (kept.signer, kept.signer_name, kept.signed_at.date()) == (officer, "Marta Zielińska", TODAY)
    assert kept.meaning == "I confirm that the certification body has taken this decision."
    assert kept.shown == [
        ["Certificate", "C1"],
        ["Standard", "ISO 9001"],
        ["Certification body", ""],
        ["Scope", "Welding"],
    ]
    assert kept.entered == {"kind": "suspend", "decided_on": "2026-11-20", "reason": "Audit refused"}
    event = Event.objects.get(kind="signature.given")
    assert (event.actor, event.after["content"]) == (officer, kept.content_hash)
    assert [signed.holds for signed in signatures_on(Decision.objects.get())] == [True]


@pytest.mark.parametrize("password", ["", "wrong", "per@halden.example"])
def test_a_wrong_password_or_that_of_somebody_else_signs_nothing(
    browser: Client, row: Certificate, manager: User, password: str
) -> None:
    refused(signs(browser, row, read(browser, row), password), "your password")


def test_after_five_wrong_passwords_a_session_signs_nothing_more(browser: Client, row: Certificate) -> None:
    for _ in range(5):
        refused(signs(browser, row, read(browser, row), "wrong"), "This is not your password.")
    refused(signs(browser, row, read(browser, row)), "Too many wrong passwords.")


def test_a_form_signs_once(browser: Client, row: Certificate) -> None:
    seen = read(browser, row)
    assert signs(browser, row, seen).status_code == 302
    again = signs(browser, row, seen, override="on")
    assert again.status_code == 422
    assert [said for _, said in problems(again)] == ["This form was signed already. Read the record again."]
    assert (Decision.objects.count(), Signature.objects.count()) == (1, 1)


def test_a_form_of_another_person_row_or_day_signs_nothing(
    browser: Client, row: Certificate, acting: Organization
) -> None:
    colleague = member(acting, "ola@halden.example", "Ola Nordmann", Role.COMPLIANCE_OFFICER)
    other = certificate(acting, "C2", expires_on=date(2028, 10, 21))
    refused(signs(browser, row, read(signed_in(colleague), row)), "Read it again and sign once more")
    refused(signs(browser, row, read(browser, other)), "Read it again and sign once more")
    refused(signs(browser, row, read(browser, row) + "x"), "Read it again and sign once more")


def test_what_changed_between_reading_and_signing_is_read_again(browser: Client, row: Certificate) -> None:
    seen = read(browser, row)
    actions.change_certificate(row, row.version, {"scope": "Welding and painting"}, BY)
    response = signs(browser, row, seen)
    refused(response, "The record has changed since you read it.")
    assert "Welding and painting" in text_of(response)
    assert signs(browser, row, carried(response)).status_code == 302


def test_a_record_changed_after_it_was_signed_shows_its_signature_as_broken(browser: Client, row: Certificate) -> None:
    signs(browser, row, read(browser, row))
    decision = Decision.objects.get()
    row.refresh_from_db()
    actions.change_certificate(row, row.version, {"scope": "Painting"}, BY)
    Decision.objects.update(reason="Another")
    decision = Decision.objects.get()
    assert [signed.changed for signed in signatures_on(decision)] == [("Scope", "reason")]


def test_a_signature_is_never_changed_or_deleted(browser: Client, row: Certificate) -> None:
    signs(browser, row, read(browser, row))
    for change in (lambda: Signature.objects.update(meaning="Other"), lambda: Signature.objects.all().delete()):
        with pytest.raises(DatabaseError, match=r"never changed|permission denied"), transaction.atomic():
            change()


def test_a_door_without_a_signature_says_what_to_do(row: Certificate) -> None:
    with pytest.raises(SignatureRequired, match="needs your signature"):
        actions.record_decision(row, {"kind": "suspend", "decided_on": TODAY}, BY)


def test_nothing_is_signed_where_the_organization_asks_for_nothing(
    browser: Client, row: Certificate, acting: Organization
) -> None:
    policy = policy_of(acting)
    change_policy(acting, policy.version, {"signed": []}, BY)
    assert "You sign this" not in text_of(browser.post(address(row), {**GIVEN, "step": "preview"}))
    assert browser.post(address(row), {**GIVEN, "step": "record"}).status_code == 302
    assert Signature.objects.count() == 0


def test_a_form_is_too_old_after_half_an_hour(
    browser: Client, row: Certificate, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = read(browser, row)
    monkeypatch.setattr("records.signatures.SECONDS", -1)
    refused(signs(browser, row, seen), "too old")
