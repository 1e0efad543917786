"""What the pages of audits read, each in a fixed number of queries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Prefetch, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from accounts.models import Site
from accounts.templatetags.ui import day
from audits.models import Audit, AuditCertificate, AuditSite
from audits.states import AHEAD, BOOKED, EXTERNAL_KINDS, NOT_HELD, TOOK_PLACE, AuditKind
from certifications.models import Standard
from records.lists import choices_of


def audits() -> QuerySet[Any]:
    """Audits with what a line about one shows; ``on`` is the last day, planned or held."""
    links = AuditCertificate.objects.select_related("certificate__standard")
    rows: QuerySet[Any] = Audit.objects.select_related("organization", "site", "body")
    return rows.annotate(on=Coalesce("ended_on", "planned_until", "planned_on", "started_on")).prefetch_related(
        Prefetch("certificate_links", links)
    )


def listed() -> QuerySet[Any]:
    """The same with every site that they visit."""
    return audits().prefetch_related(Prefetch("site_links", AuditSite.objects.select_related("site")))


@dataclass(frozen=True)
class Filters:
    """What a list of audits is narrowed to; empty ones narrow nothing. ``first`` and ``last`` bound a period."""

    text: str = ""
    kind: str = ""
    state: str = "ahead"
    certificate: str = ""
    standard: str = ""
    site: str = ""
    lead: str = ""
    first: date | None = None
    last: date | None = None


STATES = [
    ("ahead", _("Ahead")),
    ("overdue", _("Overdue")),
    ("held", pgettext_lazy("audit", "Held")),
    ("cancelled", pgettext_lazy("audit", "Cancelled")),
    ("all", pgettext_lazy("audits", "All")),
]
KINDS = [
    ("external", _("Of the certification body")),
    ("internal", _("Internal")),
    *((kind.value, kind.label) for kind in AuditKind if kind != AuditKind.INTERNAL),
]
"""Kinds to filter by: all of the body, all of one's own with those at suppliers, or one of them."""


def filtered(rows: QuerySet[Any], filters: Filters, today: date) -> QuerySet[Any]:
    """The audits that the filters leave."""
    if filters.text:
        found = Q(number__icontains=filters.text) | Q(lead_auditor__icontains=filters.text)
        rows = rows.filter(found | Q(site__name__icontains=filters.text))
    if filters.lead:
        rows = rows.filter(lead_auditor=filters.lead)
    return _in_state(_covering(_of_kind(rows, filters.kind), filters), filters.state, today)


def _of_kind(rows: QuerySet[Any], kind: str) -> QuerySet[Any]:
    if kind == "external":
        return rows.filter(kind__in=EXTERNAL_KINDS)
    if kind == "internal":
        return rows.exclude(kind__in=EXTERNAL_KINDS)
    return rows.filter(kind=kind) if kind in AuditKind.values else rows


def _covering(rows: QuerySet[Any], filters: Filters) -> QuerySet[Any]:
    """Those of a certificate, a standard, a site, and with a day inside the period."""
    if filters.certificate.isdecimal():
        rows = rows.filter(certificate_links__certificate_id=int(filters.certificate))
    if filters.standard.isdecimal():
        links = AuditCertificate.objects.filter(certificate__standard_id=int(filters.standard))
        rows = rows.filter(pk__in=links.values("audit_id"))
    if filters.site.isdecimal():
        further = AuditSite.objects.filter(site_id=int(filters.site)).values("audit_id")
        rows = rows.filter(Q(site_id=int(filters.site)) | Q(pk__in=further))
    if filters.first:
        rows = rows.filter(on__gte=filters.first)
    if filters.last:
        begins = Coalesce("started_on", "planned_on", "planned_until", "ended_on")
        rows = rows.alias(begins=begins).filter(begins__lte=filters.last)
    return rows


def _in_state(rows: QuerySet[Any], state: str, today: date) -> QuerySet[Any]:
    if state == "overdue":
        return overdue(rows, today)
    known = {"ahead": AHEAD, "held": TOOK_PLACE, "cancelled": NOT_HELD}
    return rows.filter(state__in=known[state]) if state in known else rows


def filter_choices() -> dict[str, list[tuple[str, str]]]:
    """Standards, sites and lead auditors that audits have; one query."""
    visited = Site.objects.filter(Q(audits__isnull=False) | Q(audit_links__isnull=False))
    return choices_of(
        standards=(Standard.objects.filter(certificates__audit_links__isnull=False), "pk", "code"),
        sites=(visited, "pk", "name"),
        leads=(Audit.objects.exclude(lead_auditor=""), "lead_auditor", "lead_auditor"),
    )


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
        return gettext("from %s") % day(audit.started_on)
    held = audit.ended_on is not None
    first, last = (audit.started_on, audit.ended_on) if held else (audit.planned_on, audit.planned_until)
    if first and last and first != last:
        return gettext("%(first)s to %(last)s") % {"first": day(first), "last": day(last)}
    return day(first or last) or gettext("no date")
