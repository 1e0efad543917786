"""The findings of an audit at the desk: recorded, mended, merged, struck."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.permissions import Capability
from accounts.web import allowed
from audits import actions
from audits.actions.checklist import new_uid
from audits.forms.checklist import FindingForm, MergeForm, ReasonForm
from audits.models import Audit, ChecklistItem, Finding
from audits.states import CAPTURING, FindingGrade
from audits.views.checklist import tell_refusals
from audits.views.shared import CAPTURE, frame, load
from certifications.web import actor, attempt, show, show_conflict
from records.editing import Conflict
from records.wording import latest_events


@allowed(Capability.VIEW)
def findings_page(request: HttpRequest, pk: int) -> HttpResponse:
    """What was found, the heaviest first; what was set aside stays readable below."""
    audit = load(pk)
    rows = list(audit.findings.select_related("standard", "site", "merged_into", "audit"))
    order = list(FindingGrade.values)
    standing = sorted((row for row in rows if row.counts), key=lambda row: (order.index(row.grade), row.number))
    context = {
        **frame(request, audit, "audit-findings"),
        "findings": standing,
        "aside": [row for row in rows if not row.counts],
        "counts": [(grade, sum(row.grade == grade for row in standing)) for grade in order],
        "capturing": audit.state in CAPTURING,
    }
    return show(request, "audits/findings.html", context)


@allowed(CAPTURE)
def new_finding(request: HttpRequest, pk: int) -> HttpResponse:
    """Record a finding, for a question of the checklist or freely."""
    audit = load(pk)
    item = _item(request, audit)
    form = FindingForm(request.POST or None, audit=audit, initial=_initial(audit, item))
    if request.method == "POST" and form.is_valid():
        given = {**form.facts(), "item": item, "uid": new_uid()}
        made = attempt(form, lambda: actions.record_findings(audit, [given], actor(request)))
        if made:
            messages.success(request, _("Finding F%d is recorded.") % made[0].number)
            return redirect("audit-checklist" if item else "audit-findings", pk)
    context = {**frame(request, audit, "audit-findings"), "title": _("Record a finding"), "item": item}
    return show(request, "audits/finding_form.html", context, form)


def _item(request: HttpRequest, audit: Audit) -> ChecklistItem | None:
    given = request.GET.get("item", "")
    items = ChecklistItem.objects.select_related("edition__standard")
    return get_object_or_404(items, pk=int(given), audit=audit) if given.isdecimal() and len(given) < 19 else None


def _initial(audit: Audit, item: ChecklistItem | None) -> dict[str, Any]:
    initial: dict[str, Any] = {"site": audit.site_id}
    if item:
        standard = item.edition.standard_id if item.edition else None
        initial |= {"clause": item.clause, "requirement": item.question, "standard": standard}
    return initial


def _finding(pk: int, finding: int) -> Finding:
    rows = Finding.objects.select_related("audit__organization", "organization", "standard", "site", "item")
    return get_object_or_404(rows.select_related("merged_into__audit"), pk=finding, audit_id=pk)


@allowed(Capability.VIEW)
def finding_page(request: HttpRequest, pk: int, finding: int) -> HttpResponse:
    """One finding with its photos and documents, and what can be done with it."""
    row = _finding(pk, finding)
    audit = load(pk)
    open_ = row.counts and audit.state in CAPTURING
    context = {
        **frame(request, audit, "audit-findings"),
        "finding": row,
        "open": open_,
        "merge_form": MergeForm(finding=row) if open_ else None,
        "strike_form": ReasonForm(),
        "events": latest_events("finding", row.pk),
    }
    return show(request, "audits/finding.html", context)


@allowed(CAPTURE)
def change_finding(request: HttpRequest, pk: int, finding: int) -> HttpResponse:
    """Mend a finding; when somebody else saved first, both values are shown."""
    row = _finding(pk, finding)
    context: dict[str, Any] = {
        **frame(request, load(pk), "audit-findings"),
        "title": _("Change finding F%d") % row.number,
        "finding": row,
    }
    if request.method != "POST":
        return show(request, "audits/finding_form.html", context, FindingForm.of(row))
    form = FindingForm(request.POST, audit=row.audit)
    try:
        if form.is_valid() and attempt(form, lambda: _save(row, form, request)) is not None:
            return redirect("finding", pk, finding)
    except Conflict as conflict:
        data = request.POST.copy()
        data["version"] = str(conflict.row.version)
        form.data = data
        context["conflict"] = show_conflict(conflict, form)
        response = show(request, "audits/finding_form.html", context, form)
        response.status_code = 409
        return response
    return show(request, "audits/finding_form.html", context, form)


def _save(row: Finding, form: FindingForm, request: HttpRequest) -> Finding:
    return actions.change_finding(row, form.cleaned_data["version"] or 0, form.facts(), actor(request))


@require_POST
@allowed(CAPTURE)
def strike_finding(request: HttpRequest, pk: int, finding: int) -> HttpResponse:
    """The finding does not hold."""
    row = _finding(pk, finding)
    form = ReasonForm(request.POST)
    if form.is_valid():
        attempt(form, lambda: actions.strike_finding(row, form.cleaned_data["reason"], actor(request)))
    tell_refusals(request, form)
    return redirect("finding", pk, finding)


@require_POST
@allowed(CAPTURE)
def merge_finding(request: HttpRequest, pk: int, finding: int) -> HttpResponse:
    """Another finding speaks for this one."""
    row = _finding(pk, finding)
    form = MergeForm(request.POST, finding=row)
    if form.is_valid():
        attempt(form, lambda: actions.merge_finding(row, form.cleaned_data["into"], actor(request)))
    tell_refusals(request, form)
    return redirect("finding", pk, finding)
