"""The report of an audit: written, issued, read as it was frozen, taken up again for a correction."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import clock
from accounts.permissions import Capability
from accounts.web import allowed
from audits.forms.checklist import ReasonForm
from audits.models import Audit
from audits.progress import latest_answers, progress_of
from audits.views.checklist import tell_refusals
from audits.views.shared import EDIT, frame, load
from certifications.web import actor, attempt, posted, show, show_conflict
from followup.actions import draft_of, issue_report, take_up_again, write_draft
from followup.content import digest_of, nonconforming
from followup.forms import DraftForm, IssueForm
from followup.models import AuditReport
from followup.queries import earlier_nonconformities, standing_findings
from records.editing import Conflict


@allowed(Capability.VIEW)
def report_page(request: HttpRequest, pk: int) -> HttpResponse:
    """What the report will say, its issued versions, and the next step."""
    audit = load(pk)
    return show(request, "followup/report.html", _context(request, audit), DraftForm.of(draft_of(audit)))


def _context(request: HttpRequest, audit: Audit) -> dict[str, Any]:
    findings = standing_findings(audit)
    items = list(audit.items.all())
    return {
        **frame(request, audit, "audit-report"),
        "findings": findings,
        "becoming": [row for row in nonconforming(findings) if not hasattr(row, "raised")],
        "earlier": earlier_nonconformities(audit),
        "progress": progress_of(items, latest_answers(audit)),
        "reports": list(audit.reports.all()),
        "writing": audit.state not in {"reported", "closed", "cancelled", "refused"},
        "reason_form": ReasonForm(),
    }


@require_POST
@allowed(EDIT)
def write(request: HttpRequest, pk: int) -> HttpResponse:
    """Save what stands in the report so far; when somebody else saved first, both values are shown."""
    audit = load(pk)
    form = DraftForm(request.POST)
    try:
        version = int(form.data.get("version") or 0) if str(form.data.get("version", "")).isdecimal() else 0
        door = partial(write_draft, audit, version)
        if form.is_valid() and attempt(form, lambda: door(form.facts(), actor(request))) is not None:
            messages.success(request, _("The report is saved; it is not issued yet."))
            return redirect("audit-report", pk)
    except Conflict as conflict:
        data = request.POST.copy()
        data["version"] = str(conflict.row.version)
        form.data = data
        context = {**_context(request, audit), "conflict": show_conflict(conflict, form)}
        response = show(request, "followup/report.html", context, form)
        response.status_code = 409
        return response
    return show(request, "followup/report.html", _context(request, audit), form)


@allowed(EDIT)
def issue(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what issuing does, then do it: findings become nonconformities and the report is frozen."""
    audit = load(pk)
    today = clock.today(audit.organization)
    again = audit.reports.exists()
    form = IssueForm(posted(request), audit=audit, again=again, initial={"issued_on": today, "ended_on": today})
    if request.method == "POST" and form.is_valid():
        made = attempt(form, lambda: issue_report(audit, by=actor(request), **form.cleaned_data))
        if made:
            messages.success(request, _("The report of %s is issued.") % audit)
            return redirect("audit-report-version", pk, made.number)
    return show(request, "followup/issue.html", {**_context(request, audit), "again": again}, form)


@require_POST
@allowed(EDIT)
def correct(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an issued report up again."""
    audit = load(pk)
    form = ReasonForm(request.POST)
    if form.is_valid():
        attempt(form, lambda: take_up_again(audit, form.cleaned_data["reason"], actor(request)))
    tell_refusals(request, form)
    return redirect("audit-report", pk)


@allowed(Capability.VIEW)
def version_page(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """One version of the report, exactly as it was issued."""
    audit = load(pk)
    report = get_object_or_404(AuditReport, audit_id=pk, number=number, organization_id=audit.organization_id)
    context = {
        **frame(request, audit, "audit-report"),
        "report": report,
        "content": report.content,
        "intact": digest_of(report.content) == report.digest,
        "newest": audit.reports.all()[0].number == number,
    }
    return show(request, "followup/version.html", context)
