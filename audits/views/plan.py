"""The team and the plan of an audit, and the registers behind them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.permissions import Capability
from accounts.web import allowed, can
from audits import actions
from audits.competence import doubts_about
from audits.forms.plan import CompetenceForm, EntryForm, MemberForm, ResponsibilityForm
from audits.models import Audit, Competence, PlanEntry, Responsibility, TeamMember
from audits.views.shared import EDIT, frame, load
from certifications.web import actor, attempt, posted, show, show_conflict
from records.editing import Conflict


@allowed(Capability.VIEW)
def plan_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Who audits, and what they look at when."""
    return _plan_page(request, load(pk))


def _plan_page(
    request: HttpRequest, audit: Audit, form: forms.Form | None = None, member_form: forms.Form | None = None
) -> HttpResponse:
    team = list(audit.team.select_related("user"))
    first = audit.started_on or audit.planned_on
    context = {
        **frame(request, audit, "audit-plan"),
        "team": [(member, doubts_about(member, audit)) for member in team],
        "entries": audit.entries.select_related("site", "auditor__user"),
        "entry_form": form or EntryForm(audit=audit, initial={"day": first, "site": audit.site_id}),
        "member_form": member_form or MemberForm(),
    }
    bound = next((f for f in (form, member_form) if f is not None), None)
    return show(request, "audits/plan.html", context, bound)


@require_POST
@allowed(EDIT)
def add_member(request: HttpRequest, pk: int) -> HttpResponse:
    """Someone joins the team."""
    audit = load(pk)
    form = MemberForm(request.POST)
    if (
        form.is_valid()
        and attempt(form, lambda: actions.add_member(audit, form.cleaned_data, actor(request))) is not None
    ):
        messages.success(request, _("The team has grown."))
        return redirect("audit-plan", pk)
    return _plan_page(request, audit, member_form=form)


@require_POST
@allowed(EDIT)
def remove_member(request: HttpRequest, pk: int, member: int) -> HttpResponse:
    """Someone leaves the team."""
    row = get_object_or_404(TeamMember.objects.select_related("audit__organization", "user"), pk=member, audit_id=pk)
    _try(request, lambda: actions.remove_member(row, actor(request)))
    return redirect("audit-plan", pk)


@require_POST
@allowed(EDIT)
def add_entry(request: HttpRequest, pk: int) -> HttpResponse:
    """A line joins the plan."""
    audit = load(pk)
    form = EntryForm(request.POST, audit=audit)
    if form.is_valid() and attempt(form, lambda: actions.add_entry(audit, form.facts(), actor(request))) is not None:
        return redirect("audit-plan", pk)
    return _plan_page(request, audit, form=form)


@allowed(EDIT)
def change_entry(request: HttpRequest, pk: int, entry: int) -> HttpResponse:
    """Change a line of the plan; when somebody else saved first, both values are shown."""
    audit = load(pk)
    row = get_object_or_404(
        PlanEntry.objects.select_related("audit__organization", "auditor__user", "site"), pk=entry, audit_id=pk
    )
    context: dict[str, Any] = {**frame(request, audit, "audit-plan"), "entry": row, "title": _("Change the plan")}
    if request.method != "POST":
        return show(request, "audits/entry.html", context, EntryForm.of(row))
    form = EntryForm(request.POST, audit=audit)
    version = int(request.POST.get("version") or 0) if str(request.POST.get("version", "")).isdecimal() else 0
    try:
        saved = (
            form.is_valid()
            and attempt(form, lambda: actions.change_entry(row, version, form.facts(), actor(request))) is not None
        )
    except Conflict as conflict:
        data = request.POST.copy()
        data["version"] = str(conflict.row.version)
        form.data = data
        response = show(request, "audits/entry.html", {**context, "conflict": show_conflict(conflict, form)}, form)
        response.status_code = 409
        return response
    return redirect("audit-plan", pk) if saved else show(request, "audits/entry.html", context, form)


@require_POST
@allowed(EDIT)
def remove_entry(request: HttpRequest, pk: int, entry: int) -> HttpResponse:
    """A line leaves the plan."""
    row = get_object_or_404(PlanEntry.objects.select_related("audit__organization"), pk=entry, audit_id=pk)
    _try(request, lambda: actions.remove_entry(row, actor(request)))
    return redirect("audit-plan", pk)


@allowed(Capability.VIEW_ORGANIZATION)
def people_page(request: HttpRequest) -> HttpResponse:
    """Who may audit what until when, and who answers for which process."""
    may_edit = can(request, EDIT)
    which = request.POST.get("which", "")
    competence = CompetenceForm(posted(request) if which == "competence" else None)
    responsibility = ResponsibilityForm(posted(request) if which == "responsibility" else None, auto_id="id_r_%s")
    form: forms.Form = responsibility if which == "responsibility" else competence
    if request.method == "POST" and may_edit and form.is_valid():
        door = actions.add_responsibility if which == "responsibility" else actions.add_competence
        organization = request.organization  # type: ignore[attr-defined]
        if attempt(form, lambda: door(organization, form.cleaned_data, actor(request))):
            return redirect("auditors")
    context = {
        "competences": Competence.objects.select_related("user", "standard"),
        "responsibilities": Responsibility.objects.select_related("user", "site"),
        "competence_form": competence,
        "responsibility_form": responsibility,
        "may_edit": may_edit,
    }
    return show(request, "audits/auditors.html", context, form)


@require_POST
@allowed(EDIT)
def remove_from_register(request: HttpRequest, which: str, pk: int) -> HttpResponse:
    """A competence or a responsibility no longer holds."""
    if which == "competence":
        competence = get_object_or_404(Competence.objects.select_related("organization", "user", "standard"), pk=pk)
        _try(request, lambda: actions.remove_competence(competence, actor(request)))
    else:
        own = get_object_or_404(Responsibility.objects.select_related("organization", "user"), pk=pk)
        _try(request, lambda: actions.remove_responsibility(own, actor(request)))
    return redirect("auditors")


def _try(request: HttpRequest, door: Callable[[], object]) -> None:
    """Go through a door that has no form; a refusal becomes a message on the page."""
    form = forms.Form({})
    form.is_valid()
    attempt(form, door)
    for text in form.non_field_errors():
        messages.error(request, str(text))
