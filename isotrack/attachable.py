"""The records that evidence may support, with the page that shows each and what attaching to it needs."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from accounts.permissions import Capability
from audits.models import Audit, Finding
from certifications.models import Certificate, Decision
from evidence.kinds import Kind, register
from nonconformities.models import CorrectiveAction, Nonconformity


def _page(name: str, column: str = "pk") -> Any:
    return lambda row: reverse(name, args=[getattr(row, column)])


register(Kind(Certificate, _page("certificate"), Capability.EDIT_CERTIFICATES))
register(Kind(Decision, _page("certificate", "certificate_id"), Capability.EDIT_CERTIFICATES))
register(Kind(Audit, _page("audit"), Capability.EDIT_AUDITS))
register(Kind(Finding, lambda row: reverse("finding", args=[row.audit_id, row.pk]), Capability.CAPTURE))
register(Kind(Nonconformity, _page("nonconformity"), Capability.EDIT_NONCONFORMITIES, lambda nc: f"{nc}: {nc.title}"))
register(Kind(CorrectiveAction, _page("nonconformity", "nonconformity_id"), Capability.EDIT_NONCONFORMITIES))
