"""Calling the API as another system does: JSON in, JSON out, a key in the header."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from django.test import Client

from accounts import tenancy
from accounts.models import ApiKey, Membership, Organization, User
from accounts.permissions import Role
from tests.conftest import member

ROOT = "/api/v1/"
PROBLEM = "application/problem+json"


def key_for(organization: Organization, user: User, writes: bool = True, **fields: Any) -> str:
    """A key of this member; its whole text."""
    prefix, text, digest = ApiKey.new_secret()
    with tenancy.acting_in(organization):
        assert Membership.objects.filter(organization=organization, user=user).exists()
        ApiKey.objects.create(
            organization=organization, user=user, name="ERP", prefix=prefix, digest=digest, writes=writes, **fields
        )
    return text


@dataclass
class Caller:
    """A system with a key; a path that does not begin with a slash stands below /api/v1/."""

    key: str
    client: Client = field(default_factory=lambda: Client(raise_request_exception=False))

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """Send a request; ``If_Match='"1"'`` becomes the header If-Match."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        return self.client.generic(
            method,
            path if path.startswith(("/", "http://")) else ROOT + path,
            content,
            content_type="application/json",
            headers={"Authorization": f"Bearer {self.key}", **sent} if self.key else sent,
        )

    def get(self, path: str, **headers: str) -> Any:
        """Read."""
        return self.send("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        """Add or move."""
        return self.send("POST", path, {} if body is None else body, **headers)

    def patch(self, path: str, body: Any, version: int | None = None) -> Any:
        """Change, starting from a version."""
        return self.send("PATCH", path, body, **({"If_Match": f'"{version}"'} if version is not None else {}))


def caller(organization: Organization, role: Role = Role.COMPLIANCE_OFFICER, writes: bool = True) -> Caller:
    """A system that speaks for a new member with this role."""
    mail = f"{role.value}-{User.objects.count()}@{organization.slug}.example"
    return Caller(key_for(organization, member(organization, mail, str(role.label), role), writes))


def problem(response: Any, status: int) -> Any:
    """The problem document of a refusal; checks its form."""
    assert (response.status_code, response["Content-Type"]) == (status, PROBLEM), response.content[:500]
    found = response.json()
    assert found["status"] == status
    assert found["type"] == "about:blank"
    assert found["title"]
    assert found["detail"]
    return found


def pointers(response: Any) -> set[str]:
    """Where the body of a refused request is wrong."""
    return {error["pointer"] for error in problem(response, 400)["errors"]}
