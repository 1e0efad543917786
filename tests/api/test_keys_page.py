"""The page on which administrators make and revoke keys."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from accounts import tenancy
from accounts.models import ApiKey
from accounts.permissions import Role
from records.models import Event
from tests.api.calling import Caller, problem
from tests.conftest import member

PAGE = "/settings/keys/"


@pytest.fixture
def administrator(organization):
    client = Client()
    client.force_login(member(organization, "ada@halden.example", "Ada Berg", Role.ADMINISTRATOR))
    return client


def made(response):
    """The key that the page shows."""
    return re.search(r"iso_[0-9a-f]{8}\.[\w-]+", response.content.decode())


@pytest.mark.parametrize("writes", [False, True])
def test_a_key_is_shown_once_and_works(organization, administrator, writes):
    body = {"name": "ERP", "days": "30", **({"writes": "on"} if writes else {})}
    response = administrator.post(PAGE, body)
    shown = made(response)
    assert shown
    assert "no-store" in response["Cache-Control"]
    found = Caller(shown.group()).get("me/").json()
    assert (found["full_name"], found["key"]["writes"]) == ("Ada Berg", writes)
    assert found["key"]["expires_at"] == "2026-12-23T12:00:00Z"
    assert made(administrator.get(PAGE)) is None
    assert "ERP" in administrator.get(PAGE).content.decode()


def test_a_key_without_a_name_is_not_made(organization, administrator):
    assert administrator.post(PAGE, {"name": " "}).status_code == 422
    with tenancy.acting_in(organization):
        assert ApiKey.objects.count() == 0


def test_a_revoked_key_opens_nothing(organization, administrator):
    shown = made(administrator.post(PAGE, {"name": "ERP"}))
    assert shown
    with tenancy.acting_in(organization):
        key = ApiKey.objects.get()
    assert administrator.get(f"{PAGE}{key.pk}/revoke/").status_code == 405
    for _ in range(2):
        assert administrator.post(f"{PAGE}{key.pk}/revoke/").url == PAGE
    problem(Caller(shown.group()).get("me/"), 401)
    with tenancy.acting_in(organization):
        kinds = [event.kind for event in Event.objects.filter(subject_type="apikey")]
    assert kinds == ["key.revoked", "key.issued"]


def test_a_key_of_another_organization_is_not_revoked(organization, other_organization, administrator):
    other = Client()
    other.force_login(member(other_organization, "eva@ostrava.example", "Eva", Role.ADMINISTRATOR))
    shown = made(other.post(PAGE, {"name": "Theirs"}))
    assert shown
    with tenancy.acting_in(other_organization):
        key = ApiKey.objects.get()
    assert administrator.post(f"{PAGE}{key.pk}/revoke/").status_code == 404
    assert Caller(shown.group()).get("me/").status_code == 200
    assert "Theirs" not in administrator.get(PAGE).content.decode()


@pytest.mark.parametrize("role", [role for role in Role if role != Role.ADMINISTRATOR])
def test_only_administrators_make_keys(organization, role):
    client = Client()
    client.force_login(member(organization, "x@halden.example", "X", role))
    assert client.post(PAGE, {"name": "ERP"}).status_code == 403
    with tenancy.acting_in(organization):
        assert ApiKey.objects.count() == 0
