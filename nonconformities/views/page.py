"""The page of one nonconformity: clock, the eight steps, the forms that are open now, and what is around it."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse

from accounts import clock
from accounts.permissions import Capability
from accounts.web import allowed, can
from certifications.facts import ref
from certifications.web import show
from nonconformities import actions
from nonconformities.actions.rules import follow_ups, grade_rules_of
from nonconformities.forms_steps import AssignForm, ReturnStepForm, repeats_problem
from nonconformities.models import ActionProof, Nonconformity
from nonconformities.queries import (
    certificates_of,
    clause_title,
    clocks,
    consequences,
    nonconformities,
    related_to,
    repeats_of,
    tag_of,
)
from nonconformities.signing import ACCEPT_PLAN, CLOSE
from nonconformities.states import WRITTEN, WorkStep
from nonconformities.views.doors import PAGE_DOORS, open_doors
from nonconformities.workspace import (
    BRANCHES,
    StepView,
    causes_counted,
    causes_of,
    picture_of,
    shown_step,
    steps_of,
)
from records.forms import SignatureForm
from records.models import Event
from records.signatures import signatures_on
from records.wording import Told, latest_events, told

SIGNED = {"accept-plan": ACCEPT_PLAN, "verification": CLOSE, "effectiveness": CLOSE, "close": CLOSE}


def asking(form: forms.Form, door: str, row: Nonconformity, request: HttpRequest) -> forms.Form:
    """The form of a door, which asks for a signature where the organization wants one."""
    if isinstance(form, SignatureForm):
        form.ask_to_sign(SIGNED[door].name, row, request)
    return form


def load(pk: int) -> Nonconformity:
    """The nonconformity with all its page needs; 404 outside the organization."""
    return get_object_or_404(nonconformities().prefetch_related("requests"), pk=pk)


@allowed(Capability.VIEW)
def nonconformity_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One nonconformity: its clock and consequence, the step that is due, and everything recorded so far."""
    return page_of(request, load(pk))


def page_of(
    request: HttpRequest,
    row: Nonconformity,
    shown: str = "",
    opened: str = "",
    form: forms.BaseForm | None = None,
    **more: Any,
) -> HttpResponse:
    """The page; ``form`` is the one of the door ``opened`` with what was typed, shown with its errors."""
    today = clock.today(row.organization)
    shown = shown or (PAGE_DOORS[opened].step if opened in PAGE_DOORS else "") or shown_step(row)
    steps = steps_of(row, shown, today, reverse("nonconformity", args=[row.pk]))
    step = next(view for view in steps if view.step == shown)
    requests = list(row.requests.all())
    context = {
        "nc": row,
        "today": today,
        "tag": tag_of(row, today),
        "certificates": certificates_of(row),
        "steps": steps,
        "step": step,
        "is_current": row.current_step == shown,
        "requests": requests,
        "doors": _doors(request, row, steps, today, opened, form, requests),
        "opened": opened,
        "may_edit": can(request, Capability.EDIT_NONCONFORMITIES),
        "may_judge": can(request, Capability.CLOSE_NONCONFORMITIES),
        "assign": AssignForm(initial=_assigned(step), auto_id="id_assign_%s"),
        "return_step": ReturnStepForm(auto_id="id_return_%s"),
        "approvable": step.waits and step.step in WRITTEN,
        **_around(row),
        **_written(row, step, steps),
        **more,
    }
    return show(request, "nonconformities/nonconformity.html", context, form)


def _assigned(step: StepView) -> dict[str, Any]:
    record = step.record
    return {
        "owner": record.owner_id if record else None,
        "due_on": record.due_on if record else None,
        "version": record.version if record else 0,
    }


