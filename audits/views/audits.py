"""Pages of audits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts import clock
from accounts.models import Organization
from accounts.permissions import Capability
from accounts.web import allowed, can
from audits import actions
from audits.forms.audits import (
    AgainForm,
    CancelForm,
    HeldForm,
    NothingForm,
    PlanForm,
    RecordForm,
    RefuseForm,
    StartForm,
)
from audits.models import Audit
from audits.programme.moving import Moved, moved_again, moved_with
from audits.programme.window import follow_up_query, hanging_on, warnings_about
from audits.views.shared import EDIT, frame, load
from certifications.web import actor, attempt, posted, show, show_conflict
from records.editing import Conflict
from records.numbering import next_number
from records.record import Actor
from records.wording import latest_events


@allowed(Capability.VIEW)
def audit_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One audit: when, what it covers, what it found, and what can be done with it now."""
    audit = load(pk)
    context = {
        **frame(request, audit, "audit"),
        "moves": [(MOVE_SLUGS[name], MOVE_WORDS[name]) for name in actions.possible_moves(audit) if name in MOVE_SLUGS],
        "findings": getattr(audit, "nonconformities").order_by("pk"),  # noqa: B009 the upper package's rows
        "events": latest_events("audit", pk),
        "hanging": hanging_on(audit),
        "follow_up": follow_up_query(audit),
        "may_raise": can(request, Capability.EDIT_NONCONFORMITIES),
    }
    return render(request, "audits/audit.html", context)


@allowed(EDIT)
def plan(request: HttpRequest) -> HttpResponse:
    """Plan an audit that is to take place."""
    return _add(request, PlanForm, actions.plan_audit, _("Plan an audit"), _("Plan audit"))


@allowed(EDIT)
def record(request: HttpRequest) -> HttpResponse:
    """Record an audit that has taken place without having been planned here."""
    return _add(request, RecordForm, actions.record_audit, _("Record an audit that took place"), _("Record audit"))


def _add(
    request: HttpRequest,
    form_class: type[PlanForm] | type[RecordForm],
    door: Callable[..., Audit],
    title: str,
    verb: str,
) -> HttpResponse:
    initial = {
        "number": next_number(Audit.objects.order_by("-pk").values_list("number", flat=True).first(), "A-0001"),
        "certificates": request.GET.getlist("certificate"),
        "kind": request.GET.get("kind", ""),
        "site": request.GET.get("site", ""),
        "planned_on": request.GET.get("planned_on", ""),
    }
    form = form_class(posted(request), initial=initial)
    organization = request.organization  # type: ignore[attr-defined]
    warnings: list[str] = []
    if request.method == "POST" and form.is_valid():
        warnings = _warnings(request, form)
        made = None if warnings else attempt(form, lambda: _made(door, organization, form, actor(request)))
        if made:
            messages.success(request, _("Audit %s is saved.") % made)
            return redirect("audit", made.pk)
    return show(request, "audits/form.html", {"title": title, "verb": verb, "warnings": warnings}, form)


def _warnings(request: HttpRequest, form: PlanForm | RecordForm, audit: Audit | None = None) -> list[str]:
    """What the days would do to the certificates, unless somebody has said why they are wanted all the same."""
    if not isinstance(form, PlanForm) or form.cleaned_data.get("planned_on") is None:
        return []
    if audit is not None and audit.ended_on:
        return []
    today = clock.today(request.organization)  # type: ignore[attr-defined]
    texts = warnings_about(form.planned(audit.pk if audit else None), form.covered(), today)
    return texts if form.warn(texts) else []


@transaction.atomic
def _made(door: Callable[..., Audit], organization: Organization, form: PlanForm | RecordForm, by: Actor) -> Audit:
    audit = door(organization, form.facts(), form.covered(), by, form.visited())
    _tell_reason(audit, form, by)
    return audit


def _tell_reason(audit: Audit, form: PlanForm | RecordForm, by: Actor) -> None:
    reason = form.cleaned_data.get("outside_reason", "").strip()
    if reason:
        actions.plan_outside(audit, reason, by)


