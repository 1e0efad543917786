"""The second step: authenticator app, recovery codes, what an organization asks for, and the operator's pages."""

from __future__ import annotations

from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.core.cache import cache
from django.test import Client

from accounts.models import Organization, User
from accounts.permissions import Role
from accounts.reauthentication import problem_with
from tests.access.test_signing_in import is_in, letters, sign_in
from tests.api.test_token import SECRET, code
from tests.conftest import member
from tests.pages import says_beside, signed_in, text_of

STEP = "/sign-in/code/"
OVERVIEW = "/settings/sign-in/"


@pytest.fixture(autouse=True)
def no_code_is_used_up(db: None) -> None:
    cache.clear()


@pytest.fixture
def careful(officer: User) -> User:
    """Marta with an authenticator app."""
    TOTP.activate(officer, SECRET)
    return officer


def half_in(user: User) -> Client:
    """A browser in which the password was typed and the code was not."""
    browser = Client()
    answer = browser.post("/sign-in/", {"login": user.email, "password": user.email, "next": "/certificates/"})
    assert answer.headers["Location"].startswith(STEP)
    return browser


def test_the_password_alone_opens_nothing(careful: User) -> None:
    browser = half_in(careful)
    assert not is_in(browser)
    for address in ("/", "/settings/sign-in/", "/api/v1/me/", "/admin/"):
        assert browser.get(address).status_code in {302, 401}, address


def test_the_code_leads_to_where_one_wanted_to_go(careful: User) -> None:
    browser = half_in(careful)
    assert browser.post(STEP, {"code": code()}).headers["Location"] == "/certificates/"
    assert is_in(browser)


def test_a_code_works_once(careful: User) -> None:
    now = code()
    assert half_in(careful).post(STEP, {"code": now}).status_code == 302
    answer = half_in(careful).post(STEP, {"code": now})
    assert answer.status_code == 422
    assert "not right, or was used already" in says_beside(answer, "id_code")


def test_a_recovery_code_works_once(careful: User) -> None:
    spare = RecoveryCodes.activate(careful).get_unused_codes()[0]
    assert half_in(careful).post(STEP, {"code": spare}).status_code == 302
    assert half_in(careful).post(STEP, {"code": spare}).status_code == 422


def test_guessing_codes_ends_with_a_wait(careful: User, settings: Any) -> None:
    settings.SIGN_IN_TRIES = 3
    answers = [half_in(careful).post(STEP, {"code": "000000"}).status_code for _ in range(4)]
    assert answers == [422, 422, 422, 429]


def test_a_reset_password_does_not_get_around_the_second_step(careful: User) -> None:
    careful.set_password("quartz-lantern-42")
    careful.save()
    browser = Client()
    browser.post("/sign-in/", {"login": careful.email, "password": "quartz-lantern-42"})
    assert not is_in(browser)


def test_an_app_is_added_after_the_password_was_typed_again(
    officer: User, monkeypatch: Any, django_capture_on_commit_callbacks: Any
) -> None:
    browser = sign_in(officer)
    asked = browser.get(f"{OVERVIEW}app/")
    assert asked.headers["Location"] == "/sign-in/again/?next=%2Fsettings%2Fsign-in%2Fapp%2F"
    assert browser.post("/sign-in/again/", {"password": "wrong"}).status_code == 422
    browser.post("/sign-in/again/?next=/settings/sign-in/app/", {"password": officer.email})
    page = browser.get(f"{OVERVIEW}app/")
    assert (page.status_code, "style=" in page.content.decode()) == (200, False)
    monkeypatch.setattr("allauth.mfa.totp.internal.auth.generate_totp_secret", lambda: SECRET)
    browser.get(f"{OVERVIEW}app/")
    assert browser.post(f"{OVERVIEW}app/", {"code": "000000"}).status_code == 422
    with django_capture_on_commit_callbacks(execute=True):
        added = browser.post(f"{OVERVIEW}app/", {"code": code()})
    assert added.headers["Location"] == f"{OVERVIEW}codes/"
    shown = text_of(browser.get(f"{OVERVIEW}codes/"))
    assert "10 of 10 codes left" in shown
    kept = Authenticator.objects.get(user=officer, type="totp")
    assert SECRET not in str(kept.data)
    assert [message.payload["what"] for message in letters(officer)] == ["totp_activated"]


