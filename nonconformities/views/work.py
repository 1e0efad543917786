"""The steps of a nonconformity: each form goes through its door and comes back to the page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import clock
from accounts.permissions import Capability
from accounts.templatetags.ui import day, moment
from accounts.web import allowed, check, plain
from certifications.web import actor, attempt, by
from nonconformities import actions
from nonconformities.effects import effect_of
from nonconformities.forms_steps import AssignForm, ReturnStepForm, cause_content, without_blanks
from nonconformities.models import Nonconformity
from nonconformities.states import WorkStep, needed_for
from nonconformities.views.doors import PAGE_DOORS, PageDoor
from nonconformities.views.page import asking, load, page_of
from records.editing import Conflict

EDIT = Capability.EDIT_NONCONFORMITIES


@allowed(Capability.VIEW)
def step(request: HttpRequest, pk: int, step: str) -> HttpResponse:
    """One of the eight steps; what is posted is submitted, kept as a draft, or only looked at."""
    nc = load(pk)
    if request.method != "POST":
        return page_of(request, nc, shown=step)
    wish = request.POST.get("do", "submit")
    if wish in ("submit", "preview"):
        return _go(request, nc, step, preview=wish == "preview")
    return _draft(request, nc, step, wish)


@allowed(Capability.VIEW)
@require_POST
def move(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """Take one step; what the rules refuse is said beside the field, with everything that was typed."""
    return _go(request, load(pk), name, preview=request.POST.get("do") == "preview")


def _go(request: HttpRequest, nc: Nonconformity, name: str, preview: bool) -> HttpResponse:
    door = PAGE_DOORS.get(name)
    if door is None:
        raise Http404
    check(request, door.needs)
    form = asking(door.form(request.POST, auto_id=f"id_{name}_%s"), name, nc, request)
    if not form.is_valid():
        return page_of(request, load(nc.pk), "", name, form, typed=_typed(request, name))
    if preview and door.effect:
        return _preview(request, nc, name, door, form)
    given = _given(request, name, form)
    try:
        done = attempt(form, lambda: door.go(nc, given, by(request, form)))
    except Conflict as conflict:
        form.add_error(None, str(conflict))
        done = None
    if done is None and form.errors:
        return page_of(request, load(nc.pk), "", name, form, typed=_typed(request, name))
    messages.success(request, _said(door, nc))
    return redirect("nonconformity", nc.pk)


def _given(request: HttpRequest, name: str, form: forms.Form) -> dict[str, Any]:
    content = without_blanks(cause_content(plain(request.POST))) if name == WorkStep.CAUSE else None
    return {**form.cleaned_data, "content": content}


def _typed(request: HttpRequest, name: str) -> dict[str, Any]:
    return cause_content(plain(request.POST)) if name == WorkStep.CAUSE else {}


def _said(door: PageDoor, nc: Nonconformity) -> str:
    """What was done, and by when the next step is due now."""
    said = str(door.said) % nc
    fresh = load(nc.pk)
    if fresh.state == "open" and fresh.next_step_due_on != nc.next_step_due_on and fresh.next_step_due_on:
        said += " " + _("The next date is %s now.") % day(fresh.next_step_due_on)
    return said


def _preview(request: HttpRequest, nc: Nonconformity, name: str, door: PageDoor, form: forms.Form) -> HttpResponse:
    """The page with what the step would do to the dates; nothing is saved."""
    assert door.effect
    change = door.effect(nc, form.cleaned_data, clock.today(nc.organization))
    return page_of(request, nc, "", name, form, effect=effect_of(nc, change), previewed=True)


def _draft(request: HttpRequest, nc: Nonconformity, step: str, wish: str) -> HttpResponse:
    """Keep what was typed; a list grows or shrinks by one line on the way."""
    check(request, EDIT)
    content = _changed_list(wish, _draft_of(plain(request.POST), step))
    form = forms.Form(request.POST)
    saved = attempt(form, lambda: actions.save_draft(nc, step, content, actor(request)))
    by_script = request.headers.get("X-Requested-With") == "fetch"
    if saved is None:
        if by_script:
            return JsonResponse({"problem": " ".join(map(str, form.non_field_errors()))}, status=409)
        return page_of(request, load(nc.pk), step, form=form)
    if by_script:
        return JsonResponse({"saved": _("Draft saved %s") % moment(saved.draft_at)})
    if wish == "draft":
        messages.success(request, _("Your draft is kept. Nobody else relies on it until you submit it."))
    place = "#lists" if wish != "draft" else ""
    return redirect(reverse("nonconformity-step", args=[nc.pk, step]) + place)


def _draft_of(data: QueryDict, step: str) -> dict[str, Any]:
    if step == WorkStep.CAUSE:
        return cause_content(data)
    fields = [name for slug, door in PAGE_DOORS.items() if door.step == step for name in door.form.base_fields]
    return {name: data.get(name, "")[:10_000] for name in fields if name in data}


def _changed_list(wish: str, content: dict[str, Any]) -> dict[str, Any]:
    verb, _dash, what = wish.partition("-")
    name, _dash, number = what.partition("-")
    grown: dict[str, Any] = {"why": "", "cause": {"branch": "process", "text": "", "root": False}}
    lists = {"why": content.get("whys"), "cause": content.get("causes")}
    rows = lists.get(name)
    if rows is not None and verb == "add":
        rows.append(grown[name])
    elif rows is not None and verb == "remove" and number.isdecimal() and int(number) < len(rows):
        del rows[int(number)]
    elif verb == "method":
        content["method"] = what if what in {"whys", "causes", "text"} else "whys"
    return content


def _judged(request: HttpRequest, pk: int, step: str, go: Callable[[Nonconformity], object], said: str) -> HttpResponse:
    nc = load(pk)
    form = ReturnStepForm(request.POST)
    if attempt(form, lambda: go(nc)) is None:
        return page_of(request, load(pk), step, form=form)
    messages.success(request, said % {"step": WorkStep(step).label, "nc": nc})
    return redirect("nonconformity-step", pk, step)


@allowed(needed_for("approve_step"))
@require_POST
def approve(request: HttpRequest, pk: int, step: str) -> HttpResponse:
    """Another person approves what was written for a step."""
    said = _("“%(step)s” of %(nc)s is approved.")
    return _judged(request, pk, step, lambda nc: actions.approve_step(nc, step, actor(request)), said)


@allowed(needed_for("return_step"))
@require_POST
def give_back(request: HttpRequest, pk: int, step: str) -> HttpResponse:
    """Send a step back with a reason."""
    said = _("“%(step)s” of %(nc)s is returned.")
    reason = plain(request.POST).get("reason", "")
    return _judged(request, pk, step, lambda nc: actions.return_step(nc, step, reason, actor(request)), said)


@allowed(EDIT)
@require_POST
def assign(request: HttpRequest, pk: int, step: str) -> HttpResponse:
    """Say whose a step is and by when."""
    nc = load(pk)
    form = AssignForm(request.POST, auto_id="id_assign_%s")
    try:
        given = form.cleaned_data if form.is_valid() else None
        done = given and attempt(
            form,
            lambda: actions.assign_step(nc, step, given["owner"], given["due_on"], actor(request), given["version"]),
        )
    except Conflict as conflict:
        form.add_error(None, str(conflict))
        done = None
    if not done:
        return page_of(request, load(pk), step, form=form, assign=form)
    messages.success(request, _("Owner and date of “%s” are saved.") % WorkStep(step).label)
    return redirect("nonconformity-step", pk, step)
