"""What the pages of certificates read, each in a fixed number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, fields
from datetime import date, timedelta
from typing import Any, cast

from django.db import models
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Site
from certifications.facts import pk_of
from certifications.models import (
    Certificate,
    CertificateSite,
    CertificationBody,
    ChangedCertificate,
    Decision,
    Standard,
)
from lifecycle import facts as known
from records.lists import Sort, choices_of, keyset

SOON = timedelta(days=183)
NOT_HELD = ("cancelled", "refused")
LONG = ("scope", "scope_parts", "note", "derived", "flags")
RELATIONS = ("organization", "standard", "edition", "body", "scheme", "owner")


class Standing(models.TextChoices):
    """Where a certificate stands for the people who keep it: its status, or what threatens it within half a year."""

    ACTIVE = "active", gettext_lazy("Active")
    RISK = "risk", gettext_lazy("At risk")
    EXPIRING = "expiring", gettext_lazy("Expiring soon")
    SUSPENDED = "suspended", gettext_lazy("Suspended")
    EXPIRED = "expired", gettext_lazy("Expired")
    WITHDRAWN = "withdrawn", gettext_lazy("Withdrawn")
    NONE = "none", gettext_lazy("Not certified yet")


TAGS = {Standing.EXPIRING: "due"}


def standing(row: Certificate, today: date) -> Standing:
    """The standing of one certificate; ``in_standing`` selects the same."""
    if row.status != "active":
        return Standing(row.status)
    if row.next_loss_on is None or row.next_loss_on > today + SOON:
        return Standing.ACTIVE
    loss = row.next_loss or {}
    return Standing.EXPIRING if loss.get("status") == "expired" else Standing.RISK


def in_standing(rows: QuerySet[Certificate], wanted: str, today: date) -> QuerySet[Certificate]:
    """The certificates of one standing."""
    soon = Q(next_loss_on__lte=today + SOON)
    expiry = Q(next_loss__status="expired")
    if wanted == Standing.ACTIVE:
        return rows.filter(Q(status="active") & (Q(next_loss_on__isnull=True) | ~soon))
    if wanted == Standing.RISK:
        return rows.filter(soon & ~expiry, status="active")
    if wanted == Standing.EXPIRING:
        return rows.filter(soon & expiry, status="active")
    return rows.filter(status=wanted)


def certificates() -> QuerySet[Certificate]:
    """Certificates of the current organization with what a line about one shows."""
    links = CertificateSite.objects.select_related("site")
    rows: QuerySet[Certificate] = Certificate.objects.select_related(*RELATIONS)
    return rows.prefetch_related(models.Prefetch("site_links", links))


def brief_certificates() -> QuerySet[Certificate]:
    """The same for pages that go through all of them: without texts and what only the engine needs."""
    return certificates().select_related(None).select_related("standard", "owner").defer(*LONG)


def site_names(row: Certificate) -> list[str]:
    """Names of the sites, the main one first."""
    return [link.site.name for link in row.site_links.all()]


@dataclass(frozen=True)
class Filters:
    """What a list of certificates is narrowed to; empty texts narrow nothing."""

    text: str = ""
    standing: str = ""
    standard: str = ""
    site: str = ""
    body: str = ""
    loss: str = ""
    owner: int | None = None
    differs: bool = False
    untold: bool = False


LOSSES = [
    ("30", gettext_lazy("Lost within 30 days")),
    ("90", gettext_lazy("Lost within 90 days")),
    ("183", gettext_lazy("Lost within half a year")),
    ("365", gettext_lazy("Lost within a year")),
    ("none", gettext_lazy("No loss in sight")),
]


def filtered(rows: QuerySet[Certificate], filters: Filters, today: date) -> QuerySet[Certificate]:
    """The certificates that the filters leave."""
    if filters.text:
        rows = rows.filter(_matches(filters.text))
    if filters.standing in Standing.values:
        rows = in_standing(rows, filters.standing, today)
    if filters.standard.isdecimal():
        rows = rows.filter(standard_id=int(filters.standard))
    if filters.site.isdecimal():
        rows = rows.filter(pk__in=CertificateSite.objects.filter(site_id=int(filters.site)).values("certificate_id"))
    if filters.body.isdecimal():
        rows = rows.filter(body_id=int(filters.body))
    if filters.loss in dict(LOSSES):
        rows = rows.filter(_lost(filters.loss, today))
    if filters.owner:
        rows = rows.filter(owner_id=filters.owner)
    if filters.untold:
        rows = rows.filter(pk__in=ChangedCertificate.objects.filter(told_on=None).values("certificate_id"))
    if filters.differs:
        rows = rows.exclude(status=models.F("confirmed_status"))
    return rows


def _lost(within: str, today: date) -> Q:
    if within == "none":
        return Q(next_loss_on=None)
    return Q(next_loss_on__lte=today + timedelta(days=int(within)))


def _matches(text: str) -> Q:
    found = Q()
    for column in ("number", "current_number", "external_id", "standard__code", "scope", "body__name"):
        found |= Q(**{f"{column}__icontains": text})
    return found | Q(pk__in=CertificateSite.objects.filter(site__name__icontains=text).values("certificate_id"))


def neighbors(row: Certificate, filters: Filters, sort: Sort, today: date) -> tuple[int | None, int | None]:
    """The certificates before and after one in the list that the filters leave; at most three queries."""
    return keyset.neighbors(filtered(Certificate.objects.all(), filters, today), sort, row)


def filter_choices(**more: tuple[QuerySet[Any], str, str]) -> dict[str, list[tuple[str, str]]]:
    """Standards, sites and bodies that certificates have, and what else a page offers; one query."""
    return choices_of(
        standards=(Standard.objects.filter(certificates__isnull=False), "pk", "code"),
        sites=(Site.objects.filter(certificate_links__isnull=False), "pk", "name"),
        bodies=(CertificationBody.objects.filter(certificates__isnull=False), "pk", "name"),
        **more,
    )


@dataclass(frozen=True)
class Reference:
    """A record that a rule or an event names: its words, its page, and its owner's name where it has one."""

    label: str
    url: str
    owner: str = ""
    title: str = ""
    owner_id: int | None = None
    grade: str = ""
    raised_on: date | None = None


