"""What a key may: its resources, its role at most, its time; replaced keys, service accounts, and how often it asks."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from accounts import clock, tenancy
from accounts.models import ApiKey, Membership, Organization, User
from accounts.permissions import Family, Role
from records.keys import Grant, add_service_account, issue_key, rotate_key
from records.models import Event
from tests.api.calling import Caller, key_for, problem
from tests.conftest import member
from tests.factories import BY

SITE = {"name": "Gdańsk"}


def granted(organization: Organization, user: User, **fields: Any) -> Caller:
    with tenancy.acting_in(organization):
        row = Membership.objects.get(user=user)
        return Caller(issue_key(row, "ERP", BY, grant=Grant(**fields))[1])


def test_a_key_sees_and_changes_only_its_resources(organization: Organization, officer: User) -> None:
    api = granted(organization, officer, writes=True, families={"reference": "write", "audits": "read"})
    assert api.post("sites/", SITE).status_code == 201
    assert api.get("audits/").status_code == 200
    assert problem(api.post("audits/", {}), 403)["detail"] == "This API key may not change “Audits”."
    hidden = problem(api.get("certificates/"), 403)
    assert hidden["detail"] == "This API key may not see “Certificates and decisions”."
    assert [api.get(path).status_code for path in ("me/", "organizations/")] == [200, 200]
    assert api.get("me/").json()["key"]["families"] == {"reference": "write", "audits": "read"}


def test_a_key_does_no_more_than_its_role_whatever_its_person_may(organization: Organization, officer: User) -> None:
    api = granted(organization, officer, writes=True, role_cap=Role.AUDITOR)
    assert (
        problem(api.post("sites/", SITE), 403)["detail"] == "This API key may do no more than the role auditor allows."
    )
    assert problem(api.post("audits/", {"number": ""}), 400)


def test_a_capped_key_gains_nothing_over_its_person(organization: Organization, manager: User) -> None:
    problem(granted(organization, manager, writes=True, role_cap=Role.ADMINISTRATOR).post("sites/", SITE), 403)


@pytest.mark.parametrize(
    "fields", [{"families": {"all": "read"}}, {"families": {"audits": "own"}}, {"role_cap": "god"}]
)
def test_a_key_for_what_does_not_exist_is_not_made(
    organization: Organization, officer: User, fields: dict[str, Any]
) -> None:
    with pytest.raises(ValidationError):
        granted(organization, officer, **fields)


def test_every_address_of_the_api_belongs_to_a_family_that_the_page_offers() -> None:
    assert [family.value for family in Family] == ["certificates", "audits", "nonconformities", "history", "reference"]


def test_a_replaced_key_works_for_the_overlap_and_no_longer(organization: Organization, officer: User) -> None:
    old = granted(organization, officer, families={"audits": "read"})
    start = clock.now()
    with tenancy.acting_in(organization):
        key = ApiKey.objects.get()
        made, text = rotate_key(key, BY, timedelta(days=7))
        assert (made.families, made.role_cap, made.writes) == ({"audits": "read"}, "", False)
        with pytest.raises(ValidationError, match="replaced already"):
            rotate_key(key, BY, timedelta(days=7))
        assert [e.after.get("replaces") for e in Event.objects.filter(kind="key.issued")] == [key.prefix, None]
    new = Caller(text)
    answers = []
    for days in (6, 8):
        with clock.at(start + timedelta(days=days)):
            answers.append((old.get("audits/").status_code, new.get("audits/").status_code))
    assert answers == [(200, 200), (401, 200)]


def test_a_key_that_is_over_is_not_replaced(organization: Organization, officer: User) -> None:
    key_for(organization, officer, expires_at=clock.now() - timedelta(days=1))
    with tenancy.acting_in(organization), pytest.raises(ValidationError, match="opens nothing any more"):
        rotate_key(ApiKey.objects.get(), BY, timedelta(days=7))


def test_a_service_account_acts_under_its_own_name_and_cannot_sign_in(organization: Organization) -> None:
    with tenancy.acting_in(organization):
        row = add_service_account(organization, "ERP bridge", Role.COMPLIANCE_OFFICER, BY)
        text = issue_key(row, "bridge", BY, writes=True)[1]
    assert Caller(text).post("sites/", SITE).status_code == 201
    with tenancy.acting_in(organization):
        assert Event.objects.get(kind="site.added").actor_label.startswith("ERP bridge by key bridge (iso_")
    for password in ("", "x", "None"):
        assert Client().post("/sign-in/", {"login": row.user.email, "password": password}).status_code == 422


def test_a_key_that_asks_too_often_waits(organization: Organization, officer: User, settings: Any) -> None:
    settings.API_REQUESTS_PER_MINUTE = 3
    api, other = (Caller(key_for(organization, officer)) for _ in range(2))
    moment = clock.now().replace(second=40, microsecond=0)
    with clock.at(moment):
        assert [api.get("me/").status_code for _ in range(3)] == [200, 200, 200]
        refused = api.get("me/")
        assert problem(refused, 429)["title"] == "Too Many Requests"
        assert refused["Retry-After"] == "20"
        assert other.get("me/").status_code == 200
    with clock.at(moment + timedelta(seconds=20)):
        assert api.get("me/").status_code == 200


@pytest.fixture
def page(organization: Organization) -> Client:
    browser = Client()
    browser.force_login(member(organization, "ada@halden.example", "Ada Berg", Role.ADMINISTRATOR))
    return browser


def test_the_page_makes_a_service_account_with_its_key(page: Client, organization: Organization) -> None:
    given = {"name": "bridge", "speaks_for": "new", "families": ["audits"], "days": "90"}
    assert page.post("/settings/keys/", given).status_code == 422
    answer = page.post("/settings/keys/", {**given, "service_name": "ERP bridge", "role_cap": "viewer"})
    assert answer.status_code == 200
    with tenancy.acting_in(organization):
        key = ApiKey.objects.get()
    assert (str(key.user), key.families, key.role_cap) == ("ERP bridge", {"audits": "read"}, "viewer")


def test_the_page_replaces_a_key_and_shows_the_new_one_once(page: Client, organization: Organization) -> None:
    page.post("/settings/keys/", {"name": "ERP", "days": "90"})
    with tenancy.acting_in(organization):
        old = ApiKey.objects.get()
    answer = page.post(f"/settings/keys/{old.pk}/rotate/", {"overlap": "1"}, follow=True).content.decode()
    with tenancy.acting_in(organization):
        new = ApiKey.objects.get(replaces=old)
        old.refresh_from_db()
    assert f"{new.prefix}." in answer
    assert old.expires_at is not None and old.expires_at - new.created_at < timedelta(days=1, minutes=1)
    assert f"{new.prefix}." not in page.get("/settings/keys/").content.decode()


def test_without_a_key_the_page_shows_how_one_is_used(page: Client) -> None:
    assert 'curl -H "Authorization: Bearer iso_…"' in page.get("/settings/keys/").content.decode()
