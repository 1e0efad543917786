"""Moving an audit moves the deadlines that hang on it, and says so before and after."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.test import Client

from accounts import clock
from accounts.models import Organization, User
from audits import actions
from audits.models import Audit
from audits.programme.moving import moved_again, moved_with
from certifications.models import Certificate
from nonconformities.models import Nonconformity
from tests.factories import BY, certificate, nonconformity
from tests.pages import signed_in, text_of

TODAY = date(2026, 6, 11)


@pytest.fixture(autouse=True)
def june(acting: Organization) -> Iterator[None]:
    """It is 11 June 2026."""
    with clock.at(TODAY):
        yield


@pytest.fixture
def row(acting: Organization) -> Certificate:
    """ISO 9001 with a surveillance that may be held until August 2027."""
    return certificate(acting, certified_on=date(2026, 5, 4))


def planned(acting: Organization, row: Certificate, number: str, on: date) -> Audit:
    fields = {"number": number, "kind": "surveillance", "planned_on": on, "planned_until": on}
    return actions.plan_audit(acting, fields, [row], BY)


@pytest.fixture
def audit(acting: Organization, row: Certificate) -> Audit:
    """The next audit, on 1 March 2027."""
    return planned(acting, row, "S1", date(2027, 3, 1))


@pytest.fixture
def minor(acting: Organization, row: Certificate) -> Nonconformity:
    """To be closed by the next audit."""
    return nonconformity(acting, [row], "NC-7", grade="minor", raised_on=date(2026, 5, 20))


def body(row: Certificate, on: str, **more: Any) -> dict[str, Any]:
    given = {"number": "S1", "kind": "surveillance", "certificates": [row.pk], "planned_on": on, "version": 1}
    return {**given, "method": "on_site", **more}


@pytest.fixture
def browser(officer: User) -> Client:
    """The compliance officer's."""
    return signed_in(officer)


def test_the_deadlines_are_shown_before_anything_is_saved(
    audit: Audit, minor: Nonconformity, row: Certificate, browser: Client
) -> None:
    page = browser.post(f"/audits/{audit.pk}/edit/", body(row, "2027-04-15"))
    assert page.status_code == 200
    assert "NC-7 , ISO 9001: 1 Mar 2027 becomes 15 Apr 2027" in text_of(page)
    audit.refresh_from_db()
    assert audit.planned_on == date(2027, 3, 1)
    assert page.context["form"]["moves_seen"].value() == "2027-04-15"


def test_seen_once_they_move_with_the_audit(
    audit: Audit, minor: Nonconformity, row: Certificate, browser: Client
) -> None:
    seen = body(row, "2027-04-15", moves_seen="2027-04-15")
    page = browser.post(f"/audits/{audit.pk}/edit/", seen, follow=True)
    assert "Changes of S1 are saved. 1 deadline moved with it." in text_of(page)
    audit.refresh_from_db()
    assert audit.planned_on == date(2027, 4, 15)


def test_another_day_than_the_one_seen_is_shown_anew(
    audit: Audit, minor: Nonconformity, row: Certificate, browser: Client
) -> None:
    page = browser.post(f"/audits/{audit.pk}/edit/", body(row, "2027-05-02", moves_seen="2027-04-15"))
    assert "1 Mar 2027 becomes 2 May 2027" in text_of(page)


def test_a_change_that_moves_no_day_is_saved_at_once(
    audit: Audit, minor: Nonconformity, row: Certificate, browser: Client
) -> None:
    unmoved = body(row, "2027-03-01", planned_until="2027-03-01", note="Bring boots")
    page = browser.post(f"/audits/{audit.pk}/edit/", unmoved, follow=True)
    assert "Changes of S1 are saved." in text_of(page)
    assert "moved with it" not in text_of(page)


def test_where_another_audit_comes_first_nothing_moves(
    acting: Organization, audit: Audit, minor: Nonconformity, row: Certificate
) -> None:
    planned(acting, row, "S0", date(2027, 1, 11))
    assert moved_with(audit, date(2027, 4, 15)) == []
    [move] = moved_with(audit, date(2026, 12, 1))
    assert (move.before, move.after) == (date(2027, 1, 11), date(2026, 12, 1))


def test_cancelling_says_which_deadlines_lose_their_day(audit: Audit, minor: Nonconformity, browser: Client) -> None:
    page = browser.get(f"/audits/{audit.pk}/cancel/")
    assert "NC-7 , ISO 9001: 1 Mar 2027 becomes no audit planned" in text_of(page)


def test_an_audit_planned_again_shows_the_deadlines_that_get_a_day(
    audit: Audit, minor: Nonconformity, browser: Client
) -> None:
    actions.cancel_audit(audit, "The auditor is ill", BY)
    days = {"planned_on": "2027-05-04", "planned_until": "2027-05-05"}
    page = browser.post(f"/audits/{audit.pk}/plan-again/", days)
    assert "NC-7 , ISO 9001: no audit planned becomes 5 May 2027" in text_of(page)
    assert "Nothing is saved yet." in text_of(page)
    assert Audit.objects.get(pk=audit.pk).state == "cancelled"

    browser.post(f"/audits/{audit.pk}/plan-again/", {**days, "moves_seen": "2027-05-05"})
    assert Audit.objects.get(pk=audit.pk).state == "planned"


def test_an_audit_that_does_not_take_place_moves_nothing(audit: Audit, minor: Nonconformity) -> None:
    audit = actions.cancel_audit(audit, "The auditor is ill", BY)
    assert moved_with(audit, date(2027, 5, 4)) == []
    assert [move.nonconformity for move in moved_again(audit, date(2027, 5, 4))] == [minor]


def test_where_another_audit_comes_first_planning_again_gives_no_day(
    acting: Organization, audit: Audit, minor: Nonconformity, row: Certificate
) -> None:
    planned(acting, row, "S0", date(2027, 1, 11))
    audit = actions.cancel_audit(audit, "The auditor is ill", BY)
    assert moved_again(audit, date(2027, 5, 4)) == []
