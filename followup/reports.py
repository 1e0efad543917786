"""Papers of an audit: its report as issued, its plan, its blank checklist."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy

from audits.models import Audit
from audits.progress import groups_of
from audits.queries import audits, days_of
from followup.models import AuditReport
from followup.pictures import drawn
from records.papers import PAPERS, Paper


def report(pk: int) -> dict[str, Any]:
    """What the paper of an issued report shows: its frozen content, with the photos that it names by their hash."""
    row = AuditReport.objects.select_related("audit").get(pk=pk)
    content = dated(row.content)
    return {"report": row, "content": content | {"findings": list(drawn(content["findings"]))}}


DATES = frozenset({"day", "issued_on", "closed_on", "planned", "held", "due"})


def dated(content: Any, name: str = "") -> Any:
    """Content in which days are dates again, so that they can be told in the reader's language."""
    if isinstance(content, dict):
        return {key: dated(value, key) for key, value in content.items()}
    if isinstance(content, list):
        return [dated(value, name) for value in content]
    if name in DATES and isinstance(content, str) and content[:4].isdecimal():
        return date.fromisoformat(content)
    return content


def plan(pk: int) -> dict[str, Any]:
    """What the audit plan shows."""
    audit = audits().get(pk=pk)
    return {
        "audit": audit,
        "days": days_of(audit),
        "team": audit.team.select_related("user"),
        "entries": audit.entries.select_related("site", "auditor__user"),
    }


def checklist(pk: int) -> dict[str, Any]:
    """What a blank checklist shows: the questions, and room to write."""
    audit = audits().get(pk=pk)
    items = list(audit.items.select_related("edition__standard"))
    return {"audit": audit, "days": days_of(audit), "groups": groups_of(items, {})}


PAPERS["audit-report"] = Paper(gettext_lazy("Audit report"), AuditReport, "reports/audit_report.html", report)
PAPERS["audit-plan"] = Paper(gettext_lazy("Audit plan"), Audit, "reports/audit_plan.html", plan)
PAPERS["audit-checklist"] = Paper(gettext_lazy("Blank checklist"), Audit, "reports/audit_checklist.html", checklist)
