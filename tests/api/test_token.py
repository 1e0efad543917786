"""POST /api/v1/token/: a key for twelve hours against mail address, password and, where there is one, a code."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core.cache import cache

from accounts import clock, tenancy
from accounts.models import Membership, Organization, User
from tests.api.calling import Caller, problem

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture(autouse=True)
def no_code_is_used_up(db: None) -> None:
    cache.clear()


def ask(email: str, password: str, **more: Any) -> Any:
    return Caller("").post("token/", {"email": email, "password": password, **more})


def code() -> str:
    """The code that an app with the secret shows now."""
    counters = list(yield_hotp_counters_from_time())
    return format_hotp_value(hotp_value(SECRET, counters[len(counters) // 2]))


def test_a_person_gets_a_key_that_works_for_twelve_hours(organization: Organization, officer: User) -> None:
    answer = ask("Marta@halden.example", officer.email)
    assert (answer.status_code, answer["Cache-Control"]) == (201, "no-store")
    found = answer.json()
    assert (found["organization"], found["writes"]) == ("halden", True)
    api = Caller(found["key"])
    start = clock.now()
    seen = []
    for hours in (11, 13):
        with clock.at(start + timedelta(hours=hours)):
            seen.append(api.get("me/").status_code)
    assert seen == [200, 401]


def test_a_key_that_may_only_read(organization: Organization, officer: User) -> None:
    api = Caller(ask(officer.email, officer.email, writes=False).json()["key"])
    problem(api.post("sites/", {"name": "Gdańsk"}), 403)


@pytest.mark.parametrize(("email", "password"), [("marta@halden.example", "wrong"), ("nobody@halden.example", "wrong")])
def test_a_stranger_learns_nothing(officer: User, email: str, password: str) -> None:
    refused = ask(email, password)
    assert problem(refused, 401)["detail"] == "The mail address, the password or the code is not right."
    assert refused["WWW-Authenticate"] == 'Bearer realm="isotrack"'


def test_guessing_ends_with_a_wait(officer: User, settings: Any) -> None:
    settings.SIGN_IN_TRIES = 3
    assert [ask(officer.email, "wrong").status_code for _ in range(3)] == [401, 401, 401]
    refused = ask(officer.email, officer.email)
    problem(refused, 429)
    assert 0 < int(refused["Retry-After"]) <= 900


def test_the_second_step_is_asked_for_and_a_code_works_once(organization: Organization, officer: User) -> None:
    TOTP.activate(officer, SECRET)
    assert "second step" in problem(ask(officer.email, officer.email), 401)["detail"]
    problem(ask(officer.email, officer.email, code="000000"), 401)
    now = code()
    assert ask(officer.email, officer.email, code=now).status_code == 201
    problem(ask(officer.email, officer.email, code=now), 401)


def test_a_recovery_code_works_once(organization: Organization, officer: User) -> None:
    TOTP.activate(officer, SECRET)
    spare = RecoveryCodes.activate(officer).get_unused_codes()[0]
    assert ask(officer.email, officer.email, code=spare).status_code == 201
    problem(ask(officer.email, officer.email, code=spare), 401)


def test_guessing_codes_ends_with_a_wait(officer: User, settings: Any) -> None:
    TOTP.activate(officer, SECRET)
    settings.SIGN_IN_TRIES = 3
    answers = [ask(officer.email, officer.email, code="000000").status_code for _ in range(4)]
    assert answers == [401, 401, 401, 429]


def test_who_belongs_to_several_says_which(
    organization: Organization, other_organization: Organization, officer: User
) -> None:
    with tenancy.acting_in(other_organization):
        Membership.objects.create(organization=other_organization, user=officer, role="viewer")
    assert problem(ask(officer.email, officer.email), 400)["errors"][0]["detail"] == "Say which: halden, ostrava."
    found = ask(officer.email, officer.email, organization="ostrava").json()
    assert Caller(found["key"]).get("me/").json()["organization"]["slug"] == "ostrava"
    problem(ask(officer.email, officer.email, organization="elsewhere"), 400)


def test_an_organization_that_asks_for_a_second_factor_gives_no_key_without(
    organization: Organization, officer: User
) -> None:
    Organization.objects.update(require_second_factor=True)
    assert "asks for a second factor" in problem(ask(officer.email, officer.email), 403)["detail"]
    TOTP.activate(officer, SECRET)
    assert ask(officer.email, officer.email, code=code()).status_code == 201


def test_who_is_switched_off_or_belongs_nowhere_gets_no_key(db: None, officer: User) -> None:
    User.objects.create_user("lone@halden.example", "lone-lone-lone", full_name="Lone")
    problem(ask("lone@halden.example", "lone-lone-lone"), 403)
    User.objects.filter(pk=officer.pk).update(is_active=False)
    problem(ask(officer.email, officer.email), 401)
