"""The policy stands on every answer: pages, refusals, errors, files, and whatever comes before the first view."""

from __future__ import annotations

import re

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from accounts import tenancy
from evidence import vault
from tests.api.world import make_world
from tests.hardening.routes import addresses
from tests.pages import signed_in

STRICT = (
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
)
INLINE = re.compile(r"<script(?![^>]*\bsrc=)[^>]*>\s*\S|<style[\s>]|\sstyle=|\son[a-z]+=|javascript:", re.IGNORECASE)


def policy_of(response) -> dict[str, list[str]]:
    """The directives of the answer's policy."""
    parts = (part.split() for part in response["Content-Security-Policy"].split(";") if part.strip())
    return {part[0]: part[1:] for part in parts}


def check(response, what: str) -> None:
    """The policy, nosniff, no frame, no referrer to others; no word of 'unsafe-inline' or 'unsafe-eval' for scripts."""
    policy = policy_of(response)
    assert policy["default-src"] == ["'none'"], what
    assert not {"'unsafe-inline'", "'unsafe-eval'", "*", "data:", "https:"} & set(policy.get("script-src", [])), what
    assert response["X-Content-Type-Options"] == "nosniff", what
    assert response["X-Frame-Options"] in {"DENY", "SAMEORIGIN"}, what
    assert response["Referrer-Policy"] == "same-origin", what


@pytest.fixture
def world(organization):
    return make_world(organization, "Halden")


@pytest.mark.long
def test_every_route_and_method_with_and_without_a_person(world):
    person = signed_in(world.user)
    for browser in (person, Client()):
        browser.raise_request_exception = False
        for address in addresses():
            for method in ("get", "head", "post", "put", "options"):
                response = getattr(browser, method)(address)
                check(response, f"{method} {address}")
                assert response.status_code < 500, f"{method} {address}"
    assert len(addresses()) > 80


@pytest.mark.long
def test_no_page_holds_inline_script_or_style(world):
    browser = signed_in(world.user)
    pages = 0
    for address in addresses():
        response = browser.get(address)
        if response.status_code == 200 and response["Content-Type"].startswith("text/html"):
            if address.startswith("/outbox/"):
                continue  # the mail itself, in a frame with a policy of its own
            pages += 1
            assert not INLINE.search(response.content.decode()), address
    assert pages > 20


def test_pages_of_real_records(world):
    browser = signed_in(world.user)
    for name, row in (
        ("certificate", world.certificate),
        ("audit", world.audit),
        ("nonconformity", world.nonconformity),
        ("evidence", world.evidence),
    ):
        response = browser.get(reverse(name, args=[row.pk]))
        assert response.status_code == 200
        check(response, name)
        assert not INLINE.search(response.content.decode()), name


def test_the_policy_itself(world):
    response = signed_in(world.user).get("/")
    header = response["Content-Security-Policy"]
    assert [part for part in STRICT if part not in header] == []
    assert "unsafe" not in header


@pytest.mark.parametrize("path", ["/static/css/app.css", "/static/js/app.js", "/static/nothing.js"])
def test_static_files(client, path):
    check(client.get(path), path)


def test_a_forged_host(client):
    response = client.get("/sign-in/", headers={"Host": "evil.example"})
    assert response.status_code == 400
    check(response, "host")


def test_a_failure_of_ours(world, monkeypatch):
    def broken(*args, **kwargs):
        raise RuntimeError("secret detail")

    monkeypatch.setattr("evidence.views.reading.supported", broken)
    browser = signed_in(world.user)
    browser.raise_request_exception = False
    response = browser.get(f"/evidence/{world.evidence.pk}/")
    assert response.status_code == 500
    assert "secret detail" not in response.content.decode()
    check(response, "500")


def test_a_body_that_is_too_large_is_not_read(client):
    class Untouched:
        def read(self, *args):
            raise AssertionError("a byte was read")

        readline = read

    for path, kind in (
        ("/evidence/for/nonconformity/1/", "text/html"),
        ("/api/v1/evidence/", "application/problem+json"),
    ):
        response = client.generic(
            "POST", path, CONTENT_LENGTH=str(settings.LARGEST_BODY + 1), **{"wsgi.input": Untouched()}
        )
        assert (response.status_code, response["Content-Type"].partition(";")[0]) == (413, kind)
        check(response, path)


def test_a_file_of_evidence(world):
    response = signed_in(world.user).get(f"/evidence/{world.evidence.pk}/file/1/")
    policy = policy_of(response)
    assert (policy["default-src"], policy["sandbox"]) == (["'none'"], [])
    assert response["Content-Disposition"].startswith("attachment")
    with tenancy.acting_in(world.organization):
        assert vault.is_sound(world.evidence.current.blob)


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://localhost:8000.evil.example"])
def test_no_other_origin_may_read(world, origin):
    for path in ("/", "/api/v1/certificates/"):
        response = signed_in(world.user).get(path, headers={"Origin": origin})
        assert [name for name in response.headers if name.lower().startswith("access-control")] == []
