"""Promises that hold on every address of the API, read from its schema: versions, repeats, and keys that may little."""

from __future__ import annotations

import pytest

from accounts import tenancy
from accounts.models import Membership
from accounts.permissions import FAMILY_OF, Family, Role
from accounts.walls import organization_models
from records.keys import Grant, issue_key
from tests.api.calling import Caller, caller, problem
from tests.api.routes import WRITING, operations
from tests.conftest import member
from tests.factories import BY

PATCHES = [operation for operation in WRITING if operation.method == "patch"]
POSTS = [operation for operation in WRITING if operation.method == "post"]


def test_a_change_without_a_version_is_asked_for_one(world, organization):
    api = caller(organization, Role.ADMINISTRATOR)
    for operation in PATCHES:
        address = operation.address(operation.row_of(world) or 0)
        answer = api.send("PATCH", address, {})
        assert (str(operation), answer.status_code) == (str(operation), 428), answer.content[:300]


def test_every_address_that_writes_reads_the_key_of_a_repeat(world, organization):
    api = caller(organization, Role.ADMINISTRATOR)
    for operation in POSTS:
        address = operation.address(operation.row_of(world) or 0)
        answer = api.send("POST", address, {}, Idempotency_Key="no spaces allowed")
        found = problem(answer, 400)
        assert (str(operation), found["detail"]) == (
            str(operation),
            "An Idempotency-Key is 1 to 200 visible ASCII characters.",
        )


def test_a_body_writes_no_field_but_its_own(world, organization):
    """Every field of every table, and what attackers try, in one body: each is refused by its name."""
    api = caller(organization, Role.ADMINISTRATOR)
    columns = {field.name for model in organization_models() for field in model._meta.concrete_fields}
    tried = columns | {"id", "pk", "is_staff", "is_superuser", "role", "status", "state", "closed_by", "signature"}
    for operation in (*PATCHES, *POSTS):
        foreign = tried - operation.written
        address = operation.address(operation.row_of(world) or 0)
        body = dict.fromkeys(foreign, "1")
        if operation.is_upload:
            answer = api.client.post(address, body, headers={"Authorization": f"Bearer {api.key}"})
        else:
            answer = api.send(operation.method.upper(), address, body, If_Match="*")
        found = problem(answer, 400)
        assert {error["pointer"].strip("/#") for error in found["errors"]} >= foreign, str(operation)


@pytest.mark.parametrize("family", Family)
def test_a_key_for_one_family_opens_no_other(world, organization, family):
    user = member(organization, f"{family}@halden.example", "X", Role.ADMINISTRATOR)
    with tenancy.acting_in(organization):
        row = Membership.objects.get(user=user)
        text = issue_key(row, "ERP", BY, grant=Grant(writes=True, families={family.value: "write"}))[1]
    api = Caller(text)
    for operation in operations():
        place = operation.path.split("/")[3]
        if place in {"me", "organizations", "simulations", "token"}:
            continue
        answer = api.send(operation.method.upper(), operation.address(operation.row_of(world) or 0), {"no such": 1})
        mine = FAMILY_OF.get(place, Family.REFERENCE) == family
        assert (answer.status_code == 403) is not mine, f"{operation} with {family}: {answer.status_code}"
