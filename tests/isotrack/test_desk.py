"""My work: acting on a row where it stands."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts import clock
from accounts.models import Organization, User
from accounts.permissions import Role
from agenda.models import TimeRequest
from audits.actions import plan_audit
from certifications.models import Certificate
from isotrack.work import everyones_work, waiting_for
from nonconformities import actions as ncs
from nonconformities.models import CorrectiveAction, Nonconformity
from records.models import Event
from tests.conftest import member
from tests.factories import BY, certificate, nonconformity
from tests.pages import problems, queries_of, signed_in, text_of

TODAY = date(2026, 11, 23)


@pytest.fixture(autouse=True)
def autumn(acting: Organization) -> Iterator[None]:
    """It is 23 November 2026."""
    with clock.at(TODAY):
        yield


@pytest.fixture
def tomas(acting: Organization) -> User:
    """A contributor with one corrective action."""
    return member(acting, "tomas@halden.example", "Tomás Almeida", Role.CONTRIBUTOR)


@pytest.fixture
def action(acting: Organization, officer: User, tomas: User) -> CorrectiveAction:
    """Tomás must add the list by 30 November; the NC's certificate is suspended on 13 January unless it closes."""
    row = certificate(acting, "C1", certified_on=date(2025, 10, 22), expires_on=None, owner=officer)
    nc = nonconformity(acting, [row], "NC-1", raised_on=date(2026, 10, 14), owner=officer)
    return ncs.add_action(nc, {"description": "Add the list", "owner": tomas, "due_on": date(2026, 11, 30)}, BY)


def test_who_has_one_task_sees_that_alone(action: CorrectiveAction, tomas: User) -> None:
    page = signed_in(tomas).get("/queue/")
    assert "One thing waits for you." in text_of(page)
    assert "Team (" not in text_of(page)
    assert [task.key for _, found in page.context["groups"] for task in found] == [f"action-{action.pk}"]


def test_done_takes_one_press(action: CorrectiveAction, tomas: User) -> None:
    page = signed_in(tomas).post(f"/queue/action-{action.pk}/done/", follow=True)
    assert "Done: Add the list" in text_of(page)
    action.refresh_from_db()
    assert (action.state, action.done_on) == ("done", TODAY)


def test_who_comes_second_sees_who_was_faster(action: CorrectiveAction, tomas: User, officer: User) -> None:
    signed_in(officer).post(f"/queue/action-{action.pk}/done/")
    page = signed_in(tomas).post(f"/queue/action-{action.pk}/done/", follow=True)
    assert "Add the list Marta Zielińska · 23 Nov 2026, 12:00 UTC Done" in text_of(page)
    assert "Somebody else finished it meanwhile; nothing was changed." in text_of(page)


def test_work_is_handed_over_with_a_reason(action: CorrectiveAction, tomas: User, officer: User) -> None:
    browser = signed_in(tomas)
    assert "Hand over to" in text_of(browser.get(f"/queue/?open=action-{action.pk}&act=hand"))
    refused = browser.post(f"/queue/action-{action.pk}/hand/", {"person": officer.pk})
    assert (refused.status_code, problems(refused)) == (422, [("id_reason", "Say why you hand it over")])
    browser.post(f"/queue/action-{action.pk}/hand/", {"person": officer.pk, "reason": "On leave"})
    action.refresh_from_db()
    assert action.owner == officer
    event = Event.objects.get(kind="work.handed_over")
    assert (event.after, event.reason) == ({"to": "Marta Zielińska"}, "On leave")


@pytest.mark.parametrize("kind", ["nc", "certificate"])
def test_nonconformities_and_certificates_too(action: CorrectiveAction, officer: User, tomas: User, kind: str) -> None:
    row = action.nonconformity if kind == "nc" else Certificate.objects.get()
    signed_in(officer).post(f"/queue/{kind}-{row.pk}/hand/", {"person": tomas.pk, "reason": "Closer to it"})
    row.refresh_from_db()
    assert row.owner == tomas


