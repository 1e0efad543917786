"""The overview of the settings, and the organization itself."""

from __future__ import annotations

from django.contrib import messages
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.models import Membership, Organization, Site
from accounts.permissions import Capability
from accounts.web import allowed, can
from certifications.actions.organization import ChangedMeanwhile, change_organization
from certifications.forms_settings import OrganizationForm
from certifications.models import CertificationBody, EditionEnd, Scheme, SchemeVersion
from certifications.views.shared import looks, refused
from certifications.web import ConflictField, ConflictView, actor, attempt, show
from records.models import Event
from records.wording import who_of

ORGANIZATION = "settings/organization.html"


@allowed(Capability.VIEW)
def overview(request: HttpRequest) -> HttpResponse:
    """Every place of the settings with what it holds now; who may not see them has a profile."""
    if not can(request, Capability.VIEW_ORGANIZATION):
        return redirect("settings-profile")
    context = {
        "sites": Site.objects.count(),
        "bodies": CertificationBody.objects.count(),
        "people": Membership.objects.count(),
        "own_ends": EditionEnd.objects.filter(from_catalog=False).count(),
        "schemes": Scheme.objects.count(),
        "published": SchemeVersion.objects.filter(published_by__isnull=False).count(),
    }
    return render(request, "settings/overview.html", context)


@allowed(Capability.VIEW_ORGANIZATION)
def organization_page(request: HttpRequest) -> HttpResponse:
    """Name and time zone; a new time zone recomputes every certificate."""
    organization: Organization = request.organization  # type: ignore[attr-defined]
    context = {
        "zone": organization.time_zone,
        "all_walls": connection.vendor == "postgresql",
        **looks(request, Capability.MANAGE),
    }
    if request.method != "POST":
        return show(request, ORGANIZATION, context, OrganizationForm.of(organization))
    return _save(request, organization, context)


@allowed(Capability.MANAGE)
def _save(request: HttpRequest, organization: Organization, context: dict[str, object]) -> HttpResponse:
    form = OrganizationForm(request.POST)
    if not form.is_valid():
        return show(request, ORGANIZATION, context, form)
    try:
        saved = attempt(form, lambda: change_organization(organization, form.seen(), form.changes(), actor(request)))
    except ChangedMeanwhile as conflict:
        again = {f"seen_{name}": value for name, value in conflict.theirs.items()}
        return refused(request, ORGANIZATION, context, form, _both(form, conflict), **again)
    if saved is None:
        return show(request, ORGANIZATION, context, form)
    messages.success(request, _("The organization's settings are saved."))
    return redirect("settings-organization")


def _both(form: OrganizationForm, conflict: ChangedMeanwhile) -> ConflictView:
    """Both values of each field, with the name of the person who saved first."""
    yours = form.changes()
    last = Event.objects.filter(kind="organization.edited").order_by("-number").first()
    return ConflictView(
        saved_by=who_of(last) if last else "",
        saved_at=last.recorded_at if last else None,
        fields=[
            ConflictField(str(form.fields[name].label), str(theirs), str(yours[name]))
            for name, theirs in conflict.theirs.items()
            if name in yours and theirs != yours[name]
        ],
    )
