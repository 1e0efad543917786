"""Guest auditors: invited to one audit by mail, see that audit alone, and lose sight of it when it is over."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.test import Client

from access.actions import accept
from access.models import Invitation
from accounts import clock, tenancy
from accounts.models import Membership, Organization, User
from accounts.permissions import Role
from alerts.deliver import deliver
from audits.actions import cancel_audit, close_audit, hold_audit, plan_audit, refuse_audit, report_audit
from audits.models import Audit
from records.models import Event
from tests.access.test_invitations import NEW, link_in
from tests.conftest import member
from tests.factories import BY, certificate
from tests.pages import problems, signed_in, text_of

MAIL = "ida@outside.example"


@pytest.fixture
def browser(organization: Organization) -> Client:
    """A compliance officer."""
    return signed_in(member(organization, "olga@halden.example", "Olga Ost", Role.COMPLIANCE_OFFICER))


@pytest.fixture
def audits(organization: Organization) -> list[Audit]:
    """Two audits of two certificates."""
    with tenancy.acting_in(organization), clock.at(date(2026, 4, 1)):
        days = {"kind": "surveillance", "planned_on": date(2026, 4, 7)}
        return [
            plan_audit(organization, {"number": f"A-{n}", **days}, [certificate(organization, f"C{n}")], BY)
            for n in (1, 2)
        ]


def invite(browser: Client, audit: Audit, email: str = MAIL) -> Any:
    return browser.post(f"/audits/{audit.pk}/guests/", {"email": email, "full_name": "Ida Berg"})


def joined(browser: Client, audit: Audit, outbox: Any) -> Client:
    """The guest after accepting the invitation of the mail."""
    assert invite(browser, audit).status_code == 302
    deliver()
    guest = Client()
    answer = guest.post(link_in(outbox[-1]), NEW)
    assert answer.headers["Location"] == f"/audits/{audit.pk}/"
    return guest


def limits(email: str = MAIL) -> Any:
    with tenancy.across_organizations():
        return Membership.objects.filter(user__email=email).values_list("role", "limits").first()


def test_a_guest_joins_by_the_mail_and_sees_that_audit_alone(
    browser: Client, audits: list[Audit], mailoutbox: Any
) -> None:
    mine, other = audits
    guest = joined(browser, mine, mailoutbox)
    assert "lets you see audit A-1 until it is over" in mailoutbox[-1].body
    assert limits() == ("guest_auditor", {"audits": [mine.pk]})
    assert guest.get(f"/audits/{mine.pk}/").status_code == 200
    assert guest.get(f"/audits/{mine.pk}/findings/").status_code == 200
    assert guest.get(f"/audits/{other.pk}/").status_code == 404
    assert "A-2" not in text_of(guest.get("/audits/"))
    assert guest.get(f"/audits/{mine.pk}/guests/").status_code == 403
    assert "Guests" not in text_of(guest.get(f"/audits/{mine.pk}/"))


def test_the_page_tells_who_sees_the_audit_and_who_is_invited(
    browser: Client, audits: list[Audit], mailoutbox: Any
) -> None:
    page = f"/audits/{audits[0].pk}/guests/"
    assert "Nobody from outside sees this audit." in text_of(browser.get(page))
    joined(browser, audits[0], mailoutbox)
    invite(browser, audits[0], "ben@outside.example")
    said = text_of(browser.get(page))
    assert "Ida Berg" in said and "sees the audit" in said
    assert "ben@outside.example" in said and "invited" in said


def test_a_guest_of_one_audit_is_let_into_another_by_a_mail(
    browser: Client, audits: list[Audit], mailoutbox: Any
) -> None:
    guest = joined(browser, audits[0], mailoutbox)
    assert invite(browser, audits[1], MAIL.upper()).status_code == 302
    deliver()
    assert mailoutbox[-1].subject == "Halden Group lets you see audit A-2"
    assert f"/audits/{audits[1].pk}/" in mailoutbox[-1].body
    assert guest.get(f"/audits/{audits[1].pk}/").status_code == 200
    assert problems(invite(browser, audits[1])) == [("id_email", "Ida Berg sees this audit already.")]


def test_an_open_invitation_takes_a_second_audit(browser: Client, audits: list[Audit], mailoutbox: Any) -> None:
    invite(browser, audits[0])
    deliver()
    early = link_in(mailoutbox[-1])
    invite(browser, audits[1])
    deliver()
    assert "lets you see audit A-1, A-2 until" in mailoutbox[-1].body
    assert Client().get(early).status_code == 410
    Client().post(link_in(mailoutbox[-1]), NEW)
    assert limits() == ("guest_auditor", {"audits": [audit.pk for audit in audits]})


def test_a_member_is_no_guest(browser: Client, audits: list[Audit], officer: User) -> None:
    said = f"{officer} belongs to your organization. Add them to the team of the audit instead."
    assert problems(invite(browser, audits[0], officer.email)) == [("id_email", said)]


def test_ending_takes_the_sight_of_one_audit_and_the_last_end_the_place(
    browser: Client, audits: list[Audit], mailoutbox: Any, organization: Organization
) -> None:
    guest = joined(browser, audits[0], mailoutbox)
    invite(browser, audits[1])
    with tenancy.across_organizations():
        pk = Membership.objects.get(user__email=MAIL).pk
    browser.post(f"/audits/{audits[0].pk}/guests/{pk}/end/")
    assert guest.get(f"/audits/{audits[0].pk}/").status_code == 404
    assert guest.get(f"/audits/{audits[1].pk}/").status_code == 200
    assert browser.post(f"/audits/{audits[0].pk}/guests/{pk}/end/").status_code == 404
    browser.post(f"/audits/{audits[1].pk}/guests/{pk}/end/")
    assert limits() is None
    with tenancy.acting_in(organization):
        kinds = Event.objects.filter(subject_type="user").order_by("number").values_list("kind", flat=True)
        assert list(kinds)[-2:] == ["member.limits", "member.removed"]


def test_an_invitation_is_taken_back(browser: Client, audits: list[Audit], mailoutbox: Any) -> None:
    invite(browser, audits[0])
    deliver()
    with tenancy.across_organizations():
        pk = Invitation.objects.get(user__email=MAIL).pk
    assert browser.post(f"/audits/{audits[1].pk}/guests/invited/{pk}/withdraw/").status_code == 404
    browser.post(f"/audits/{audits[0].pk}/guests/invited/{pk}/withdraw/")
    assert Client().post(link_in(mailoutbox[-1]), NEW).status_code == 410
    assert limits() is None


def closed(audit: Audit) -> None:
    with tenancy.acting_in(audit.organization), clock.at(date(2026, 4, 20)):
        hold_audit(audit, date(2026, 4, 8), BY)
        report_audit(audit, date(2026, 4, 10), BY)
        close_audit(audit, BY)


@pytest.mark.parametrize("end", [cancel_audit, refuse_audit])
def test_an_audit_that_does_not_take_place_ends_the_sight_of_its_guests(
    browser: Client, audits: list[Audit], mailoutbox: Any, end: Any
) -> None:
    joined(browser, audits[0], mailoutbox)
    with tenancy.acting_in(audits[0].organization), clock.at(date(2026, 4, 5)):
        end(audits[0], "No time", BY)
    assert limits() is None


def test_a_mail_about_another_audit_is_not_sent_after_the_sight_was_ended(
    browser: Client, audits: list[Audit], mailoutbox: Any
) -> None:
    joined(browser, audits[0], mailoutbox)
    invite(browser, audits[1])
    with tenancy.across_organizations():
        pk = Membership.objects.get(user__email=MAIL).pk
    browser.post(f"/audits/{audits[1].pk}/guests/{pk}/end/")
    sent = len(mailoutbox)
    deliver()
    assert len(mailoutbox) == sent


def test_what_was_added_to_an_invitation_while_its_page_was_open_counts(
    browser: Client, audits: list[Audit], mailoutbox: Any, organization: Organization
) -> None:
    invite(browser, audits[0])
    with tenancy.across_organizations():
        opened = Invitation.objects.select_related("user", "organization").get(user__email=MAIL)
        Invitation.objects.filter(pk=opened.pk).update(limits={"audits": [audits[1].pk]})
    with tenancy.acting_in(organization):
        assert accept(opened).limits == {"audits": [audits[1].pk]}


def test_closing_the_audit_ends_the_sight_of_its_guests(browser: Client, audits: list[Audit], mailoutbox: Any) -> None:
    guest = joined(browser, audits[0], mailoutbox)
    closed(audits[0])
    assert limits() is None
    assert guest.get(f"/audits/{audits[0].pk}/").status_code in {302, 403, 404}
    said = problems(invite(browser, audits[0]))
    assert said == [("", "Audit A-1 is over; nobody is invited to it any more.")]
    assert "Nobody is invited to it any more." in text_of(browser.get(f"/audits/{audits[0].pk}/guests/"))


def test_an_invitation_to_an_audit_that_closed_meanwhile_opens_nothing(
    browser: Client, audits: list[Audit], mailoutbox: Any
) -> None:
    invite(browser, audits[0])
    deliver()
    closed(audits[0])
    assert Client().post(link_in(mailoutbox[-1]), NEW).status_code == 410
    assert limits() is None
