"""Corrective actions of a nonconformity."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import clock
from accounts.permissions import Capability
from accounts.web import allowed
from certifications.web import actor, attempt, posted, show, show_conflict
from nonconformities import actions
from nonconformities.actions.steps import root_causes
from nonconformities.forms import ActionForm, DoneForm, ReasonForm
from nonconformities.forms_steps import ProofForm, ShareForm
from nonconformities.models import CorrectiveAction, Nonconformity
from nonconformities.states import WorkStep
from nonconformities.views.page import load
from records.editing import Conflict
from records.record import Actor

EDIT = Capability.EDIT_NONCONFORMITIES
Given = dict[str, Any]
MOVES: dict[str, tuple[Any, type[forms.Form], Callable[[CorrectiveAction, Given, Actor], CorrectiveAction]]] = {
    "complete": (
        gettext_lazy("Action done"),
        DoneForm,
        lambda a, g, by: actions.complete_corrective_action(a, g["done_on"], by),
    ),
    "cancel": (
        gettext_lazy("Cancel the action"),
        ReasonForm,
        lambda a, g, by: actions.cancel_action(a, g["reason"], by),
    ),
    "reopen": (
        gettext_lazy("Take the action up again"),
        ReasonForm,
        lambda a, g, by: actions.reopen_action(a, g["reason"], by),
    ),
}


def _back(pk: int, step: str = WorkStep.PLAN) -> HttpResponse:
    return redirect("nonconformity-step", pk, step)


@allowed(EDIT)
def action_add(request: HttpRequest, pk: int) -> HttpResponse:
    """Add an action that removes the cause."""
    nc = load(pk)
    form = ActionForm(posted(request), causes=_causes(nc))
    if (
        request.method == "POST"
        and form.is_valid()
        and attempt(form, lambda: actions.add_action(nc, form.facts(), actor(request))) is not None
    ):
        messages.success(request, _("The action is added."))
        return _back(pk)
    return show(
        request, "nonconformities/action.html", {"nc": nc, "title": _("Add an action"), "verb": _("Add action")}, form
    )


def _causes(nc: Nonconformity) -> list[str]:
    """The root causes of step 4, for an action to say which one it removes."""
    written = nc.steps.filter(step=WorkStep.CAUSE).values_list("content", flat=True).first()
    return root_causes(written) if written else nc.root_cause.splitlines()


def _load(pk: int, action: int) -> CorrectiveAction:
    rows = CorrectiveAction.objects.select_related("nonconformity__organization", "owner")
    return get_object_or_404(rows, pk=action, nonconformity_id=pk)


@allowed(EDIT)
def action_change(request: HttpRequest, pk: int, action: int) -> HttpResponse:
    """Change an action; when somebody else saved first, both values are shown."""
    row = _load(pk, action)
    context: dict[str, Any] = {"nc": row.nonconformity, "title": _("Change the action"), "verb": _("Save changes")}
    if request.method != "POST":
        return show(request, "nonconformities/action.html", context, ActionForm.of(row, _causes(row.nonconformity)))
    form = ActionForm(request.POST, causes=_causes(row.nonconformity))
    try:
        if form.is_valid() and attempt(form, lambda: _save(row, form, request)) is not None:
            messages.success(request, _("Changes of the action are saved."))
            return _back(pk)
    except Conflict as conflict:
        data = request.POST.copy()
        data["version"] = str(conflict.row.version)
        form.data = data
        context["conflict"] = show_conflict(conflict, form)
        response = show(request, "nonconformities/action.html", context, form)
        response.status_code = 409
        return response
    return show(request, "nonconformities/action.html", context, form)


def _save(row: CorrectiveAction, form: ActionForm, request: HttpRequest) -> CorrectiveAction:
    return actions.change_action(row, form.cleaned_data["version"] or 0, form.facts(), actor(request))


@allowed(EDIT)
def action_move(request: HttpRequest, pk: int, action: int, move: str) -> HttpResponse:
    """Complete, cancel or take up an action again."""
    if move not in MOVES:
        raise Http404
    title, form_class, door = MOVES[move]
    row = _load(pk, action)
    today = clock.today(row.nonconformity.organization)
    form = form_class(posted(request), initial={"done_on": today})
    if request.method == "POST" and form.is_valid():
        done = attempt(form, lambda: door(row, form.cleaned_data, actor(request)))
        if done is not None:
            messages.success(request, _("The action is now %s.") % str(done.get_state_display()).lower())
            return _back(pk, WorkStep.EVIDENCE)
    context = {"nc": row.nonconformity, "action": row, "title": title, "verb": title, "danger": move == "cancel"}
    return show(request, "nonconformities/action.html", context, form)


@allowed(EDIT)
def action_proof(request: HttpRequest, pk: int, action: int) -> HttpResponse:
    """Say what shows that the action was carried out."""
    row = _load(pk, action)
    form = ProofForm(posted(request))
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        if attempt(form, lambda: actions.add_proof(row, given["text"], actor(request), given["url"])) is not None:
            messages.success(request, _("The proof is added."))
            return _back(pk, WorkStep.EVIDENCE)
    context = {"nc": row.nonconformity, "action": row, "title": _("Add proof"), "verb": _("Add proof")}
    return show(request, "nonconformities/action.html", context, form)


@allowed(EDIT)
def action_share(request: HttpRequest, pk: int) -> HttpResponse:
    """Let an action of another open nonconformity serve this one too."""
    nc = load(pk)
    taken = [action.pk for action in actions.actions_of(nc)]
    rows = CorrectiveAction.objects.filter(nonconformity__state="open").exclude(pk__in=taken).exclude(state="cancelled")
    form = ShareForm(posted(request), rows=rows.select_related("nonconformity").order_by("nonconformity__number", "pk"))
    if request.method == "POST" and form.is_valid():
        chosen = form.cleaned_data["action"]
        if attempt(form, lambda: actions.share_action(chosen, nc, actor(request))) is not None:
            messages.success(request, _("The action serves %s too.") % nc)
            return _back(pk)
    context = {"nc": nc, "title": _("Use an action of another nonconformity"), "verb": _("Use this action")}
    return show(request, "nonconformities/action.html", context, form)


@allowed(EDIT)
def action_unshare(request: HttpRequest, pk: int, action: int) -> HttpResponse:
    """The action of another nonconformity no longer serves this one."""
    nc = load(pk)
    row = get_object_or_404(CorrectiveAction.objects.filter(services__nonconformity=nc), pk=action)
    form = forms.Form(posted(request))
    if form.is_valid() and attempt(form, lambda: actions.unshare_action(row, nc, actor(request)) or True):
        messages.success(request, _("The action no longer serves %s.") % nc)
        return _back(pk)
    context = {"nc": nc, "action": row, "title": _("Stop using this action"), "verb": _("Stop using it")}
    return show(request, "nonconformities/action.html", {**context, "danger": True}, form)
