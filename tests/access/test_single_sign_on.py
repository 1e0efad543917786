"""Single sign-on through a real provider on this machine, one redirect after the other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from allauth.mfa.totp.internal.auth import TOTP
from django.test import Client
from oidc_provider_mock import User as Known
from oidc_provider_mock import run_server_in_thread

from access.actions import set_sign_on
from access.models import SingleSignOn
from accounts import tenancy
from accounts.models import Membership, Organization, User
from accounts.permissions import Role
from tests.access.test_signing_in import is_in, letters
from tests.api.test_token import SECRET
from tests.conftest import member
from tests.factories import BY
from tests.pages import problems, signed_in, text_of

OPERATORS = "/sign-in/sso/operator/"


def known(sub: str, email: str, verified: bool = True) -> Known:
    return Known(sub=sub, claims={"email": email, "email_verified": verified, "name": sub})


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    """The address of a provider that knows four people."""
    people = [
        known("marta", "marta@halden.example"),
        known("stranger", "stranger@halden.example"),
        known("liar", "marta@halden.example", verified=False),
        known("eva", "eva@ostrava.example"),
    ]
    with run_server_in_thread(user_claims=people) as server:
        yield f"http://localhost:{server.server_port}"


@pytest.fixture
def operators(provider: str, settings: Any) -> None:
    settings.OIDC_URL, settings.OIDC_NAME = provider, "Halden login"
    settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET = "isotrack", "secret"


def come(browser: Client, start: str, sub: str) -> Any:
    """From the sign-in page to the provider, through its form as this person, and back to us."""
    away = browser.get(start).headers["Location"]
    back = requests.post(away, data={"sub": sub}, allow_redirects=False, timeout=30)
    assert back.status_code == 302, back.text
    return browser.get(back.headers["Location"])


@pytest.mark.usefixtures("operators")
def test_a_person_with_an_account_comes_in(officer: User) -> None:
    browser = Client()
    assert "Sign in with Halden login" in text_of(browser.get("/sign-in/"))
    assert come(browser, f"{OPERATORS}?next=/certificates/", "marta").headers["Location"] == "/certificates/"
    assert is_in(browser)
    assert [message.payload["what"] for message in letters(officer)] == ["account_connected"]
    again = Client()
    come(again, OPERATORS, "marta")
    assert is_in(again)
    assert "Single sign-on" in text_of(again.get("/settings/sign-in/"))


@pytest.mark.usefixtures("operators")
@pytest.mark.parametrize("sub", ["stranger", "liar"])
def test_who_has_no_account_or_no_verified_address_does_not(officer: User, sub: str) -> None:
    browser = Client()
    answer = come(browser, OPERATORS, sub)
    assert (answer.status_code, "has no account here" in text_of(answer)) == (403, True)
    assert not is_in(browser)
    assert User.objects.count() == 1


@pytest.mark.usefixtures("operators")
def test_the_request_carries_state_and_a_challenge_and_a_forged_return_opens_nothing(officer: User) -> None:
    browser = Client()
    asked = parse_qs(urlsplit(browser.get(OPERATORS).headers["Location"]).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["redirect_uri"] == ["http://testserver/sign-in/sso/operator/back/"]
    for address in ("back/?code=x&state=forged", "back/?code=x", "back/?error=access_denied"):
        answer = browser.get(f"{OPERATORS}{address}")
        assert answer.status_code in {200, 302, 401}
        assert not is_in(browser)


@pytest.mark.usefixtures("operators")
def test_the_second_step_is_still_asked_for(officer: User) -> None:
    TOTP.activate(officer, SECRET)
    browser = Client()
    assert come(browser, OPERATORS, "marta").headers["Location"].startswith("/sign-in/code/")
    assert not is_in(browser)


@pytest.mark.usefixtures("operators")
def test_who_is_switched_off_does_not_come_in(officer: User) -> None:
    User.objects.update(is_active=False)
    browser = Client()
    come(browser, OPERATORS, "marta")
    assert not is_in(browser)


def test_a_provider_that_does_not_answer_says_so(officer: User, settings: Any) -> None:
    settings.OIDC_URL, settings.OIDC_CLIENT_ID = "http://localhost:9", "isotrack"
    answer = Client().get(OPERATORS)
    assert (answer.status_code, "did not answer" in text_of(answer)) == (502, True)


def test_an_unknown_provider_is_not_there(db: None) -> None:
    assert Client().get("/sign-in/sso/nobody/").status_code == 404
    assert Client().get(OPERATORS).status_code == 404


@pytest.fixture
def own(provider: str, organization: Organization, settings: Any) -> str:
    """Halden Group's own provider."""
    settings.SSO_HOSTS = ["localhost"]
    with tenancy.acting_in(organization):
        set_sign_on(organization, {"name": "Halden", "server_url": provider, "client_id": "isotrack"}, "secret", BY)
    return "/sign-in/sso/halden/"


def test_the_provider_of_an_organization_lets_its_people_in(own: str, officer: User) -> None:
    browser = Client()
    come(browser, own, "marta")
    assert is_in(browser)


def test_it_lets_in_nobody_who_belongs_elsewhere(
    own: str, officer: User, organization: Organization, other_organization: Organization
) -> None:
    eva = member(other_organization, "eva@ostrava.example", "Eva", Role.ADMINISTRATOR)
    answers = [come(Client(), own, "eva")]
    with tenancy.acting_in(organization):
        Membership.objects.create(organization=organization, user=eva, role=Role.VIEWER)
    answers.append(come(Client(), own, "eva"))
    User.objects.filter(pk=officer.pk).update(is_staff=True)
    answers.append(come(Client(), own, "marta"))
    assert [answer.status_code for answer in answers] == [403, 403, 403]


def test_who_joins_another_organization_later_is_no_longer_let_in(
    own: str, officer: User, other_organization: Organization
) -> None:
    come(Client(), own, "marta")
    with tenancy.acting_in(other_organization):
        Membership.objects.create(organization=other_organization, user=officer, role=Role.VIEWER)
    assert come(Client(), own, "marta").status_code == 403


RULES = "/settings/access/single-sign-on/"


@pytest.fixture
def admin(organization: Organization) -> Client:
    return signed_in(member(organization, "adam@halden.example", "Adam", Role.ADMINISTRATOR))


def test_an_administrator_sets_the_provider_up(
    admin: Client, provider: str, organization: Organization, settings: Any
) -> None:
    given = {"name": "Halden", "server_url": provider, "client_id": "isotrack", "secret": "very-secret"}
    refused = admin.post(RULES, given)
    assert problems(refused) == [("id_server_url", "The operator of this installation does not allow this host yet.")]
    settings.SSO_HOSTS = ["localhost"]
    assert admin.post(RULES, given).status_code == 302
    page = admin.get("/settings/access/")
    assert "http://localhost:8000/sign-in/sso/halden/" in text_of(page)
    assert "very-secret" not in page.content.decode() + admin.get(RULES).content.decode()
    with tenancy.acting_in(organization):
        assert "very-secret" not in SingleSignOn.objects.get().sealed_secret
        assert admin.post(RULES, {**given, "name": "Two", "secret": ""}).status_code == 302
        row = SingleSignOn.objects.get()
    assert row.name == "Two"
    admin.post(f"{RULES}remove/")
    assert Client().get("/sign-in/sso/halden/").status_code == 404
