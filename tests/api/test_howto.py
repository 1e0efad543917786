"""The examples of docs/howto/api.md, run in the order in which they stand there."""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from django.core.management import call_command

from accounts import clock
from records.papers import make_waiting
from tests.api.calling import Caller
from tests.architecture.source import ROOT

TEXT = (ROOT / "docs/howto/api.md").read_text()


@dataclass(frozen=True)
class Example:
    """A call of curl: what is sent where."""

    method: str
    path: str
    headers: dict[str, str]
    body: Any

    @classmethod
    def of(cls, command: str) -> Example:
        words = iter(shlex.split(command)[1:])
        method, path, headers, body = "GET", "", {}, None
        for word in words:
            if word == "-X":
                method = next(words)
            elif word == "-H":
                name, _, value = next(words).partition(": ")
                headers[name.replace("-", "_")] = value
            elif word == "-o":
                next(words)
            elif word == "-d":
                body = json.loads(next(words))
            else:
                path = word.removeprefix("$ISOTRACK/")
        return cls(method, path, headers, body)


def commands() -> list[str]:
    """Every curl of the page, in order."""
    blocks = "\n".join(re.findall(r"```sh\n(.*?)```", TEXT, re.DOTALL)).replace("\\\n", " ")
    return [command for command in re.split(r"\n(?=curl |export )", blocks.strip()) if command.startswith("curl")]


def fitted(command: str, certificate: int, nonconformity: int) -> str:
    """The command with the ids of this database; the page names the first rows of a new one."""
    command = command.replace("certificates/1/", f"certificates/{certificate}/").replace("[1]", f"[{certificate}]")
    return command.replace("nc:2", f"nc:{nonconformity}").replace("ities/2/", f"ities/{nonconformity}/")


def run(api: Caller, example: Example) -> Any:
    """The answer to an example; the key of the page is the caller's."""
    headers = dict(example.headers)
    assert headers.pop("Authorization") == "Bearer $KEY"
    if example.body is not None:
        assert headers.pop("Content_Type") == "application/json"
    return api.send(example.method, example.path, example.body, **headers)


def test_every_example_is_answered(world, api):
    answers, raised = [], 0
    for command in commands():
        example = Example.of(fitted(command, world.certificate.pk, raised))
        response = run(api, example)
        make_waiting()  # as the worker does meanwhile
        place = Example.of(command).path.partition("?")[0]
        answers.append((example.method, place, response.status_code))
        raised = response.json()["id"] if place == "nonconformities/" else raised
    assert answers == [
        ("GET", "me/", 200),
        ("GET", "certificates/", 200),
        ("GET", "certificates/1/forecast/", 200),
        ("POST", "nonconformities/", 201),
        ("POST", "nonconformities/2/root-cause/", 200),
        ("POST", "certificates/1/decisions/", 201),
        ("PATCH", "certificates/1/", 200),
        ("POST", "simulations/", 200),
        ("POST", "certificates/1/paper/", 202),
        ("GET", "certificates/1/paper/", 200),
        ("GET", "events/", 200),
    ]


def test_the_problem_document_of_the_page_is_a_real_one(world, api):
    (shown,) = re.findall(r"```json\n(.*?)```", TEXT, re.DOTALL)
    body = {"number": "N", "standard": world.standard.pk, "scheme": world.scheme.pk}
    response = api.post("certificates/", {**body, "issued_on": "2026-02-03", "expires_on": "2026-02-02"})
    assert response.json() == json.loads(shown)


def test_the_command_of_the_page_makes_a_key(world, organization, officer, capsys):
    (command,) = re.findall(r"python manage.py (api_key .*)", TEXT)
    call_command(*shlex.split(command))
    assert Caller(capsys.readouterr().out.strip()).get("me/").json()["email"] == "marta@halden.example"


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 406, 409, 412, 413, 415, 422, 428, 429, 500])
def test_every_status_stands_in_the_table(status):
    assert re.search(rf"^\| [\d, ]*\b{status}\b", TEXT, re.MULTILINE)


def test_the_page_is_written_for_the_day_of_the_examples(world):
    assert clock.today(world.organization) == date(2026, 11, 23)
