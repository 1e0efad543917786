"""Every route, every method, every caller, about an own, a foreign and a missing record."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import models

from accounts import tenancy
from accounts.tenancy import OrganizationManager
from tests.isolation import callers
from tests.isolation.addresses import WITHOUT_CAPABILITY, addresses
from tests.isolation.matrix import Matrix, picture

PAGES = [address for address in addresses() if not address.is_api]
RESOURCES = [address for address in addresses() if address.is_api]
# Left out here: they end the session of the caller, or need a form of their own (tests/accounts).
LEFT_OUT = {"sign-out", "account_logout"}


def test_every_address_says_what_its_ids_name_and_what_opens_it() -> None:
    """A new route fails here until it says so: by its decorator, its resource, or the tables of ``addresses``."""
    undeclared = {str(address): address.undeclared for address in addresses() if address.undeclared}
    open_to_all = [str(a) for a in PAGES if not a.capability and not WITHOUT_CAPABILITY.match(a.route)]
    assert (undeclared, open_to_all) == ({}, [])


def test_the_callers_are_whom_they_are_called(matrix: Matrix) -> None:
    """A matrix of people who are not signed in would find nothing."""
    page, row = f"/certificates/{matrix.own.certificate.pk}/", f"/api/v1/certificates/{matrix.own.certificate.pk}/"
    seen = {name: callers.on_pages(name, matrix.own, matrix.foreign).send("GET", page) for name in callers.ON_PAGES}
    read = {name: callers.by_key(name, matrix.own, matrix.foreign).send("GET", row) for name in callers.BY_KEY}
    pages = {"outsider": 403, "disabled": 302, "anonymous": 302, "contributor": 404}
    keys = {"no key": 401, "contributor": 404}
    assert {name: answer.status_code for name, answer in seen.items()} == dict.fromkeys(seen, 200) | pages
    assert {name: answer.status_code for name, answer in read.items()} == dict.fromkeys(read, 200) | keys


def ask_all(matrix: Matrix, found: list[Any], caller: callers.Caller, name: str) -> None:
    matrix.find_words(found, callers.on_pages("administrator", matrix.own, matrix.foreign))
    before = picture(matrix.foreign)
    for address in found:
        if address.name not in LEFT_OUT:
            matrix.ask(address, caller)
    if picture(matrix.foreign) != before:
        matrix.found.leaks.append(f"{caller.name} changed rows of the other organization")
    matrix.found.write_down(name)
    assert not matrix.found.leaks, "\n".join(matrix.found.leaks)


@pytest.mark.matrix
@pytest.mark.timeout(1500)
@pytest.mark.parametrize("name", callers.ON_PAGES)
def test_pages(matrix: Matrix, name: str) -> None:
    ask_all(matrix, PAGES, callers.on_pages(name, matrix.own, matrix.foreign), "pages")


@pytest.mark.matrix
@pytest.mark.timeout(1500)
@pytest.mark.parametrize("name", callers.BY_KEY)
def test_the_api(matrix: Matrix, name: str) -> None:
    ask_all(matrix, RESOURCES, callers.by_key(name, matrix.own, matrix.foreign), "api")


@pytest.mark.parametrize("ending", ["lib.js", "logo.png", "x.css/"])
def test_an_address_with_an_ending_leads_nowhere(matrix: Matrix, ending: str) -> None:
    """A cache that keeps whatever looks like a file gets nothing of anybody."""
    caller = callers.on_pages("administrator", matrix.own, matrix.foreign)
    matrix.find_words(PAGES, caller)
    answers = {path: caller.send("GET", path) for page in PAGES if (path := matrix.path(page, "own") + ending)}
    found = {path: answer.status_code for path, answer in answers.items() if answer.status_code != 404}
    assert found == {}


def test_a_number_in_an_address_opens_nothing_to_a_stranger(matrix: Matrix) -> None:
    """A6: whoever counts upwards is asked to sign in, whether a row of that number exists or not."""
    numbered = [page for page in PAGES if any(kind == "int" for _, kind, _ in page.parameters)]
    matrix.find_words(numbered, callers.on_pages("administrator", matrix.own, matrix.foreign))
    stranger = callers.on_pages("anonymous", matrix.own, matrix.foreign)
    told = {
        str(page): [answer_to(stranger, matrix.path(page, which)) for which in ("own", "foreign", "missing")]
        for page in numbered
    }
    differ = {page: answers for page, answers in told.items() if len(set(answers)) > 1}
    opened = {page: answers for page, answers in told.items() if not set(answers) <= {"sign in", 401, 404, 405}}
    assert len(told) > 50
    assert (differ, opened) == ({}, {})


def answer_to(stranger: callers.Caller, path: str) -> int | str:
    """The status, or that signing in is asked for."""
    answer = stranger.send("GET", path)
    leads_to_sign_in = answer.status_code == 302 and answer["Location"].startswith("/sign-in/")
    return "sign in" if leads_to_sign_in else int(answer.status_code)


@pytest.fixture
def no_first_wall(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Managers read whatever the database gives."""

    def everything(self: Any) -> models.QuerySet[Any]:
        return models.Manager.get_queryset(self)

    monkeypatch.setattr(OrganizationManager, "get_queryset", everything)
    yield
    assert tenancy.current() is None


@pytest.mark.postgres
@pytest.mark.matrix
@pytest.mark.timeout(1500)
@pytest.mark.parametrize("name", ["administrator", "member of both"])
def test_pages_with_row_level_security_alone(no_first_wall: None, matrix: Matrix, name: str) -> None:
    ask_all(matrix, PAGES, callers.on_pages(name, matrix.own, matrix.foreign), "row-level security")


@pytest.mark.postgres
@pytest.mark.matrix
@pytest.mark.timeout(1500)
@pytest.mark.parametrize("name", ["administrator", "member of both"])
def test_the_api_with_row_level_security_alone(no_first_wall: None, matrix: Matrix, name: str) -> None:
    ask_all(matrix, RESOURCES, callers.by_key(name, matrix.own, matrix.foreign), "row-level security")