def test_a_contributor_hands_no_certificate_over(action: CorrectiveAction, tomas: User) -> None:
    row = Certificate.objects.get()
    answer = signed_in(tomas).post(f"/queue/certificate-{row.pk}/hand/", {"person": tomas.pk, "reason": "x"})
    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("due_on", "said"),
    [
        ("2026-12-01", "After the next step of NC-1 is due, 13 Nov 2026; no certificate is lost by it."),
        ("2027-01-13", "Too late: ISO 9001 is suspended on 13 January 2027 before this day."),
    ],
)
def test_more_time_shows_what_it_does_before_it_is_asked(
    action: CorrectiveAction, tomas: User, due_on: str, said: str
) -> None:
    page = signed_in(tomas).post(f"/queue/action-{action.pk}/time/", {"due_on": due_on, "reason": "Parts are late"})
    assert said in text_of(page)
    assert TimeRequest.objects.count() == 0


def test_more_time_is_asked_answered_and_told(action: CorrectiveAction, tomas: User, officer: User) -> None:
    data = {"due_on": "2026-12-10", "reason": "Parts are late", "do": "ask"}
    signed_in(tomas).post(f"/queue/action-{action.pk}/time/", data)
    asked = TimeRequest.objects.get()
    again = signed_in(tomas).post(f"/queue/action-{action.pk}/time/", data)
    assert problems(again) == [("id_due_on", "More time was asked for already; it waits for an answer.")]
    browser = signed_in(officer)
    assert "Answer Tomás Almeida, who asks for time until 10 Dec 2026" in text_of(browser.get("/queue/"))
    browser.post(f"/queue/time/{asked.pk}/", {"answer": "grant"})
    action.refresh_from_db()
    assert action.due_on == date(2026, 12, 10)
    late = browser.post(f"/queue/time/{asked.pk}/", {"answer": "refuse"}, follow=True)
    assert "This request was answered already." in text_of(late)
    kinds = Event.objects.filter(kind__startswith="time.").order_by("number").values_list("kind", flat=True)
    assert list(kinds) == ["time.asked", "time.granted"]


def test_who_asks_does_not_answer(action: CorrectiveAction, tomas: User) -> None:
    data = {"due_on": "2026-12-10", "reason": "x", "do": "ask"}
    signed_in(tomas).post(f"/queue/action-{action.pk}/time/", data)
    asked = TimeRequest.objects.get()
    assert signed_in(tomas).post(f"/queue/time/{asked.pk}/", {"answer": "grant"}).status_code == 403


@pytest.mark.parametrize("address", ["action-9999/hand/", "party-1/hand/", "action-x/done/", "time/99/"])
def test_what_is_not_there_does_not_exist(officer: User, address: str) -> None:
    assert signed_in(officer).post(f"/queue/{address}", {}).status_code == 404


def test_the_navigation_counts_what_the_page_shows(
    action: CorrectiveAction, acting: Organization, officer: User, tomas: User
) -> None:
    other = certificate(acting, "C2", standard="ISO 14001", expires_on=date(2027, 3, 1), owner=officer)
    certificate(acting, "C3", standard="ISO 45001", expires_on=date(2027, 4, 1), owner=tomas)
    nonconformity(acting, [other], "NC-2", grade="minor", raised_on=date(2026, 11, 1), owner=officer)
    plan_audit(acting, {"number": "A-1", "kind": "internal", "planned_on": date(2026, 12, 1)}, [other], BY)
    for person in (officer, tomas):
        shown = [task for task in everyones_work(TODAY) if task.is_of(person.pk)]
        assert waiting_for(person.pk, TODAY) == {"work": len(shown), "certificates": 3, "ncs": 2}, person
    assert Nonconformity.objects.count() == 2


def test_counting_is_one_query(action: CorrectiveAction, officer: User) -> None:
    with CaptureQueriesContext(connection) as captured:
        waiting_for(officer.pk, TODAY)
    assert len(captured) == 1


def test_an_open_row_costs_two_queries(action: CorrectiveAction, officer: User) -> None:
    browser: Client = signed_in(officer)
    plain = queries_of(browser, "/queue/?who=team")
    assert queries_of(browser, f"/queue/?who=team&open=action-{action.pk}&act=hand") <= plain + 2
