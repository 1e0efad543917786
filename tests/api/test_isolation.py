"""Two organizations: what belongs to the other one does not exist. The routes are taken from the schema."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts import tenancy
from accounts.models import IdempotencyKey
from evidence.models import Evidence
from records.models import Event
from tests.api.calling import caller, pointers, problem
from tests.api.routes import LISTS, OF_ONE_ROW, operations, schema
from tests.api.world import make_world

MISSING = 987654321
HELD = {"If_Match": "*"}


@pytest.fixture
def both(world, foreign):
    """Rows of every kind in both organizations."""
    return world, foreign


def test_every_address_is_known_to_this_matrix():
    """A new resource fails here until a row of it stands in both worlds."""
    assert len(operations()) == 155
    assert len(OF_ONE_ROW) == 121


def test_a_foreign_row_does_not_exist(both, api):
    """The same answer, byte by byte, as for a row that nobody has."""
    _, foreign = both
    for operation in OF_ONE_ROW:
        row = operation.row_of(foreign)
        assert row is not None, f"no row of the world for {operation}"
        answers = [api.send(operation.method.upper(), operation.address(pk), {}, **HELD) for pk in (row, MISSING)]
        assert [answer.status_code for answer in answers] == [404, 404], str(operation)
        assert answers[0].content == answers[1].content, str(operation)


def test_an_own_row_exists(both, api):
    world, _ = both
    for operation in OF_ONE_ROW:
        row = operation.row_of(world)
        assert row is not None
        if operation.path.endswith("/paper/"):
            api.post(operation.address(row))  # one that nobody has asked for is not there
        answer = api.send(operation.method.upper(), operation.address(row), {}, **HELD)
        assert answer.status_code != 404, str(operation)


def test_nothing_was_written_for_the_other_organization(both, api):
    _, foreign = both
    with tenancy.acting_in(foreign.organization):
        before = Event.objects.count()
    for operation in OF_ONE_ROW:
        api.send(operation.method.upper(), operation.address(operation.row_of(foreign) or 0), {}, **HELD)
    with tenancy.acting_in(foreign.organization):
        assert Event.objects.count() == before


def test_no_list_shows_a_foreign_row(both, api):
    """Ostrava stands in every text of the other organization."""
    world, _ = both
    for operation in LISTS:
        row = operation.row_of(world) or 0
        response = api.get(operation.address(row) + "?page_size=200")
        assert response.status_code == 200, str(operation)
        assert "Ostrava" not in response.content.decode(), str(operation)


# Moves, whose bodies are tried below.
ELSEWHERE = {
    ("evidence/", "subject_id"),
    ("evidence/{id}/link/", "subject_id"),
    ("evidence/{id}/unlink/", "subject_id"),
    ("corrective-actions/{id}/share/", "nonconformity"),
    ("corrective-actions/{id}/unshare/", "nonconformity"),
}


def relations():
    """Every field of a body that holds ids of rows, with a sound rest of the body."""
    return [
        ("certificates/", "standard", False),
        ("certificates/", "edition", False),
        ("certificates/", "scheme", False),
        ("certificates/", "body", False),
        ("certificates/", "sites", True),
        ("certificates/", "owner", False),
        ("audits/", "certificates", True),
        ("audits/", "site", False),
        ("audits/", "further_sites", True),
        ("audits/{id}/ask-clauses/", "edition", False),
        ("audits/{id}/ask-again/", "audit", False),
        ("audits/{audit}/team/", "user", False),
        ("audits/{audit}/plan/", "site", False),
        ("audits/{audit}/plan/", "auditor", False),
        ("audits/{audit}/checklist/", "edition", False),
        ("audits/{audit}/answers/", "item", False),
        ("audits/{audit}/findings/", "item", False),
        ("audits/{audit}/findings/", "standard", False),
        ("audits/{audit}/findings/", "site", False),
        ("findings/{id}/merge/", "into", False),
        ("audits/", "body", False),
        ("nonconformities/", "certificates", True),
        ("nonconformities/", "audit", False),
        ("nonconformities/", "site", False),
        ("nonconformities/", "owner", False),
        ("nonconformities/{nonconformity}/actions/", "owner", False),
        ("editions/", "standard", False),
    ]


def foreign_id(foreign, field):
    names = {"sites": "site", "certificates": "certificate", "owner": "user"}
    names |= {"further_sites": "site", "auditor": "member", "into": "finding"}
    return getattr(foreign, names.get(field, field)).pk


def test_every_relation_of_every_body_stands_in_this_table():
    """Read from the schema: integer fields of request bodies are ids of rows, but for the numbers named here."""
    found = set()
    for operation in operations():
        if operation.method == "post" and operation.body and "$ref" in operation.body:
            name = operation.body["$ref"].rpartition("/")[2]
            for field, says in schema()["components"]["schemas"][name].get("properties", {}).items():
                types = [says.get("type"), says.get("items", {}).get("type")]
                if any(kind == "integer" or (isinstance(kind, list) and "integer" in kind) for kind in types):
                    found.add((operation.path.removeprefix("/api/v1/"), field))
    assert found == {(path, field) for path, field, _ in relations()} | ELSEWHERE


@pytest.mark.parametrize(("path", "field", "many"), relations())
def test_a_foreign_id_in_a_body_does_not_exist(both, api, path, field, many):
    world, foreign = both
    sound = {
        "certificates/": {"number": "N", "standard": world.standard.pk, "scheme": world.scheme.pk},
        "audits/": {"number": "N", "kind": "special", "planned_on": "2027-01-11"},
        "nonconformities/": {"number": "N", "grade": "minor", "raised_on": "2026-11-20", "title": "x"},
        "editions/": {"standard": world.standard.pk, "name": "2099"},
        "audits/{id}/ask-clauses/": {},
        "audits/{id}/ask-again/": {},
        "audits/{audit}/team/": {"role": "auditor"},
        "audits/{audit}/plan/": {"day": "2027-01-11", "starts_at": "09:00", "process": "x"},
        "audits/{audit}/checklist/": {"question": "x"},
        "audits/{audit}/answers/": {"uid": str(uuid4()), "answer": "conforms"},
        "audits/{audit}/findings/": {"uid": str(uuid4()), "grade": "opportunity", "evidence": "x"},
        "findings/{id}/merge/": {},
    }.get(path, {"description": "x", "due_on": "2027-01-11"})
    row = world.finding if path.startswith("findings/") else world.audit
    address = path.replace("{nonconformity}", str(world.nonconformity.pk))
    address = address.replace("{audit}", str(row.pk)).replace("{id}", str(row.pk))
    wrong = foreign_id(foreign, field)
    answers = [api.post(address, {**sound, field: [pk] if many else pk}) for pk in (wrong, MISSING)]
    assert pointers(answers[0]) == pointers(answers[1]) == {f"#/{field}/0" if many else f"#/{field}"}
    texts = [
        answer.content.decode().replace(f'\\"{pk}\\"', "?")
        for answer, pk in zip(answers, (wrong, MISSING), strict=True)
    ]
    assert texts[0] == texts[1]


def test_a_foreign_id_in_a_filter_does_not_exist(both, api):
    world, foreign = both
    for operation in LISTS:
        for parameter in operation.says["parameters"]:
            name = parameter["name"]
            if parameter["in"] != "query" or parameter["schema"].get("type") != "integer":
                continue
            if name in {"page_size", "subject_id", "after_number", "revision"}:
                continue
            wrong = getattr(foreign, {"owner": "user"}.get(name, name)).pk
            address = operation.address(operation.row_of(world) or 0)
            found = problem(api.get(f"{address}?{name}={wrong}"), 400)
            assert [error["parameter"] for error in found["errors"]] == [name], str(operation)


def test_numbers_of_another_organization_are_free(both, api):
    world, _ = both
    body = {"number": "Ostrava-1", "standard": world.standard.pk, "scheme": world.scheme.pk}
    assert api.post("certificates/", body).status_code == 201


def test_a_key_of_the_other_organization_sees_only_its_own(both, other_organization):
    response = caller(other_organization).get("certificates/")
    assert [row["number"] for row in response.json()["results"]] == ["Ostrava-1"]


def test_the_key_decides_even_when_a_session_of_another_organization_is_sent(both, api):
    _, foreign = both
    api.client.force_login(foreign.user)
    assert [row["number"] for row in api.get("certificates/").json()["results"]] == ["Halden-1"]


def test_keys_of_repeated_requests_are_apart(both, api, other_organization):
    other = caller(other_organization)
    for one in (api, other):
        assert one.post("sites/", {"name": "Gdańsk"}, Idempotency_Key="same").status_code == 201
    with tenancy.across_organizations():
        assert IdempotencyKey.objects.count() == 2


def test_a_second_world_can_be_made(organization):
    """The world fixture does not depend on ids."""
    assert make_world(organization, "Other").certificate.status == "active"


@pytest.mark.parametrize("move", ["share", "unshare", "link", "unlink"])
def test_a_move_takes_no_foreign_row(both, api, move):
    world, foreign = both
    place = {"share": "corrective-actions", "unshare": "corrective-actions"}.get(move, "evidence")
    row = world.action if place == "corrective-actions" else world.evidence
    id_ = foreign.nonconformity.pk
    body = {"subject_type": "nonconformity", "subject_id": id_} if place == "evidence" else {"nonconformity": id_}
    answer = api.post(f"{place}/{row.pk}/{move}/", {**body, "reason": "x"})
    assert answer.status_code in {400, 404}
    assert "Ostrava" not in answer.content.decode()


def test_no_evidence_is_kept_for_a_foreign_row(both, api):
    _, foreign = both
    fields = {"subject_type": "nonconformity", "subject_id": foreign.nonconformity.pk}
    file = SimpleUploadedFile("note.txt", b"seen", "text/plain")
    headers = {"Authorization": f"Bearer {api.key}"}
    answer = Client().post("/api/v1/evidence/", {**fields, "file": file}, headers=headers)
    assert answer.status_code in {400, 404}
    with tenancy.acting_in(foreign.organization):
        assert Evidence.objects.count() == 1
