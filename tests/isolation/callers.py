"""Who asks: each role on pages and by key, and those who have no business here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.test import Client

from accounts import tenancy
from accounts.models import Membership, User
from accounts.permissions import Role
from tests.api.calling import key_for
from tests.api.world import World
from tests.conftest import member

ROLES = [role.value for role in Role]
ON_PAGES = [*ROLES, "member of both", "outsider", "disabled", "anonymous"]
BY_KEY = [*ROLES, "member of both", "reading key", "no key"]


@dataclass
class Caller:
    """Someone with a browser or a key; ``membership`` is None for whoever has no business in the organization."""

    name: str
    client: Client
    membership: Membership | None
    key: str = ""

    def send(self, method: str, path: str, body: Any = None) -> Any:
        """A request as a browser or a system sends it."""
        if not self.key and method == "POST" and not path.startswith("/api/v1/"):
            return self.client.post(path, body or {})
        headers = {"If-Match": "*"} | ({"Authorization": f"Bearer {self.key}"} if self.key else {})
        return self.client.generic(method, path, body or "{}", content_type="application/json", headers=headers)


def on_pages(name: str, own: World, foreign: World) -> Caller:
    """Someone with a browser."""
    caller = Caller(name, Client(raise_request_exception=False), None)
    if name == "anonymous":
        return caller
    user, caller.membership = _person(name, own, foreign)
    caller.client.force_login(user)
    if name == "disabled":
        User.objects.filter(pk=user.pk).update(is_active=False)
    return caller


def by_key(name: str, own: World, foreign: World) -> Caller:
    """A system with a key."""
    caller = Caller(name, Client(raise_request_exception=False), None)
    if name == "no key":
        return caller
    user, caller.membership = _person("administrator" if name == "reading key" else name, own, foreign)
    caller.key = key_for(own.organization, user, writes=name != "reading key")
    return caller


def _person(name: str, own: World, foreign: World) -> tuple[User, Membership | None]:
    mail = f"caller-{User.objects.count()}@caller.example"
    if name in {"outsider", "disabled"}:
        user = User.objects.create_user(mail, full_name="Caller")
        if name == "disabled":
            with tenancy.acting_in(own.organization):
                Membership.objects.create(organization=own.organization, user=user, role=Role.ADMINISTRATOR)
        return user, None
    role = Role.COMPLIANCE_OFFICER if name == "member of both" else Role(name)
    user = member(own.organization, mail, "Caller", role)
    with tenancy.acting_in(own.organization):
        found: Membership = Membership.objects.get(user=user)
        if role == Role.GUEST_AUDITOR:
            found.limits = {"audits": [own.audit.pk]}
            found.save()
    if name == "member of both":
        with tenancy.acting_in(foreign.organization):
            Membership.objects.create(organization=foreign.organization, user=user, role=Role.ADMINISTRATOR)
    return user, found
