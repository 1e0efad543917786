"""The OpenAPI document and its page."""

from __future__ import annotations

import pytest
from django.core.management import call_command

from tests.api.calling import Caller
from tests.api.routes import operations, schema


@pytest.mark.long
def test_the_document_is_valid_and_complete_without_warnings(tmp_path):
    from openapi_spec_validator import validate  # it builds its grammars when it is imported, for seconds

    call_command("spectacular", "--validate", "--fail-on-warn", "--file", str(tmp_path / "schema.yaml"))
    validate(schema())
    assert schema()["openapi"] == "3.1.1"


def test_every_operation_says_how_it_can_be_refused():
    for operation in operations():
        codes = set(operation.says["responses"])
        assert {"400", "401", "403", "404", "406"} <= codes, operation
        for code in codes:
            if code >= "4":
                content = operation.says["responses"][code]["content"]
                assert list(content) == ["application/problem+json"], f"{operation} {code}"


def test_every_operation_is_described_in_words_of_its_own():
    described = {str(operation): operation.says["description"] for operation in operations()}
    assert described["POST /api/v1/audits/"] == "Plan an audit, or record one that has taken place."
    assert described["GET /api/v1/audits/"] == "Audits of the organization, external and internal, with their reports."
    assert described["PATCH /api/v1/schemes/{id}/"] == "Choose how the scheme moves certificates."
    assert [place for place, words in described.items() if words.startswith(("Rows", "One row", "Add a row"))] == []


@pytest.mark.parametrize(
    ("method", "with_version", "with_key"), [("get", None, False), ("post", False, True), ("patch", True, False)]
)
def test_headers_for_versions_and_repeats_are_described(method, with_version, with_key):
    for operation in operations():
        if operation.method != method:
            continue
        headers = {
            p["name"]: p.get("required", False) for p in operation.says.get("parameters", ()) if p["in"] == "header"
        }
        keeps_nothing = {"simulations", "token"} & set(operation.path.split("/"))
        assert ("Idempotency-Key" in headers) is (with_key and not keeps_nothing), operation
        assert (headers.get("If-Match") is True) is bool(with_version), operation


def test_every_row_that_moves_lists_its_moves():
    names = {"Certificate", "Decision", "Audit", "Nonconformity", "Finding", "CorrectiveAction"}
    components = schema()["components"]["schemas"]
    assert {name for name, says in components.items() if "moves" in says.get("properties", {})} == names


@pytest.mark.parametrize(("demo", "status"), [(False, 302), (True, 200)])
def test_the_page_is_for_those_who_are_signed_in_and_in_the_demonstration_for_everybody(db, settings, demo, status):
    settings.DEMO = demo
    assert Caller("").get("/api/docs/").status_code == status
    assert Caller("").get("/api/schema/").status_code == (200 if demo else 401)


def test_the_page_brings_no_script_of_its_own(organization, officer):
    person = Caller("")
    person.client.force_login(officer)
    page = person.get("/api/docs/", Accept="text/html").content.decode()
    assert "<script>" not in page
    assert "<style" not in page
    assert 'src="/api/docs/?script="' in page
    script = person.get("/api/docs/?script=", Accept="*/*")
    assert script["Content-Type"].startswith("application/javascript")
    assert "/api/schema/" in script.content.decode()
