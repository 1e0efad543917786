"""My work: what waits for a person or the team, and acting on it where it stands."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import clock
from accounts.fields import choose_from, day_field, one_of, people
from accounts.permissions import Capability
from accounts.tenancy import sees_everything
from accounts.web import allowed, can
from agenda.actions import answer_time, ask_for_time
from agenda.models import TimeRequest
from agenda.queries import effect_of_day, time_requests
from audits.models import Audit
from certifications.actions import Refused
from certifications.models import Certificate
from certifications.web import actor, attempt, posted
from isotrack.handover import hand_over
from isotrack.work import Task, everyones_work, task_of
from nonconformities.actions import complete_corrective_action
from nonconformities.models import CorrectiveAction, Nonconformity
from nonconformities.queries import clocks, consequences, nonconformities
from records.editing import Conflict
from records.models import Event
from records.wording import Told, told

WORK = Capability.EDIT_NONCONFORMITIES
MODELS: dict[str, Any] = {"action": CorrectiveAction, "nc": Nonconformity, "certificate": Certificate}
RIGHTS = {"action": WORK, "nc": WORK, "certificate": Capability.EDIT_CERTIFICATES}
ACTS = ("hand", "time")
# Where the record of a finished task is: its model, the page, and the field with the number of the page.
PLACES: dict[str, tuple[Any, str, str]] = {
    "nc": (Nonconformity, "nonconformity", "pk"),
    "action": (CorrectiveAction, "nonconformity", "nonconformity_id"),
    "certificate": (Certificate, "certificate", "pk"),
    "audit": (Audit, "audit", "pk"),
    "time": (TimeRequest, "time-request", "pk"),
}


class HandForm(forms.Form):
    """Who takes it over, and why."""

    person = one_of(
        label=gettext_lazy("Hand over to"),
        empty_label=gettext_lazy("Choose"),
        error_messages={"required": gettext_lazy("Choose who takes it over")},
    )
    reason = forms.CharField(
        label=gettext_lazy("Why"),
        max_length=300,
        error_messages={"required": gettext_lazy("Say why you hand it over")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose_from(self, person=people())


class TimeForm(forms.Form):
    """Until when, and why."""

    due_on = day_field(gettext_lazy("New due date"), gettext_lazy("Enter the new due date"))
    reason = forms.CharField(
        label=gettext_lazy("Why"),
        max_length=300,
        error_messages={"required": gettext_lazy("Say why more time is needed")},
    )


@allowed(Capability.VIEW)
def queue_page(request: HttpRequest) -> HttpResponse:
    """My work, or the team's: overdue, this week, later; within each, what moves a loss date first."""
    return shown(request)


def shown(request: HttpRequest, form: forms.Form | None = None, effect: tuple[str, bool] | None = None) -> HttpResponse:
    """The page; one row may be open with a small form, which ``form`` is when it was sent."""
    today = clock.today(request.organization)  # type: ignore[attr-defined]
    team = request.GET.get("who") == "team"
    everything = everyones_work(today)
    mine = [task for task in everything if task.is_of(request.user.pk)]
    found = everything if team else mine
    opened, act = request.GET.get("open", ""), request.GET.get("act", "")
    if form is None and act in ACTS and any(task.key == opened for task in found):
        form = HandForm() if act == "hand" else TimeForm()
    context = {
        "today": today,
        "team": team,
        "groups": _groups(found, today),
        "mine": len(mine),
        "all": len(everything),
        "next": next((task for task in everything if task.due_on), None) if not found else None,
        "first_use": not everything and first_use(request),
        "only": found[0].key if len(found) == 1 and not team else "",
        "back": "?who=team" if team else "",
        "finished": _finished(request.GET.get("gone", "")),
    }
    return _with_acts(request, "dashboard/queue.html", context, (opened, act, form), effect)


def first_use(request: HttpRequest) -> bool:
    """Whether nothing was brought in yet, and this person may begin."""
    return sees_everything() and can(request, Capability.EDIT_CERTIFICATES) and not Certificate.objects.exists()


