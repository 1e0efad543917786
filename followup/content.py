"""All that a report says, gathered from the records; frozen as JSON when the report is issued."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from audits.models import Audit, ChecklistItem, Finding
from audits.progress import Progress, latest_answers, progress_of
from audits.states import NONCONFORMING
from followup.models import ReportDraft
from followup.pictures import photos_of
from followup.queries import earlier_nonconformities, standing_findings
from nonconformities.models import Nonconformity


def content_of(audit: Audit, draft: ReportDraft, issued_on: date) -> dict[str, Any]:
    """What the report of an audit says if it is issued on this day (ISO/IEC 17021-1 9.4.8, ISO 19011 6.5.1)."""
    findings = standing_findings(audit)
    photos = photos_of(findings)
    items = list(audit.items.select_related("edition__standard"))
    answers = latest_answers(audit)
    return {
        **_identification(audit),
        "issued_on": issued_on.isoformat(),
        "team": [
            {"name": str(row), "role": row.role, "role_words": str(row.get_role_display())}
            for row in audit.team.select_related("user")
        ],
        "plan": [_line(entry) for entry in audit.entries.select_related("site", "auditor__user")],
        "findings": [{**_finding(row), "photos": photos.get(row.pk, [])} for row in findings],
        "counts": {
            grade: sum(row.grade == grade for row in findings) for grade in dict(Finding.grade.field.flatchoices)
        },
        "checklist": _checklist(items, progress_of(items, answers)),
        "earlier": [_earlier(row) for row in earlier_nonconformities(audit)],
        "fulfilment_words": draft.get_fulfilment_display() if draft.fulfilment else "",
        **{name: getattr(draft, name) for name in ReportDraft.TEXTS},
        "sampling": draft.sampling or sampling_statement(),
    }


def sampling_statement() -> str:
    """What a report says when nobody has written another statement (ISO/IEC 17021-1 9.4.8.3)."""
    return _(
        "The audit looked at samples of the information available. Nonconformities may exist where none is reported."
    )


def _identification(audit: Audit) -> dict[str, Any]:
    certificates = [link.certificate for link in audit.certificate_links.select_related("certificate__standard")]
    standards = sorted({str(certificate.standard) for certificate in certificates})
    return {
        "number": audit.number,
        "kind": audit.kind,
        "kind_words": str(audit.get_kind_display()),
        "client": str(audit.organization),
        "body": str(audit.body or ""),
        "certificates": [
            {"number": str(row), "standard": str(row.standard), "edition": row.current_edition} for row in certificates
        ],
        "integrated": len(standards) > 1,
        "standards": standards,
        "objectives": audit.objectives,
        "scope": audit.scope,
        "criteria": audit.criteria,
        "method_words": str(audit.get_method_display()),
        "sites": [str(site) for site in audit.places],
        "planned": _days(audit.planned_on, audit.planned_until),
        "held": _days(audit.started_on, audit.ended_on),
        "days": str(audit.days or ""),
        "lead_auditor": audit.lead_auditor,
    }


def _days(first: date | None, last: date | None) -> list[str]:
    return [day.isoformat() for day in (first, last) if day]


def _line(entry: Any) -> dict[str, Any]:
    return {
        "day": entry.day.isoformat(),
        "from": f"{entry.starts_at:%H:%M}",
        "to": f"{entry.ends_at:%H:%M}" if entry.ends_at else "",
        "process": entry.process,
        "clauses": entry.clauses,
        "site": str(entry.site or ""),
        "auditor": str(entry.auditor or ""),
        "auditees": entry.auditees,
    }


def _finding(row: Finding) -> dict[str, Any]:
    raised = getattr(row, "raised", None)
    return {
        "number": row.number,
        "uid": str(row.uid),
        "grade": row.grade,
        "grade_words": str(row.get_grade_display()),
        "nonconformity": str(raised.nonconformity) if raised else "",
        "due": _due(raised.nonconformity) if raised else "",
        "standard": str(row.standard or ""),
        "clause": row.clause,
        "title": row.headline,
        "requirement": row.requirement,
        "evidence": row.evidence,
        "site": str(row.site or ""),
        "place": row.place,
        "interviewed": row.interviewed,
        "recorded_by": row.recorded_by_name,
    }


def _due(row: Nonconformity) -> str:
    """The closure date of a nonconformity: the earliest day, or ``next_audit``."""
    days = [due.get("closure") for due in row.due.values() if due.get("closure")]
    return min((day for day in days if day != "next_audit"), default="next_audit" if days else "")


def _checklist(items: Iterable[ChecklistItem], progress: Progress) -> dict[str, Any]:
    unseen = [str(item) for item in items if progress.answer_of(item) in {None, "not_seen"}]
    return {
        "questions": progress.questions,
        "seen": progress.seen,
        "conforms": progress.conforms,
        "findings": progress.findings,
        "not_seen": unseen,
    }


def _earlier(row: Nonconformity) -> dict[str, Any]:
    checks = [v for v in row.verifications.all() if v.struck_on is None]
    return {
        "number": str(row),
        "title": row.title,
        "grade": row.current_grade,
        "state": row.state,
        "stage_words": str(row.get_stage_display()),
        "closed_on": row.closed_on.isoformat() if row.closed_on else "",
        "verified": checks[-1].get_result_display() if checks else "",
    }


def digest_of(content: dict[str, Any]) -> str:
    """The SHA-256 of the content as canonical JSON (sorted keys, no spaces, UTF-8)."""
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def nonconforming(findings: Iterable[Finding]) -> list[Finding]:
    """Those that become nonconformities."""
    return [row for row in findings if row.grade in NONCONFORMING]
