"""Doors of one certificate: register, change, decisions of the body, notices, confirmation of a proposed move."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts import clock
from accounts.models import Organization, Site
from accounts.templatetags.ui import day as said
from certifications.actions.judgement import HORIZON
from certifications.actions.refresh import refresh_ids
from certifications.facts import books_for, decision_fact, facts_for, with_relations
from certifications.models import Certificate, CertificateSite, Decision, Notice, Reliance
from certifications.sentences import refusal
from certifications.signing import RECORD_DECISION
from certifications.states import decisions_from
from lifecycle.evolve import evolve
from lifecycle.facts import Facts
from lifecycle.forecast import Forecast, forecast
from lifecycle.outcome import Outcome, Violation
from records.editing import check, save_changes
from records.record import Actor, Entry, record
from records.signatures import sign


class Refused(Exception):
    """The move is not legal now; the text says what is possible instead."""


@transaction.atomic
def register_certificate(
    organization: Organization, fields: dict[str, Any], sites: Sequence[Site], by: Actor
) -> Certificate:
    """Add a certificate with its facts and work out where it stands.

    Raises ``ValidationError`` naming the field when a date comes before the one it follows or a number is taken.
    """
    certificate = Certificate(organization=organization, **fields)
    certificate.current_number = certificate.number
    check_dates(certificate)
    check(certificate)
    certificate.save()
    _cover(certificate, sites)
    after = {name: str(value) for name, value in fields.items() if value not in (None, "", [])}
    record(by, [Entry.about(certificate, "certificate.registered", clock.today(organization), after=after)])
    refresh_ids([certificate.pk], by, _("Certificate %s registered") % certificate.number)
    certificate.refresh_from_db()
    return certificate


@transaction.atomic
def change_certificate(
    certificate: Certificate,
    version: int,
    changes: dict[str, Any],
    by: Actor,
    reason: str = "",
    sites: Sequence[Site] | None = None,
) -> Certificate:
    """Change facts of a certificate; raises ``Conflict`` when somebody else saved first."""
    for name, value in changes.items():
        setattr(certificate, name, value)
    check_dates(certificate)
    check(certificate)
    certificate.refresh_from_db()
    save_changes(certificate, version, changes, by, clock.today(certificate.organization), reason)
    if sites is not None:
        _change_sites(certificate, sites, by, reason)
    refresh_ids([certificate.pk], by, reason or _("Facts of the certificate changed"))
    certificate.refresh_from_db()
    return certificate


def check_dates(certificate: Certificate) -> None:
    """Refuse dates that come before the one they follow; raises ``ValidationError`` by field."""
    errors = {}
    start = certificate.certified_on
    for name in ("issued_on", "cycle_started_on", "expires_on"):
        value = getattr(certificate, name)
        if start and value and value < start:
            errors[name] = _("This must not be before the initial decision, %s.") % said(start)
    if certificate.issued_on and certificate.expires_on and certificate.expires_on < certificate.issued_on:
        errors.setdefault("expires_on", _("Expiry must be after the day of issue, %s.") % said(certificate.issued_on))
    for name in ("certified_on", "issued_on", "cycle_started_on", "expires_on"):
        value = getattr(certificate, name)
        if value and not date(1990, 1, 1) <= value <= date(2099, 12, 31):
            errors[name] = _("Use a date between 1990 and 2099.")
    if errors:
        raise ValidationError(errors)


def _cover(certificate: Certificate, sites: Sequence[Site]) -> None:
    CertificateSite.objects.bulk_create(
        CertificateSite(organization_id=certificate.organization_id, certificate=certificate, site=site, main=i == 0)
        for i, site in enumerate(sites)
    )


def _change_sites(certificate: Certificate, sites: Sequence[Site], by: Actor, reason: str) -> None:
    before = [str(link.site) for link in certificate.site_links.select_related("site")]
    after = [str(site) for site in sites]
    if before == after:
        return
    certificate.site_links.all().delete()
    _cover(certificate, sites)
    today = clock.today(certificate.organization)
    entry = Entry.about(
        certificate, "certificate.sites", today, before={"sites": before}, after={"sites": after}, reason=reason
    )
    record(by, [entry])


@dataclass(frozen=True, slots=True)
class Preview:
    """What a decision would do: where the certificate stands and what comes, before and after it."""

    before: Outcome
    after: Outcome
    forecast_before: Forecast
    forecast_after: Forecast
    violation: Violation | None

    @property
    def refused(self) -> bool:
        """True when the rules do not allow the decision."""
        return self.violation is not None and not self.violation.applied


def preview_decision(certificate: Certificate, fields: dict[str, Any]) -> Preview:
    """Work out what recording this decision would do; nothing is written.

    Raises ``ValidationError`` when the decision itself is incomplete or lies in the future.
    """
    decision = _decision(certificate, fields)
    row = with_relations(Certificate.objects.filter(pk=certificate.pk)).get()
    facts = facts_for([row])[row.pk]
    book = books_for([row.scheme])[row.scheme_id]
    today = clock.today(row.organization)
    changed = _with_decision(facts, decision)
    after = evolve(changed, book, [today])
    return Preview(
        before=evolve(facts, book, [today]),
        after=after,
        forecast_before=forecast(facts, book, today, today + HORIZON),
        forecast_after=forecast(changed, book, today, today + HORIZON),
        violation=next((v for v in after.violations if v.subject == "decision:new"), None),
    )


def _with_decision(facts: Facts, decision: Decision) -> Facts:
    decisions = (*facts.decisions, decision_fact(decision))
    return Facts(
        certificate=facts.certificate,
        audits=facts.audits,
        nonconformities=facts.nonconformities,
        decisions=tuple(sorted(decisions, key=lambda d: d.date)),
        notices=facts.notices,
        editions=facts.editions,
    )


def _decision(certificate: Certificate, fields: dict[str, Any]) -> Decision:
    today = clock.today(certificate.organization)
    decision = Decision(organization=certificate.organization, certificate=certificate, recorded_on=today, **fields)
    check(decision)
    errors = {}
    if decision.decided_on > today:
        errors["decided_on"] = _("A decision that has not been taken yet cannot be recorded.")
    if decision.kind == "extend_suspension" and not decision.until:
        errors["until"] = _("Enter the day until which the suspension may last.")
    if decision.kind == "transition" and not decision.edition:
        errors["edition"] = _("Enter the edition that the certificate moves to.")
    if decision.kind == "transfer" and not decision.to_body:
        errors["to_body"] = _("Enter the body that takes the certificate over.")
    if decision.kind == "appeal_outcome" and not decision.outcome:
        errors["outcome"] = _("Choose whether the appeal was upheld or rejected.")
    if decision.kind == "reduce_scope" and not (decision.parts or decision.site_names):
        errors["parts"] = _("Name the parts of the scope or the sites that are left out.")
    if errors:
        raise ValidationError(errors)
    return decision


@transaction.atomic
def record_decision(certificate: Certificate, fields: dict[str, Any], by: Actor) -> Decision:
    """Record a decision of the certification body and what follows from it.

    Raises ``Refused`` with a sentence that says what is possible instead when the rules do not allow it.
    """
    preview = preview_decision(certificate, fields)
    decision = _decision(certificate, fields)
    if preview.refused and preview.violation:
        status = preview.before.answers[-1].status
        raise Refused(refusal(decision, preview.violation, status, decisions_from(status)))
    decision.save()
    sign(RECORD_DECISION, certificate, by, fields, about=decision)
    after = {"decision": decision.kind, "letter": decision.letter, "override": decision.override}
    record(
        by, [Entry.about(certificate, "decision.recorded", decision.decided_on, after=after, reason=decision.reason)]
    )
    refresh_ids([certificate.pk], by, str(decision))
    certificate.refresh_from_db()
    return decision


@transaction.atomic
def strike_decision(decision: Decision, by: Actor, reason: str) -> Decision:
    """Take back a decision that was recorded by mistake; it stays in the history with the reason."""
    if not reason.strip():
        raise ValidationError({"reason": _("Say why this decision is struck.")})
    today = clock.today(decision.certificate.organization)
    struck = Decision.objects.filter(pk=decision.pk, struck_on=None).update(struck_on=today, struck_reason=reason)
    if not struck:
        raise Refused(_("This decision was already struck."))
    record(
        by,
        [
            Entry.about(
                decision.certificate, "decision.struck", today, before={"decision": str(decision)}, reason=reason
            )
        ],
    )
    refresh_ids([decision.certificate_id], by, reason)
    decision.refresh_from_db()
    return decision


@transaction.atomic
def record_notice(certificate: Certificate, kind: str, happened_on: date, by: Actor, note: str = "") -> Notice:
    """Record what happened without moving the status by itself (appeal, incident, lost accreditation …)."""
    today = clock.today(certificate.organization)
    if happened_on > today:
        raise ValidationError({"happened_on": _("This day has not come yet.")})
    notice = Notice(
        organization=certificate.organization,
        certificate=certificate,
        kind=kind,
        happened_on=happened_on,
        note=note,
        recorded_on=today,
    )
    check(notice)
    notice.save()
    record(by, [Entry.about(certificate, f"notice.{kind}", happened_on, reason=note)])
    refresh_ids([certificate.pk], by, str(notice))
    return notice


@transaction.atomic
def confirm_move(certificate: Certificate, by: Actor) -> Certificate:
    """Accept the move that the rules propose; raises ``Refused`` when none waits."""
    if not certificate.proposed_status:
        raise Refused(_("No move of %s waits for a confirmation.") % certificate)
    today = clock.today(certificate.organization)
    record(
        by,
        [
            Entry.about(
                certificate,
                "certificate.move_confirmed",
                today,
                before={"status": certificate.status},
                after={"status": certificate.proposed_status},
            )
        ],
    )
    refresh_ids([certificate.pk], by, _("Proposed move confirmed"), settle=True)
    certificate.refresh_from_db()
    return certificate


@transaction.atomic
def add_reliance(certificate: Certificate, fields: dict[str, Any], by: Actor) -> Reliance:
    """Note who relies on the certificate: a customer, a contract, a tender."""
    reliance = Reliance(organization=certificate.organization, certificate=certificate, **fields)
    check(reliance)
    reliance.save()
    today = clock.today(certificate.organization)
    record(
        by, [Entry.about(certificate, "reliance.added", today, after={"name": reliance.name, "kind": reliance.kind})]
    )
    return reliance


@transaction.atomic
def remove_reliance(reliance: Reliance, by: Actor) -> None:
    """Note that somebody no longer relies on the certificate."""
    certificate = reliance.certificate
    today = clock.today(certificate.organization)
    record(by, [Entry.about(certificate, "reliance.removed", today, before={"name": reliance.name})])
    reliance.delete()
