"""Raising a nonconformity and changing what was recorded."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from accounts import clock
from accounts.permissions import Capability
from accounts.web import allowed
from audits.models import Audit
from certifications.catalog import catalog
from certifications.models import Scheme
from certifications.web import actor, attempt, posted, show, show_conflict
from nonconformities import actions
from nonconformities.forms import NonconformityForm
from nonconformities.models import Nonconformity
from nonconformities.queries import last_number
from nonconformities.views.page import load
from records.editing import Conflict
from records.numbering import next_number

EDIT = Capability.EDIT_NONCONFORMITIES


def known_grades() -> list[str]:
    """The grades of the schemes that the organization's certificates are under, and of its own deadlines."""
    used = Scheme.objects.filter(certificates__isnull=False) | Scheme.objects.filter(own_deadlines=True)
    grades: dict[str, None] = {}
    for catalog_id in used.order_by("pk").values_list("catalog_id", flat=True).distinct():
        grades.update(dict.fromkeys(catalog().policy(catalog_id).grades))
    return list(grades)


@allowed(EDIT)
def add(request: HttpRequest) -> HttpResponse:
    """Raise a nonconformity."""
    organization = request.organization  # type: ignore[attr-defined]
    form = NonconformityForm(posted(request), grades=known_grades(), initial=_initial(request))
    if request.method == "POST" and form.is_valid():
        made = attempt(
            form, lambda: actions.raise_nonconformity(organization, form.facts(), form.concerned(), actor(request))
        )
        if made:
            messages.success(request, _("%s is raised. Its clock has started.") % made)
            return redirect("nonconformity", made.pk)
    context = {"title": _("Raise a nonconformity"), "verb": _("Raise nonconformity")}
    return show(request, "nonconformities/form.html", context, form)


def _initial(request: HttpRequest) -> dict[str, Any]:
    """The next number, today, and what is known of the audit that one comes from."""
    start: dict[str, Any] = {
        "number": next_number(last_number(), "NC-0001"),
        "raised_on": clock.today(request.organization),  # type: ignore[attr-defined]
    }
    audit = Audit.objects.filter(pk=int(asked)).first() if (asked := request.GET.get("audit", "")).isdecimal() else None
    if audit:
        start |= {
            "audit": audit.pk,
            "site": audit.site_id,
            "source": "body" if audit.is_external else "internal_audit",
            "raised_on": audit.ended_on or start["raised_on"],
            "certificates": list(audit.certificate_links.values_list("certificate_id", flat=True)),
        }
    return start


@allowed(EDIT)
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Change what was recorded; when somebody else saved first, both values are shown."""
    nc = load(pk)
    context: dict[str, Any] = {"nc": nc, "title": _("Change %s") % nc, "verb": _("Save changes")}
    if request.method != "POST":
        return show(request, "nonconformities/form.html", context, NonconformityForm.of(nc, known_grades()))
    form = NonconformityForm(request.POST, grades=known_grades())
    try:
        if form.is_valid() and attempt(form, lambda: _save(nc, form, request)) is not None:
            messages.success(request, _("Changes of %s are saved.") % nc)
            return redirect("nonconformity", pk)
    except Conflict as conflict:
        data = request.POST.copy()
        data["version"] = str(conflict.row.version)
        form.data = data
        context["conflict"] = show_conflict(conflict, form)
        response = show(request, "nonconformities/form.html", context, form)
        response.status_code = 409
        return response
    return show(request, "nonconformities/form.html", context, form)


def _save(nc: Nonconformity, form: NonconformityForm, request: HttpRequest) -> Nonconformity:
    version = form.cleaned_data["version"] or 0
    return actions.change_nonconformity(nc, version, form.facts(), actor(request), certificates=form.concerned())
