"""Schemes as files: one goes out as YAML, one comes in as a copy with its own numbers."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from accounts import clock
from accounts.fields import day_field
from accounts.permissions import Capability
from accounts.web import allowed
from certifications import actions
from certifications.models import Scheme
from certifications.scheme_files import NotAScheme, SchemeFile, read_scheme, write_scheme
from certifications.views.schemes import load
from certifications.web import actor, attempt, show
from records.record import Actor

EDIT = Capability.EDIT_SCHEMES


class SchemeFileForm(forms.Form):
    """The file, and the day from which its numbers hold."""

    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy("A scheme that was exported as YAML."),
        error_messages=dict.fromkeys(("required", "empty", "missing", "invalid"), gettext_lazy("Choose a file")),
    )
    effective_on = day_field(gettext_lazy("Holds from"), gettext_lazy("Enter the day from which the numbers hold"))


@allowed(Capability.VIEW)
@require_safe
def export(request: HttpRequest, pk: int) -> HttpResponse:
    """The numbers of a scheme as a file."""
    scheme = load(pk)
    response = HttpResponse(write_scheme(scheme), content_type="application/yaml; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="scheme-{scheme.pk}.yaml"'
    return response


@allowed(EDIT)
def read_in(request: HttpRequest) -> HttpResponse:
    """Add a scheme from a file: a copy of the shipped one that it is based on, with a version of its numbers."""
    today = clock.today(request.organization)  # type: ignore[attr-defined]
    form = (
        SchemeFileForm(request.POST, request.FILES)
        if request.method == "POST"
        else SchemeFileForm(initial={"effective_on": today})
    )
    if request.method == "POST" and form.is_valid():
        made = attempt(form, lambda: _add(form, actor(request)))
        if made:
            messages.success(request, _("%s is added. Choose it on the certificates it holds for.") % made)
            return redirect("scheme", made.pk)
    return show(request, "certifications/schemes/read_in.html", {}, form)


@transaction.atomic
def _add(form: SchemeFileForm, by: Actor) -> Scheme:
    try:
        found = read_scheme(form.cleaned_data["file"].read())
        base = _base(found)
    except NotAScheme as problem:
        raise ValidationError({"file": str(problem)}) from problem
    try:
        made = actions.copy_scheme(base, found.title, by)
        if found.rules:
            reason = found.reason or _("Read in from a file")
            actions.publish_version(made, found.rules, form.cleaned_data["effective_on"], reason, by)
    except ValidationError as error:
        raise ValidationError(_by_field(error)) from error
    return made


def _base(found: SchemeFile) -> Scheme:
    """The scheme as it was shipped, of the profile that the file names."""
    base = Scheme.objects.filter(catalog_id=found.based_on, own_deadlines=False).order_by("pk").first()
    if base is None:
        raise NotAScheme(_("The file is based on “%s”, which is no shipped scheme.") % found.based_on[:60])
    return base


def _by_field(error: ValidationError) -> dict[str, list[str]]:
    """What is wrong stands beside the file, with the name of the rule; a wrong day beside the day."""
    told: dict[str, list[str]] = {}
    for name, problems in error.message_dict.items():
        place, words = ("effective_on", "") if name == "effective_on" else ("file", f"{name}: ")
        told.setdefault(place, []).extend(words + problem for problem in problems)
    return told
