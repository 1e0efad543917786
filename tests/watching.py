"""Requests of tests are watched: one that changes a business row and writes no event fails the test.

Tables are all of the product's own; those whose rows are no business record stand below with the reason.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection
from django.test.client import ClientHandler

WATCHED = {"accounts", "agenda", "certifications", "evidence", "exchange", "followup", "hardening", "nonconformities"}
NO_RECORD = {
    "records_event": "the history itself",
    "records_eventcounter": "the history's own end",
    "records_message": "a mail on its way; what it tells of is an event",
    "records_sweeprun": "a run of the sweep serves every organization",
    "records_renderedpdf": "a paper being made; it holds what records say",
    "records_chaincheck": "a look at the history",
    "records_signedhead": "signed from the history",
    "accounts_idempotencykey": "the answer to a request that is sent again",
    "accounts_user": "an account belongs to its person; what an organization decides about it is an event",
    "exchange_importrun": "answers to an import that is not carried out yet; carrying it out is an event",
}
# Columns that say when something was used; a row on which nothing else changes is no change of a record.
USE = {"accounts_apikey": {"last_used_at"}, "accounts_user": {"last_login"}}
WRITES = re.compile(r'^\s*(INSERT(?: OR \w+)? INTO|UPDATE|DELETE FROM)\s+"(\w+)"(.*)', re.S | re.I)


@cache
def business_tables() -> frozenset[str]:
    """Tables of the product's own apps whose rows are business records."""
    own = {path.name for path in settings.BASE_DIR.iterdir() if (path / "apps.py").exists()}
    models = [model for model in apps.get_models(include_auto_created=True) if model._meta.app_label in own]
    return frozenset(model._meta.db_table for model in models) - set(NO_RECORD)


class Watch:
    """What one request writes."""

    def __init__(self) -> None:
        self.changed: set[str] = set()
        self.told = False

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        result = execute(sql, params, many, context)
        if (found := WRITES.match(str(sql))) and getattr(context["cursor"], "rowcount", 1) != 0:
            self.note(found[1].upper(), found[2], found[3])
        return result

    def note(self, verb: str, table: str, rest: str) -> None:
        if table == "records_event":
            self.told = True
        elif table in business_tables() and not (verb == "UPDATE" and _only_use(table, rest)):
            self.changed.add(table)


def _only_use(table: str, rest: str) -> bool:
    sets = rest.partition(" WHERE ")[0]
    return set(re.findall(r'"(\w+)" = ', sets)) <= USE.get(table, set())


@contextmanager
def watched() -> Iterator[Watch]:
    """Watch what is written inside."""
    watch = Watch()
    with ExitStack() as stack:
        stack.enter_context(connection.execute_wrapper(watch))
        yield watch


_answer = ClientHandler.__call__


def _watched_answer(self: ClientHandler, environ: dict[str, Any]) -> Any:
    with watched() as watch:
        response = _answer(self, environ)
    if watch.changed and not watch.told and response.status_code < 400:
        raise AssertionError(f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']} changed {watch.changed} in silence")
    return response


def watching_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    """Watch every request of one test."""
    monkeypatch.setattr(ClientHandler, "__call__", _watched_answer)