def references(ids: Collection[str]) -> dict[str, Reference]:
    """The records behind ids such as ``nc:12``, ``audit:3`` and ``decision:4``; at most three queries."""
    by_kind: dict[str, set[int]] = defaultdict(set)
    for name in ids:
        kind = name.partition(":")[0]
        if pk := pk_of(name):
            by_kind[kind].add(pk)
    found = {
        **_nonconformities(by_kind["nc"]),
        **_audits(by_kind["audit"]),
        **_decisions(by_kind["decision"]),
    }
    return {name: found.get(name) or Reference(_plain(name), "") for name in ids}


def _plain(name: str) -> str:
    """What the engine itself derived (``accumulated-1``) or a certificate's own number."""
    return _("accumulated nonconformity") if name.startswith("accumulated") else name


def _nonconformities(ids: set[int]) -> dict[str, Reference]:
    if not ids:
        return {}
    model: Any = Certificate._meta.get_field("nonconformities").related_model
    return {
        f"nc:{row.pk}": Reference(
            label=row.number,
            url=reverse("nonconformity", args=[row.pk]),
            owner=str(row.owner or row.owner_name),
            title=row.title,
            owner_id=row.owner_id,
            grade=row.current_grade or row.grade,
            raised_on=row.raised_on,
        )
        for row in model.objects.filter(pk__in=ids).select_related("owner")
    }


def _audits(ids: set[int]) -> dict[str, Reference]:
    if not ids:
        return {}
    model: Any = Certificate._meta.get_field("audits").related_model
    return {
        f"audit:{row.pk}": Reference(row.number, reverse("audit", args=[row.pk]), title=row.get_kind_display())
        for row in model.objects.filter(pk__in=ids)
    }


def _decisions(ids: set[int]) -> dict[str, Reference]:
    if not ids:
        return {}
    return {
        f"decision:{row.pk}": Reference(
            _("decision of %s") % row.decided_on, reverse("certificate", args=[row.certificate_id]) + "#decisions"
        )
        for row in Decision.objects.filter(pk__in=ids)
    }


@dataclass(frozen=True)
class AuditLine:
    """An audit of a certificate, external or internal, held or planned."""

    pk: int
    number: str
    kind: str
    words: str
    state: str
    planned_on: date | None
    planned_until: date | None
    started_on: date | None
    ended_on: date | None
    edition: str
    lead_auditor: str

    @property
    def url(self) -> str:
        """Its page."""
        return reverse("audit", args=[self.pk])

    @property
    def held(self) -> bool:
        """Whether it has taken place."""
        return self.state in {"held", "reported", "closed"}

    @property
    def external(self) -> bool:
        """Whether a certification body carries it out."""
        return self.kind not in {"internal", "supplier"}

    @property
    def on(self) -> date | None:
        """Its last day, else the one it is planned for."""
        return self.ended_on or self.planned_until or self.planned_on or self.started_on


def audits_of(certificate_ids: Collection[int]) -> dict[int, list[AuditLine]]:
    """Audits that were not cancelled, by certificate, earliest first; one query."""
    model: Any = Certificate._meta.get_field("audits").related_model
    columns = [field.name for field in fields(AuditLine) if field.name != "words"]
    links = model.objects.filter(certificate_links__certificate_id__in=certificate_ids).exclude(state__in=NOT_HELD)
    words = dict(model._meta.get_field("kind").choices)
    found: dict[int, list[AuditLine]] = defaultdict(list)
    for pk, *values in links.values_list("certificate_links__certificate_id", *columns):
        line = dict(zip(columns, values, strict=True))
        found[pk].append(AuditLine(**line, words=str(words[line["kind"]])))
    for lines in found.values():
        lines.sort(key=lambda line: (line.on or date.max, line.pk))
    return found


def planned_facts(lines: Iterable[AuditLine]) -> list[known.Audit]:
    """External audits that are booked and not held yet, as the engine would know them when they have been."""
    return [
        known.Audit(
            f"audit:{line.pk}", cast(known.AuditKind, line.kind), line.planned_on, line.on, line.edition or None
        )
        for line in lines
        if line.external and not line.held and line.on
    ]
