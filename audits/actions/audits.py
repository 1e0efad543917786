"""Doors of an audit: plan, confirm, change, start, hold, report, close, cancel, refuse, plan again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts import clock
from accounts.models import Organization, Site
from accounts.templatetags.ui import day as said
from audits.models import Audit, AuditCertificate, AuditSite
from audits.programme.moving import moved_again, moved_with
from audits.states import AHEAD, MOVES, OVER, AuditState
from audits.telling import tell_people
from certifications.actions import Refused, hold_certificates, refresh_ids
from certifications.models import Certificate
from records.editing import check, save_changes
from records.moves import move_named, moves_from
from records.people import guests_of, hide_audit
from records.record import Actor, Entry, record

# Moves that the people of the audit are told of, by mail.
TOLD = {"confirm": "audit_confirmed", "cancel": "audit_cancelled", "issue report": "audit_reported"}


@transaction.atomic
def plan_audit(
    organization: Organization,
    fields: dict[str, Any],
    certificates: Sequence[Certificate],
    by: Actor,
    sites: Sequence[Site] = (),
) -> Audit:
    """Add an audit that is to take place; ``sites`` are those beside its first. ``ValidationError`` by field."""
    audit = Audit(organization=organization, **fields)
    check_audit(audit)
    hold_certificates([certificate.pk for certificate in certificates])
    audit.save()
    _cover(audit, certificates)
    _visit(audit, sites)
    _tell(audit, "audit.planned", audit.planned_on or clock.today(organization), by)
    _follow(audit, by, _("Audit %s planned") % audit)
    return audit


@transaction.atomic
def record_audit(
    organization: Organization,
    fields: dict[str, Any],
    certificates: Sequence[Certificate],
    by: Actor,
    sites: Sequence[Site] = (),
) -> Audit:
    """Add an audit that has taken place already (an audit of the past, or one nobody had planned)."""
    audit = Audit(organization=organization, **fields)
    check_audit(audit)
    audit.state = AuditState.HELD if audit.ended_on else AuditState.STARTED
    audit.recorded_on = clock.today(organization)
    hold_certificates([certificate.pk for certificate in certificates])
    audit.save()
    _cover(audit, certificates)
    _visit(audit, sites)
    _tell(audit, "audit.held" if audit.ended_on else "audit.started", audit.ended_on or audit.started_on, by)
    _follow(audit, by, _("Audit %s recorded") % audit)
    return audit


@transaction.atomic
def change_audit(
    audit: Audit,
    version: int,
    changes: dict[str, Any],
    by: Actor,
    certificates: Sequence[Certificate] | None = None,
    sites: Sequence[Site] | None = None,
) -> Audit:
    """Change facts of an audit; raises ``Conflict`` when somebody else saved first."""
    for name, value in changes.items():
        setattr(audit, name, value)
    check_audit(audit)
    before = _covered(audit)
    hold_certificates(before | {c.pk for c in certificates or ()})
    audit.refresh_from_db()
    days, moves = _days(audit), _moves(audit, changes)
    save_changes(audit, version, changes, by, clock.today(audit.organization))
    if certificates is not None and {c.pk for c in certificates} != before:
        audit.certificate_links.all().delete()
        _cover(audit, certificates)
        _tell(audit, "audit.certificates", clock.today(audit.organization), by)
    if sites is not None and {s.pk for s in sites} != set(audit.site_links.values_list("site_id", flat=True)):
        audit.site_links.all().delete()
        _visit(audit, sites)
        _tell(audit, "audit.sites", clock.today(audit.organization), by)
    _follow(audit, by, _("Audit %s changed") % audit, also=before)
    audit.refresh_from_db()
    if _days(audit) != days and audit.state in AHEAD:
        tell_people(audit, "audit_moved", by, before=days, after=_days(audit), deadlines=moves)
    return audit


def _moves(audit: Audit, changes: dict[str, Any]) -> int:
    """How many deadlines move with the audit if these facts change."""
    first, until = (changes.get(name, getattr(audit, name)) for name in ("planned_on", "planned_until"))
    if (first, until) == (audit.planned_on, audit.planned_until):
        return 0
    return len(moved_with(audit, until or first))


def _days(audit: Audit) -> list[str]:
    return [day.isoformat() for day in (audit.planned_on, audit.planned_until) if day]


def confirm_audit(audit: Audit, by: Actor) -> Audit:
    """Both sides have agreed to the days (ISO 19011 6.2); the audit still counts for nothing."""
    return _move(audit, "confirm", {}, clock.today(audit.organization), by)


@transaction.atomic
def plan_outside(audit: Audit, reason: str, by: Actor) -> None:
    """Keep why an audit is planned on a day that misses a deadline of its certificates."""
    record(by, [Entry.about(audit, "audit.outside", clock.today(audit.organization), reason=reason)])


def start_audit(audit: Audit, started_on: date, by: Actor) -> Audit:
    """The audit has begun."""
    return _move(audit, "start", {"started_on": started_on}, started_on, by)


def hold_audit(audit: Audit, ended_on: date, by: Actor, started_on: date | None = None) -> Audit:
    """The audit has taken place; deadlines of surveillance and escalations follow."""
    first = started_on or audit.started_on or min(audit.planned_on or ended_on, ended_on)
    return _move(audit, "hold", {"started_on": first, "ended_on": ended_on}, ended_on, by)


def report_audit(audit: Audit, issued_on: date, by: Actor, reason: str = "") -> Audit:
    """Its report has been issued; ``followup.actions.issue_report`` makes the report and its nonconformities."""
    return _move(audit, "issue report", {}, issued_on, by, reason)


def correct_report(audit: Audit, reason: str, by: Actor) -> Audit:
    """Its report has to be corrected: findings can be mended until the next version is issued."""
    return _move(audit, "correct report", {}, clock.today(audit.organization), by, reason)


def close_audit(audit: Audit, by: Actor) -> Audit:
    """All that was planned is done and told (ISO 19011 6.6)."""
    return _move(audit, "close", {}, clock.today(audit.organization), by)


def refuse_audit(audit: Audit, reason: str, by: Actor) -> Audit:
    """The organization did not let the audit take place: it never counts as carried out.

    The body may then suspend or withdraw (ISO/IEC 17021-1 9.6.5.2); that is its decision, recorded as one.
    """
    if not reason.strip():
        raise ValidationError({"reason": _("Say why the audit was refused.")})
    return _move(audit, "refuse", {}, clock.today(audit.organization), by, reason)


def cancel_audit(audit: Audit, reason: str, by: Actor) -> Audit:
    """The audit will not take place; it never counts as carried out."""
    changes = {"started_on": None, "ended_on": None}
    return _move(audit, "cancel", changes, clock.today(audit.organization), by, reason)


@transaction.atomic
def plan_again(audit: Audit, planned_on: date, by: Actor, planned_until: date | None = None) -> Audit:
    """A cancelled audit gets a new date."""
    changes, before = {"planned_on": planned_on, "planned_until": planned_until}, _days(audit)
    moves = len(moved_again(audit, planned_until or planned_on))
    again = _move(audit, "plan again", changes, clock.today(audit.organization), by)
    tell_people(again, "audit_moved", by, before=before, after=_days(again), deadlines=moves)
    return again


@transaction.atomic
def _move(audit: Audit, name: str, changes: dict[str, Any], on: date, by: Actor, reason: str = "") -> Audit:
    """Make one legal move: check it, save it, tell it, and recompute; guests lose sight of an audit that is over."""
    move = move_named(MOVES, name)
    before = audit.state
    for field, value in changes.items():
        setattr(audit, field, value)
    check_audit(audit)
    hold_certificates(_covered(audit))
    today = clock.today(audit.organization)
    moved = Audit.objects.filter(pk=audit.pk, state__in=move.sources).update(
        **changes, state=move.target, recorded_on=today, version=audit.version + 1
    )
    audit.refresh_from_db()
    if not moved:
        raise Refused(_cannot(audit, name))
    entry = Entry.about(
        audit, f"audit.{move.target}", on, before={"state": before}, after={"state": move.target}, reason=reason
    )
    record(by, [entry])
    _follow(audit, by, f"{audit}: {audit.get_state_display()}")
    if name in TOLD:
        tell_people(audit, TOLD[name], by, reason=reason)
    if move.target in OVER:
        for guest in guests_of(audit.organization_id, audit.pk):
            hide_audit(guest, audit.pk, by)
    return audit


def possible_moves(audit: Audit) -> list[str]:
    """Names of the moves that are legal now."""
    return moves_from(MOVES, audit.state)


def _cannot(audit: Audit, name: str) -> str:
    return _("“%(move)s” is not possible: audit %(audit)s is %(state)s. Possible now: %(possible)s.") % {
        "move": _(name),
        "audit": audit,
        "state": audit.get_state_display().lower(),
        "possible": ", ".join(map(_, possible_moves(audit))) or _("nothing"),
    }


def check_audit(audit: Audit) -> None:
    """Refuse an audit whose dates contradict each other or lie in the future although it was held."""
    errors = {}
    today = clock.today(audit.organization)
    for first, last in (("started_on", "ended_on"), ("planned_on", "planned_until")):
        start, end = getattr(audit, first), getattr(audit, last)
        if start and end and end < start:
            errors[last] = _("The last day must not be before the first, %s.") % said(start)
    for name in ("started_on", "ended_on"):
        if (day := getattr(audit, name)) and day > today:
            errors[name] = _("This day has not come yet; enter it as planned.")
    if not any((audit.planned_on, audit.started_on, audit.ended_on)):
        errors["planned_on"] = _("Enter at least one date.")
    if errors:
        raise ValidationError(errors)
    check(audit)


def _covered(audit: Audit) -> set[int]:
    return set(audit.certificate_links.values_list("certificate_id", flat=True))


def _cover(audit: Audit, certificates: Sequence[Certificate]) -> None:
    AuditCertificate.objects.bulk_create(
        AuditCertificate(organization_id=audit.organization_id, audit=audit, certificate=certificate)
        for certificate in certificates
    )


def _visit(audit: Audit, sites: Sequence[Site]) -> None:
    further = [site for site in sites if site.pk != audit.site_id]
    AuditSite.objects.bulk_create(
        AuditSite(organization_id=audit.organization_id, audit=audit, site=site) for site in further
    )


def _tell(audit: Audit, kind: str, on: date | None, by: Actor) -> None:
    covered = [str(link.certificate) for link in audit.certificate_links.select_related("certificate")]
    after = {"kind": audit.kind, "state": audit.state, "certificates": covered}
    record(by, [Entry.about(audit, kind, on or clock.today(audit.organization), after=after)])


def _follow(audit: Audit, by: Actor, cause: str, also: set[int] | None = None) -> None:
    """Recompute what the audit counts for; internal audits count for nothing."""
    concerned = _covered(audit) | (also or set())
    if audit.is_external and concerned:
        refresh_ids(concerned, by, cause)
