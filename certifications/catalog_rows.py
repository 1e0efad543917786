"""Copies the shipped standards, edition ends and schemes into a new organization."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils.translation import gettext_noop

from accounts import clock, tenancy
from accounts.models import Organization
from certifications.catalog import clauses, raw_catalog
from certifications.models import AlertRule, Clause, Edition, EditionEnd, Scheme, SchemeVersion, Standard
from lifecycle.reminders import DAYS_BEFORE

FIRST_DAY = date(1990, 1, 1)
OWN_DEADLINES = "own_deadlines"


def install_catalog(organization: Organization) -> None:
    """Give the organization the shipped standards, editions, clauses, schemes (version 1 of each) and alert rule."""
    with tenancy.acting_in(organization):
        editions = _install_editions(organization)
        _install_clauses(organization, editions)
        _install_schemes(organization)
        AlertRule.objects.create(organization=organization, days=list(DAYS_BEFORE), since=FIRST_DAY)


def _install_editions(organization: Organization) -> dict[tuple[str, str], Edition]:
    entries = raw_catalog()["editions"]
    codes = sorted({entry["standard"] for entry in entries})
    standards = {
        row.code: row
        for row in Standard.objects.bulk_create(Standard(organization=organization, code=c) for c in codes)
    }
    first = {(e["standard"], e["edition"]): e for e in reversed(entries)}
    editions = {
        (row.standard.code, row.name): row
        for row in Edition.objects.bulk_create(
            Edition(
                organization=organization,
                standard=standards[standard],
                name=name,
                successor=entry.get("successor", entry.get("successor_expected", "")),
                expected=entry.get("expected", ""),
            )
            for (standard, name), entry in first.items()
        )
    }
    EditionEnd.objects.bulk_create(
        _end(organization, editions[e["standard"], e["edition"]], e) for e in entries if e["ends_on"]
    )
    return editions


def _end(organization: Organization, edition: Edition, entry: dict[str, Any]) -> EditionEnd:
    return EditionEnd(
        organization=organization,
        edition=edition,
        accreditation_body=entry.get("accreditation_body", ""),
        ends_on=_day(entry["ends_on"]),
        last_new_audit_on=_day(entry.get("last_new_audit_on")),
        from_catalog=True,
        source=", ".join(raw_catalog()["sources"].get(s, s) for s in entry.get("sources", [])),
        verified=entry["verified"],
    )


def _install_clauses(organization: Organization, editions: dict[tuple[str, str], Edition]) -> None:
    Clause.objects.bulk_create(
        Clause(organization=organization, edition=edition, number=number, title=title)
        for (standard, name), edition in editions.items()
        for number, title in clauses(standard, name).items()
    )


def _install_schemes(organization: Organization) -> None:
    schemes = Scheme.objects.bulk_create(
        Scheme(
            organization=organization,
            catalog_id=entry["id"],
            title=entry["title"],
            own_deadlines=entry["id"] == OWN_DEADLINES,
        )
        for entry in raw_catalog()["schemes"]
    )
    SchemeVersion.objects.bulk_create(
        SchemeVersion(
            organization=organization,
            scheme=scheme,
            number=1,
            effective_on=FIRST_DAY,
            reason=gettext_noop("Shipped with the product"),
            published_at=clock.now(),
        )
        for scheme in schemes
    )


def _day(value: str | date | None) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) else value
