"""Who may do what: roles and keys, for every operation of the schema."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client

from accounts import clock, tenancy
from accounts.models import ApiKey, Membership
from accounts.permissions import ALLOWED, Capability, Role
from records.models import Event
from tests.api.calling import Caller, caller, key_for, problem
from tests.api.routes import LISTS, WRITING, operations

C, A, F, N, J, S, V = (
    Capability.EDIT_CERTIFICATES,
    Capability.EDIT_AUDITS,
    Capability.CAPTURE,
    Capability.EDIT_NONCONFORMITIES,
    Capability.CLOSE_NONCONFORMITIES,
    Capability.EDIT_SCHEMES,
    Capability.VIEW,
)
NEEDED = {
    "certificates": C, "decisions": C, "reliances": C, "sites": C, "standards": C, "editions": C,
    "certification-bodies": C, "audits": A, "nonconformities": N, "corrective-actions": N, "schemes": S,
    "evidence": N, "findings": F, "team-members": A, "plan-entries": A, "checklist-items": A,
}  # fmt: skip
NEEDED_MORE = {
    "/accept-plan/": J, "/return-plan/": J, "/verify/": J, "/close/": J, "/nonconformities/{id}/reopen/": J,
    "/extensions/": J, "/ends/": S, "/capture/": F, "/{audit}/findings/": F, "/answers/": F,
    "/approve-step/": J, "/return-step/": J, "/judge-effect/": J, "/refuse-extension/": J,
    "/paper/": V,
}  # fmt: skip


def needed(operation):
    """What the table of this test says."""
    more = [capability for end, capability in NEEDED_MORE.items() if operation.path.endswith(end)]
    return more[0] if more else NEEDED[operation.path.split("/")[3]]


@pytest.mark.parametrize("role", Role)
def test_every_change_needs_its_capability(world, organization, role):
    api = caller(organization, role)
    for operation in WRITING:
        address = operation.address(operation.row_of(world) or 0)
        response = api.send(operation.method.upper(), address, {"no such field": 1}, If_Match='"0"')
        allowed = needed(operation) in ALLOWED[role]
        assert (response.status_code == 403) is not allowed, f"{operation} as {role}: {response.status_code}"


def test_a_refusal_names_who_may(world, organization):
    found = problem(caller(organization, Role.VIEWER).post("certificates/", {}), 403)
    assert found["detail"] == (
        "Your role may not add and change certificates and decisions of the body. "
        "Ask someone who is administrator or compliance officer."
    )


def test_a_key_that_may_only_read_writes_nothing(world, organization):
    api = caller(organization, Role.ADMINISTRATOR, writes=False)
    for operation in WRITING:
        response = api.send(operation.method.upper(), operation.address(operation.row_of(world) or 0), {}, If_Match="*")
        assert problem(response, 403)["detail"] == "This API key may only read. Use a key that may write.", operation
    for operation in LISTS:
        assert api.get(operation.address(operation.row_of(world) or 0)).status_code == 200, operation


def test_without_a_key_nothing_is_answered(world):
    for operation in operations():
        if "token" in operation.path:
            continue
        response = Caller("").send(operation.method.upper(), operation.address(operation.row_of(world) or 0), {})
        assert problem(response, 401)["detail"], operation
        assert response["WWW-Authenticate"] == 'Bearer realm="isotrack"'


@pytest.mark.parametrize(
    "key", ["x", "iso_", "iso_00000000.x", "iso_\0.x", "iso_é.x", "Basic", "iso_00000000", "." * 5000, "a b"]
)
def test_an_unknown_key_opens_nothing(world, key):
    assert problem(Caller(key).get("certificates/"), 401)["detail"] == "This API key is not known."


def test_a_key_of_the_right_prefix_and_the_wrong_secret_opens_nothing(api, world):
    wrong = api.key[:-1] + ("A" if api.key[-1] != "A" else "B")
    assert problem(Caller(wrong).get("me/"), 401)["detail"] == "This API key is not known."


@pytest.mark.parametrize(("seconds", "status"), [(1, 200), (0, 401), (-1, 401)])
def test_a_key_ends_at_its_hour(organization, officer, seconds, status):
    expires_at = clock.now() + timedelta(seconds=seconds)
    assert Caller(key_for(organization, officer, expires_at=expires_at)).get("me/").status_code == status


def test_a_revoked_key_opens_nothing(organization, officer):
    key = key_for(organization, officer, revoked_at=clock.now())
    assert problem(Caller(key).get("me/"), 401)["detail"] == "This API key has expired or was revoked."


def test_a_key_ends_with_the_membership_and_with_the_account(organization, officer):
    key = key_for(organization, officer)
    officer.is_active = False
    officer.save()
    problem(Caller(key).get("me/"), 401)
    officer.is_active = True
    officer.save()
    assert Caller(key).get("me/").status_code == 200
    with tenancy.acting_in(organization):
        Membership.objects.filter(user=officer).delete()
    assert "no longer a member" in problem(Caller(key).get("me/"), 401)["detail"]


def test_a_session_may_read_and_needs_a_token_of_the_page_to_write(world, organization, officer):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(officer)
    session = Caller("", client=browser)
    assert session.get("certificates/").status_code == 200
    assert "CSRF" in problem(session.post("sites/", {"name": "Gdańsk"}), 403)["detail"]
    browser.get("/sign-in/")
    browser.cookies["csrftoken"] = token = "x" * 32
    assert session.post("sites/", {"name": "Gdańsk"}, X_CSRFToken=token).status_code == 201
    with tenancy.acting_in(organization):
        assert Event.objects.get(kind="site.added", after={"name": "Gdańsk"}).actor_kind == "person"


def test_a_person_without_an_organization_is_told_so(organization, officer):
    with tenancy.acting_in(organization):
        Membership.objects.all().delete()
    session = Caller("")
    session.client.force_login(officer)
    assert "belong to no organization" in problem(session.get("me/"), 403)["detail"]


def test_the_command_prints_a_key_once(organization, officer, capsys):
    call_command("api_key", "--organization", "halden", "--user", officer.email.upper(), "--name", "ERP", "--write")
    text = capsys.readouterr().out.strip()
    assert Caller(text).get("me/").json()["key"]["writes"] is True
    with tenancy.acting_in(organization):
        key = ApiKey.objects.get()
        event = Event.objects.get(kind="key.issued")
    assert text.partition(".")[2] not in f"{key.digest} {event.after} {event.before} {event.reason}"
    assert (event.subject_type, event.after["prefix"]) == ("apikey", key.prefix)


@pytest.mark.parametrize("days", ["30", "-1"])
def test_the_command_limits_a_key(organization, officer, capsys, days):
    arguments = ("api_key", "--organization", "halden", "--user", officer.email, "--name", "ERP", "--days", days)
    if int(days) < 0:
        with pytest.raises(CommandError, match="would have expired already"):
            call_command(*arguments)
        return
    call_command(*arguments)
    found = Caller(capsys.readouterr().out.strip()).get("me/").json()["key"]
    assert (found["writes"], found["expires_at"]) == (False, "2026-12-23T12:00:00Z")


def test_the_command_knows_members_only(organization, other_organization, officer):
    with pytest.raises(CommandError, match="is not a member of “ostrava”"):
        call_command("api_key", "--organization", "ostrava", "--user", officer.email, "--name", "ERP")


@pytest.mark.parametrize(("language", "said"), [("de", "Dieser API-Schlüssel ist nicht"), ("pl", "Ten klucz API nie")])
def test_a_key_that_is_not_known_is_refused_in_the_language_of_the_client(db: None, language: str, said: str) -> None:
    asked = {"authorization": "Bearer iso_xxxxxxxx.nothing", "accept-language": language}
    assert Client().get("/api/v1/me/", headers=asked).json()["detail"].startswith(said)
