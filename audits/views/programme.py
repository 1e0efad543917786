"""The audit programme: the grid of three years, its lenses, proposals to be saved, and the audit time calculator."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts import clock
from accounts.permissions import Capability
from accounts.web import allowed, can
from audits.actions.programme import plan_wanted, set_cycle
from audits.forms.programme import TABLES, CycleForm, TimeForm
from audits.models import AuditCycle
from audits.programme.grid import first_of_quarter, programme
from audits.programme.lenses import clause_cover, samples
from audits.views.checklist import tell_refusals
from audits.views.shared import EDIT
from certifications.catalog import raw_catalog
from certifications.web import actor, attempt, posted, show
from lifecycle.calculators import AuditTimeTables

LENSES = (("grid", gettext_lazy("Grid")), ("clauses", gettext_lazy("Clauses")), ("sampling", gettext_lazy("Sites")))


@allowed(Capability.VIEW_ORGANIZATION)
def programme_page(request: HttpRequest, first: int | None = None) -> HttpResponse:
    """Three years of audits; ``first`` is the year in which they begin, this year by default."""
    today = clock.today(request.organization)  # type: ignore[attr-defined]
    start = first_of_quarter(today) if first is None else _first(first)
    lens = request.GET.get("lens", "grid")
    found = programme(today, start)
    context: dict[str, Any] = {
        "today": today,
        "programme": found,
        "lens": lens,
        "lenses": LENSES,
        "year": start.year,
        "covers": clause_cover(found.first, found.last) if lens == "clauses" else [],
        "samples": samples(today) if lens == "sampling" else [],
        "cycle_form": CycleForm(initial={"every_months": AuditCycle.months()}),
        "may_edit": can(request, EDIT),
    }
    return show(request, "audits/programme.html", context)


def _first(year: int) -> date:
    if not 2000 <= year <= 2090:
        raise Http404
    return date(year, 1, 1)


@allowed(EDIT)
def propose_page(request: HttpRequest) -> HttpResponse:
    """What is proposed, to be looked at before it is saved; what is ticked becomes planned audits."""
    today = clock.today(request.organization)  # type: ignore[attr-defined]
    found = programme(today, first_of_quarter(today))
    if request.method == "POST":
        chosen = set(request.POST.getlist("want"))
        wanted = [want for want in found.wanted if key_of(want) in chosen]
        form = forms.Form({})
        form.is_valid()
        made = attempt(form, lambda: plan_wanted(request.organization, wanted, actor(request)))  # type: ignore[attr-defined]
        tell_refusals(request, form)
        if made is not None:
            words = ngettext("%(count)d audit is planned.", "%(count)d audits are planned.", len(made))
            messages.success(request, words % {"count": len(made)})
            return redirect("programme")
    wants = [(key_of(want), want) for want in found.wanted]
    return show(request, "audits/propose.html", {"wants": wants, "today": today})


def key_of(want: Any) -> str:
    """A proposal by its meaning, so that one that no longer holds is not saved."""
    return f"{want.certificate.pk}:{want.site.pk if want.site else 0}:{want.proposal.kind}:{want.proposal.on}"


@allowed(EDIT)
def cycle(request: HttpRequest) -> HttpResponse:
    """How often the organization audits itself."""
    form = CycleForm(posted(request), initial={"every_months": AuditCycle.months()})
    if request.method == "POST" and form.is_valid():
        organization = request.organization  # type: ignore[attr-defined]
        if (
            attempt(form, lambda: set_cycle(organization, form.cleaned_data["every_months"], actor(request)))
            is not None
        ):
            messages.success(request, _("The cycle of internal audits is saved."))
            return redirect("programme")
    return show(request, "audits/cycle.html", {"title": _("Cycle of internal audits")}, form)


@allowed(Capability.VIEW)
def time_page(request: HttpRequest) -> HttpResponse:
    """Audit days by the tables of IAF MD 5 and MD 11, with the reasons for a change; nothing is stored."""
    tables = AuditTimeTables(raw_catalog()["audit_time"])
    form = TimeForm(request.GET if request.GET else None, tables=tables)
    context: dict[str, Any] = {"document": tables.data["document"]}
    if form.is_bound and form.is_valid():
        given = form.cleaned_data
        parts = {name: tables.compute(name, given["persons"], given["percent"]) for name in given["systems"]}
        several = len(parts) > 1
        whole = tables.integrated(list(parts.values()), given["integration"] or 0) if several else parts[given["table"]]
        context |= {
            "result": _days(whole),
            "parts": [(TABLES.get(name, name), _days(part)) for name, part in parts.items()] if several else [],
        }
    return show(request, "audits/time.html", context, form)


def _days(result: Any) -> dict[str, str]:
    """Fractions as decimals people read."""
    names = ("table_days", "initial_days", "surveillance_days", "recertification_days", "on_site_min_days")
    return {name: f"{float(getattr(result, name)):.2f}".rstrip("0").rstrip(".") for name in names}
