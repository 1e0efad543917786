"""A system that talks to an installation through the API, and sends again what was not taken."""

from __future__ import annotations

import json
import time
from http.client import HTTPConnection, HTTPException

from tests.faults.processes import Installation

PREPARE = """
from accounts.models import Membership, Organization, User
from accounts import tenancy
from records.keys import Grant, issue_key
from records.record import Actor
from tests.faults.one_certificate import make
make()
with tenancy.acting_in(Organization.objects.get()):
    member = Membership.objects.get()
    print(issue_key(member, "ERP", Actor.person(member.user), grant=Grant(writes=True))[1])
"""


def make_key(started: Installation) -> str:
    """An organization with a certificate and an open major, and a key that may write in it."""
    return started.manage("shell", "-v0", "-c", PREPARE).split()[-1]


def raise_one(started: Installation, key: str, title: str) -> int | None:
    """The status that the API answers to raising a nonconformity, none when the connection breaks."""
    headers = {"Content-Type": "application/json", "Idempotency-Key": title}
    body = {"number": title, "title": title, "grade": "minor", "source": "complaint", "raised_on": "2026-01-05"}
    return ask(started, key, "POST", "/api/v1/nonconformities/", json.dumps(body), headers)


def get(started: Installation, key: str, path: str) -> int | None:
    """The status of what the key reads."""
    return ask(started, key, "GET", path, None, {})


def ask(
    started: Installation, key: str, method: str, path: str, body: str | None, headers: dict[str, str]
) -> int | None:
    """The status of a request with the key, none when the connection breaks."""
    connection = HTTPConnection("127.0.0.1", started.port, timeout=30)
    try:
        connection.request(method, path, body, headers | {"Authorization": f"Bearer {key}"})
        return connection.getresponse().status
    except (OSError, HTTPException):
        return None
    finally:
        connection.close()


def until_raised(started: Installation, key: str, title: str) -> list[int | None]:
    """Every answer until the nonconformity is there, as a client that sends again gets them."""
    answers = [raise_one(started, key, title)]
    while answers[-1] in {409, 429, 503, None} and len(answers) < 60:
        time.sleep(0.3)
        answers.append(raise_one(started, key, title))
    return answers
