"""Record an event of a certificate: choose the kind, look at what it does to the dates, record it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts import clock
from accounts.permissions import Capability
from accounts.web import allowed, can, check
from certifications.models import Certificate
from certifications.rehearsal import Compared, rehearse
from certifications.states import DecisionKind, decisions_from
from certifications.views.reading import heading, load
from certifications.web import actor, attempt, posted, show, show_conflict
from isotrack.happenings.forms import EventForm
from isotrack.happenings.kinds import KINDS, Kind
from records.editing import Conflict


@allowed(Capability.VIEW)
def choose(request: HttpRequest, pk: int) -> HttpResponse:
    """What can have happened: events first, then decisions of the body that are possible now."""
    row = load(pk)
    possible = decisions_from(row.status) if can(request, Capability.EDIT_CERTIFICATES) else ()
    context = {
        **heading(row, clock.today(row.organization)),
        "kinds": [(name, kind) for name, kind in KINDS.items() if can(request, kind.capability)],
        "decisions": [kind for kind in DecisionKind if kind.value in possible],
        "kind": request.GET.get("kind", ""),
    }
    return render(request, "certifications/event_kinds.html", context)


@allowed(Capability.VIEW)
def record(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    """Enter an event, look at its effect, and record it."""
    if kind not in KINDS:
        raise Http404
    chosen = KINDS[kind]
    check(request, chosen.capability)
    row = load(pk)
    form = chosen.form(posted(request), certificate=row)
    effect = None
    if request.method == "POST" and form.is_valid():
        try:
            if request.POST.get("do") == "record":
                if attempt(form, lambda: chosen.door(form, actor(request))):
                    messages.success(
                        request, _("“%(what)s” is recorded for %(row)s.") % {"what": chosen.label, "row": row}
                    )
                    return redirect("certificate", pk)
            else:
                effect = attempt(form, lambda: _effect(row, chosen, form, request))
        except Conflict as conflict:
            return _show_both(request, row, chosen, form, conflict)
    return show(request, "certifications/event.html", _context(row, chosen, effect), form)


def _effect(row: Certificate, chosen: Kind, form: EventForm, request: HttpRequest) -> list[Compared]:
    return rehearse(row, lambda: chosen.door(form, actor(request)))


def _context(row: Certificate, chosen: Kind, effect: list[Compared] | None = None) -> dict[str, Any]:
    return {
        **heading(load(row.pk), clock.today(row.organization)),
        "title": chosen.label,
        "meaning": chosen.meaning,
        "effect": effect,
    }


def _show_both(
    request: HttpRequest, row: Certificate, chosen: Kind, form: EventForm, conflict: Conflict
) -> HttpResponse:
    """Somebody else saved the certificate meanwhile: both values, and the form ready to save over them."""
    shown = show_conflict(conflict, form)
    data = request.POST.copy()
    data["version"] = str(conflict.row.version)
    form.data = data
    response = show(request, "certifications/event.html", {**_context(row, chosen), "conflict": shown}, form)
    response.status_code = 409
    return response
