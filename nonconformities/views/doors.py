"""The forms of a nonconformity's page: which door each goes through, and what is said afterwards."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.permissions import Capability
from nonconformities import actions, effects
from nonconformities import forms as small
from nonconformities import forms_steps as steps
from nonconformities.models import Nonconformity
from nonconformities.states import NonconformityState, RequestState, WorkStep, needed_for
from records.record import Actor

Given = dict[str, Any]


@dataclass(frozen=True)
class PageDoor:
    """One form: its door by name, the step it is shown in, the moves that open it, and what its dates would do."""

    door: str
    form: type[forms.Form]
    go: Callable[[Nonconformity, Given, Actor], object]
    said: Any
    step: str = ""
    moves: tuple[str, ...] = ()
    effect: Callable[[Nonconformity, Given, date], effects.Change] | None = None

    @property
    def needs(self) -> Capability:
        """What a person must be allowed to do."""
        return needed_for(self.door)


def _verdict_effect(nc: Nonconformity, given: Given, today: date) -> effects.Change:
    result = given["result"]
    if result == "effective" and "verify: implemented" in actions.possible_moves(nc):
        result = "implemented"
    return effects.checked(given["verified_on"], result, today)


PAGE_DOORS: dict[str, PageDoor] = {
    "containment": PageDoor(
        "submit_containment",
        steps.ContainmentForm,
        lambda nc, g, by: actions.submit_containment(nc, g["text"], by, g["done_on"]),
        _("The containment of %s is recorded."),
        WorkStep.CONTAINMENT,
    ),
    "extent": PageDoor(
        "submit_extent",
        steps.ExtentForm,
        lambda nc, g, by: actions.submit_extent(nc, g["elsewhere"] == "yes", g["text"], by),
        _("The extent of %s is recorded."),
        WorkStep.EXTENT,
    ),
    "root-cause": PageDoor(
        "submit_cause",
        steps.CauseForm,
        lambda nc, g, by: actions.submit_cause(nc, g["content"], by),
        _("The root cause of %s is submitted."),
        WorkStep.CAUSE,
    ),
    "action-plan": PageDoor(
        "submit_plan",
        steps.PlanForm,
        lambda nc, g, by: actions.submit_plan(nc, "", g["submitted_on"], by, g["note"]),
        _("Root cause and plan of %s are submitted."),
        WorkStep.PLAN,
        ("submit plan",),
        lambda nc, g, today: effects.submitted(g["submitted_on"]),
    ),
    "accept-plan": PageDoor(
        "accept_plan",
        small.AcceptForm,
        lambda nc, g, by: actions.accept_plan(nc, g["accepted_on"], by),
        _("The plan of %s is accepted."),
        WorkStep.PLAN,
        ("accept plan",),
        lambda nc, g, today: effects.accepted(g["accepted_on"]),
    ),
    "return-plan": PageDoor(
        "return_plan",
        small.ReturnForm,
        lambda nc, g, by: actions.return_plan(nc, g["returned_on"], g["reason"], by),
        _("The plan of %s is returned."),
        WorkStep.PLAN,
        ("return plan",),
    ),
    "evidence": PageDoor(
        "complete_action",
        steps.EvidenceForm,
        lambda nc, g, by: actions.complete_action(nc, g["done_on"], by, g["note"]),
        _("The corrective action of %s is done."),
        WorkStep.EVIDENCE,
        ("complete action",),
        lambda nc, g, today: effects.acted(g["done_on"]),
    ),
    "verification": PageDoor(
        "verify",
        small.VerifyForm,
        lambda nc, g, by: actions.verify(nc, g["verified_on"], g["result"], by, g["verified_by"], g["note"]),
        _("The verification of %s is recorded."),
        WorkStep.VERIFICATION,
        ("verify: effective", "verify: implemented", "verify: not effective"),
        _verdict_effect,
    ),
    "close": PageDoor(
        "close",
        small.CloseForm,
        lambda nc, g, by: actions.close(nc, g["closed_on"], by, g["note"]),
        _("%s is closed."),
        WorkStep.VERIFICATION,
        ("close",),
        lambda nc, g, today: effects.closed(g["closed_on"]),
    ),
    "plan-effect": PageDoor(
        "plan_effect_check",
        steps.EffectPlanForm,
        lambda nc, g, by: actions.plan_effect_check(nc, g["measure"], g["target"], g["check_on"], by),
        _("The check of the effect of %s is planned."),
        WorkStep.EFFECTIVENESS,
    ),
    "effectiveness": PageDoor(
        "judge_effect",
        steps.VerdictForm,
        lambda nc, g, by: actions.judge_effect(nc, g["judged_on"], g["verdict"], by, g["note"]),
        _("The verdict on the effect of %s is recorded."),
        WorkStep.EFFECTIVENESS,
    ),
    "reopen": PageDoor(
        "reopen",
        small.ReopenForm,
        lambda nc, g, by: actions.reopen(nc, g["reason"], by),
        _("The closure of %s is taken back."),
        WorkStep.VERIFICATION,
        ("reopen",),
    ),
    "ask": PageDoor(
        "ask_extension",
        steps.AskForm,
        lambda nc, g, by: actions.ask_extension(nc, g["due_on"], g["reason"], by, g["step"]),
        _("More time for %s is asked for."),
        effect=lambda nc, g, today: effects.extended(g["step"], today, g["due_on"], today),
    ),
    "extend": PageDoor(
        "grant_extension",
        small.ExtendForm,
        lambda nc, g, by: actions.grant_extension(nc, g["granted_on"], g["due_on"], by, g["step"], g["reason"]),
        _("The later date of %s is recorded."),
        effect=lambda nc, g, today: effects.extended(g["step"], g["granted_on"], g["due_on"], today),
    ),
    "refuse": PageDoor(
        "refuse_extension",
        steps.RefuseForm,
        lambda nc, g, by: actions.refuse_extension(nc, g["reason"], by, g["step"]),
        _("The wish for more time of %s is refused."),
    ),
}


def open_doors(nc: Nonconformity, requests: list[Any]) -> set[str]:
    """Which of the forms lead somewhere now, whoever looks at the page."""
    possible = set(actions.possible_moves(nc))
    found = {slug for slug, door in PAGE_DOORS.items() if possible & set(door.moves)}
    if nc.state == NonconformityState.OPEN:
        found |= {"containment", "extent", "ask", "extend"}
        found |= {"root-cause"} if nc.stage in ("raised", "submitted") else set()
        found |= {"refuse"} if any(r.state == RequestState.ASKED for r in requests) else set()
    if nc.state != NonconformityState.VOID:
        found |= {"plan-effect"}
        found |= {"effectiveness"} if nc.stage in ("verified", "closed") else set()
    return found
