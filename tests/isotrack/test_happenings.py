"""Recording an event of a certificate in one step, with its effect before it is saved."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.test import Client

from accounts import clock
from accounts.models import Organization, User
from accounts.permissions import Role
from audits.actions import plan_audit
from audits.models import Audit
from certifications import actions
from certifications.models import Certificate
from nonconformities.models import Extension, Nonconformity
from records.models import Event
from tests.conftest import member
from tests.factories import BY, certificate, nonconformity
from tests.pages import problems, says_beside, signed_in, text_of

TODAY = date(2026, 11, 23)


@pytest.fixture(autouse=True)
def autumn(acting: Organization) -> Iterator[None]:
    """It is 23 November 2026."""
    with clock.at(TODAY):
        yield


@pytest.fixture
def gdansk(acting: Organization, officer: User) -> Certificate:
    """ISO/IEC 27001 at Gdańsk plant with the major NC-0142 of 14 October 2026: suspended on 13 January 2027."""
    site = actions.add_site(acting, {"name": "Gdańsk plant"}, BY)
    row = certificate(
        acting, "NHC-5521", standard="ISO/IEC 27001", edition="2022", certified_on=date(2025, 10, 22), expires_on=None,
        sites=[site], scope="Motors", owner=officer,
    )  # fmt: skip
    nonconformity(acting, [row], "NC-0142", raised_on=date(2026, 10, 14))
    row.refresh_from_db()
    return row


@pytest.fixture
def browser(officer: User) -> Client:
    return signed_in(officer)


def moved(answer: Any) -> dict[str, tuple[str, str]]:
    return {row.name: (row.before, row.after) for row in answer.context["effect"] if row.moved}


def post(browser: Client, row: Certificate, what: str, record: bool = False, **data: Any) -> Any:
    pressed = {"do": "record" if record else "preview"}
    return browser.post(f"/certificates/{row.pk}/events/new/{what}/", {**data, **pressed}, follow=record)


def test_the_page_offers_every_kind_and_what_the_body_can_decide(browser: Client, gdansk: Certificate) -> None:
    text = text_of(browser.get(f"/certificates/{gdansk.pk}/events/new/"))
    for words in ("An audit was held", "A nonconformity was raised", "A later date was granted", "Scope or sites"):
        assert words in text
    assert "Suspend" in text
    assert "Lift the suspension" not in text


def test_a_later_date_is_looked_at_and_then_recorded(browser: Client, gdansk: Certificate) -> None:
    nc = Nonconformity.objects.get()
    data = {"nonconformity": nc.pk, "step": "closure", "granted_on": "2026-11-23", "due_on": "2027-02-15"}
    seen = post(browser, gdansk, "extension", **data)
    assert moved(seen)["Next loss"] == ("Suspended on 13 Jan 2027", "Suspended on 16 Feb 2027")
    assert Extension.objects.count() == 0
    gdansk.refresh_from_db()
    assert gdansk.next_loss_on == date(2027, 1, 13)
    post(browser, gdansk, "extension", True, **data)
    gdansk.refresh_from_db()
    assert gdansk.next_loss_on == date(2027, 2, 16)


def test_looking_writes_nothing(browser: Client, gdansk: Certificate) -> None:
    before = Event.objects.count()
    answer = post(browser, gdansk, "nonconformity", title="Labels", grade="major", raised_on="2026-11-01")
    assert answer.status_code == 200
    assert (Event.objects.count(), Nonconformity.objects.count()) == (before, 1)


def test_a_raised_nonconformity_gets_the_next_number(browser: Client, gdansk: Certificate) -> None:
    page = post(browser, gdansk, "nonconformity", True, title="Labels", grade="minor", raised_on="2026-11-01")
    assert "“A nonconformity was raised” is recorded for NHC-5521." in text_of(page)
    assert Nonconformity.objects.get(title="Labels").number == "NC-0143"


def test_a_booked_audit_is_held_and_another_is_added(
    browser: Client, gdansk: Certificate, acting: Organization
) -> None:
    booked = plan_audit(
        acting, {"number": "A-7", "kind": "surveillance", "planned_on": date(2026, 11, 18)}, [gdansk], BY
    )
    post(browser, gdansk, "audit", True, audit=booked.pk, kind="surveillance", ended_on="2026-11-18")
    booked.refresh_from_db()
    assert (booked.state, booked.ended_on) == ("held", date(2026, 11, 18))
    post(browser, gdansk, "audit", True, kind="special", ended_on="2026-11-20")
    assert list(Audit.objects.order_by("pk").values_list("number", "kind")) == [
        ("A-7", "surveillance"),
        ("A-8", "special"),
    ]


def test_a_held_surveillance_meets_its_deadline(browser: Client, acting: Organization) -> None:
    row = certificate(acting, "C9", certified_on=date(2025, 12, 20), expires_on=None, audit_history="complete")
    seen = post(browser, row, "audit", kind="surveillance", ended_on="2026-11-20")
    assert moved(seen)["Next loss"][0].startswith("Suspended on")
    assert moved(seen)["Hold the first surveillance audit"][1] == "–"


def test_what_a_certificate_covers_changes_with_a_reason(browser: Client, gdansk: Certificate) -> None:
    data = {"scope": "Motors and drives", "sites": [gdansk.sites.get().pk], "version": gdansk.version}
    refused = post(browser, gdansk, "scope", **data)
    assert problems(refused) == [("id_reason", "Say why the scope changes")]
    post(browser, gdansk, "scope", True, **data, reason="Extension audit")
    gdansk.refresh_from_db()
    assert gdansk.scope == "Motors and drives"
    again = post(browser, gdansk, "scope", True, **{**data, "scope": "Mine"}, reason="Late")
    assert again.status_code == 409
    assert "Someone else saved this meanwhile" in text_of(again)
    assert "Motors and drives Mine" in text_of(again)


def test_impossible_days_are_refused_in_words(browser: Client, gdansk: Certificate) -> None:
    late = post(browser, gdansk, "notice", kind="incident", happened_on="2026-11-24")
    assert (late.status_code, says_beside(late, "id_happened_on")) == (422, "This day has not come yet.")
    none = post(browser, gdansk, "audit", kind="surveillance", ended_on="2026-02-31")
    assert says_beside(none, "id_ended_on") == "Last day: enter a date that exists, like 2027-01-12"


def test_an_unknown_kind_does_not_exist(browser: Client, gdansk: Certificate) -> None:
    assert browser.get(f"/certificates/{gdansk.pk}/events/new/party/").status_code == 404


def test_each_kind_asks_its_own_right(gdansk: Certificate, acting: Organization) -> None:
    auditor = signed_in(member(acting, "jo@halden.example", "Jo", Role.AUDITOR))
    assert auditor.get(f"/certificates/{gdansk.pk}/events/new/audit/").status_code == 200
    assert auditor.get(f"/certificates/{gdansk.pk}/events/new/scope/").status_code == 403
    assert "Scope or sites" not in text_of(auditor.get(f"/certificates/{gdansk.pk}/events/new/"))
