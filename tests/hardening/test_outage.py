"""A database that is away for a moment: 503 and when to try again, on pages and in the API, before and in a view."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import InterfaceError, InternalError, OperationalError
from django.test import Client

from accounts import middleware
from accounts.models import User
from certifications.api import reference
from isotrack import dashboard
from tests.pages import signed_in, text_of


class ReadOnly(Exception):
    """What the driver says of a change on a standby."""

    pgcode = "25006"


def raising(error: Exception, cause: Exception | None = None) -> Any:
    def fail(*args: Any, **more: Any) -> None:
        raise error from cause

    return fail


@pytest.fixture
def browser(officer: User) -> Client:
    browser = signed_in(officer)
    browser.raise_request_exception = False
    return browser


@pytest.mark.parametrize("error", [OperationalError("terminating connection"), InterfaceError("already closed")])
@pytest.mark.parametrize("place", [(dashboard, "render"), (middleware, "_membership")], ids=["view", "before"])
def test_a_page_says_that_nothing_was_saved_and_when_to_try_again(
    browser: Client, monkeypatch: Any, error: Exception, place: tuple[Any, str]
) -> None:
    monkeypatch.setattr(*place, raising(error))
    answer = browser.get("/")
    assert (answer.status_code, answer["Retry-After"]) == (503, "10")
    assert "What you sent last is not saved." in text_of(answer)
    assert "script-src 'self'" in answer["Content-Security-Policy"]


def test_a_change_that_a_standby_refuses_is_no_fault_of_ours(browser: Client, monkeypatch: Any) -> None:
    monkeypatch.setattr(dashboard, "render", raising(InternalError("read-only transaction"), ReadOnly()))
    assert browser.get("/").status_code == 503


def test_every_other_failure_stays_a_failure(browser: Client, monkeypatch: Any) -> None:
    monkeypatch.setattr(dashboard, "render", raising(InternalError("invalid page"), ValueError()))
    answer = browser.get("/")
    assert (answer.status_code, "Retry-After" in answer) == (500, False)


def test_the_api_answers_with_a_problem_document(browser: Client, monkeypatch: Any) -> None:
    monkeypatch.setattr(reference, "add_site", raising(OperationalError("server closed the connection")))
    seen = browser.post("/api/v1/sites/", {"name": "x"}, content_type="application/json")
    monkeypatch.setattr(middleware, "_membership", raising(OperationalError("server closed the connection")))
    before = browser.get("/api/v1/sites/")
    for answer in (seen, before):
        assert (answer.status_code, answer["Retry-After"]) == (503, "10")
        assert answer["Content-Type"] == "application/problem+json"
        assert "nothing was saved" in answer.json()["detail"]