@allowed(EDIT)
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Change facts of an audit; when somebody else saved first, both values are shown."""
    audit = load(pk)
    context: dict[str, Any] = {"audit": audit, "title": _("Change %s") % audit, "verb": _("Save changes")}
    if request.method != "POST":
        return show(request, "audits/form.html", context, PlanForm.of(audit))
    form = PlanForm(request.POST)
    if audit.planned_on is None:
        form.fields["planned_on"].required = False
    try:
        valid = form.is_valid()
        context["warnings"] = _warnings(request, form, audit) if valid else []
        moves = moved_with(audit, form.last) if valid and form.cleaned_data["planned_on"] else []
        context["moves"] = moves if form.first_seen(moves) else []
        if form.is_valid() and not context["moves"] and attempt(form, lambda: _save(audit, form, request)) is not None:
            messages.success(request, _saved(audit, moves))
            return redirect("audit", pk)
    except Conflict as conflict:
        data = request.POST.copy()
        data["version"] = str(conflict.row.version)
        form.data = data
        response = show(request, "audits/form.html", {**context, "conflict": show_conflict(conflict, form)}, form)
        response.status_code = 409
        return response
    return show(request, "audits/form.html", context, form)


def _saved(audit: Audit, moves: Sequence[Moved]) -> str:
    """What is told after a change; with the deadlines that moved."""
    text = _("Changes of %s are saved.") % audit
    if not moves:
        return text
    words = ngettext("%(count)d deadline moved with it.", "%(count)d deadlines moved with it.", len(moves))
    return f"{text} {words % {'count': len(moves)}}"


def _save(audit: Audit, form: PlanForm, request: HttpRequest) -> Audit:
    version = form.cleaned_data["version"] or 0
    by = actor(request)
    with transaction.atomic():
        saved = actions.change_audit(audit, version, form.facts(), by, form.covered(), form.visited())
        _tell_reason(saved, form, by)
    return saved


Door = Callable[[Audit, dict[str, Any], HttpRequest], Audit]
MOVE_SLUGS = {
    "confirm": "confirm",
    "start": "start",
    "hold": "hold",
    "close": "close",
    "cancel": "cancel",
    "refuse": "refuse",
    "plan again": "plan-again",
}
MOVE_WORDS = {
    "confirm": gettext_lazy("Confirm the days"),
    "close": gettext_lazy("Close the audit"),
    "refuse": gettext_lazy("Record a refusal"),
    "start": gettext_lazy("Record the start"),
    "hold": gettext_lazy("Record that it was held"),
    "cancel": gettext_lazy("Cancel the audit"),
    "plan again": gettext_lazy("Plan again"),
}
DOORS: dict[str, tuple[str, type[forms.Form], Door]] = {
    "confirm": ("confirm", NothingForm, lambda audit, given, r: actions.confirm_audit(audit, actor(r))),
    "close": ("close", NothingForm, lambda audit, given, r: actions.close_audit(audit, actor(r))),
    "refuse": ("refuse", RefuseForm, lambda audit, given, r: actions.refuse_audit(audit, given["reason"], actor(r))),
    "start": ("start", StartForm, lambda audit, given, r: actions.start_audit(audit, given["started_on"], actor(r))),
    "hold": (
        "hold",
        HeldForm,
        lambda audit, given, r: actions.hold_audit(audit, given["ended_on"], actor(r), given["started_on"]),
    ),
    "cancel": ("cancel", CancelForm, lambda audit, given, r: actions.cancel_audit(audit, given["reason"], actor(r))),
    "plan-again": (
        "plan again",
        AgainForm,
        lambda audit, given, r: actions.plan_again(audit, given["planned_on"], actor(r), given["planned_until"]),
    ),
}


@allowed(EDIT)
def move(request: HttpRequest, pk: int, move: str) -> HttpResponse:
    """Start, hold, cancel or plan an audit again."""
    if move not in DOORS:
        raise Http404
    name, form_class, door = DOORS[move]
    audit = load(pk)
    form = form_class(posted(request))
    valid = request.method == "POST" and form.is_valid()
    moves = _moves(name, audit, form if valid else None)
    unseen = isinstance(form, AgainForm) and valid and form.first_seen(moves)
    if valid and not unseen and attempt(form, lambda: door(audit, form.cleaned_data, request)) is not None:
        words = {"audit": audit, "state": audit.get_state_display().lower()}
        messages.success(request, _("Audit %(audit)s is now %(state)s.") % words)
        return redirect("audit", pk)
    context = {
        "audit": audit,
        "title": MOVE_WORDS[name],
        "verb": MOVE_WORDS[name],
        "danger": name == "cancel",
        "moves": moves,
        "unseen": unseen,
    }
    return show(request, "audits/move.html", context, form)


def _moves(name: str, audit: Audit, form: forms.Form | None) -> list[Moved]:
    """The deadlines that a move of the audit moves; of one that is planned again once its days are known."""
    if name in {"cancel", "refuse"}:
        return moved_with(audit, None)
    return moved_again(audit, form.last) if isinstance(form, AgainForm) else []
