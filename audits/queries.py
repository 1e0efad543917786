"""What the pages of audits read, each in a fixed number of queries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Prefetch, Q, QuerySet
from django.db.models.functions import Coalesce

from accounts.templatetags.ui import day
from audits.models import Audit, AuditCertificate
from audits.states import AHEAD, BOOKED, EXTERNAL_KINDS, NOT_HELD, TOOK_PLACE


def audits() -> QuerySet[Any]:
    """Audits with what a line about one shows; ``on`` is the last day, planned or held."""
    links = AuditCertificate.objects.select_related("certificate__standard")
    rows: QuerySet[Any] = Audit.objects.select_related("organization", "site", "body")
    return rows.annotate(on=Coalesce("ended_on", "planned_until", "planned_on", "started_on")).prefetch_related(
        Prefetch("certificate_links", links)
    )


@dataclass(frozen=True)
class Filters:
    """What a list of audits is narrowed to; empty texts narrow nothing."""

    text: str = ""
    kind: str = ""
    state: str = "ahead"
    certificate: str = ""


STATES = [("ahead", "Ahead"), ("overdue", "Overdue"), ("held", "Held"), ("cancelled", "Cancelled"), ("all", "All")]
KINDS = [("external", "Of the certification body"), ("internal", "Internal")]


def filtered(rows: QuerySet[Any], filters: Filters, today: date) -> QuerySet[Any]:
    """The audits that the filters leave."""
    if filters.text:
        found = Q(number__icontains=filters.text) | Q(lead_auditor__icontains=filters.text)
        rows = rows.filter(found | Q(site__name__icontains=filters.text))
    if filters.kind == "external":
        rows = rows.filter(kind__in=EXTERNAL_KINDS)
    elif filters.kind == "internal":
        rows = rows.exclude(kind__in=EXTERNAL_KINDS)
    if filters.certificate.isdecimal():
        rows = rows.filter(certificate_links__certificate_id=int(filters.certificate))
    if filters.state == "ahead":
        return rows.filter(state__in=AHEAD)
    if filters.state == "overdue":
        return overdue(rows, today)
    if filters.state == "held":
        return rows.filter(state__in=TOOK_PLACE)
    if filters.state == "cancelled":
        return rows.filter(state__in=NOT_HELD)
    return rows


def overdue(rows: QuerySet[Any], today: date) -> QuerySet[Any]:
    """Audits whose planned days have passed although nobody has held them."""
    return rows.filter(Q(state__in=BOOKED) & (Q(planned_until__lt=today) | Q(planned_until=None, planned_on__lt=today)))


def tag_of(audit: Audit, today: date) -> str:
    """The state of an audit as a tag; a planned one that has passed is overdue."""
    last = audit.planned_until or audit.planned_on
    if audit.state in BOOKED and last and last < today:
        return "overdue"
    return audit.state


def days_of(audit: Audit) -> str:
    """The days of an audit in words: those on which it was held, else those it is planned for."""
    if audit.started_on and not audit.ended_on:
        return f"from {day(audit.started_on)}"
    held = audit.ended_on is not None
    first, last = (audit.started_on, audit.ended_on) if held else (audit.planned_on, audit.planned_until)
    if first and last and first != last:
        return f"{day(first)} to {day(last)}"
    return day(first or last) or "no date"