def _around(row: Nonconformity) -> dict[str, Any]:
    """What stands beside the steps."""
    repeats = repeats_of(row)
    is_open = row.state == "open"
    return {
        "clocks": clocks(row) if is_open else [],
        "consequences": consequences(row) if is_open else [],
        "clause_title": clause_title(row, certificates_of(row)),
        "extensions": row.extensions.all(),
        "verifications": row.verifications.filter(struck_on=None),
        "signatures": signatures_on(row),
        "repeats": repeats,
        "related": related_to(row, repeats),
        "grade_events": _grade_events(row),
        "events": latest_events("nonconformity", row.pk),
    }


def _grade_events(row: Nonconformity) -> list[Told]:
    """What the rules did to its grade, from the history of the certificates it concerns; one query."""
    kinds = ("nonconformity.escalated", "nonconformity.accumulated")
    concerned = [link.certificate_id for link in row.certificate_links.all()]
    events = Event.objects.filter(subject_type="certificate", subject_id__in=concerned, kind__in=kinds)
    return [told(event) for event in events.order_by("-number")[:50] if ref("nc", row.pk) in event.because][:3]


def _written(row: Nonconformity, step: StepView, steps: list[StepView]) -> dict[str, Any]:
    """What the step that is shown works on: actions with their proofs, root causes, the picture of causes."""
    found = actions.actions_of(row)
    proofs: dict[int, list[ActionProof]] = {}
    for proof in ActionProof.objects.filter(action__in=found):
        proofs.setdefault(proof.action_id, []).append(proof)
    rules = grade_rules_of(row)
    asks_follow_up, typed = any(rule.followed_up for rule in rules), step.typed
    return {
        "actions": [(action, proofs.get(action.pk, []), action.nonconformity_id != row.pk) for action in found],
        "action_rows": found,
        "causes": causes_of(steps),
        "branches": BRANCHES,
        "typed": typed,
        "method": typed.get("method", "whys"),
        "picture": picture_of(typed, row.title) if step.step == WorkStep.CAUSE else None,
        "causes_counted": causes_counted(typed),
        "repeats_problem": repeats_problem(typed),
        "four_eyes": any(r.four_eyes for r in rules),
        "asks_verification": any(r.verified for r in rules),
        "asks_verdict": any(r.effect_judged for r in rules),
        "asks_follow_up": asks_follow_up,
        "follow_up": follow_ups(row).first() if asks_follow_up else None,
    }


def _doors(
    request: HttpRequest,
    row: Nonconformity,
    steps: list[StepView],
    today: date,
    opened: str,
    form: forms.BaseForm | None,
    requests: list[Any],
) -> dict[str, forms.BaseForm]:
    """The forms that are open now and that the person may use, by a name templates can say."""
    found: dict[str, forms.BaseForm] = {}
    typed = {view.step: view.typed for view in steps}
    for slug in open_doors(row, requests):
        door = PAGE_DOORS[slug]
        if slug == opened and form is not None:
            found[slug.replace("-", "_")] = form
        elif can(request, door.needs):
            initial = _initial(row, today, typed.get(WorkStep(door.step), {}) if door.step else {})
            fresh = door.form(initial=initial, auto_id=f"id_{slug}_%s")
            found[slug.replace("-", "_")] = asking(fresh, slug, row, request)
    return found


DAYS = ("submitted_on", "accepted_on", "returned_on", "done_on", "verified_on", "closed_on", "granted_on", "judged_on")


def _initial(row: Nonconformity, today: date, typed: Any) -> dict[str, Any]:
    """Today for every day, over it what was typed or written before, and the step that has a date to extend."""
    start: dict[str, Any] = dict.fromkeys(DAYS, today)
    start |= {name: value for name, value in typed.items() if value not in ("", None)}
    start["further"] = "\n".join(typed.get("further", ()))
    if "elsewhere" in typed:
        start["elsewhere"] = "yes" if typed["elsewhere"] in (True, "yes") else "no"
    wish = next(iter(row.requests.all()), None)
    if wish is not None and wish.state == "asked":
        start |= {"step": wish.step, "due_on": wish.due_on, "reason": wish.reason}
    return start
