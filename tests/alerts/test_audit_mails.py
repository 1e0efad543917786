"""Mails about an audit: who gets them, once, in their language, and not when they are no longer true."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.core import mail

from accounts import clock
from accounts.models import Membership, Organization, Site, User
from accounts.permissions import Role
from alerts.audit_letters import KINDS
from alerts.deliver import deliver
from audits import actions
from audits.models import Audit
from certifications.models import Certificate
from followup.actions import issue_report
from records.models import Message
from records.record import Actor
from tests.conftest import member
from tests.factories import BY, certificate, nonconformity
from tests.pages import signed_in, text_of

TODAY = date(2026, 6, 11)
DAYS = {"planned_on": date(2027, 3, 1), "planned_until": date(2027, 3, 2)}


@pytest.fixture(autouse=True)
def june(acting: Organization) -> Iterator[None]:
    """It is 11 June 2026."""
    with clock.at(TODAY):
        yield


@pytest.fixture
def lead(acting: Organization) -> User:
    """The lead auditor."""
    return member(acting, "jo@halden.example", "Josephine Okafor", Role.AUDITOR)


@pytest.fixture
def row(acting: Organization, officer: User) -> Certificate:
    """ISO 9001 at Porto, Marta's."""
    porto = Site.objects.create(organization=acting, name="Porto")
    return certificate(acting, certified_on=date(2026, 5, 4), owner=officer, sites=[porto])


@pytest.fixture
def audit(acting: Organization, row: Certificate, lead: User) -> Audit:
    """A surveillance on 1 and 2 March 2027 with its lead, of which nothing has been told yet."""
    planned = actions.plan_audit(acting, {"number": "S1", "kind": "surveillance", **DAYS}, [row], BY)
    actions.add_member(planned, {"user": lead, "role": "lead"}, BY)
    Message.objects.all().delete()
    planned.refresh_from_db()
    return planned


def sent() -> dict[str, Any]:
    """The mails that have gone out, by reader."""
    mail.outbox.clear()
    deliver()
    return {letter.to[0].partition("<")[2].rstrip(">"): letter for letter in mail.outbox}


def test_a_new_member_of_the_team_is_told(audit: Audit, officer: User, acting: Organization) -> None:
    technical = member(acting, "per@halden.example", "Per Lund", Role.AUDITOR)
    actions.add_member(audit, {"user": technical, "role": "expert"}, Actor.person(officer))
    letters = sent()
    assert list(letters) == ["per@halden.example"]
    letter = letters["per@halden.example"]
    assert letter.subject == "You are on the team of audit S1 (ISO 9001)"
    assert "as Technical expert. It is planned for 1 March 2027 – 2 March 2027." in letter.body
    assert f"/audits/{audit.pk}/" in letter.body
    assert "You get this because you are on the team of audit S1." in letter.body


def test_who_adds_themselves_gets_no_mail(audit: Audit, acting: Organization) -> None:
    own = member(acting, "own@halden.example", "Own", Role.AUDITOR)
    actions.add_member(audit, {"user": own, "role": "auditor"}, Actor.person(own))
    assert sent() == {}


def test_who_has_left_the_team_is_told_nothing(audit: Audit, acting: Organization) -> None:
    technical = member(acting, "per@halden.example", "Per Lund", Role.AUDITOR)
    actions.remove_member(actions.add_member(audit, {"user": technical, "role": "expert"}, BY), BY)
    assert sent() == {}


def test_confirmed_days_go_to_the_team_and_to_the_owners(audit: Audit) -> None:
    actions.confirm_audit(audit, BY)
    letters = sent()
    assert sorted(letters) == ["jo@halden.example", "marta@halden.example"]
    assert letters["jo@halden.example"].subject == "Confirmed: audit S1 (ISO 9001) on 1 March 2027 – 2 March 2027"
    assert "because you own a certificate that audit S1 covers" in letters["marta@halden.example"].body


def test_whoever_did_it_knows(audit: Audit, officer: User) -> None:
    actions.confirm_audit(audit, Actor.person(officer))
    assert list(sent()) == ["jo@halden.example"]


