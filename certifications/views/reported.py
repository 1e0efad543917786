"""Report a change: six short questions, the certificates it touches, and whom to tell."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from accounts import clock
from accounts.permissions import Capability
from accounts.web import allowed, can
from certifications.actions.changes import report_change, tell_body, touched_by
from certifications.forms import ChangeForm, ToldForm
from certifications.models import ChangedCertificate, Question, ReportedChange
from certifications.web import actor, attempt, posted, show

REPORT = Capability.REPORT_CHANGES


@allowed(REPORT)
def report(request: HttpRequest) -> HttpResponse:
    """Answer the questions, see which certificates are touched, keep the record."""
    form = ChangeForm(posted(request), initial={"sites": request.GET.getlist("site")})
    touched = None
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        sites = list(given.pop("sites"))
        if request.POST.get("do") == "record":
            organization: Any = request.organization  # type: ignore[attr-defined]
            made = attempt(form, lambda: report_change(organization, given, sites, actor(request)))
            if made:
                messages.success(request, _("“%s” is kept. Tell the certification bodies named below.") % made)
                return redirect("change", made.pk)
        else:
            touched = _lines(touched_by(given["answers"], sites))
    return show(request, "certifications/change_report.html", {"touched": touched}, form)


def _lines(touched: list[Any]) -> list[dict[str, Any]]:
    return [{"certificate": row, "because": _words(because)} for row, because in touched]


def _words(because: list[str]) -> list[str]:
    return [str(Question(answer).label) for answer in because]


@allowed(Capability.VIEW)
def reported(request: HttpRequest, pk: int) -> HttpResponse:
    """A change with the certificates it touches and who has been told."""
    change = get_object_or_404(ReportedChange, pk=pk)
    rows = change.touched.select_related("certificate__standard", "certificate__body").order_by("pk")
    context = {
        "change": change,
        "today": clock.today(request.organization),  # type: ignore[attr-defined]
        "answers": _words(change.answers),
        "rows": [(row, _words(row.because)) for row in rows],
        "may_tell": can(request, Capability.EDIT_CERTIFICATES),
    }
    return render(request, "certifications/change.html", context)


@allowed(Capability.EDIT_CERTIFICATES)
def told(request: HttpRequest, pk: int) -> HttpResponse:
    """The body of one certificate was told."""
    rows = ChangedCertificate.objects.select_related("change", "certificate__organization", "organization")
    row = get_object_or_404(rows, pk=pk)
    form = ToldForm(posted(request), initial={"told_on": clock.today(row.organization)})
    if request.method == "POST" and form.is_valid():
        done = attempt(form, lambda: tell_body(row, form.cleaned_data["told_on"], actor(request)) or True)
        if done:
            messages.success(request, _("Noted: the body of %s was told.") % row.certificate)
            return redirect("change", row.change_id)
    return show(request, "certifications/change_told.html", {"row": row}, form)
