"""Standards, their editions and when these end; the organization's own ends come before those of the catalog."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.contrib import messages
from django.db.models import Count, Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from accounts import clock
from accounts.permissions import Capability
from accounts.templatetags.ui import day
from accounts.web import allowed
from certifications import actions
from certifications.forms_settings import EndForm
from certifications.models import Edition, EditionEnd, Standard
from certifications.shifts import effect_of_end
from certifications.views.shared import looks
from certifications.web import actor, attempt, posted, show

EDIT = Capability.EDIT_SCHEMES


@dataclass(frozen=True)
class EndLine:
    """One end of an edition; ``holds`` is false for one that another comes before."""

    end: EditionEnd
    holds: bool


@dataclass(frozen=True)
class EditionLine:
    """An edition with its ends."""

    edition: Edition
    ends: list[EndLine]


@allowed(Capability.VIEW_ORGANIZATION)
def editions(request: HttpRequest) -> HttpResponse:
    """Standards, those of most certificates first, with their editions and the ends of these."""
    found = Edition.objects.annotate(used=Count("certificates", distinct=True)).order_by("-name")
    found = found.prefetch_related(Prefetch("ends", EditionEnd.objects.order_by("accreditation_body", "-pk")))
    standards = Standard.objects.annotate(used=Count("certificates", distinct=True)).order_by("-used", "code")
    standards = standards.prefetch_related(Prefetch("editions", found))
    context = {
        "standards": [(standard, [_line(row) for row in standard.editions.all()]) for standard in standards],
        "today": clock.today(request.organization),  # type: ignore[attr-defined]
        **looks(request, EDIT),
    }
    return render(request, "settings/editions.html", context)


def _line(edition: Edition) -> EditionLine:
    ends = list(edition.ends.all())
    return EditionLine(edition, [EndLine(end, end is _holding(ends, end.accreditation_body)) for end in ends])


def _holding(ends: list[EditionEnd], body: str) -> EditionEnd:
    """What holds for certificates of an accreditation body, by the engine's order.

    Own entries come before the catalog; among them one for this very body, then the last recorded.
    """
    fitting = [end for end in ends if end.accreditation_body in {"", body}]
    first = [end for end in fitting if not end.from_catalog] or fitting
    return max(first, key=lambda end: (bool(end.accreditation_body), end.recorded_on or date.min))


@allowed(EDIT)
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """Record when an edition ends: look at the certificates that change, then save."""
    edition = get_object_or_404(Edition.objects.select_related("standard", "organization"), pk=pk)
    form, effect = EndForm(posted(request)), None
    if request.method == "POST" and form.is_valid():
        today = clock.today(edition.organization)
        if request.POST.get("step") != "record":
            effect = effect_of_end(edition, form.end(edition.standard.code, edition.name, today))
        elif attempt(form, lambda: actions.end_edition(edition, by=actor(request), **form.facts())):
            ends_on = form.cleaned_data["ends_on"]
            words = {"edition": edition, "day": day(ends_on)}
            text = _("%(edition)s ends on %(day)s.") if ends_on else _("%(edition)s has no end.")
            messages.success(request, text % words)
            return redirect("settings-editions")
    return show(request, "settings/edition_end.html", {"edition": edition, "effect": effect}, form)
