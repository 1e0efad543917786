"""Who may do what: one table that pages, API, admin and docs read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise as StrOrPromise


class Role(models.TextChoices):
    """What a person is in one organization."""

    ADMINISTRATOR = "administrator", _("Administrator")
    COMPLIANCE_OFFICER = "compliance_officer", _("Compliance officer")
    AUDITOR = "auditor", _("Auditor")
    MANAGER = "manager", _("Manager")
    CONTRIBUTOR = "contributor", _("Contributor")
    VIEWER = "viewer", _("Viewer")
    GUEST_AUDITOR = "guest_auditor", _("Guest auditor")


class Capability(models.TextChoices):
    """Something that a role allows."""

    VIEW = "view", _("see the records within reach")
    VIEW_ORGANIZATION = "view_organization", _("see people, settings and scheme rules of the organization")
    EDIT_CERTIFICATES = "edit_certificates", _("add and change certificates and decisions of the body")
    REPORT_CHANGES = "report_changes", _("report changes of the organization")
    EDIT_AUDITS = "edit_audits", _("plan and record audits")
    CAPTURE = "capture", _("answer checklists and record findings")
    EDIT_NONCONFORMITIES = "edit_nonconformities", _("raise and work on nonconformities")
    CLOSE_NONCONFORMITIES = "close_nonconformities", _("accept plans, verify and close nonconformities")
    EDIT_SCHEMES = "edit_schemes", _("change scheme rules")
    EDIT_ALERTS = "edit_alerts", _("change who is reminded of what, and when")
    IMPORT = "import", _("import lists")
    EXPORT = "export", _("export lists")
    READ_OUTBOX = "read_outbox", _("read everybody's mails of the organization and send one again")
    MANAGE = "manage", _("manage people, keys and jobs")


_C = Capability
_LOOK = {_C.VIEW, _C.VIEW_ORGANIZATION}
_WORK = {_C.VIEW, _C.EDIT_NONCONFORMITIES, _C.REPORT_CHANGES}
_AUDIT = _LOOK | _WORK | {_C.EDIT_AUDITS, _C.CAPTURE, _C.CLOSE_NONCONFORMITIES, _C.EXPORT}
_EDIT = _AUDIT | {_C.EDIT_CERTIFICATES, _C.EDIT_SCHEMES, _C.EDIT_ALERTS}
_OFFICER = _EDIT | {_C.IMPORT, _C.READ_OUTBOX}

ALLOWED: dict[Role, frozenset[Capability]] = {
    Role.ADMINISTRATOR: frozenset(_OFFICER | {_C.MANAGE}),
    Role.COMPLIANCE_OFFICER: frozenset(_OFFICER),
    Role.AUDITOR: frozenset(_AUDIT),
    Role.MANAGER: frozenset(_LOOK | {_C.EXPORT, _C.REPORT_CHANGES}),
    Role.CONTRIBUTOR: frozenset(_WORK),
    Role.VIEWER: frozenset(_LOOK),
    Role.GUEST_AUDITOR: frozenset({_C.VIEW, _C.CAPTURE}),
}
# What a role sees when its membership has no limits.
REACHES: dict[Role, StrOrPromise] = {
    Role.ADMINISTRATOR: _("everything"),
    Role.COMPLIANCE_OFFICER: _("everything"),
    Role.AUDITOR: _("everything"),
    Role.MANAGER: _("everything"),
    Role.CONTRIBUTOR: _("their own tasks and the records these belong to"),
    Role.VIEWER: _("everything"),
    Role.GUEST_AUDITOR: _("one audit, its certificates and their nonconformities"),
}
# What a membership that is limited to sites, standards or an audit may not do, whatever its role.
OF_THE_WHOLE = frozenset({_C.VIEW_ORGANIZATION, _C.EDIT_SCHEMES, _C.EDIT_ALERTS, _C.IMPORT, _C.READ_OUTBOX, _C.MANAGE})


class Family(models.TextChoices):
    """Resources of the API that a key is given together."""

    CERTIFICATES = "certificates", _("Certificates and decisions")
    AUDITS = "audits", _("Audits")
    NONCONFORMITIES = "nonconformities", _("Nonconformities and corrective actions")
    HISTORY = "history", _("History and runs")
    REFERENCE = "reference", _("Sites, standards, bodies, schemes, evidence and everything else")


# The first part of an address below /api/v1/; what is not named here belongs to the last family.
FAMILY_OF = {
    "certificates": Family.CERTIFICATES,
    "decisions": Family.CERTIFICATES,
    "reliances": Family.CERTIFICATES,
    "audits": Family.AUDITS,
    "audit-reports": Family.AUDITS,
    "findings": Family.AUDITS,
    "checklist-items": Family.AUDITS,
    "team-members": Family.AUDITS,
    "plan-entries": Family.AUDITS,
    "nonconformities": Family.NONCONFORMITIES,
    "corrective-actions": Family.NONCONFORMITIES,
    "events": Family.HISTORY,
    "sweep-runs": Family.HISTORY,
}
# Addresses that every key may ask: who it is, and documents of which nothing is kept.
OPEN_TO_EVERY_KEY = frozenset({"me", "simulations", "organizations"})


def may(role: str | None, capability: Capability) -> bool:
    """Whether a person with this role in the organization may do it; no role may nothing."""
    return role is not None and capability in ALLOWED[Role(role)]
