"""What people and systems send never becomes a part of a statement, of a path, of a line of the log or of a page."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from html import unescape
from html.parser import HTMLParser
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode, urlsplit

import pytest
from django.db import connection

from tests.api.routes import schema
from tests.isolation import callers
from tests.isolation.addresses import WITHOUT_CAPABILITY, addresses
from tests.isolation.matrix import Matrix

MARK = "inj3cted"
pytestmark = [pytest.mark.postgres, pytest.mark.matrix, pytest.mark.timeout(1500)]
PAYLOADS = {
    "statement": f"1'; DROP TABLE {MARK}; --",
    "condition": f'" OR 1=1 -- {MARK}',
    "sleep": f"1 AND (SELECT 1 FROM pg_sleep(30)) /* {MARK} */",
    "look-up": f"organization__name__regex={MARK}(",
    "path": f"../../../../etc/passwd?{MARK}",
    "command": f"$(id) `id`; cat /etc/passwd | {MARK}",
    "line of the log": f"x\r\n{MARK} INFO a line that nobody wrote",
    "nothing": f"\x00{MARK}",
    "not a number": f"９{MARK}{'9' * 400}",
    "markup": f"<script>{MARK}</script>{{{{ 7|add:{MARK} }}}}%s%(x)s{{0.__class__}}",
}
SKIPPED_FIELDS = {"csrfmiddlewaretoken"}


class Forms(HTMLParser):
    """The forms of a page, and the names that its links ask by."""

    def __init__(self, path: str, html: str) -> None:
        super().__init__()
        self.path, self.found = path, {("GET", path): set[str]()}
        self._open: tuple[str, str] | None = None
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Collect."""
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            action = urlsplit(given.get("action", "")).path or self.path
            self._open = (given.get("method", "get").upper(), action)
            self.found.setdefault(self._open, set())
        elif tag in {"input", "select", "textarea", "button"} and self._open and given.get("name"):
            self.found[self._open].add(given["name"])
        elif tag == "a" and urlsplit(given.get("href", "")).path in {"", self.path}:
            asked = re.findall(r"[?&]([\w.-]+)=", unescape(given.get("href", "")))
            self.found["GET", self.path].update(asked)

    def handle_endtag(self, tag: str) -> None:
        """A form ends."""
        if tag == "form":
            self._open = None


class Reached(NamedTuple):
    """How many requests were sent, statements with the mark among their values, and requests of which the log told."""

    sent: int
    values: int
    logged: int


class Watch:
    """Every statement that holds the mark in its text, and how many have it where it belongs, among their values."""

    def __init__(self) -> None:
        self.statements: list[str] = []
        self.values = 0

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        self.values += MARK in str(params)
        if MARK in str(sql):
            self.statements.append(str(sql))
        return execute(sql, params, many, context)


def problems(answer: Any, name: str) -> Iterator[str]:
    """What is wrong with an answer to a payload."""
    if answer.status_code >= 500:
        yield f"answers {answer.status_code}"
    if b"root:x:" in answer.seen:
        yield "shows a file of the machine"
    if b"uid=0(" in answer.seen:
        yield "shows what a command said"
    if name == "markup" and f"<script>{MARK}".encode() in answer.seen and "html" in answer.headers["Content-Type"]:
        yield "shows it as markup"


@pytest.fixture
def officer(matrix: Matrix) -> callers.Caller:
    """Who may do most."""
    return callers.on_pages("administrator", matrix.own, matrix.foreign)


def ask(matrix: Matrix, caller: callers.Caller, requests: list[tuple[str, str, str, Any]], caplog: Any) -> Reached:
    """Send all and name every leak."""
    watch, wrong, logged = Watch(), [], 0
    with caplog.at_level(logging.INFO), connection.execute_wrapper(watch):
        for name, method, path, body in requests:
            caplog.clear()
            answer = matrix.send(None, caller, method, path, body)
            wrong += [f"{method} {path} ({name}): {problem}" for problem in problems(answer, name)]
            said = "\n".join(record.getMessage() for record in caplog.records)
            logged += MARK in said
            if re.search(rf"^{MARK}", said, re.MULTILINE):
                wrong.append(f"{method} {path} ({name}): writes a line of its own into the log")
    assert wrong == []
    assert watch.statements == []
    return Reached(len(requests), watch.values, logged)


def test_every_field_of_every_page(matrix: Matrix, officer: callers.Caller, caplog: Any) -> None:
    pages = [a for a in addresses() if not a.is_api and not WITHOUT_CAPABILITY.match(a.route)]
    matrix.find_words(pages, officer)
    forms: dict[tuple[str, str], set[str]] = {}
    for page in pages:
        path = matrix.path(page, "own")
        answer = matrix.send(page, officer, "GET", path)
        if answer.status_code == 200 and "html" in answer["Content-Type"]:
            for form, names in Forms(path, answer.seen.decode()).found.items():
                forms.setdefault(form, set()).update(names - SKIPPED_FIELDS)
    requests = []
    for (method, path), names in forms.items():
        for kind, payload in PAYLOADS.items():
            filled = dict.fromkeys(sorted(names), payload)
            if names:
                asked = path if method == "POST" else f"{path}?{urlencode(filled)}"
                requests.append((kind, method, asked, filled if method == "POST" else None))
    reached = ask(matrix, officer, requests, caplog)
    assert reached.sent > 500
    assert reached.values > 100, reached


def test_every_parameter_of_the_api(matrix: Matrix, caplog: Any) -> None:
    caller = callers.by_key("administrator", matrix.own, matrix.foreign)
    requests = []
    for path, methods in schema()["paths"].items():
        names = [given["name"] for given in methods.get("get", {}).get("parameters", ()) if given["in"] == "query"]
        for kind, payload in PAYLOADS.items():
            if "{" in path:
                requests.append((kind, "GET", re.sub(r"\{\w+\}", quote(payload, safe=""), path), None))
            requests += [
                (kind, "GET", f"{path}?{urlencode({name: payload})}", None) for name in names if "{" not in path
            ]
    reached = ask(matrix, caller, requests, caplog)
    assert (reached.sent > 300, reached.values > 50, reached.logged > 50) == (True, True, True)


def test_every_word_of_an_address(matrix: Matrix, officer: callers.Caller, caplog: Any) -> None:
    worded = [a for a in addresses() if any(kind in {"str", "slug", "path"} for _, kind, _ in a.parameters)]
    requests = []
    for address in worded:
        values = {name: matrix.own.certificate.pk if kind == "int" else "" for _, kind, name in address.parameters}
        for kind, payload in PAYLOADS.items():
            filled = {name: value or quote(payload, safe="") for name, value in values.items()}
            requests.append((kind, "GET", address.filled(filled), None))
    reached = ask(matrix, officer, requests, caplog)
    assert (reached.sent > 100, reached.logged > 100) == (True, True)
