"""Asks one address as one caller about an own, a foreign and a missing record, and says what was wrong."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from accounts import tenancy
from accounts.permissions import Capability
from accounts.walls import organization_models
from tests.api.world import World
from tests.isolation.addresses import WORDS, Address
from tests.isolation.callers import Caller

MISSING = 987_654_321
FOUND_WORDS: dict[str, str] = {}
WRITES = re.compile(r"\s*(?:SET LOCAL [^;]*; )?(INSERT INTO|UPDATE|DELETE FROM) \"?(\w+)", re.IGNORECASE)
# What a page may write although it is only looked at: the session, and when a key was last used.
MAY_WRITE = {"django_session", "accounts_apikey", "usersessions_usersession"}
# Whoever opens evidence is kept in the history, and a message that was shown once is taken out of the session.
WRITES_ON_PURPOSE = re.compile(r"/file/(\d+/)?$")
CHANGING = re.compile(
    r'name="(csrfmiddlewaretoken|key|once)" value="[^"]*"|"X-CSRFToken": "[^"]*"|[0-9a-f]{32}|\d+(\.\d+)? ms'
)


@dataclass
class Found:
    """How many cells were asked, and every leak in words."""

    cells: int = 0
    leaks: list[str] = field(default_factory=list)

    def write_down(self, name: str) -> None:
        """Add the numbers to the file that the whole run sums up."""
        if place := os.environ.get("ISOTRACK_TEST_CELLS"):
            with Path(place).open("a") as file:
                file.write(f"{name}\t{self.cells}\t{len(self.leaks)}\n")


@dataclass
class Matrix:
    """Two worlds; ``foreign.marker`` stands in every text of the one that must not be seen."""

    own: World
    foreign: World
    found: Found = field(default_factory=Found)

    def ask(self, address: Address, caller: Caller) -> None:
        """Every method of the address, about each kind of record."""
        for method in address.methods:
            answers = {}
            for kind in ("own", "foreign", "missing", "mixed") if address.ids else ("own",):
                if kind == "mixed" and len(address.ids) < 2:
                    continue
                path = self.path(address, kind)
                answers[kind] = (path, self.send(address, caller, method, path))
                self.found.cells += 1
            for problem in self.problems(address, caller, method, answers):
                self.found.leaks.append(f"{caller.name}: {method} {address}: {problem}")

    def path(self, address: Address, kind: str) -> str:
        """The address filled with ids; a mixed one has a foreign part of an own record."""
        values: dict[str, Any] = dict.fromkeys([name for *_, name in address.parameters], self.word(address))
        values |= {"subject_type": "nonconformity", "form": "csv", "number": 1, "secret": "x"}
        values["subject_id"] = {"foreign": self.foreign, "missing": None}.get(kind, self.own)
        values["subject_id"] = values["subject_id"].nonconformity.pk if values["subject_id"] else MISSING
        for place, (name, model) in enumerate(address.ids.items()):
            world = self.foreign if kind == "foreign" or (kind == "mixed" and place) else self.own
            values[name] = MISSING if kind == "missing" else first(model, world)
        return address.filled(values)

    def word(self, address: Address) -> str:
        """A word for which the address of an own record exists."""
        return FOUND_WORDS.get(address.route, "x")

    def send(self, address: Address | None, caller: Caller, method: str, path: str, body: Any = None) -> Any:
        """One request; whatever it changed is taken back. A look that writes is a leak as well."""
        written: list[str] = []

        def watch(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
            if hit := WRITES.match(str(sql)):
                written.append(hit[2])
            return execute(sql, params, many, context)

        with transaction.atomic(), connection.execute_wrapper(watch):
            answer = caller.send(method, path, body)
            answer.seen = b"".join(answer) if answer.streaming else answer.content
            transaction.set_rollback(True)
        caller.client.cookies.pop("messages", None)  # what was said of an act that was taken back
        wrote = set(written) - MAY_WRITE
        if method == "GET" and wrote and not WRITES_ON_PURPOSE.search(path):
            self.found.leaks.append(f"{caller.name}: GET {address or path} wrote {', '.join(sorted(wrote))}")
        return answer

    def problems(self, address: Address, caller: Caller, method: str, answers: dict[str, Any]) -> Iterator[str]:
        """What is wrong with the answers to one question."""
        for kind, (path, answer) in answers.items():
            if answer.status_code >= 500:
                yield f"{kind} answers {answer.status_code}"
            if caller.membership and answer.status_code < 400 and not is_kept_apart(answer):
                yield f"{kind} may be kept by a shared cache"
            if self.foreign.marker.encode() in answer.seen and not self.is_callers_own(address, caller):
                yield f"{kind} shows a text of the other organization"
            if kind in {"foreign", "missing", "mixed"} and not refuses(answer):
                yield f"{kind} answers {answer.status_code} at {path}"
        if "foreign" in answers and plain(answers["foreign"]) != plain(answers["missing"]):
            yield "a foreign record and a missing one are told apart"
        own = answers["own"][1].status_code
        yield from self.wrong_right(address, caller, method, own)

    def wrong_right(self, address: Address, caller: Caller, method: str, own: int) -> Iterator[str]:
        """The role's table: who may not is refused; an administrator is refused nowhere."""
        if not address.capability:
            return
        may = caller.membership is not None and caller.membership.may(Capability(address.capability))
        if not may and own not in {302, 401, 403, 404, 405}:
            yield f"answers {own} without {address.capability}"
        if may and caller.name == "administrator" and method == "GET" and own == 403:
            yield f"is refused in spite of {address.capability}"

    def is_callers_own(self, address: Address, caller: Caller) -> bool:
        """Where a member of both is told of both: their own list of organizations."""
        return caller.name == "member of both" and address.name in {"organizations", "api:organization-list"}

    def find_words(self, addresses: list[Address], caller: Caller) -> None:
        """For addresses with words in them: one for which an own record has a page."""
        for address in addresses:
            known = {*address.ids, "subject_type", "number", "secret"}
            if address.route in FOUND_WORDS or {name for *_, name in address.parameters} <= known:
                continue
            for word in WORDS:
                FOUND_WORDS[address.route] = word
                path = self.path(address, "own")
                answers = (self.send(address, caller, method, path) for method in address.methods)
                if any(answer.status_code not in {404, 405} for answer in answers):
                    break


def first(model: Any, world: World) -> int:
    """The id of a row of this world."""
    with tenancy.acting_in(world.organization):
        named = next((row for row in vars(world).values() if type(row) is model), None)
        found: int = named.pk if named else model._default_manager.order_by("pk").values_list("pk", flat=True)[0]
        return found


def refuses(answer: Any) -> bool:
    """Whether nothing was shown or done: no such record, no right, or sign in first."""
    to_sign_in = answer.status_code == 302 and answer["Location"].startswith("/sign-in/")
    return to_sign_in or answer.status_code in {401, 403, 404, 405}


def is_kept_apart(answer: Any) -> bool:
    """Whether no cache that several people share may keep the answer."""
    return bool(re.search("private|no-store", answer.headers.get("Cache-Control", "")))


def plain(question: tuple[str, Any]) -> tuple[int, str]:
    """Status and text of an answer without what differs each time, the ids asked for included."""
    path, answer = question
    text = CHANGING.sub("", answer.seen.decode("utf-8", "replace"))
    return answer.status_code, re.sub(r"\d+", "#", text.replace(path, "PATH"))


def picture(world: World) -> dict[str, Any]:
    """All rows of a world, to see that nothing was changed in it."""
    with tenancy.acting_in(world.organization):
        return {m._meta.label: list(m._default_manager.order_by("pk").values_list()) for m in organization_models()}