def test_recovery_codes_are_downloaded(careful: User) -> None:
    RecoveryCodes.activate(careful)
    browser = half_in(careful)
    browser.post(STEP, {"code": code()})
    browser.post("/sign-in/again/", {"password": careful.email})
    answer = browser.get(f"{OVERVIEW}codes/download/")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="recovery-codes.txt"'
    assert len(answer.content.decode().split()) == 10


@pytest.fixture
def strict(organization: Organization) -> Organization:
    Organization.objects.filter(pk=organization.pk).update(require_second_factor=True)
    return organization


def test_who_has_no_second_factor_is_led_to_one_and_sees_nothing_else(strict: Organization, officer: User) -> None:
    browser = signed_in(officer)
    for address in ("/", "/certificates/", "/settings/", "/outbox/", "/history/"):
        assert browser.get(address).headers["Location"] == OVERVIEW, address
    assert browser.post("/theme/", {"theme": "dark"}).status_code == 302
    refused = browser.get("/api/v1/certificates/")
    assert (refused.status_code, refused["Content-Type"]) == (403, "application/problem+json")
    assert "Halden Group asks for a second factor." in text_of(browser.get(OVERVIEW))
    TOTP.activate(officer, SECRET)
    assert browser.get("/queue/").status_code == 200
    assert "asks for a second factor" not in text_of(browser.get(OVERVIEW))


def test_other_organizations_ask_nothing(strict: Organization, other_organization: Organization) -> None:
    eva = member(other_organization, "eva@ostrava.example", "Eva", Role.VIEWER)
    assert signed_in(eva).get("/queue/").status_code == 200


RULES = "/settings/access/"


def test_an_administrator_with_a_second_factor_asks_everybody_for_one(
    organization: Organization, officer: User
) -> None:
    admin = member(organization, "adam@halden.example", "Adam", Role.ADMINISTRATOR)
    browser = signed_in(admin)
    refused = browser.post(RULES, {"require_second_factor": "on"})
    assert "Add a second factor to your own account first" in says_beside(refused, "id_require_second_factor")
    TOTP.activate(admin, SECRET)
    assert browser.post(RULES, {"require_second_factor": "on"}).status_code == 302
    assert signed_in(officer).get("/queue/").headers["Location"] == OVERVIEW
    assert signed_in(officer).get(RULES).status_code in {302, 403}


def test_the_operators_pages_ask_for_a_superuser_with_a_second_factor(officer: User, db: None) -> None:
    root = User.objects.create_superuser("root@isotrack.example", "root", full_name="Root")
    assert Client().get("/admin/").headers["Location"].startswith("/admin/login/")
    assert Client().get("/admin/login/?next=/admin/").headers["Location"] == "/sign-in/?next=/admin/"
    assert signed_in(officer).get("/admin/login/").headers["Location"] == "/"
    User.objects.filter(pk=officer.pk).update(is_staff=True)
    assert signed_in(officer).get("/admin/").status_code == 302
    browser = signed_in(root)
    assert browser.get("/admin/login/").headers["Location"] == OVERVIEW
    TOTP.activate(root, SECRET)
    assert browser.get("/admin/").status_code == 200


def test_a_proof_is_a_password_or_a_code_and_five_wrong_ones_end_it(careful: User, rf: Any) -> None:
    request = rf.post("/")
    request.user = careful
    assert [problem_with(request, secret) for secret in (careful.email, code())] == ["", ""]
    said = [problem_with(request, "wrong") for _ in range(5)]
    assert said == ["This is not your password."] * 5
    assert problem_with(request, careful.email).startswith("Too many wrong passwords.")
