"""Invitations: by mail, for one address, one use, a time; and the page behind the link."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from access.models import Invitation
from accounts import clock, tenancy
from accounts.models import Membership, Organization, User
from accounts.permissions import Role
from alerts.deliver import deliver
from records.models import Event
from tests.conftest import member
from tests.pages import problems, signed_in, text_of

PAGE = "/settings/people/invitations/"
NEW = {"full_name": "Ida Berg", "new_password1": "quartz-lantern-42", "new_password2": "quartz-lantern-42"}


@pytest.fixture
def admin(organization: Organization) -> User:
    return member(organization, "adam@halden.example", "Adam Wright", Role.ADMINISTRATOR)


@pytest.fixture
def browser(admin: User) -> Client:
    return signed_in(admin)


def invited(browser: Client, outbox: Any, email: str = "Ida@new.example", role: str = "auditor") -> str:
    """Invites and returns the path of the mail's link."""
    assert browser.post(f"{PAGE}new/", {"email": email, "full_name": "Ida", "role": role}).status_code == 302
    deliver()
    return link_in(outbox[-1])


def link_in(mail: Any) -> str:
    found = re.search(r"http://localhost:8000(/invitation/\S+)", mail.body)
    assert found
    return found.group(1)


def roles(email: str) -> dict[str, str]:
    with tenancy.across_organizations():
        rows = Membership.objects.filter(user__email=email).select_related("organization")
        return {row.organization.slug: row.role for row in rows}


def kinds(organization: Organization) -> list[str]:
    with tenancy.acting_in(organization):
        events = Event.objects.filter(subject_type="user").order_by("number")
        return list(events.values_list("kind", flat=True))


def test_a_new_person_joins_by_the_link_of_the_mail(
    browser: Client, mailoutbox: Any, organization: Organization
) -> None:
    link = invited(browser, mailoutbox)
    assert mailoutbox[-1].to == ["Ida <ida@new.example>"]
    assert "Adam Wright" in mailoutbox[-1].body and "Halden Group" in mailoutbox[-1].subject
    ida = Client()
    page = ida.get(link)
    assert "For ida@new.example, as auditor." in text_of(page)
    assert roles("ida@new.example") == {}  # looking changes nothing
    assert ida.post(link, NEW).headers["Location"] == "/"
    assert ida.get("/queue/").status_code == 200
    assert roles("ida@new.example") == {"halden": "auditor"}
    assert str(User.objects.get(email="ida@new.example")) == "Ida Berg"
    assert kinds(organization) == ["invitation.sent", "member.added"]
    assert Client().post("/sign-in/", {"login": "ida@new.example", "password": NEW["new_password1"]}).status_code == 302


def test_a_link_works_once(browser: Client, mailoutbox: Any) -> None:
    link = invited(browser, mailoutbox)
    Client().post(link, NEW)
    for answer in (Client().get(link), Client().post(link, NEW)):
        assert (answer.status_code, "This invitation no longer works" in text_of(answer)) == (410, True)


def test_a_link_is_over_after_its_time_or_when_withdrawn_or_changed(
    browser: Client, mailoutbox: Any, organization: Organization
) -> None:
    link = invited(browser, mailoutbox)
    with clock.at(clock.now() + timedelta(days=8)):
        assert Client().post(link, NEW).status_code == 410
    assert Client().get(f"{link[:-3]}x/").status_code == 410
    assert Client().get("/invitation/x/").status_code == 410
    with tenancy.acting_in(organization):
        row = Invitation.objects.get()
    browser.post(f"{PAGE}{row.pk}/withdraw/")
    assert Client().post(link, NEW).status_code == 410
    assert roles("ida@new.example") == {}
    assert kinds(organization) == ["invitation.sent", "invitation.withdrawn"]


def test_sending_again_makes_the_earlier_link_useless(
    browser: Client, mailoutbox: Any, organization: Organization
) -> None:
    first = invited(browser, mailoutbox)
    with tenancy.acting_in(organization):
        row = Invitation.objects.get()
    browser.post(f"{PAGE}{row.pk}/again/")
    deliver()
    assert Client().get(first).status_code == 410
    assert Client().post(link_in(mailoutbox[-1]), NEW).status_code == 302


