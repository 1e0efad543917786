"""People as pages: added with a link to a password, roles, removal; and the person's own profile."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from accounts import tenancy
from accounts.models import ApiKey, Membership, Organization, User
from accounts.permissions import Role
from records.keys import issue_key
from records.models import Event
from records.people import LastAdministrator, remove_member, set_role
from tests.conftest import member
from tests.factories import BY
from tests.pages import problems, signed_in, text_of

PEOPLE = "/settings/people/"
PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def inside(acting: Organization) -> Organization:
    """Rows of Halden Group."""
    return acting


@pytest.fixture
def admin(organization: Organization) -> User:
    """Adam Wright, the only administrator of Halden Group."""
    return member(organization, "adam@halden.example", "Adam Wright", Role.ADMINISTRATOR)


@pytest.fixture
def browser(admin: User) -> Client:
    return signed_in(admin)


def of(user: User) -> Membership:
    found: Membership = Membership.objects.get(user=user)
    return found


def add(browser: Client, email: str = "Ida@Halden.example", **changes: str) -> Any:
    return browser.post(f"{PEOPLE}new/", {"email": email, "full_name": "Ida Berg", "role": "auditor", **changes})


def link_on(answer: Any) -> str:
    """The link to a password that a page shows; empty when it shows none."""
    found = re.search(r"http://testserver(/settings/password/[^<\s]+/)", answer.content.decode())
    return found.group(1) if found else ""


def choose(browser: Client, link: str, **passwords: str) -> Any:
    """Open a link and send passwords to where it leads."""
    page = browser.get(link, follow=True)
    given = {"new_password1": PASSWORD, "new_password2": PASSWORD, **passwords}
    return browser.post(page.request["PATH_INFO"], given)


def kinds() -> list[str]:
    return list(Event.objects.filter(kind__startswith="member.").order_by("number").values_list("kind", flat=True))


# --- adding ------------------------------------------------------------------------------------------------------


def test_a_new_person_chooses_a_password_by_a_link_that_works_once(browser: Client) -> None:
    assert add(browser).headers["Location"] == PEOPLE
    shown = browser.get(PEOPLE)
    link = link_on(shown)
    assert "Ida Berg is added as auditor." in text_of(shown) and "It works once, for 60 minutes" in text_of(shown)
    assert link_on(browser.get(PEOPLE)) == ""  # shown once
    ida = Client()
    assert choose(ida, link).headers["Location"] == "/sign-in/"
    assert ida.get(PEOPLE).headers["Location"].startswith("/sign-in/")  # the link alone lets nobody in
    ida.post("/sign-in/", {"login": "ida@halden.example", "password": PASSWORD})
    assert "Your role may not manage people" in text_of(ida.get(PEOPLE))
    assert "no longer works" in text_of(Client().get(link, follow=True))
    assert Client().login(username="ida@halden.example", password=PASSWORD)
    assert (of(User.objects.get(email="ida@halden.example")).role, kinds()) == ("auditor", ["member.added"])


@pytest.mark.parametrize(
    ("passwords", "said"),
    [
        ({"new_password1": ""}, ("id_new_password1", "Enter a new password")),
        ({"new_password2": "another one"}, ("id_new_password2", "The two password fields didn’t match.")),
        (
            {"new_password1": "short-one", "new_password2": "short-one"},
            ("id_new_password2", "This password is too short. It must contain at least 10 characters."),
        ),
    ],
)
def test_a_weak_password_is_refused(browser: Client, passwords: dict[str, str], said: tuple[str, str]) -> None:
    add(browser)
    answer = choose(Client(), link_on(browser.get(PEOPLE)), **passwords)
    assert (answer.status_code, problems(answer)) == (422, [said])


def test_a_link_that_was_changed_or_is_too_old_opens_nothing(browser: Client, settings: Any) -> None:
    add(browser)
    link = link_on(browser.get(PEOPLE))
    assert "no longer works" in text_of(Client().get(f"{link[:-3]}x/", follow=True))
    settings.PASSWORD_RESET_TIMEOUT = -1
    assert "no longer works" in text_of(Client().get(link, follow=True))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"email": ""}, ("id_email", "Enter the mail address")),
        ({"email": "ida"}, ("id_email", "Enter a mail address like name@example.com")),
        ({"full_name": ""}, ("id_full_name", "Enter the full name")),
        ({"role": "owner"}, ("id_role_0", "Select a valid choice. owner is not one of the available choices.")),
        ({"email": "ADAM@halden.example"}, ("id_email", "Adam Wright is in your organization already.")),
    ],
)
def test_a_wrong_person_is_refused(browser: Client, given: dict[str, str], said: tuple[str, str]) -> None:
    answer = add(browser, **given)
    assert (answer.status_code, problems(answer)) == (422, [said])
    assert Membership.objects.count() == 1


@pytest.mark.parametrize("who", ["member", "operator", "nobody's"])
def test_an_account_outside_the_organization_is_not_taken_over(
    browser: Client, other_organization: Organization, who: str
) -> None:
    if who == "member":
        member(other_organization, "ida@halden.example", "Ida", Role.VIEWER)
    else:
        make = User.objects.create_superuser if who == "operator" else User.objects.create_user
        make("ida@halden.example", "secret", full_name="Ida")
    answer = add(browser)
    assert (answer.status_code, [field for field, _said in problems(answer)]) == (422, ["id_email"])
    assert "account outside your organization" in text_of(answer)
    assert link_on(browser.get(PEOPLE)) == ""


# --- roles -------------------------------------------------------------------------------------------------------


def test_a_role_is_changed(browser: Client, officer: User) -> None:
    place = f"{PEOPLE}{of(officer).pk}/"
    answer = browser.post(place, {"role": "administrator", "was": "compliance_officer"})
    assert answer.headers["Location"] == PEOPLE
    assert of(officer).role == "administrator"
    event = Event.objects.get(kind="member.role")
    assert (event.before, event.after) == (
        {"role": "Compliance officer"},
        {"person": "Marta Zielińska", "role": "Administrator"},
    )
    assert (event.subject_type, event.subject_id, event.actor_label) == ("user", officer.pk, "Adam Wright")


def test_a_role_that_somebody_changed_meanwhile_is_not_overwritten(browser: Client, officer: User) -> None:
    set_role(of(officer), "viewer", BY)
    place = f"{PEOPLE}{of(officer).pk}/"
    answer = browser.post(place, {"role": "auditor", "was": "compliance_officer"})
    said = "Somebody made Marta Zielińska viewer meanwhile; choose again"
    assert (answer.status_code, problems(answer)) == (422, [("id_role_0", said)])
    assert answer.context["form"].data["was"] == "viewer"
    assert browser.post(place, {"role": "auditor", "was": "viewer"}).status_code == 302


def test_the_last_administrator_stays(browser: Client, admin: User, officer: User) -> None:
    place = f"{PEOPLE}{of(admin).pk}/"
    said = "At least one administrator must remain. Make somebody else administrator first."
    answer = browser.post(place, {"role": "viewer", "was": "administrator"})
    assert (answer.status_code, problems(answer)) == (422, [("id_role_0", said)])
    browser.post(f"{place}remove/")
    assert said in text_of(browser.get(PEOPLE))
    assert of(admin).role == "administrator"
    set_role(of(officer), "administrator", BY)
    assert browser.post(place, {"role": "viewer", "was": "administrator"}).status_code == 302


def test_an_administrator_who_cannot_sign_in_does_not_count(admin: User, officer: User) -> None:
    set_role(of(officer), "administrator", BY)
    User.objects.filter(pk=officer.pk).update(is_active=False)
    with pytest.raises(LastAdministrator):
        remove_member(of(admin), BY)


# --- removal and links -------------------------------------------------------------------------------------------


def test_a_removed_person_is_out_at_once_and_comes_back_by_their_address(browser: Client, officer: User) -> None:
    key, _text = issue_key(of(officer), "Key", BY)
    marta = signed_in(officer)
    place = f"{PEOPLE}{of(officer).pk}/remove/"
    assert "Remove Marta Zielińska?" in text_of(browser.get(place))
    assert browser.post(place).headers["Location"] == PEOPLE
    assert marta.get("/certificates/").status_code == 403
    assert ApiKey.objects.get(pk=key.pk).revoked_at is not None
    answer = add(browser, "marta@halden.example", full_name="Somebody else")
    assert answer.status_code == 302
    officer.refresh_from_db()
    assert (str(officer), of(officer).role) == ("Marta Zielińska", "auditor")
    assert link_on(browser.get(PEOPLE)) == ""  # the password is still theirs
    assert officer.check_password("marta@halden.example")
    assert kinds() == ["member.removed", "member.added"]


def test_a_member_gets_a_new_link_and_history_tells(browser: Client, officer: User) -> None:
    assert browser.post(f"{PEOPLE}{of(officer).pk}/link/").headers["Location"] == PEOPLE
    link = link_on(browser.get(PEOPLE))
    choose(Client(), link)
    officer.refresh_from_db()
    assert officer.check_password(PASSWORD)
    assert kinds() == ["member.password_link"]
    assert browser.get(f"{PEOPLE}{of(officer).pk}/link/").status_code == 405


@pytest.mark.parametrize("elsewhere", ["organization", "operator"])
def test_a_link_never_opens_what_lies_outside(
    browser: Client, officer: User, other_organization: Organization, elsewhere: str
) -> None:
    if elsewhere == "operator":
        User.objects.filter(pk=officer.pk).update(is_staff=True)
    else:
        with tenancy.acting_in(other_organization):
            Membership.objects.create(organization=other_organization, user=officer, role=Role.VIEWER)
    browser.post(f"{PEOPLE}{of(officer).pk}/link/")
    shown = browser.get(PEOPLE)
    assert "has an account outside your organization too" in text_of(shown)
    assert (link_on(shown), kinds()) == ("", [])


@pytest.mark.parametrize("place", ["new/", "{}/", "{}/remove/", "{}/link/"])
def test_only_administrators_manage_people(officer: User, place: str) -> None:
    answer = signed_in(officer).post(PEOPLE + place.format(of(officer).pk), {"role": "administrator"})
    assert answer.status_code == 403
    assert "Ask someone who is administrator." in text_of(answer)
    assert of(officer).role == "compliance_officer"


# --- profile -----------------------------------------------------------------------------------------------------


def test_a_person_changes_name_and_theme_and_nothing_else(officer: User) -> None:
    given = {"full_name": "Marta Z.", "language": "en", "theme": "dark", "email": "x@x.example", "is_staff": "on"}
    marta = signed_in(officer)
    assert marta.post("/settings/profile/", given).headers["Location"] == "/settings/profile/"
    officer.refresh_from_db()
    assert (officer.full_name, officer.theme, officer.email, officer.is_staff) == (
        "Marta Z.",
        "dark",
        "marta@halden.example",
        False,
    )
    assert 'data-theme="dark"' in marta.get("/settings/profile/").content.decode()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"full_name": ""}, ("id_full_name", "Enter your full name")),
        ({"language": "xx"}, ("id_language", "Select a valid choice. xx is not one of the available choices.")),
        ({"theme": "pink"}, ("id_theme_0", "Select a valid choice. pink is not one of the available choices.")),
    ],
)
def test_a_wrong_profile_is_refused(officer: User, given: dict[str, str], said: tuple[str, str]) -> None:
    answer = signed_in(officer).post(
        "/settings/profile/", {"full_name": "M", "language": "en", "theme": "auto", **given}
    )
    assert (answer.status_code, problems(answer)) == (422, [said])
    officer.refresh_from_db()
    assert officer.full_name == "Marta Zielińska"
