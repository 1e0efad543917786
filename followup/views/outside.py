"""The report of a certification body, entered in one sitting."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from accounts import clock
from accounts.web import allowed
from audits.actions.checklist import new_uid
from audits.models import Audit
from audits.views.shared import EDIT, frame, load
from certifications.web import actor, attempt, posted, show
from evidence.actions import Given, attach
from evidence.content import FileRefused
from followup.actions import enter_report
from followup.forms import OutsideFindingForm, OutsideForm
from followup.models import AuditReport

ROWS = 8
FindingRows: Any = forms.formset_factory(OutsideFindingForm, extra=ROWS, max_num=100)


@allowed(EDIT)
def outside(request: HttpRequest, pk: int) -> HttpResponse:
    """Days, number, file and findings on one page; nothing is kept when one of them does not hold."""
    audit = load(pk)
    today = clock.today(audit.organization)
    initial = {"ended_on": audit.ended_on or audit.planned_until or audit.planned_on, "issued_on": today}
    form = OutsideForm(posted(request), request.FILES or None, initial=initial)
    rows = FindingRows(posted(request), prefix="f")
    if request.method == "POST" and form.is_valid() & rows.is_valid():
        made = attempt(form, lambda: _enter(request, audit, form, rows))
        if made:
            messages.success(request, _("The report is entered; its nonconformities have their due dates."))
            return redirect("audit-report", pk)
    response = show(request, "followup/outside.html", {**frame(request, audit, "audit-report"), "rows": rows}, form)
    if request.method == "POST":
        response.status_code = 422
    return response


@transaction.atomic
def _enter(request: HttpRequest, audit: Audit, form: OutsideForm, rows: Any) -> AuditReport:
    by = actor(request)
    given = form.cleaned_data
    findings = [
        {**row.cleaned_data, "uid": new_uid(), "site": audit.site}
        for row in rows
        if row.has_changed() and row.cleaned_data.get("grade")
    ]
    report = enter_report(audit, given["ended_on"], given["issued_on"], given["reference"], findings, by)
    if file := given["file"]:
        try:
            attach(audit, Given(file.name, cast(Any, file.chunks()), given["issued_on"]), by, title=file.name)
        except FileRefused as refused:
            raise forms.ValidationError({"file": str(refused)}) from refused
    return report
