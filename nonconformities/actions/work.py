"""Doors of the record of a nonconformity: raise it and change what was recorded."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from accounts import clock
from accounts.models import Organization, User
from accounts.templatetags.ui import day as said
from certifications.actions import hold_certificates
from certifications.catalog import catalog
from certifications.models import Certificate
from nonconformities.actions.refresh import follow, own_deadlines_of
from nonconformities.actions.steps import place, put_down, step_record
from nonconformities.models import Nonconformity, NonconformityCertificate
from nonconformities.states import Source, StepState, WorkStep
from records.editing import check, save_changes
from records.record import Actor, Entry, record


@transaction.atomic
def raise_nonconformity(
    organization: Organization, fields: dict[str, Any], certificates: Sequence[Certificate], by: Actor
) -> Nonconformity:
    """Record a nonconformity as raised; its clocks start. Raises ``ValidationError`` by field."""
    nonconformity = Nonconformity(organization=organization, recorded_on=clock.today(organization), **fields)
    nonconformity.current_grade = nonconformity.grade
    check_nonconformity(nonconformity, certificates)
    hold_certificates([certificate.pk for certificate in certificates])
    nonconformity.save()
    _concern(nonconformity, certificates)
    put_down(step_record(nonconformity, WorkStep.RECORD), {}, by, StepState.APPROVED)
    after = {
        "grade": nonconformity.grade,
        "clause": nonconformity.clause,
        "source": nonconformity.source,
        "certificates": [str(certificate) for certificate in certificates],
    }
    record(by, [Entry.about(nonconformity, "nonconformity.raised", nonconformity.raised_on, after=after)])
    follow(nonconformity, by, _("%s raised") % nonconformity)
    place(nonconformity)
    return nonconformity


@transaction.atomic
def change_nonconformity(
    nonconformity: Nonconformity,
    version: int,
    changes: dict[str, Any],
    by: Actor,
    reason: str = "",
    certificates: Sequence[Certificate] | None = None,
) -> Nonconformity:
    """Change what was recorded; raises ``Conflict`` when somebody else saved first."""
    before = set(nonconformity.certificate_links.values_list("certificate_id", flat=True))
    concerned = list(certificates) if certificates is not None else list(nonconformity.certificates.all())
    for name, value in changes.items():
        setattr(nonconformity, name, value)
    check_nonconformity(nonconformity, concerned)
    hold_certificates(before | {certificate.pk for certificate in concerned})
    nonconformity.refresh_from_db()
    save_changes(nonconformity, version, changes, by, clock.today(nonconformity.organization), reason)
    if {c.pk for c in concerned} != before:
        nonconformity.certificate_links.all().delete()
        _concern(nonconformity, concerned)
    follow(nonconformity, by, reason or _("%s changed") % nonconformity, also=before)
    place(nonconformity)
    return nonconformity


@transaction.atomic
def reassign(rows: Sequence[Nonconformity], owner: User, by: Actor) -> int:
    """Hand several over to one person; returns how many had another owner."""
    moved = [row for row in rows if row.owner_id != owner.pk]
    ids = [row.pk for row in moved]
    Nonconformity.objects.filter(pk__in=ids).update(owner=owner, owner_name="", version=F("version") + 1)
    entries = [
        Entry.about(
            row,
            "nonconformity.reassigned",
            clock.today(row.organization),
            before={"owner": str(row.owner or row.owner_name)},
            after={"owner": str(owner)},
        )
        for row in moved
    ]
    record(by, entries)
    return len(moved)


def check_nonconformity(nonconformity: Nonconformity, certificates: Sequence[Certificate]) -> None:
    """Refuse what cannot be: a grade the schemes do not know, dates in the wrong order, no certificate to concern."""
    errors = {}
    today = clock.today(nonconformity.organization)
    if nonconformity.source == Source.BODY and not certificates:
        errors["certificates"] = _("Name the certificate that this nonconformity of the body concerns.")
    allowed = grades_for(nonconformity, certificates)
    if nonconformity.grade not in allowed:
        errors["grade"] = _("The scheme knows the grades %s.") % ", ".join(allowed)
    if nonconformity.raised_on and nonconformity.raised_on > today:
        errors["raised_on"] = _("This day has not come yet.")
    if nonconformity.notified_on and nonconformity.raised_on and nonconformity.notified_on < nonconformity.raised_on:
        errors["notified_on"] = _("This must not be before the day it was raised, %s.") % said(nonconformity.raised_on)
    if errors:
        raise ValidationError(errors)
    check(nonconformity)


def grades_for(nonconformity: Nonconformity, certificates: Sequence[Certificate]) -> tuple[str, ...]:
    """Grades that every scheme concerned knows."""
    if nonconformity.source == Source.BODY and certificates:
        schemes = {certificate.scheme.catalog_id for certificate in certificates}
    else:
        schemes = {own_deadlines_of(nonconformity.organization_id).catalog_id}
    known = [tuple(catalog().policy(scheme).grades) for scheme in sorted(schemes)]
    return tuple(grade for grade in known[0] if all(grade in grades for grades in known[1:]))


def _concern(nonconformity: Nonconformity, certificates: Sequence[Certificate]) -> None:
    NonconformityCertificate.objects.bulk_create(
        NonconformityCertificate(
            organization_id=nonconformity.organization_id, nonconformity=nonconformity, certificate=certificate
        )
        for certificate in certificates
    )
