"""Every refusal is a problem document (RFC 9457), whatever is wrong and wherever it is noticed."""

from __future__ import annotations

import json

import pytest
from django.db import IntegrityError

from certifications.api import reference
from tests.api.calling import PROBLEM, Caller, problem


def test_an_address_that_is_not_there(api):
    for method in ("GET", "POST", "PATCH", "PUT", "DELETE", "HEAD"):
        for path in ("/api/", "/api/v1/", "/api/v1/certificates", "/api/v2/me/", "/api/v1/certificates/x/", "nothing/"):
            response = api.send(method, path, {} if method != "GET" else None)
            assert (response.status_code, response["Content-Type"]) == (404, PROBLEM), f"{method} {path}"


def test_a_method_that_an_address_does_not_know(api, world):
    for method, path in [
        ("PUT", "certificates/1/"),
        ("DELETE", "certificates/1/"),
        ("POST", "me/"),
        ("OPTIONS", "me/"),
    ]:
        response = api.send(method, path, {})
        assert problem(response, 405)["title"] == "Method Not Allowed"
        assert "GET" in response["Allow"]


@pytest.mark.parametrize("accept", ["text/html", "application/xml", "image/*", "\0"])
def test_only_json_is_answered(api, world, accept):
    problem(api.get("certificates/", Accept=accept), 406)


@pytest.mark.parametrize("accept", ["*/*", "application/json", "application/*;q=0.5", "text/html, */*;q=0.1"])
def test_json_is_answered_to_those_who_take_it(api, world, accept):
    answer = api.get("certificates/", Accept=accept)
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/json")


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "x"])
def test_only_json_is_read(api, world, kind):
    response = api.client.post(
        "/api/v1/sites/", b"name=x", content_type=kind, headers={"Authorization": f"Bearer {api.key}"}
    )
    problem(response, 415)


NOT_JSON = {
    "nothing said": b" ",
    "half": b'{"name": ',
    "not UTF-8": b'{"name": "\xff"}',
    "UTF-16": '{"name": "x"}'.encode("utf-16"),
    "with a mark": b'\xef\xbb\xbf{"name": "x"}',
    "NaN": b'{"name": NaN}',
    "infinite": b'{"name": -Infinity}',
    "too large a number": b'{"name": 1e999}',
    "too many digits": b'{"name": ' + b"9" * 5000 + b"}",
    "twice": b'{"name": "x", "name": "y"}',
    "deep list": b"[" * 100_000 + b"]" * 100_000,
    "deep mapping": b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
    "21 levels": b'{"name":' * 21 + b"1" + b"}" * 21,
}


@pytest.mark.parametrize("raw", NOT_JSON.values(), ids=NOT_JSON.keys())
def test_a_body_that_is_not_json(api, world, raw):
    problem(api.post("sites/", raw), 400)


def test_a_body_that_is_too_large(api, world):
    largest = json.dumps({"name": "x", "address": ""}).encode()
    assert api.post("sites/", largest + b" " * (1_000_000 - len(largest))).status_code == 201
    problem(api.post("sites/", largest + b" " * (1_000_001 - len(largest))), 413)


def test_a_body_that_is_too_large_for_a_repeated_request(api, world):
    problem(api.post("sites/", b" " * 6_000_000, Idempotency_Key="x"), 413)


@pytest.mark.parametrize("body", [[], "text", 5, None, True, [{}]])
def test_a_body_that_is_no_mapping(api, world, body):
    found = problem(api.send("POST", "sites/", json.dumps(body).encode()), 400)
    assert [error["pointer"] for error in found["errors"]] == ["#"] if body is not None else ["#/name"]


def test_nothing_is_told_of_an_unexpected_failure(api, world, monkeypatch):
    def fail(*args):
        raise RuntimeError("secret detail")

    monkeypatch.setattr(reference, "add_site", fail)
    response = api.post("sites/", {"name": "x"})
    assert problem(response, 500)["detail"].startswith("Something went wrong on our side")
    assert b"secret" not in response.content


def test_two_who_save_the_same_number_at_the_same_moment(api, world, monkeypatch):
    def lose(*args):
        raise IntegrityError("UNIQUE constraint failed: accounts_site.organization_id, accounts_site.name")

    monkeypatch.setattr(reference, "add_site", lose)
    assert "the same number or name just now" in problem(api.post("sites/", {"name": "x"}), 409)["detail"]


def test_a_broken_rule_of_the_database_is_not_blamed_on_the_caller(api, world, monkeypatch):
    def fail(*args):
        raise IntegrityError("NOT NULL constraint failed: accounts_site.name")

    monkeypatch.setattr(reference, "add_site", fail)
    problem(api.post("sites/", {"name": "x"}), 500)


def test_a_failed_change_leaves_nothing_behind(api, world, monkeypatch):
    door = reference.add_site

    def fail_late(*args):
        door(*args)
        raise RuntimeError("after the change")

    monkeypatch.setattr(reference, "add_site", fail_late)
    problem(api.post("sites/", {"name": "Gdańsk"}), 500)
    assert [site["name"] for site in api.get("sites/").json()["results"]] == ["Halden site"]


def test_the_schema_is_for_those_who_are_signed_in(api, world):
    problem(Caller("").get("/api/schema/"), 401)
    assert api.get("/api/schema/?format=json").json()["openapi"] == "3.1.1"
