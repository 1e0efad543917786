"""Every address of the product, read from the URL configuration, and the rows that fill it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.apps import apps
from django.urls import get_resolver
from django.urls.resolvers import URLPattern

from accounts.walls import organization_column

PARAMETER = re.compile(r"<(?:(\w+):)?(\w+)>|\(\?P<(\w+)>[^)]*\)")
# What stands before an id in an address, and the model of that id.
MODELS = {
    "actions": "nonconformities.CorrectiveAction",
    "again": "alerts.WebhookDelivery",
    "alerts": "certifications.AlertRule",
    "audits": "audits.Audit",
    "bodies": "certifications.CertificationBody",
    "certificates": "certifications.Certificate",
    "checklist": "audits.ChecklistItem",
    "changes": "certifications.ReportedChange",
    "decisions": "certifications.Decision",
    "editions": "certifications.Edition",
    "evidence": "evidence.Evidence",
    "findings": "audits.Finding",
    "guests": "accounts.Membership",
    "import": "exchange.ImportRun",
    "invitations": "access.Invitation",
    "invited": "access.Invitation",
    "keys": "accounts.ApiKey",
    "ncs": "nonconformities.Nonconformity",
    "nonconformities": "nonconformities.Nonconformity",
    "outbox": "records.Message",
    "papers": "records.RenderedPdf",
    "<slug:kind>": "certifications.Certificate",
    "<slug:which>": "audits.Competence",
    "people": "accounts.Membership",
    "plan": "audits.PlanEntry",
    "reliances": "certifications.Reliance",
    "schemes": "certifications.Scheme",
    "sites": "accounts.Site",
    "subscribe": "agenda.CalendarAddress",
    "team": "audits.TeamMember",
    "time": "agenda.TimeRequest",
    "touched": "certifications.ChangedCertificate",
    "verify": "nonconformities.Nonconformity",
    "views": "records.SavedView",
    "webhooks": "alerts.Webhook",
}
# Ids that name nobody's records but the person's own, or records of the whole installation.
NO_RECORDS = {"sessions", "passkeys", "sweep-runs", "organizations", "programme", "subject_id", "number"}
# Words in addresses: each is tried until the address exists for an own row.
WORDS = (
    "suspend", "incident", "certificates", "nonconformity", "certificate", "dossier", "close", "accept-plan",
    "submit-plan", "start", "confirm", "hold", "cancel", "done", "complete", "csv",
    "xlsx", "nc", "form", "reduce_scope", "containment", "extent", "root_cause", "root-cause", "plan", "effect",
)  # fmt: skip
# Opened without a capability: signing in, the person's own, the state of the installation.
WITHOUT_CAPABILITY = re.compile(
    r"^(sign-in/|sign-out/|password/|settings/sign-in/|settings/profile/|settings/password/|organizations/|theme/"
    r"|healthz|readyz|cal/|keyboard/|invitations/|invitation/|static/|sso/|single-sign-on/|outbox/|api/)"
)


@dataclass(frozen=True)
class Address:
    """One address; ``view`` answers it."""

    route: str
    name: str
    view: Any

    def __str__(self) -> str:
        return "/" + self.route

    @property
    def parameters(self) -> list[tuple[str, str, str]]:
        """Segment before it, converter and name of each parameter."""
        found = []
        for match in PARAMETER.finditer(self.route):
            before = self.route[: match.start()].rstrip("/").rpartition("/")[2].lstrip("^")
            found.append((before, match[1] or "str", match[2] or match[3]))
        return found

    @property
    def ids(self) -> dict[str, Any]:
        """The model of each parameter that is the id of a record."""
        return {name: found for before, kind, name in self.parameters if (found := self._model(before, kind, name))}

    def _model(self, before: str, kind: str, name: str) -> Any:
        if self.is_api and name == "pk":
            shown = self.view.cls.model
            return shown if organization_column(shown) else None
        return apps.get_model(MODELS[before]) if kind == "int" and before in MODELS else None

    @property
    def methods(self) -> list[str]:
        """What it answers to: the resource says so, a page is read and sent."""
        return sorted(name.upper() for name in self.view.actions) if self.is_api else ["GET", "POST"]

    @property
    def capability(self) -> str:
        """Which capability opens a page; empty where the person's own or nobody's is shown."""
        return str(getattr(self.view, "capability", ""))

    @property
    def undeclared(self) -> list[str]:
        """Parameters of which nobody knows what they name."""
        return [
            f"{before}/{name}"
            for before, kind, name in self.parameters
            if (kind == "int" or self.is_api) and name not in self.ids and not {before, name} & NO_RECORDS
        ]

    @property
    def is_api(self) -> bool:
        """Whether it is a resource of the API."""
        return self.route.startswith("api/v1/") and hasattr(self.view, "actions")

    def filled(self, values: dict[str, Any]) -> str:
        """The address with its parameters replaced."""
        path = PARAMETER.sub(lambda m: str(values.get(m[2] or m[3], "x")), self.route)
        return "/" + re.sub(r"[\^$?]|\\Z|\\", "", path)


@cache
def addresses() -> tuple[Address, ...]:
    """All of them but the operators' pages, which have a test of their own, and files of the style."""
    found = [Address(route, name, view) for route, name, view in _walk(get_resolver())]
    unique = {address.route: address for address in reversed(found)}
    kept = [a for a in reversed(unique.values()) if not a.route.startswith(("admin/", "static/"))]
    return tuple(a for a in kept if "format" not in [name for _, _, name in a.parameters])


def _walk(resolver: Any, prefix: str = "") -> Iterator[tuple[str, str, Any]]:
    for pattern in resolver.url_patterns:
        route = prefix + str(pattern.pattern).removeprefix("^") if prefix else str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield route, pattern.name or "", pattern.callback
        else:
            yield from _walk(pattern, route)
