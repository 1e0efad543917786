"""Doors of an audit's team and plan, and of the registers of competence and responsibility."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts import clock
from accounts.models import Organization
from accounts.tenancy import EditableRow
from audits.actions.shared import check_preparing, locked
from audits.models import Audit, Competence, PlanEntry, Responsibility, TeamMember
from audits.states import AUDITING, TeamRole
from audits.telling import tell_member
from certifications.actions import Refused
from records.editing import check, save_changes
from records.record import Actor, Entry, record


@transaction.atomic
def add_member(audit: Audit, fields: dict[str, Any], by: Actor) -> TeamMember:
    """Add someone to the team; refused when they would audit their own area."""
    audit = locked(audit)
    check_preparing(audit)
    member = TeamMember(organization_id=audit.organization_id, audit=audit, **fields)
    if not member.user and not member.name.strip():
        raise ValidationError({"name": _("Choose a person or write a name.")})
    if member.user and audit.team.filter(user=member.user).exists():
        raise ValidationError({"user": _("%s is on the team already.") % member.user})
    if member.role == TeamRole.LEAD and audit.team.filter(role=TeamRole.LEAD).exists():
        raise ValidationError({"role": _("The audit has a lead auditor already.")})
    check(member)
    member.save()
    if member.role == TeamRole.LEAD:
        Audit.objects.filter(pk=audit.pk).update(lead_auditor=str(member)[:150])
    after = {"name": str(member), "role": member.role}
    record(by, [Entry.about(audit, "audit.member_added", _today(audit), after=after)])
    if member.user_id:
        tell_member(audit, member.pk, member.user_id, by)
    return member


@transaction.atomic
def remove_member(member: TeamMember, by: Actor) -> None:
    """Take someone off the team; their lines of the plan stay without an auditor."""
    audit = locked(member.audit)
    check_preparing(audit)
    before = {"name": str(member), "role": member.role}
    if member.role == TeamRole.LEAD:
        Audit.objects.filter(pk=audit.pk).update(lead_auditor="")
    member.delete()
    record(by, [Entry.about(audit, "audit.member_removed", _today(audit), before=before)])


@transaction.atomic
def add_entry(audit: Audit, fields: dict[str, Any], by: Actor) -> PlanEntry:
    """Add a line to the plan; refused when its auditor answers for what is audited."""
    audit = locked(audit)
    check_preparing(audit)
    entry = PlanEntry(organization_id=audit.organization_id, audit=audit, **fields)
    check_entry(entry)
    entry.save()
    record(by, [Entry.about(audit, "audit.plan_added", _today(audit), after={"line": str(entry)})])
    return entry


@transaction.atomic
def change_entry(entry: PlanEntry, version: int, changes: dict[str, Any], by: Actor) -> PlanEntry:
    """Change a line of the plan; raises ``Conflict`` when somebody else saved first."""
    check_preparing(entry.audit)
    for name, value in changes.items():
        setattr(entry, name, value)
    check_entry(entry)
    entry.refresh_from_db()
    save_changes(entry, version, changes, by, _today(entry.audit))
    return entry


@transaction.atomic
def remove_entry(entry: PlanEntry, by: Actor) -> None:
    """Take a line out of the plan."""
    audit = locked(entry.audit)
    check_preparing(audit)
    before = {"line": str(entry)}
    entry.delete()
    record(by, [Entry.about(audit, "audit.plan_removed", _today(audit), before=before)])


def check_entry(entry: PlanEntry) -> None:
    """Refuse a line outside the audit's days, that ends before it begins, or whose auditor is not independent."""
    errors: dict[str, str] = {}
    first, last = days_of_plan(entry.audit)
    if entry.day and ((first and entry.day < first) or (last and entry.day > last)):
        errors["day"] = _("This day lies outside the audit's days.")
    if entry.starts_at and entry.ends_at and entry.ends_at <= entry.starts_at:
        errors["ends_at"] = _("The end must come after the beginning.")
    if entry.auditor and entry.auditor.role in AUDITING and (own := own_area(entry)):
        errors["auditor"] = _("%(person)s answers for “%(area)s” and cannot audit it. Choose another auditor.") % {
            "person": own.user,
            "area": own.process,
        }
    if errors:
        raise ValidationError(errors)
    check(entry)


def own_area(entry: PlanEntry) -> Responsibility | None:
    """The responsibility of the line's auditor for what the line audits (ISO 19011 4 e, ISO 9001 9.2.2 c)."""
    user = entry.auditor.user if entry.auditor else None
    if user is None:
        return None
    here = Q(site__isnull=True) | Q(site=entry.site) if entry.site else Q()
    mine = Responsibility.objects.filter(here, user=user).select_related("user")
    topic = entry.process.casefold()
    return next((own for own in mine if own.process.casefold() in topic or topic in own.process.casefold()), None)


def days_of_plan(audit: Audit) -> tuple[date | None, date | None]:
    """First and last day of an audit, held or planned."""
    first = audit.started_on or audit.planned_on
    return first, audit.ended_on or audit.planned_until or (audit.planned_on if not audit.started_on else None)


@transaction.atomic
def add_competence(organization: Organization, fields: dict[str, Any], by: Actor) -> Competence:
    """Record what someone may audit, and until when."""
    row = Competence(organization=organization, **fields)
    if not row.user and not row.name.strip():
        raise ValidationError({"name": _("Choose a person or write a name.")})
    return _added(row, "competence.added", by)


@transaction.atomic
def change_competence(row: Competence, version: int, changes: dict[str, Any], by: Actor) -> Competence:
    """Change it; raises ``Conflict`` when somebody else saved first."""
    save_changes(row, version, changes, by, clock.today(row.organization))
    return row


@transaction.atomic
def remove_competence(row: Competence, by: Actor) -> None:
    """It no longer holds."""
    _removed(row, "competence.removed", by)


@transaction.atomic
def add_responsibility(organization: Organization, fields: dict[str, Any], by: Actor) -> Responsibility:
    """Record who answers for a process, so that they never audit it."""
    row = Responsibility(organization=organization, **fields)
    if Responsibility.objects.filter(user=row.user, process__iexact=row.process, site=row.site).exists():
        raise Refused(_("This is recorded already."))
    return _added(row, "responsibility.added", by)


@transaction.atomic
def remove_responsibility(row: Responsibility, by: Actor) -> None:
    """They no longer answer for it."""
    _removed(row, "responsibility.removed", by)


def _added(row: Any, kind: str, by: Actor) -> Any:
    check(row)
    row.save()
    record(by, [Entry.about(row, kind, clock.today(row.organization), after={"name": str(row)})])
    return row


def _removed(row: EditableRow, kind: str, by: Actor) -> None:
    record(by, [Entry.about(row, kind, clock.today(row.organization), before={"name": str(row)})])
    row.delete()


def _today(audit: Audit) -> date:
    return clock.today(audit.organization)
