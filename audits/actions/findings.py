"""Doors of findings: recorded once, mended at the desk, merged or struck with a reason until the report is issued."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from accounts import clock
from audits.actions.checklist import answer_items
from audits.actions.shared import check_capturing, check_number_of, known_before, locked, twice
from audits.models import Audit, ChecklistItem, Finding
from audits.states import NONCONFORMING, Answer
from certifications.actions import Refused
from records.editing import save_changes
from records.record import Actor, Entry, record

POINTERS = {"organization", "audit", "item", "standard", "site", "recorded_by", "merged_into"}
"""What a finding points at was looked up by whoever calls; it is not asked for again, 500 times."""


@transaction.atomic
def record_findings(audit: Audit, given: Sequence[dict[str, Any]], by: Actor) -> list[Finding]:
    """Add findings, all or none, at most 500; one that was sent before under its ``uid`` is not added again.

    A finding for a question of the checklist also answers it. Returns all of them in the order given.
    """
    check_number_of(given)
    twice(given)
    audit = locked(audit)
    given = [{**fields, "audit": audit} for fields in given]
    known = known_before(Finding.objects.filter(uid__in=[fields["uid"] for fields in given]), given, "audit")
    fresh = [fields for fields in given if fields["uid"] not in known]
    if fresh:
        check_capturing(audit)
    last = audit.findings.aggregate(last=Max("number"))["last"] or 0
    made = [_finding(audit, number, fields, by) for number, fields in enumerate(fresh, last + 1)]
    Finding.objects.bulk_create(made)
    record(by, [_told(finding, "finding.recorded") for finding in made])
    answer_items(audit, [_answers(finding) for finding in made if finding.item_id], by)
    known |= {finding.uid: finding for finding in made}
    return [known[fields["uid"]] for fields in given]


def _finding(audit: Audit, number: int, fields: dict[str, Any], by: Actor) -> Finding:
    finding = Finding(
        organization=audit.organization,
        number=number,
        recorded_by_id=by.user_id,
        recorded_by_name=by.label[:200],
        recorded_at=clock.now(),
        **fields,
    )
    item = finding.item
    if item is not None:
        if item.audit_id != audit.pk:
            raise ValidationError({"item": _("This question belongs to another audit.")})
        _take_over(finding, item)
    check_finding(finding)
    return finding


def _take_over(finding: Finding, item: ChecklistItem) -> None:
    """What the question says already: clause, standard and requirement."""
    finding.clause = finding.clause or item.clause
    finding.requirement = finding.requirement or item.question
    if finding.standard is None and item.edition is not None:
        finding.standard = item.edition.standard


def check_finding(finding: Finding) -> None:
    """Refuse a finding without evidence, a nonconformity without a clause, or one of a standard not audited here."""
    errors = {}
    if not finding.evidence.strip():
        errors["evidence"] = _("Write what you saw; a finding without evidence does not hold.")
    if finding.grade in NONCONFORMING and not finding.clause:
        errors["clause"] = _("Name the clause that is not met.")
    if errors:
        raise ValidationError(errors)
    finding.clean_fields(exclude=POINTERS)


def _answers(finding: Finding) -> dict[str, Any]:
    """The answer that a finding gives to its question; it carries the finding's own uid."""
    return {
        "item": finding.item,
        "uid": finding.uid,
        "answer": Answer.FINDING,
        "evidence": finding.evidence,
        "made_at": finding.made_at,
    }


@transaction.atomic
def change_finding(finding: Finding, version: int, changes: dict[str, Any], by: Actor) -> Finding:
    """Mend a finding at the desk; raises ``Conflict`` when somebody else saved first."""
    audit = locked(finding.audit)
    check_capturing(audit)
    for name, value in changes.items():
        setattr(finding, name, value)
    check_finding(finding)
    finding.refresh_from_db()
    save_changes(finding, version, changes, by, clock.today(audit.organization))
    return finding


@transaction.atomic
def strike_finding(finding: Finding, reason: str, by: Actor) -> Finding:
    """The finding does not hold; it stays readable with the reason."""
    if not reason.strip():
        raise ValidationError({"reason": _("Say why the finding does not hold.")})
    audit = locked(finding.audit)
    check_capturing(audit)
    changes: dict[str, Any] = {"struck_on": clock.today(audit.organization), "struck_reason": reason.strip()}
    return _set_aside(finding, changes, "finding.struck", reason, by)


@transaction.atomic
def merge_finding(finding: Finding, into: Finding, by: Actor) -> Finding:
    """The lead auditor lets another finding speak for this one; both stay readable."""
    audit = locked(finding.audit)
    check_capturing(audit)
    if into.audit_id != finding.audit_id or into.pk == finding.pk or not into.counts:
        raise ValidationError({"into": _("Choose another finding of this audit that stands.")})
    return _set_aside(finding, {"merged_into": into}, "finding.merged", str(into), by)


def _set_aside(finding: Finding, changes: dict[str, Any], kind: str, reason: str, by: Actor) -> Finding:
    standing = Finding.objects.filter(pk=finding.pk, struck_on=None, merged_into=None)
    if not standing.update(**changes, version=finding.version + 1):
        raise Refused(_("%s was set aside already.") % finding)
    Finding.objects.filter(merged_into=finding).update(merged_into=changes.get("merged_into"))
    finding.refresh_from_db()
    record(by, [_told(finding, kind, reason)])
    return finding


def _told(finding: Finding, kind: str, reason: str = "") -> Entry:
    after = {"grade": finding.grade, "clause": finding.clause, "headline": finding.headline}
    on = clock.today(finding.organization)
    return Entry.about(finding, kind, on, after=after if kind == "finding.recorded" else {}, reason=reason)
