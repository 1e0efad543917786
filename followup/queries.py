"""What reports and follow-up read, each in a fixed number of queries."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet

from audits.models import Audit, Finding
from nonconformities.models import Nonconformity


def standing_findings(audit: Audit) -> list[Finding]:
    """Findings that were neither struck nor merged into another, with the nonconformity each became; one query."""
    rows: QuerySet[Finding] = audit.findings.filter(struck_on=None, merged_into=None)
    return list(rows.select_related("audit", "standard", "site", "item", "raised__nonconformity").order_by("number"))


def earlier_nonconformities(audit: Audit) -> list[Nonconformity]:
    """Nonconformities of earlier audits that this one looks at: still open, or closed since it began.

    They concern a certificate of the audit, or came from an audit of the same kind at the same site.
    """
    certificates = list(audit.certificate_links.values_list("certificate_id", flat=True))
    concerned = Q(certificate_links__certificate_id__in=certificates)
    if not certificates and audit.site_id:
        concerned = Q(site_id=audit.site_id)
    since = Q(state="open")
    if audit.started_on:
        since |= Q(closed_on__gte=audit.started_on)
    rows: QuerySet[Any] = Nonconformity.objects.filter(concerned & since, source=source_of(audit))
    rows = rows.exclude(audit=audit).prefetch_related("verifications")
    return list(rows.order_by("raised_on", "pk").distinct())


def source_of(audit: Audit) -> str:
    """Where nonconformities of an audit come from; only those of the body move a certificate."""
    if audit.is_external:
        return "body"
    return "supplier" if audit.kind == "supplier" else "internal_audit"