def _with_acts(
    request: HttpRequest,
    template: str,
    context: dict[str, Any],
    opened: tuple[str, str, forms.Form | None],
    effect: tuple[str, bool] | None,
) -> HttpResponse:
    """A page on whose tasks one can act: which task is open, with which act and form."""
    key, act, form = opened
    more = {
        "opened": key,
        "act": act,
        "form": form,
        "effect": effect,
        "may_work": can(request, WORK),
        "may_certify": can(request, Capability.EDIT_CERTIFICATES),
    }
    status = 422 if form is not None and form.errors else 200
    return render(request, template, {**context, **more}, status=status)


@allowed(Capability.VIEW)
def task_page(request: HttpRequest, key: str) -> HttpResponse:
    """One task alone, as a mail opens it; a finished one says so."""
    return one_task(request, key, request.GET.get("act", ""))


def one_task(
    request: HttpRequest,
    key: str,
    act: str,
    form: forms.Form | None = None,
    effect: tuple[str, bool] | None = None,
) -> HttpResponse:
    """The page of one task with one act open on it; 404 when its record is not there or out of reach."""
    today = clock.today(request.organization)  # type: ignore[attr-defined]
    task = task_of(key, today)
    key = task.key if task else key  # what stops the loss of a certificate may be the step of a nonconformity
    others = [other for other in everyones_work(today) if other.is_of(request.user.pk) and other.key != key]
    context: dict[str, Any] = {"today": today, "task": task, "others": len(others), "alone": True, "back": "?alone=1"}
    if task is None:
        return render(request, "dashboard/task.html", context | _gone(key))
    row = nonconformities().filter(pk=int(key.partition("-")[2])).first() if task.kind == "nc" else None
    if row is not None:  # else it is out of reach, though the certificate is not
        context |= {"clock": next(iter(clocks(row)), None), "consequences": consequences(row)}
    if form is None and act in ACTS:
        form = HandForm() if act == "hand" else TimeForm()
    return _with_acts(request, "dashboard/task.html", context, (key, act, form), effect)


def _gone(key: str) -> dict[str, Any]:
    """What a finished task was about: its record and, for an action, who finished it; 404 for what is not there."""
    kind, _dash, number = key.partition("-")
    if kind not in PLACES or not number.isdecimal() or len(number) > 17:
        raise Http404
    model, route, place = PLACES[kind]
    row = get_object_or_404(model, pk=int(number))
    finished = _finished(number) if kind == "action" else None
    return {"record": row, "url": reverse(route, args=[getattr(row, place)]), "told": finished and finished[1]}


def _groups(found: Sequence[Task], today: date) -> list[tuple[str, list[Task]]]:
    week = today + timedelta(days=7)
    groups = [
        (_("Overdue"), [task for task in found if task.due_on and task.due_on < today]),
        (_("This week"), [task for task in found if task.due_on and today <= task.due_on <= week]),
        (_("Later"), [task for task in found if task.due_on is None or task.due_on > week]),
    ]
    return [(name, tasks) for name, tasks in groups if tasks]


def _finished(key: str) -> tuple[str, Told] | None:
    """A row that somebody else has finished meanwhile: its words and the entry that tells who did it."""
    if not key.isdecimal() or len(key) > 17:
        return None
    row = CorrectiveAction.objects.filter(pk=int(key)).exclude(state="open").first()
    if row is None:
        return None
    about = Event.objects.filter(subject_type="nonconformity", subject_id=row.nonconformity_id)
    last = about.filter(kind=f"action.{row.state}", after__action=row.description).order_by("-number").first()
    return (str(row), told(last)) if last else None


def _subject(request: HttpRequest, key: str, *kinds: str) -> Any:
    """The row a task is about; 404 for what is not there, 403 for what the role may not do."""
    kind, _dash, number = key.partition("-")
    if kind not in kinds or not number.isdecimal() or len(number) > 17:
        raise Http404
    row = get_object_or_404(MODELS[kind].objects.select_related("organization"), pk=int(number))
    if not can(request, RIGHTS[kind]):
        raise PermissionDenied(_("Your role may not change this. Ask the owner of the certificate."))
    return row


