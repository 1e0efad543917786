"""Sources, states and moves of a nonconformity, with their words."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop, pgettext_lazy

from accounts.permissions import Capability
from records.moves import Move


class Source(models.TextChoices):
    """Where a nonconformity came from; only those of the certification body move a certificate."""

    BODY = "body", _("Certification body")
    INTERNAL_AUDIT = "internal_audit", _("Internal audit")
    COMPLAINT = "complaint", _("Complaint")
    INCIDENT = "incident", _("Incident")
    SUPPLIER = "supplier", _("Supplier")
    REVIEW = "review", _("Management review")


class NonconformityState(models.TextChoices):
    """Where a nonconformity stands for the rules."""

    OPEN = "open", pgettext_lazy("nonconformity", "Open")
    CLOSED = "closed", pgettext_lazy("nonconformity", "Closed")
    VOID = "void", _("No longer applies")


class Stage(models.TextChoices):
    """How far the work on an open nonconformity has come."""

    RAISED = "raised", _("Root cause and plan awaited")
    SUBMITTED = "submitted", _("Plan waits for acceptance")
    ACCEPTED = "accepted", _("Action under way")
    DONE = "done", _("Action waits for verification")
    VERIFIED = "verified", _("Verdict on the effect awaited")
    CLOSED = "closed", pgettext_lazy("nonconformity", "Closed")
    VOID = "void", _("No longer applies")


class Step(models.TextChoices):
    """Steps with a due date of their own."""

    RESPONSE = "response", _("Response")
    PLAN = "plan", _("Plan accepted")
    ACTION = "action", _("Action done")
    CLOSURE = "closure", _("Closure")


class WorkStep(models.TextChoices):
    """The eight steps of the work on a nonconformity, in order; the value is the last part of their address."""

    RECORD = "record", pgettext_lazy("step", "Record")
    CONTAINMENT = "containment", _("Containment")
    EXTENT = "extent", _("Extent")
    CAUSE = "root-cause", _("Root cause")
    PLAN = "action-plan", _("Action plan")
    EVIDENCE = "evidence", _("Evidence")
    VERIFICATION = "verification", _("Follow-up verification")
    EFFECTIVENESS = "effectiveness", _("Effectiveness")


RESULTS = [
    ("effective", _("Effective")),
    ("implemented", _("Carried out; the effect is judged later")),
    ("not_effective", _("Not effective")),
]
"""What a follow-up verification finds."""
VERDICTS = ("effective", "not_effective")
"""What a judgement of the effect may say."""
WRITTEN = (WorkStep.CONTAINMENT, WorkStep.EXTENT, WorkStep.CAUSE)
NO_STEP = "over"


class StepState(models.TextChoices):
    """Where one of the eight steps stands."""

    OPEN = "open", _("Open")
    SUBMITTED = "submitted", _("Waits for approval")
    RETURNED = "returned", _("Returned")
    APPROVED = "approved", _("Approved")


STEP_AT_STAGE: dict[str, str] = {
    Stage.RAISED: WorkStep.CONTAINMENT,
    Stage.SUBMITTED: WorkStep.PLAN,
    Stage.ACCEPTED: WorkStep.EVIDENCE,
    Stage.DONE: WorkStep.VERIFICATION,
    Stage.VERIFIED: WorkStep.EFFECTIVENESS,
    Stage.CLOSED: NO_STEP,
    Stage.VOID: NO_STEP,
}


class RequestState(models.TextChoices):
    """Where a wish for more time stands."""

    ASKED = "asked", _("Asked")
    GRANTED = "granted", _("Granted")
    REFUSED = "refused", _("Refused")


class ActionState(models.TextChoices):
    """Where a corrective action stands."""

    OPEN = "open", pgettext_lazy("corrective action", "Open")
    DONE = "done", pgettext_lazy("corrective action", "Done")
    CANCELLED = "cancelled", pgettext_lazy("corrective action", "Cancelled")


_OPEN = ("raised", "submitted", "accepted", "done", "verified")
_JUDGE = Capability.CLOSE_NONCONFORMITIES
_WORK = Capability.EDIT_NONCONFORMITIES

MOVES: tuple[Move, ...] = (
    Move(gettext_noop("submit plan"), ("raised",), "submitted", "submit_plan", needs=_WORK),
    Move(gettext_noop("accept plan"), ("submitted",), "accepted", "accept_plan", needs=_JUDGE),
    Move(gettext_noop("return plan"), ("submitted",), "raised", "return_plan", needs=_JUDGE),
    Move(gettext_noop("complete action"), ("accepted",), "done", "complete_action", needs=_WORK),
    Move(gettext_noop("verify: effective"), _OPEN[:4], "closed", "verify", needs=_JUDGE),
    Move(gettext_noop("verify: implemented"), _OPEN[:4], "verified", "verify", needs=_JUDGE),
    Move(gettext_noop("verify: not effective"), ("done",), "accepted", "verify", needs=_JUDGE),
    Move(gettext_noop("judge: effective"), ("verified",), "closed", "judge_effect", needs=_JUDGE),
    Move(gettext_noop("judge: not effective"), ("verified",), "accepted", "judge_effect", needs=_JUDGE),
    Move(gettext_noop("close"), _OPEN, "closed", "close", needs=_JUDGE),
    Move(gettext_noop("reopen"), ("closed",), "done", "reopen", needs=_JUDGE),
)

ACTION_MOVES: tuple[Move, ...] = (
    Move(gettext_noop("complete"), ("open",), "done", "complete_corrective_action", needs=_WORK),
    Move(gettext_noop("cancel"), ("open",), "cancelled", "cancel_action", needs=_WORK),
    Move(gettext_noop("reopen"), ("done", "cancelled"), "open", "reopen_action", needs=_WORK),
)

# What is done beside the moves of the stage, and what each needs.
DOORS: dict[str, Capability] = {
    "submit_containment": _WORK,
    "submit_extent": _WORK,
    "submit_cause": _WORK,
    "approve_step": _JUDGE,
    "return_step": _JUDGE,
    "plan_effect_check": _WORK,
    "ask_extension": _WORK,
    "grant_extension": _JUDGE,
    "refuse_extension": _JUDGE,
}


def needed_for(door: str) -> Capability:
    """What a person must be allowed to do to go through a door of nonconformities."""
    return DOORS.get(door) or next(move.needs for move in MOVES if move.door == door and move.needs)