def test_who_has_an_account_signs_in_to_join_and_keeps_other_rights(
    browser: Client, mailoutbox: Any, other_organization: Organization
) -> None:
    boss = member(other_organization, "eva@ostrava.example", "Eva", Role.ADMINISTRATOR)
    link = invited(browser, mailoutbox, boss.email, "viewer")
    stranger = Client()
    assert "You have an account already." in text_of(stranger.get(link))
    assert stranger.post(link, NEW).status_code == 403
    eva = signed_in(boss)
    assert eva.post(link).headers["Location"] == "/"
    assert roles(boss.email) == {"ostrava": "administrator", "halden": "viewer"}
    assert eva.get("/settings/people/new/").status_code == 403  # she looks at Halden Group now, as a viewer
    boss.refresh_from_db()
    assert (boss.check_password(boss.email), boss.is_staff) == (True, False)


def test_an_invitation_is_for_one_address(browser: Client, mailoutbox: Any, officer: User, admin: User) -> None:
    link = invited(browser, mailoutbox)
    other = signed_in(officer)
    assert "You are signed in as marta@halden.example." in text_of(other.get(link))
    assert other.post(link, NEW).status_code == 403
    assert roles("ida@new.example") == {}


def test_inviting_says_the_same_of_known_and_unknown_addresses(browser: Client, other_organization: Any) -> None:
    member(other_organization, "eva@ostrava.example", "Eva", Role.VIEWER)
    said = [
        text_of(browser.post(f"{PAGE}new/", {"email": email, "role": "viewer"}, follow=True)).partition("Settings")[0]
        for email in ("eva@ostrava.example", "nobody@ostrava.example")
    ]
    assert said[0].replace("eva", "?") == said[1].replace("nobody", "?")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"role": "auditor"}, [("id_email", "Enter the mail address")]),
        ({"email": "x", "role": "auditor"}, [("id_email", "Enter the whole mail address, such as name@example.com")]),
        (
            {"email": "adam@halden.example", "role": "auditor"},
            [("id_email", "adam@halden.example is in your organization already.")],
        ),
    ],
)
def test_a_refused_invitation_says_why(browser: Client, given: dict[str, str], said: Any) -> None:
    answer = browser.post(f"{PAGE}new/", given)
    assert (answer.status_code, problems(answer)) == (422, said)


def test_nobody_is_invited_twice(browser: Client, mailoutbox: Any) -> None:
    invited(browser, mailoutbox)
    answer = browser.post(f"{PAGE}new/", {"email": "ida@new.example", "role": "viewer"})
    assert problems(answer) == [("id_email", "ida@new.example is invited already. Send that invitation again.")]


@pytest.mark.parametrize("role", [role for role in Role if role != Role.ADMINISTRATOR])
def test_only_administrators_invite(organization: Organization, role: Role) -> None:
    person = signed_in(member(organization, "x@halden.example", "X", role))
    answers = [
        person.get(PAGE),
        person.get(f"{PAGE}new/"),
        person.post(f"{PAGE}new/", {}),
        person.post(f"{PAGE}1/again/"),
    ]
    assert [answer.status_code for answer in answers] == [403] * 4


def test_an_invitation_of_another_organization_is_not_there(
    browser: Client, mailoutbox: Any, other_organization: Organization
) -> None:
    invited(browser, mailoutbox)
    with tenancy.across_organizations():
        row = Invitation.objects.get()
    eva = signed_in(member(other_organization, "eva@ostrava.example", "Eva", Role.ADMINISTRATOR))
    assert [eva.post(f"{PAGE}{row.pk}/{act}/").status_code for act in ("again", "withdraw")] == [404, 404]
    assert "ida@new.example" not in eva.get(PAGE).content.decode()


def test_a_weak_password_joins_nobody(browser: Client, mailoutbox: Any) -> None:
    link = invited(browser, mailoutbox)
    answer = Client().post(link, {**NEW, "new_password1": "password123", "new_password2": "password123"})
    assert answer.status_code == 422
    assert roles("ida@new.example") == {}


def test_the_list_costs_the_same_for_one_and_for_three(browser: Client, django_assert_max_num_queries: Any) -> None:
    from tests.pages import queries_of  # only here

    browser.post(f"{PAGE}new/", {"email": "a@new.example", "role": "viewer"})
    browser.get(PAGE)
    one = queries_of(browser, PAGE)
    for name in "bc":
        browser.post(f"{PAGE}new/", {"email": f"{name}@new.example", "role": "viewer"})
    browser.get(PAGE)
    assert queries_of(browser, PAGE) == one
