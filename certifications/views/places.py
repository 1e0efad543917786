"""Sites and certification bodies: lists, add, edit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Organization, Site
from accounts.permissions import Capability
from accounts.tenancy import EditableRow
from accounts.web import allowed
from certifications import actions
from certifications.forms_settings import BodyForm, RowForm, SiteForm
from certifications.models import CertificationBody
from certifications.views.shared import looks, refused
from certifications.web import actor, attempt, posted, show, show_conflict
from records.editing import Conflict
from records.record import Actor

EDIT = Capability.EDIT_CERTIFICATES
FORM = "settings/row_form.html"
Door = Callable[[Organization, dict[str, Any], Actor], EditableRow]


@dataclass(frozen=True)
class Kind:
    """Rows that are listed, added and edited in the same way."""

    place: str
    many: Promise
    title: Promise
    verb: Promise
    form: type[RowForm]
    model: type[EditableRow]
    add: Door
    template: str

    @property
    def list_name(self) -> str:
        """The name of the list's address."""
        return f"settings-{self.place}"


SITES = Kind(
    "sites",
    gettext_lazy("Sites"),
    gettext_lazy("Add a site"),
    gettext_lazy("Add site"),
    SiteForm,
    Site,
    actions.add_site,
    "settings/sites.html",
)
BODIES = Kind(
    "bodies",
    gettext_lazy("Certification bodies"),
    gettext_lazy("Add a certification body"),
    gettext_lazy("Add certification body"),
    BodyForm,
    CertificationBody,
    actions.add_body,
    "settings/bodies.html",
)


@allowed(Capability.VIEW_ORGANIZATION)
def rows(request: HttpRequest, kind: Kind) -> HttpResponse:
    """The list, with how many certificates name each row."""
    path = "certificate_links" if kind is SITES else "certificates"
    found = kind.model.objects.annotate(used=Count(path, distinct=True)).order_by("name")
    return render(request, kind.template, {"kind": kind, "rows": found, **looks(request, EDIT)})


@allowed(EDIT)
def add(request: HttpRequest, kind: Kind) -> HttpResponse:
    """Add a row."""
    form = kind.form(posted(request))
    organization: Organization = request.organization  # type: ignore[attr-defined]
    if request.method == "POST" and form.is_valid():
        made = attempt(form, lambda: kind.add(organization, form.facts(), actor(request)))
        if made:
            messages.success(request, _("%s is added.") % made)
            return redirect(kind.list_name)
    return show(request, FORM, {"kind": kind, "title": kind.title, "verb": kind.verb}, form)


@allowed(EDIT)
def edit(request: HttpRequest, kind: Kind, pk: int) -> HttpResponse:
    """Change a row; when somebody else saved first, both values are shown."""
    row = get_object_or_404(kind.model.objects.select_related("organization"), pk=pk)
    context = {"kind": kind, "title": _("Change %s") % row, "verb": _("Save changes")}
    if request.method != "POST":
        return show(request, FORM, context, kind.form.of(row))
    form = kind.form(request.POST)
    if not form.is_valid():
        return show(request, FORM, context, form)
    version = form.cleaned_data["version"] or 0
    try:
        saved = attempt(form, lambda: actions.change_row(row, version, form.facts(), actor(request)))
    except Conflict as conflict:
        shown = show_conflict(conflict, form)
        return refused(request, FORM, context, form, shown, version=conflict.row.version)
    if saved is None:
        return show(request, FORM, context, form)
    messages.success(request, _("Changes of %s are saved.") % saved)
    return redirect(kind.list_name)
