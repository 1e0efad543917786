"""Adding and changing a certificate, confirming a proposed move, and who relies on it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import clock
from accounts.permissions import Capability
from accounts.web import allowed
from certifications import actions
from certifications.actions.certificates import add_reliance, remove_reliance
from certifications.forms import CertificateForm, RelianceForm, StartForm
from certifications.models import Certificate, Reliance
from certifications.views.reading import heading, load
from certifications.web import actor, attempt, posted, show, show_conflict
from records.editing import Conflict

EDIT = Capability.EDIT_CERTIFICATES


@allowed(EDIT)
def add(request: HttpRequest) -> HttpResponse:
    """Add a certificate with the facts of its paper."""
    form = CertificateForm(posted(request), adding=True)
    if request.method == "POST" and form.is_valid():
        made = attempt(
            form,
            lambda: actions.register_certificate(
                request.organization,  # type: ignore[attr-defined]
                form.facts(),
                form.covered(),
                actor(request),
            ),
        )
        if made:
            messages.success(request, _("Certificate %s is added. Its dates follow from your facts.") % made)
            return redirect("certificate", made.pk)
    return show(
        request, "certifications/form.html", {"title": _("Add certificate"), "verb": _("Add certificate")}, form
    )


@allowed(EDIT)
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Change facts; when somebody else saved first, both values are shown and nothing is lost."""
    row = load(pk)
    context = {**heading(row, clock.today(row.organization)), "title": _("Change %s") % row, "verb": _("Save changes")}
    if request.method != "POST":
        return show(request, "certifications/form.html", context, CertificateForm.of(row))
    form = CertificateForm(request.POST)
    if not form.is_valid():
        return show(request, "certifications/form.html", context, form)
    try:
        saved = attempt(form, lambda: _save(row, form, request))
    except Conflict as conflict:
        return _show_both(request, conflict, form, context)
    if saved is None:
        return show(request, "certifications/form.html", context, form)
    messages.success(request, _("Changes of %s are saved.") % saved)
    return redirect("certificate", pk)


def _save(row: Certificate, form: CertificateForm, request: HttpRequest) -> Certificate:
    version = form.cleaned_data["version"] or 0
    reason = form.cleaned_data["reason"]
    return actions.change_certificate(row, version, form.facts(), actor(request), reason, form.covered())


def _show_both(
    request: HttpRequest, conflict: Conflict, form: CertificateForm, context: dict[str, object]
) -> HttpResponse:
    """The page of a refused save: both values, and the form ready to save over what is there now."""
    shown = show_conflict(conflict, form)
    data = request.POST.copy()
    data["version"] = str(conflict.row.version)
    form.data = data
    response = show(request, "certifications/form.html", {**context, "conflict": shown}, form)
    response.status_code = 409
    return response


@allowed(EDIT)
def start(request: HttpRequest, pk: int) -> HttpResponse:
    """Enter the decision date of a certificate that has no date yet."""
    row = load(pk)
    form = StartForm(posted(request))
    if request.method == "POST" and form.is_valid():
        day = form.cleaned_data["certified_on"]
        by = actor(request)
        if attempt(form, lambda: actions.change_certificate(row, row.version, {"certified_on": day}, by)):
            messages.success(request, _("The decision date is saved. All dates follow from it."))
            return redirect("certificate", pk)
    context = {
        **heading(row, clock.today(row.organization)),
        "title": _("Decision date"),
        "verb": _("Save the decision date"),
    }
    return show(request, "certifications/small_form.html", context, form)


@allowed(EDIT)
@require_POST
def confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """Accept the move that the rules propose."""
    row = load(pk)
    try:
        actions.confirm_move(row, actor(request))
        messages.success(
            request, _("%(row)s is now %(state)s.") % {"row": row, "state": row.get_status_display().lower()}
        )
    except actions.Refused as refused:
        messages.error(request, str(refused))
    return redirect("certificate", pk)


@allowed(EDIT)
def rely(request: HttpRequest, pk: int) -> HttpResponse:
    """Note who relies on the certificate."""
    row = load(pk)
    form = RelianceForm(posted(request))
    if (
        request.method == "POST"
        and form.is_valid()
        and attempt(form, lambda: add_reliance(row, form.cleaned_data, actor(request))) is not None
    ):
        messages.success(request, _("%(name)s relies on %(row)s.") % {"name": form.cleaned_data["name"], "row": row})
        return redirect("certificate", pk)
    context = {
        **heading(row, clock.today(row.organization)),
        "title": _("Who relies on %s") % row,
        "verb": _("Add"),
        "intro": _("A contract, a customer or a tender that needs this certificate: the price of losing it."),
    }
    return show(request, "certifications/small_form.html", context, form)


@allowed(EDIT)
@require_POST
def rely_no_more(request: HttpRequest, pk: int, reliance: int) -> HttpResponse:
    """Note that somebody no longer relies on the certificate."""
    row = get_object_or_404(
        Reliance.objects.select_related("certificate__organization"), pk=reliance, certificate_id=pk
    )
    remove_reliance(row, actor(request))
    messages.success(request, _("%s is removed.") % row)
    return redirect("certificate", pk)
