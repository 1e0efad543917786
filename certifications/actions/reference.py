"""Doors of what certificates refer to: standards, editions and their ends, bodies and sites."""

from __future__ import annotations

from datetime import date
from typing import Any, TypeVar

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import clock
from accounts.models import Organization, Site
from accounts.tenancy import EditableRow, OrganizationRow
from certifications.actions.refresh import refresh_ids
from certifications.models import Certificate, CertificationBody, Decision, Edition, EditionEnd, Standard
from certifications.states import DecisionKind
from records.editing import check, save_changes
from records.record import Actor, Entry, record

Row = TypeVar("Row", bound=EditableRow)
Named = TypeVar("Named", bound=OrganizationRow)


@transaction.atomic
def find_standard(organization: Organization, code: str, by: Actor) -> Standard:
    """The standard with this code; a new one is added to the organization's list, which its history tells."""
    row, made = Standard.objects.get_or_create(organization=organization, code=code)
    return _told(row, by) if made else row


@transaction.atomic
def find_edition(standard: Standard, name: str, by: Actor) -> Edition:
    """The edition of a standard; a new one is added, which the history tells."""
    row, made = Edition.objects.get_or_create(organization_id=standard.organization_id, standard=standard, name=name)
    return _told(row, by) if made else row


@transaction.atomic
def add_body(organization: Organization, fields: dict[str, Any], by: Actor) -> CertificationBody:
    """Add a certification body."""
    return _add(CertificationBody(organization=organization, **fields), by)


@transaction.atomic
def add_site(organization: Organization, fields: dict[str, Any], by: Actor) -> Site:
    """Add a site."""
    return _add(Site(organization=organization, **fields), by)


def _add(row: Row, by: Actor) -> Row:
    check(row)
    row.save()
    return _told(row, by)


def _told(row: Named, by: Actor) -> Named:
    kind = f"{row._meta.model_name}.added"
    record(by, [Entry.about(row, kind, clock.today(row.organization), after={"name": str(row)})])
    return row


@transaction.atomic
def change_row(row: EditableRow, version: int, changes: dict[str, Any], by: Actor, reason: str = "") -> EditableRow:
    """Change a site or a body and recompute what depends on it.

    Raises ``ValidationError`` by field, and ``Conflict`` when somebody else saved first.
    """
    for name, value in changes.items():
        setattr(row, name, value)
    check(row)
    row.refresh_from_db()
    before = {name: getattr(row, name) for name in changes}
    saved = save_changes(row, version, changes, by, clock.today(row.organization), reason)
    if isinstance(saved, Site) and before.get("name", saved.name) != saved.name:
        _rename_site(saved, str(before["name"]), by)
    if isinstance(saved, CertificationBody) and "accreditation_body" in changes:
        _accredited_by(saved, str(before["accreditation_body"]), by)
    return saved


def _accredited_by(body: CertificationBody, former: str, by: Actor) -> None:
    """The end of an edition can differ by accreditation body, for certificates that do not name their own."""
    if body.accreditation_body != former:
        held = Certificate.objects.filter(body=body, accreditation_body="")
        refresh_ids(list(held.values_list("pk", flat=True)), by, _("Accreditation of %s changed") % body)


def _rename_site(site: Site, former: str, by: Actor) -> None:
    """Decisions name the sites they leave out; the same place goes on under its new name."""
    rows = [row for row in Decision.objects.filter(kind=DecisionKind.REDUCE_SCOPE) if former in row.site_names]
    for row in rows:
        names = [site.name if name == former else name for name in row.site_names]
        Decision.objects.filter(pk=row.pk).update(site_names=names)
    refresh_ids(
        {row.certificate_id for row in rows}, by, _("%(old)s is now called %(new)s") % {"old": former, "new": site}
    )


@transaction.atomic
def end_edition(
    edition: Edition,
    ends_on: date | None,
    by: Actor,
    accreditation_body: str = "",
    last_new_audit_on: date | None = None,
    source: str = "",
) -> EditionEnd:
    """Record the last day of certificates to an edition; what the organization enters comes before the catalog.

    ``ends_on`` None says that no end is set. A second entry of the same day corrects the first.
    """
    today = clock.today(edition.organization)
    key = {"edition": edition, "accreditation_body": accreditation_body, "recorded_on": today, "from_catalog": False}
    values = {"ends_on": ends_on, "last_new_audit_on": last_new_audit_on, "source": source}
    end, _made = EditionEnd.objects.update_or_create(
        **key, defaults=values, create_defaults={**values, "organization_id": edition.organization_id}
    )
    after = {"ends_on": ends_on.isoformat() if ends_on else None, "accreditation_body": accreditation_body}
    record(by, [Entry.about(edition, "edition.end_recorded", today, after=after, reason=source)])
    concerned = Certificate.objects.filter(standard_id=edition.standard_id)
    refresh_ids(list(concerned.values_list("pk", flat=True)), by, str(end))
    return end
