"""The page of one task, as a mail opens it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from django.test import Client

from accounts import clock
from accounts.models import Membership, Organization, Site, User
from accounts.permissions import Role
from agenda.models import TimeRequest
from audits.actions import cancel_audit, plan_audit
from certifications.models import CertificateSite
from nonconformities import actions as ncs
from nonconformities.models import CorrectiveAction
from tests.conftest import member
from tests.factories import BY, certificate, nonconformity
from tests.pages import problems, signed_in, text_of

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
    plan_audit(acting, {"kind": "surveillance", "number": "A-1", "planned_on": date(2027, 1, 10)}, [row], BY)
    return ncs.add_action(nc, {"description": "Add the list", "owner": tomas, "due_on": date(2026, 11, 30)}, BY)


@pytest.fixture
def browser(tomas: User) -> Client:
    """Where Tomás opens his mail."""
    return signed_in(tomas)


def test_a_nonconformity_says_what_to_do_by_when_and_what_comes_of_it(action: CorrectiveAction, officer: User) -> None:
    page = signed_in(officer).get(f"/queue/nc-{action.nonconformity_id}/")
    text = text_of(page)
    assert "Submit root cause and plan for NC-1" in text
    assert "If it stays open: ISO 9001, C1 Suspended 13 Jan 2027 , in 51 days" in text
    assert f'href="/ncs/{action.nonconformity_id}/"' in page.content.decode()


def test_other_work_is_only_counted(action: CorrectiveAction, officer: User, browser: Client) -> None:
    assert "Nothing else is waiting for you." in text_of(browser.get(f"/queue/action-{action.pk}/"))
    page = text_of(signed_in(officer).get(f"/queue/nc-{action.nonconformity_id}/"))
    assert "1 other thing waits for you" in page
    assert "A-1" not in page


def test_done_stays_on_the_page_and_says_who_and_when(action: CorrectiveAction, browser: Client) -> None:
    page = browser.post(f"/queue/action-{action.pk}/done/?alone=1", follow=True)
    assert page.redirect_chain == [(f"/queue/action-{action.pk}/", 302)]
    assert "Finished by Tomás Almeida, 23 Nov 2026, 12:00 UTC." in text_of(page)
    action.refresh_from_db()
    assert (action.state, action.done_on) == ("done", TODAY)


def test_it_is_handed_over_where_it_stands(action: CorrectiveAction, browser: Client, officer: User) -> None:
    path = f"/queue/action-{action.pk}/"
    assert "Hand over to" in text_of(browser.get(path, {"act": "hand"}))
    refused = browser.post(f"{path}hand/?alone=1", {"person": officer.pk})
    assert (refused.status_code, problems(refused)) == (422, [("id_reason", "Say why you hand it over")])
    assert "Nothing else is waiting for you." in text_of(refused)
    browser.post(f"{path}hand/?alone=1", {"person": officer.pk, "reason": "On leave"})
    action.refresh_from_db()
    assert action.owner == officer


def test_time_is_asked_for_where_it_stands(action: CorrectiveAction, browser: Client) -> None:
    given = {"due_on": "2026-12-20", "reason": "Supplier is late", "do": "ask"}
    browser.post(f"/queue/action-{action.pk}/time/?alone=1", given)
    assert TimeRequest.objects.get().reason == "Supplier is late"


def test_each_kind_of_task_has_its_page(action: CorrectiveAction, officer: User, browser: Client) -> None:
    given = {"due_on": "2026-12-20", "reason": "Supplier is late", "do": "ask"}
    browser.post(f"/queue/action-{action.pk}/time/?alone=1", given)
    certified = action.nonconformity.certificate_links.get().certificate
    keys = {
        f"certificate-{certified.pk}": "Submit root cause and plan for NC-1 ISO 9001",
        f"audit-{certified.audits.get().pk}": "Surveillance audit A-1",
        f"time-{TimeRequest.objects.get().pk}": "Answer Tomás Almeida, who asks for time until 20 Dec 2026",
    }
    theirs = signed_in(officer)
    for key, name in keys.items():
        assert name in text_of(theirs.get(f"/queue/{key}/"))


def test_what_needs_nothing_any_more_leads_to_its_record(action: CorrectiveAction, officer: User) -> None:
    audit = action.nonconformity.certificate_links.get().certificate.audits.get()
    cancel_audit(audit, "The body has no auditor", BY)
    page = signed_in(officer).get(f"/queue/audit-{audit.pk}/")
    assert "The task this link led to is finished or no longer needed." in text_of(page)
    assert f'href="/audits/{audit.pk}/"' in page.content.decode()


@pytest.mark.parametrize("key", ["nc-999", "nc-x", "nc", "boat-1", "nc-99999999999999999999", "nc-\u0665"])
def test_what_is_not_there_is_not_found(officer: User, key: str) -> None:
    assert signed_in(officer).get(f"/queue/{key}/").status_code == 404


def test_what_is_out_of_reach_is_not_found(action: CorrectiveAction, acting: Organization) -> None:
    other = member(acting, "other@halden.example", "Other", Role.CONTRIBUTOR)
    assert signed_in(other).get(f"/queue/action-{action.pk}/").status_code == 404


def test_a_certificate_is_shown_to_whom_its_nonconformity_is_out_of_reach(
    action: CorrectiveAction, acting: Organization
) -> None:
    here, there = (Site.objects.create(organization=acting, name=name) for name in ("Porto", "Gdańsk"))
    found = action.nonconformity
    certified = found.certificate_links.get().certificate
    CertificateSite.objects.create(organization=acting, certificate=certified, site=here)
    type(found).objects.filter(pk=found.pk).update(site=there)
    limited = member(acting, "here@halden.example", "Here", Role.MANAGER)
    Membership.objects.filter(user=limited).update(limits={"sites": [here.pk]})
    page = signed_in(limited).get(f"/queue/certificate-{certified.pk}/")
    assert page.status_code == 200
    assert "If it stays open" not in text_of(page)