def _back(request: HttpRequest, key: str, more: str = "") -> HttpResponse:
    if request.GET.get("alone"):
        return redirect("task", key)
    team = "who=team" if request.GET.get("who") == "team" else ""
    query = "&".join(filter(None, [team, more]))
    return redirect("/queue/" + (f"?{query}" if query else ""))


@allowed(Capability.VIEW)
def done(request: HttpRequest, key: str) -> HttpResponse:
    """A corrective action is done today; when somebody else was faster, the row says who and when."""
    if request.method != "POST":
        return _back(request, key)
    row = _subject(request, key, "action")
    try:
        complete_corrective_action(row, clock.today(row.organization), actor(request))
    except Refused:
        return _back(request, key, f"gone={row.pk}")
    messages.success(request, _("Done: %s") % row)
    return _back(request, key)


@allowed(Capability.VIEW)
def hand(request: HttpRequest, key: str) -> HttpResponse:
    """Somebody else takes it over."""
    row = _subject(request, key, "action", "nc", "certificate")
    form = HandForm(posted(request))
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            done = attempt(form, lambda: hand_over(row, given["person"], given["reason"], actor(request)) or True)
        except Conflict as conflict:
            form.add_error(None, str(conflict))
            done = None
        if done:
            messages.success(request, _("%(person)s has it now.") % {"person": given["person"]})
            return _back(request, key)
    return _again(request, key, "hand", form)


@allowed(Capability.VIEW)
def time(request: HttpRequest, key: str) -> HttpResponse:
    """Ask for time: look at what the new date does, then ask."""
    row = _subject(request, key, "action")
    form, effect = TimeForm(posted(request)), None
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        if request.POST.get("do") == "ask":
            by = actor(request)
            asked = attempt(form, lambda: ask_for_time(row, given["due_on"], given["reason"], request.user, by))  # type: ignore[arg-type]
            if asked:
                messages.success(request, _("Asked. The owner of the nonconformity answers."))
                return _back(request, key)
        else:
            effect = effect_of_day(row, given["due_on"])
    return _again(request, key, "time", form, effect)


def _again(
    request: HttpRequest, key: str, act: str, form: forms.Form, effect: tuple[str, bool] | None = None
) -> HttpResponse:
    """The page again with the row open and what was typed."""
    if request.GET.get("alone"):
        return one_task(request, key, act, form, effect)
    request.GET = request.GET.copy()  # type: ignore[assignment]
    request.GET.update({"open": key, "act": act})
    return shown(request, form, effect)


@allowed(Capability.VIEW)
def time_request(request: HttpRequest, pk: int) -> HttpResponse:
    """A request for more time with what it does, and the two answers; the owner of the nonconformity gives one."""
    asked = get_object_or_404(time_requests(), pk=pk)
    may = can(request, WORK) and asked.action.nonconformity.owner_id in {None, request.user.pk}
    may = may or can(request, Capability.CLOSE_NONCONFORMITIES)
    if request.method == "POST":
        if not may:
            raise PermissionDenied(_("Only the owner of the nonconformity or who may close it answers."))
        return _answered(request, asked)
    effect, late = effect_of_day(asked.action, asked.due_on)
    context = {
        "asked": asked,
        "effect": effect,
        "late": late,
        "may": may,
        "today": clock.today(asked.organization),
    }
    return render(request, "dashboard/time_request.html", context)


def _answered(request: HttpRequest, asked: TimeRequest) -> HttpResponse:
    grant = request.POST.get("answer") == "grant"
    try:
        answer_time(asked, grant, actor(request))
        messages.success(request, _("Granted.") if grant else _("Refused."))
    except Refused as refused:
        messages.error(request, str(refused))
    except Conflict as conflict:
        messages.error(request, str(conflict))
    return redirect("queue")