def test_new_days_are_told_with_the_old_ones(audit: Audit, row: Certificate, acting: Organization) -> None:
    nonconformity(acting, [row], "NC-7", grade="minor", raised_on=date(2026, 5, 20))
    Message.objects.all().delete()
    later = {"planned_on": date(2027, 4, 12), "planned_until": None}
    actions.change_audit(audit, audit.version, later, BY)
    letter = sent()["jo@halden.example"]
    assert letter.subject == "Moved: audit S1 (ISO 9001) is now on 12 April 2027"
    assert "Audit S1 (ISO 9001) was moved from 1 March 2027 – 2 March 2027 to 12 April 2027." in letter.body
    assert "1 deadline moves with it" in letter.body


def test_moved_twice_before_the_mail_leaves_tells_the_last_days_only(audit: Audit) -> None:
    for month in (4, 5):
        actions.change_audit(audit, audit.version, {"planned_on": date(2027, month, 12), "planned_until": None}, BY)
    letters = sent()
    assert letters["jo@halden.example"].subject.endswith("12 May 2027")
    assert len(mail.outbox) == 2


def test_a_change_of_other_facts_is_not_told(audit: Audit) -> None:
    actions.change_audit(audit, audit.version, {"note": "Bring boots", **DAYS}, BY)
    assert sent() == {}


def test_a_cancelled_audit_says_why_and_one_planned_again_says_when(audit: Audit) -> None:
    actions.cancel_audit(audit, "The body has no auditor", BY)
    letter = sent()["jo@halden.example"]
    assert letter.subject == "Cancelled: audit S1 (ISO 9001)"
    assert "Reason: The body has no auditor" in letter.body
    actions.plan_again(audit, date(2027, 6, 1), BY)
    assert sent()["jo@halden.example"].subject == "Moved: audit S1 (ISO 9001) is now on 1 June 2027"


def test_an_audit_planned_again_tells_which_deadlines_come_back(
    audit: Audit, row: Certificate, acting: Organization
) -> None:
    nonconformity(acting, [row], "NC-7", grade="minor", raised_on=date(2026, 5, 20))
    actions.cancel_audit(audit, "The body has no auditor", BY)
    sent()
    actions.plan_again(audit, date(2027, 6, 1), BY)
    assert "1 deadline moves with it" in sent()["jo@halden.example"].body


def test_a_report_is_told_with_what_it_holds(audit: Audit) -> None:
    held = actions.hold_audit(audit, date(2026, 6, 10), BY, date(2026, 6, 9))
    issue_report(held, TODAY, BY)
    letter = sent()["marta@halden.example"]
    assert letter.subject == "Report issued: audit S1 (ISO 9001), 0 nonconformities"
    assert f"/audits/{audit.pk}/report/" in letter.body


def test_days_that_are_past_are_not_told(acting: Organization, row: Certificate) -> None:
    past = {"number": "S0", "kind": "surveillance", "planned_on": date(2026, 6, 1)}
    actions.confirm_audit(actions.plan_audit(acting, past, [row], BY), BY)
    assert sent() == {}


def test_each_reader_reads_it_in_their_language(audit: Audit, lead: User) -> None:
    lead.language = "de"
    lead.save()
    actions.confirm_audit(audit, BY)
    assert "1 März 2027" in sent()["jo@halden.example"].body


def test_who_does_not_see_the_audit_any_more_is_told_nothing(audit: Audit, lead: User, acting: Organization) -> None:
    actions.confirm_audit(audit, BY)
    guest = Membership.objects.get(user=lead)
    guest.role, guest.limits = Role.GUEST_AUDITOR, {"audits": []}
    guest.save()
    assert list(sent()) == ["marta@halden.example"]


def test_every_kind_of_message_has_words_in_the_outbox(audit: Audit, officer: User) -> None:
    for kind in (*KINDS, "grade", "head", "evidence_expiry", "guest_audit"):
        Message.objects.create(
            organization_id=audit.organization_id, key=kind, kind=kind, recipient=officer, subject_type="audit",
            subject_id=audit.pk, payload={"title": "S1"}, created_at=clock.now(), next_at=clock.now(),
        )  # fmt: skip
    page = text_of(signed_in(officer).get("/outbox/"))
    assert "New days of S1" in page
    assert "Grade of a nonconformity of S1" in page
