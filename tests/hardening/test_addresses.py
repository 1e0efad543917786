"""Forged hosts, redirects that would leave the product, and words that would become headers."""

from __future__ import annotations

import re

import pytest
from django.core import mail
from django.test import Client

from tests.pages import signed_in

HOSTS = [
    "evil.example",
    "evil.example:80",
    "localhost.evil.example",
    "localhost@evil.example",
    "localhost:80@evil.example",
    "localhost,evil.example",
    "localhost evil.example",
    "localhost/evil",
    "localhost\tevil.example",
    "[::1].evil.example",
    "127.0.0.1.evil.example",
    "LOCALHOST.EVIL.EXAMPLE",
    "xn--lcalhost-5of.example",
    "",
    "..",
    "localhost:port",
]
BEFORE = ["", "/", "\\", "\t", "\n", "\r", " ", "\0", "/\t", "/\\"]
EVIL = ["//evil.example", "http://evil.example", "https:evil.example", "///evil.example", "javascript:alert(1)"]
MORE = [
    "http:///evil.example",
    "https:/evil.example",
    "/\\/evil.example",
    "/%09/evil.example" + "\t//evil.example",
    "http://localhost@evil.example",
    "http://localhost:80@evil.example/",
    "http://evil.example\\@testserver/",
    "http://testserver.evil.example/",
    "//testserver@evil.example",
    "//[::ffff:7f00:1]/",
    "data:text/html,<script>alert(1)</script>",
    "ftp://testserver/",
    "//evil。example",
    "\u2028//evil.example",
    "evil",
    "evil:x",
    "portfolio",
]
REDIRECTS = [before + evil for before in BEFORE for evil in EVIL] + MORE


@pytest.mark.parametrize("host", HOSTS)
def test_a_forged_host_is_refused(host, db):
    response = Client(raise_request_exception=False).get("/sign-in/", HTTP_HOST=host)
    assert response.status_code == 400
    assert b"evil" not in response.content.lower()


@pytest.mark.parametrize("name", ["X-Forwarded-Host", "X-Host", "Forwarded", "X-Original-URL", "X-Forwarded-Server"])
def test_what_a_proxy_might_say_is_not_believed(officer, name):
    response = signed_in(officer).get("/", headers={name: "evil.example"})
    assert response.status_code == 200
    assert b"evil.example" not in response.content
    assert mail.outbox == []


def leaves(location: str) -> bool:
    """Whether a browser that stands on our host would go elsewhere; it drops tabs and line ends and reads \\ as /."""
    seen = location.translate({9: None, 10: None, 13: None}).strip().replace("\\", "/")
    return seen.startswith("//") or bool(re.match(r"[a-z][a-z0-9+.-]*:", seen, re.IGNORECASE))


def test_there_are_sixty():
    assert len(REDIRECTS) >= 60


@pytest.mark.parametrize("target", REDIRECTS)
def test_no_redirect_leaves_the_product(officer, target):
    browser = Client(raise_request_exception=False)
    given = {"login": officer.email, "password": officer.email, "next": target}
    response = browser.post("/sign-in/", given)
    if response.status_code in {301, 302, 303}:
        assert not leaves(response["Location"]), response["Location"]
    assert response.status_code < 500
    theme = signed_in(officer)
    again = theme.post("/theme/", {"theme": "dark", "next": target})
    assert again.status_code < 500
    if again.status_code == 302:
        assert not leaves(again["Location"]), again["Location"]


@pytest.mark.parametrize("line_end", ["\r\n", "\n", "\r", "\u2028", "\x85", "%0d%0a"])
def test_words_do_not_become_headers(officer, nc, line_end):
    from tests.evidence.conftest import attached  # it needs the vault of this test

    found = attached(nc, name=f"a{line_end}Set-Cookie: x=1{line_end}{line_end}<html>.pdf")
    response = signed_in(officer).get(f"/evidence/{found.pk}/file/1/")
    assert response.status_code == 200
    assert not response.cookies
    assert [value for value in response.headers.values() if "\n" in value or "\r" in value] == []
