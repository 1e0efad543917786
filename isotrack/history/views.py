"""Pages of the history."""

from __future__ import annotations

import io
from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import clock
from accounts.permissions import Capability
from accounts.web import allowed, can
from certifications.models import Certificate
from certifications.web import actor, attempt, posted, show, show_conflict
from isotrack.history import export
from isotrack.history.forms import PolicyForm
from isotrack.history.past import past_of
from isotrack.history.reading import ABOUT, Filters, filtered, page_of, people_in_history
from records.editing import Conflict
from records.heads import as_file
from records.models import ActorKind, EventCounter, SignedHead
from records.policy import change_policy, policy_of
from records.verification import check_and_keep, in_words, last_check
from records.wake import wake

FIRST_DAY = date(1990, 1, 1)
AT_ONCE = 20_000  # entries that are verified while the reader waits; more are left to a worker


@allowed(Capability.VIEW)
def page(request: HttpRequest) -> HttpResponse:
    """The entries that are asked for, newest first, and how far the chain was verified."""
    organization: Any = request.organization  # type: ignore[attr-defined]
    filters, check = Filters.of(request), last_check(organization)
    head = EventCounter.objects.filter(pk=organization.pk).first()
    context = {
        "filters": filters,
        "page": page_of(filtered(filters, organization), request),
        "abouts": ABOUT.items(),
        "kinds": ActorKind.choices,
        "people": people_in_history(),
        "head": head,
        "check": check,
        "problem": in_words(check.problem) if check and check.problem else "",
        "signed": SignedHead.objects.first(),
        "may_export": can(request, Capability.IMPORT),
        "may_manage": can(request, Capability.MANAGE),
    }
    return render(request, "history/history.html", context)


@allowed(Capability.IMPORT)
def export_file(request: HttpRequest, form: str) -> Any:
    """Exactly what is filtered, as CSV or as a workbook."""
    organization: Any = request.organization  # type: ignore[attr-defined]
    events = filtered(Filters.of(request), organization)
    name = f"history-{organization.slug}-{clock.today(organization)}"
    if form == "csv":
        response: Any = StreamingHttpResponse(export.csv_lines(events), content_type="text/csv")
    else:
        book = io.BytesIO()
        export.write_xlsx(events, book)
        kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        response = HttpResponse(book.getvalue(), content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{name}.{form}"'
    response["Cache-Control"] = "private, no-store"
    return response


@allowed(Capability.VIEW)
def heads_file(request: HttpRequest) -> HttpResponse:
    """All signed heads, to be kept elsewhere."""
    heads = SignedHead.objects.select_related("organization").order_by("number")
    response = HttpResponse(as_file(heads), content_type="application/json")
    slug = request.organization.slug  # type: ignore[attr-defined]
    response["Content-Disposition"] = f'attachment; filename="heads-{slug}.json"'
    return response


@require_POST
@allowed(Capability.VIEW)
def check_now(request: HttpRequest) -> HttpResponse:
    """Follow the whole chain now; a long one is followed by a worker."""
    organization: Any = request.organization  # type: ignore[attr-defined]
    head = EventCounter.objects.filter(pk=organization.pk).first()
    if head and head.last_number > AT_ONCE:
        wake("records.history")
        messages.success(request, _("The chain is being verified; the result appears on this page in a while."))
        return redirect("history")
    found = check_and_keep(organization)
    if found.problem:
        messages.error(request, _("The chain does not hold: %s") % in_words(found.problem))
    else:
        messages.success(request, _("The chain is verified to entry %s.") % found.number)
    return redirect("history")


@allowed(Capability.MANAGE)
def policy(request: HttpRequest) -> HttpResponse:
    """What is signed, who keeps the heads, how long texts are kept."""
    organization: Any = request.organization  # type: ignore[attr-defined]
    stored = policy_of(organization)
    if request.method != "POST":
        return show(request, "history/policy.html", {}, PolicyForm.of(stored))
    form = PolicyForm(posted(request))
    context: dict[str, Any] = {}
    try:
        if form.is_valid() and attempt(form, lambda: _save(request, form)):
            messages.success(request, _("Saved."))
            return redirect("history-policy")
    except Conflict as conflict:
        data = request.POST.copy()
        data["version"] = str(conflict.row.version)
        form.data = data
        context["conflict"] = show_conflict(conflict, form)
    response = show(request, "history/policy.html", context, form)
    if context:
        response.status_code = 409
    return response


def _save(request: HttpRequest, form: PolicyForm) -> Any:
    organization = request.organization  # type: ignore[attr-defined]
    return change_policy(organization, form.cleaned_data["version"] or 0, form.facts(), actor(request))


@allowed(Capability.VIEW)
def past(request: HttpRequest, pk: int) -> HttpResponse:
    """A certificate as it was on a day; without one, a month ago."""
    row = get_object_or_404(Certificate.objects.select_related("organization"), pk=pk)
    today = clock.today(row.organization)
    try:
        on = min(max(date.fromisoformat(request.GET.get("on", "")), FIRST_DAY), today)
    except ValueError:
        on = today - timedelta(days=30)
    context = {"certificate": row, "on": on, "today": today, "past": past_of(row, on)}
    return render(request, "history/past.html", context)
