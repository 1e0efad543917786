"""Doors of a report: write, issue, take up again for a correction; and entering the report of a body in one sitting."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from accounts import clock
from audits.actions import correct_report, hold_audit, record_findings, report_audit
from audits.actions.shared import locked
from audits.models import Audit, Finding
from certifications.actions import Refused
from certifications.models import Certificate
from followup.content import content_of, digest_of, nonconforming
from followup.models import AuditReport, RaisedFinding, ReportDraft
from followup.queries import source_of, standing_findings
from nonconformities.actions import raise_nonconformity
from nonconformities.models import Nonconformity
from records.editing import save_changes
from records.numbering import next_number
from records.record import Actor, Entry, record


def draft_of(audit: Audit) -> ReportDraft:
    """What has been written for the report so far; an unsaved one when nothing has."""
    found: ReportDraft | None = ReportDraft.objects.filter(audit=audit).first()
    return found or ReportDraft(organization_id=audit.organization_id, audit=audit, version=0)


@transaction.atomic
def write_draft(audit: Audit, version: int, fields: dict[str, Any], by: Actor) -> ReportDraft:
    """Save what stands in the report so far; raises ``Conflict`` when somebody else saved first."""
    audit = locked(audit)
    if audit.state in {"reported", "closed"}:
        raise Refused(_("The report of %s is issued. Take it up for a correction first.") % audit)
    draft = draft_of(audit)
    if draft.pk is None:
        ReportDraft.objects.create(organization_id=audit.organization_id, audit=audit, **fields)
        record(by, [Entry.about(audit, "report.written", clock.today(audit.organization))])
        return draft_of(audit)
    save_changes(draft, version, fields, by, clock.today(audit.organization))
    return draft


@transaction.atomic
def issue_report(
    audit: Audit, issued_on: date, by: Actor, reason: str = "", reference: str = "", ended_on: date | None = None
) -> AuditReport:
    """Issue the report: findings that are nonconformities get their clocks, and what it says is frozen with its hash.

    All in one transaction. The first version needs the audit's last day (``ended_on`` when it is not recorded yet);
    a later one needs a reason. Raises ``Refused`` or ``ValidationError`` by field.
    """
    audit = locked(audit)
    if ended_on and audit.state in {"planned", "confirmed", "started"}:
        audit = hold_audit(audit, ended_on, by)
    last = audit.reports.aggregate(last=Max("number"))["last"] or 0
    _check_issue(audit, issued_on, reason, last)
    _raise_findings(audit, issued_on, by)
    content = content_of(audit, draft_of(audit), issued_on)
    report = AuditReport.objects.create(
        organization_id=audit.organization_id,
        audit=audit,
        number=last + 1,
        issued_on=issued_on,
        issued_at=clock.now(),
        issued_by_id=by.user_id,
        issued_by_name=by.label[:200],
        reason=reason.strip(),
        reference=reference.strip(),
        content=content,
        digest=digest_of(content),
    )
    report_audit(audit, issued_on, by, reason)
    after = {"version": report.number, "sha256": report.digest}
    record(by, [Entry.about(audit, "report.issued", issued_on, after=after, reason=reason)])
    return report


def _check_issue(audit: Audit, issued_on: date, reason: str, last: int) -> None:
    if audit.state in {"planned", "confirmed", "started"}:
        raise ValidationError({"ended_on": _("Enter the last day of the audit; its report comes after it.")})
    errors = {}
    if audit.ended_on and issued_on < audit.ended_on:
        errors["issued_on"] = _("A report is issued after the audit's last day.")
    if issued_on > clock.today(audit.organization):
        errors["issued_on"] = _("This day has not come yet.")
    if last and not reason.strip():
        errors["reason"] = _("Say what is corrected; it stands on the new version.")
    if errors:
        raise ValidationError(errors)


def _raise_findings(audit: Audit, issued_on: date, by: Actor) -> None:
    """Every finding that is a nonconformity and has not become one yet starts its clocks, from the audit's last day."""
    links = audit.certificate_links.select_related("certificate__standard", "certificate__scheme")
    certificates = [link.certificate for link in links]
    for finding in nonconforming(standing_findings(audit)):
        if not hasattr(finding, "raised"):
            raised = _raise(audit, finding, _concerned(finding, certificates), issued_on, by)
            RaisedFinding.objects.create(organization_id=audit.organization_id, finding=finding, nonconformity=raised)


def _concerned(finding: Finding, certificates: Sequence[Certificate]) -> list[Certificate]:
    """Certificates of the finding's standard; of every standard when it names none."""
    return [row for row in certificates if finding.standard_id in {None, row.standard_id}]


def _raise(
    audit: Audit, finding: Finding, certificates: Sequence[Certificate], issued_on: date, by: Actor
) -> Nonconformity:
    last = Nonconformity.objects.order_by("-pk").values_list("number", flat=True).first()
    fields = {
        "number": next_number(last, "NC-0001"),
        "source": source_of(audit),
        "audit": audit,
        "grade": finding.grade,
        "raised_on": audit.ended_on,
        "notified_on": issued_on,
        "clause": finding.clause,
        "site": finding.site or audit.site,
        "title": finding.headline,
        "statement": finding.requirement,
        "evidence": finding.evidence,
    }
    try:
        return raise_nonconformity(audit.organization, fields, certificates, by)
    except ValidationError as error:
        raise ValidationError(
            [_("Finding %(number)d: %(why)s") % {"number": finding.number, "why": why} for why in error.messages]
        ) from error


@transaction.atomic
def take_up_again(audit: Audit, reason: str, by: Actor) -> Audit:
    """Open an issued report for a correction; the issued version stays readable and valid until the next one."""
    if not reason.strip():
        raise ValidationError({"reason": _("Say what has to be corrected.")})
    return correct_report(audit, reason, by)


@transaction.atomic
def enter_report(
    audit: Audit, ended_on: date, issued_on: date, reference: str, findings: Sequence[dict[str, Any]], by: Actor
) -> AuditReport:
    """Enter the report that a body has sent, with its findings, in one sitting; due dates follow."""
    audit = locked(audit)
    if audit.state in {"planned", "confirmed", "started"}:
        audit = hold_audit(audit, ended_on, by)
    record_findings(audit, findings, by)
    return issue_report(audit, issued_on, by, reference=reference)
