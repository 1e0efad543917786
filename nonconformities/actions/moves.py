"""Doors of the stages: plan, action, verification, verdict, closure. Their days are the facts that the rules read."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from accounts import clock
from accounts.templatetags.ui import day as said
from certifications.actions import Refused
from lifecycle.rule_words import grade_in_words
from nonconformities.actions.corrective import actions_of
from nonconformities.actions.refresh import follow
from nonconformities.actions.rules import (
    RuleBooks,
    asks_verdict,
    asks_verification,
    check_followed_up,
    check_other_eye,
    grade_rules_of,
)
from nonconformities.actions.steps import (
    DONE,
    approve,
    approve_waiting,
    give_back,
    hold,
    place,
    put_down,
    root_causes,
    step_record,
    submit_cause,
)
from nonconformities.models import CorrectiveAction, Nonconformity, StepRecord, Verification
from nonconformities.signing import act_of
from nonconformities.states import MOVES, WRITTEN, ActionState, Stage, StepState, WorkStep
from records.editing import check
from records.moves import move_named, moves_from
from records.record import Actor, Entry, record
from records.signatures import sign

EFFECTIVE, IMPLEMENTED, NOT_EFFECTIVE = "effective", "implemented", "not_effective"


@transaction.atomic
def submit_plan(
    nonconformity: Nonconformity, root_cause: str, submitted_on: date, by: Actor, note: str = ""
) -> Nonconformity:
    """Send root cause and plan to the auditor (clause 9.4.9).

    The root cause comes from step 4; a sentence given here is written there first. Every root cause needs an action
    with owner and date.
    """
    check_day(nonconformity, submitted_on, "submitted_on")
    _check_move(nonconformity, "submit plan")
    cause = _cause(nonconformity, root_cause, by)
    _check_plan(nonconformity, root_causes(cause.content))
    _write(nonconformity, WorkStep.PLAN, {"note": note}, by, StepState.SUBMITTED)
    return _move(nonconformity, "submit plan", {"plan_submitted_on": submitted_on}, submitted_on, "submitted_on", by)


def _cause(nonconformity: Nonconformity, sentence: str, by: Actor) -> StepRecord:
    written = step_record(nonconformity, WorkStep.CAUSE)
    given = " ".join(sentence.split())
    if given and (written.state not in DONE or given not in root_causes(written.content)):
        return submit_cause(nonconformity, {**written.content, "method": "text", "statement": given}, by)
    if written.state not in DONE:
        raise ValidationError({"root_cause": _("Write the root cause in one sentence before you submit the plan.")})
    return written


def _check_plan(nonconformity: Nonconformity, causes: list[str]) -> None:
    """Each root cause has an action with owner and date; with one cause every action is about it."""
    planned = [action for action in actions_of(nonconformity) if action.state != ActionState.CANCELLED]
    covered = {" ".join(action.cause.split()) for action in planned}
    bare = [cause for cause in causes if cause not in covered] if len(causes) > 1 else []
    if not planned or bare:
        sentence = _("Plan an action with owner and date that removes this cause: %s") % (bare or causes)[0]
        raise ValidationError({"actions": sentence})
    undated = next((action for action in planned if not action.due_on), None)
    if undated:
        raise ValidationError({"actions": _("Enter owner and date of the action “%s”.") % undated})


@transaction.atomic
def accept_plan(nonconformity: Nonconformity, accepted_on: date, by: Actor) -> Nonconformity:
    """The auditor accepts root cause and plan (clause 9.4.10); what waits of steps 2 to 4 is approved with it."""
    _not_before(accepted_on, nonconformity.plan_submitted_on, "accepted_on", _("the plan was submitted"))
    _check_move(nonconformity, "accept plan")
    plan = nonconformity.steps.filter(step=WorkStep.PLAN).first()
    check_other_eye(plan, by)
    changes = {"plan_accepted_on": accepted_on}
    moved = _move(nonconformity, "accept plan", changes, accepted_on, "accepted_on", by)
    approve_waiting(nonconformity, (*WRITTEN, WorkStep.PLAN), by, accepted_on)
    return moved


@transaction.atomic
def return_plan(nonconformity: Nonconformity, returned_on: date, reason: str, by: Actor) -> Nonconformity:
    """The auditor sends root cause and plan back with a reason; both count as not submitted."""
    if not reason.strip():
        raise ValidationError({"reason": _("Say what is missing, so that it can be mended.")})
    _check_move(nonconformity, "return plan")
    for step in (WorkStep.CAUSE, WorkStep.PLAN):
        written = step_record(nonconformity, step)
        if written.state in DONE:
            give_back(written, reason, by, returned_on)
    changes = {"plan_submitted_on": None}
    return _move(nonconformity, "return plan", changes, returned_on, "returned_on", by, reason)


@transaction.atomic
def complete_action(nonconformity: Nonconformity, done_on: date, by: Actor, note: str = "") -> Nonconformity:
    """All corrective action of the plan is done; refused while one is open."""
    _check_move(nonconformity, "complete action")
    open_one = _open_action(nonconformity)
    if open_one:
        words = {"nc": nonconformity, "action": open_one}
        raise Refused(
            _("A corrective action of %(nc)s is still open; complete or cancel it first: %(action)s.") % words
        )
    _write(nonconformity, WorkStep.EVIDENCE, {"note": note}, by, StepState.SUBMITTED)
    return _move(nonconformity, "complete action", {"action_done_on": done_on}, done_on, "done_on", by)


@transaction.atomic
def verify(
    nonconformity: Nonconformity, verified_on: date, result: str, by: Actor, verified_by: str = "", note: str = ""
) -> Nonconformity:
    """Record the auditor's follow-up.

    An effective action closes the nonconformity; where a scheme asks for a verdict on the effect it counts as carried
    out, and the verdict closes. One that is not effective leads back to the action.
    """
    check_day(nonconformity, verified_on, "verified_on")
    books = RuleBooks(nonconformity.organization_id)
    if result == EFFECTIVE and asks_verdict(nonconformity, books):
        result = IMPLEMENTED
    move = f"verify: {result.replace('_', ' ')}"
    _check_move(nonconformity, move)
    if result == NOT_EFFECTIVE and not note.strip():
        note = _("No reason given")
    check_other_eye(nonconformity.steps.filter(step=WorkStep.EVIDENCE).first(), by)
    if result != NOT_EFFECTIVE:
        check_followed_up(nonconformity, verified_on, books)
    _save_verification(nonconformity, verified_on, result, verified_by, note)
    content = {"result": result, "verified_by": verified_by, "text": note, "on": verified_on.isoformat()}
    if result == NOT_EFFECTIVE:
        return _send_back(nonconformity, move, content, verified_on, "verified_on", by)
    _write(nonconformity, WorkStep.VERIFICATION, content, by, StepState.APPROVED)
    approve_waiting(nonconformity, WorkStep.values, by, verified_on)
    if result == IMPLEMENTED:
        _check_no_open_action(nonconformity)
        return _move(nonconformity, move, {}, verified_on, "verified_on", by, note)
    return _close(nonconformity, move, verified_on, "verified_on", by, note)


def _save_verification(nonconformity: Nonconformity, on: date, result: str, verified_by: str, note: str) -> None:
    verification = Verification(
        organization_id=nonconformity.organization_id,
        nonconformity=nonconformity,
        verified_on=on,
        result=result,
        verified_by=verified_by,
        note=note,
        recorded_on=clock.today(nonconformity.organization),
    )
    check(verification)
    verification.save()


def _send_back(
    nonconformity: Nonconformity, move: str, content: dict[str, Any], on: date, field: str, by: Actor
) -> Nonconformity:
    """The work goes back to the action; what was shown as proof stays with the reason."""
    evidence = step_record(nonconformity, WorkStep.EVIDENCE)
    give_back(evidence, content["text"], by, on)
    return _move(nonconformity, move, {"action_done_on": None}, on, field, by, content["text"])


@transaction.atomic
def plan_effect_check(nonconformity: Nonconformity, measure: str, target: str, check_on: date, by: Actor) -> StepRecord:
    """How one will see that the cause is gone: what is measured, against which target, and when."""
    hold(nonconformity)
    if nonconformity.state == "void":
        raise Refused(_("%s no longer applies; there is nothing to check.") % nonconformity)
    written = step_record(nonconformity, WorkStep.EFFECTIVENESS)
    if written.state == StepState.APPROVED:
        raise Refused(_("The verdict on the effect of %s is recorded already.") % nonconformity)
    if check_on < nonconformity.raised_on:
        raise ValidationError({"check_on": _("This is before the day on which it was raised.")})
    content = {**written.content, "measure": measure, "target": target, "check_on": check_on.isoformat()}
    put_down(written, content, by, StepState.OPEN)
    after = {"step": str(WorkStep.EFFECTIVENESS.label), "text": f"{measure}: {target}", "due_on": check_on.isoformat()}
    today = clock.today(nonconformity.organization)
    record(by, [Entry.about(nonconformity, "step.planned", today, after=after)])
    return written


@transaction.atomic
def judge_effect(
    nonconformity: Nonconformity, judged_on: date, verdict: str, by: Actor, note: str = ""
) -> Nonconformity:
    """The verdict on the effect (step 8): it closes where a scheme asks for it, and leads back when it is bad.

    After a closure by the body the verdict is recorded and moves nothing; a bad one calls for a new nonconformity.
    """
    check_day(nonconformity, judged_on, "judged_on")
    hold(nonconformity)
    if nonconformity.stage not in (Stage.VERIFIED, Stage.CLOSED):
        raise Refused(_cannot(nonconformity, "judge: " + verdict.replace("_", " ")))
    written = step_record(nonconformity, WorkStep.EFFECTIVENESS)
    content = {**written.content, "verdict": verdict, "text": note, "on": judged_on.isoformat()}
    move = f"judge: {verdict.replace('_', ' ')}"
    if nonconformity.stage == Stage.CLOSED:
        put_down(written, content, by, StepState.APPROVED)
        approve(written, by, judged_on)
        record(by, [_event(nonconformity, move, judged_on, {}, note)])
        return nonconformity
    if verdict == NOT_EFFECTIVE:
        put_down(written, content, by, StepState.SUBMITTED)
        give_back(written, note or _("No reason given"), by, judged_on)
        return _send_back(nonconformity, move, {**content, "text": note or "–"}, judged_on, "judged_on", by)
    put_down(written, content, by, StepState.APPROVED)
    approve(written, by, judged_on)
    return _close(nonconformity, move, judged_on, "judged_on", by, note)


@transaction.atomic
def close(nonconformity: Nonconformity, closed_on: date, by: Actor, note: str = "") -> Nonconformity:
    """Close without a verification of one's own, where the grade does not need one."""
    _check_move(nonconformity, "close")
    books = RuleBooks(nonconformity.organization_id)
    if nonconformity.stage != Stage.VERIFIED and asks_verification(nonconformity, books):
        raise Refused(
            _(
                "The scheme wants the corrective action of grade %(grade)s verified before %(nc)s is closed. Record "
                "the follow-up verification (step 7); an effective one closes it."
            )
            % {"grade": grade_in_words(nonconformity.current_grade, translation), "nc": nonconformity}
        )
    if asks_verdict(nonconformity, books):
        raise Refused(
            _(
                "The scheme wants the effect of the corrective action judged before %s is closed. Record the verdict "
                "(step 8); a good one closes it."
            )
            % nonconformity
        )
    check_followed_up(nonconformity, closed_on, books)
    return _close(nonconformity, "close", closed_on, "closed_on", by, note)


@transaction.atomic
def reopen(nonconformity: Nonconformity, reason: str, by: Actor) -> Nonconformity:
    """Take back a closure that was recorded by mistake, with the verification that brought it."""
    if not reason.strip():
        raise ValidationError({"reason": _("Say why the closure is taken back.")})
    _check_move(nonconformity, "reopen")
    today = clock.today(nonconformity.organization)
    nonconformity.verifications.exclude(result=NOT_EFFECTIVE).filter(struck_on=None).update(struck_on=today)
    changes = {"closed_on": None, "closure_recorded_on": None}
    moved = _move(nonconformity, "reopen", changes, today, "closed_on", by, reason)
    for written in nonconformity.steps.filter(step__in=[WorkStep.VERIFICATION, WorkStep.EFFECTIVENESS]):
        if written.submitted_on:
            give_back(written, reason, by, today)
    return moved


@transaction.atomic
def _close(nonconformity: Nonconformity, move: str, on: date, field: str, by: Actor, note: str) -> Nonconformity:
    _check_no_open_action(nonconformity)
    changes = {"closed_on": on, "closure_recorded_on": clock.today(nonconformity.organization)}
    return _move(nonconformity, move, changes, on, field, by, note)


def _open_action(nonconformity: Nonconformity) -> CorrectiveAction | None:
    return next((action for action in actions_of(nonconformity) if action.state == ActionState.OPEN), None)


def _check_no_open_action(nonconformity: Nonconformity) -> None:
    if open_one := _open_action(nonconformity):
        words = {"nc": nonconformity, "action": open_one}
        raise Refused(
            _("%(nc)s has open corrective actions; complete or cancel them before it is closed: %(action)s.") % words
        )


def _write(nonconformity: Nonconformity, step: str, content: dict[str, Any], by: Actor, state: StepState) -> None:
    """Put down what was submitted for a step, with who approved it where the door itself is the approval."""
    written = step_record(nonconformity, step)
    put_down(written, content, by, state)
    if state == StepState.APPROVED:
        approve(written, by, clock.today(nonconformity.organization))


@transaction.atomic
def _move(
    nonconformity: Nonconformity, name: str, changes: dict[str, Any], on: date, field: str, by: Actor, reason: str = ""
) -> Nonconformity:
    """Make one legal move: check it, save the fact, tell it, and recompute what depends on it."""
    check_day(nonconformity, on, field)
    move = move_named(MOVES, name)
    if act := act_of(name, move.target):
        sign(act, nonconformity, by, {**changes, "reason": reason})
    before = nonconformity.stage
    moved = Nonconformity.objects.filter(
        pk=nonconformity.pk, stage__in=move.sources, state__in=("open", "closed")
    ).update(**changes, stage=move.target, version=nonconformity.version + 1)
    nonconformity.refresh_from_db()
    if not moved:
        raise Refused(_cannot(nonconformity, name))
    after = {"stage": move.target, **{key: str(value) for key, value in changes.items() if value is not None}}
    record(by, [_event(nonconformity, name, on, after, reason, before={"stage": before})])
    follow(nonconformity, by, f"{nonconformity}: {_(name)}")
    place(nonconformity)
    return nonconformity


def _event(
    nonconformity: Nonconformity, move: str, on: date, after: dict[str, Any], reason: str, **fields: Any
) -> Entry:
    kind = "nonconformity." + move.replace(": ", "_").replace(" ", "_")
    return Entry.about(nonconformity, kind, on, after=after, reason=reason, **fields)


def possible_moves(nonconformity: Nonconformity, books: RuleBooks | None = None) -> list[str]:
    """Names of the moves that are legal now; ``books`` are the schemes' rules where many rows are asked about."""
    if nonconformity.state == "void":
        return []
    found = moves_from(MOVES, nonconformity.stage)
    rules = grade_rules_of(nonconformity, books)
    verdict = any(rule.effect_judged for rule in rules)
    if "verify: effective" in found:
        found.remove("verify: effective" if verdict else "verify: implemented")
    if "close" in found and (verdict or any(rule.verified for rule in rules)):
        found.remove("close")
    return found


def _check_move(nonconformity: Nonconformity, name: str) -> None:
    hold(nonconformity)
    if nonconformity.state == "void" or nonconformity.stage not in move_named(MOVES, name).sources:
        raise Refused(_cannot(nonconformity, name))


def _cannot(nonconformity: Nonconformity, name: str) -> str:
    stage = Stage.VOID if nonconformity.state == "void" else Stage(nonconformity.stage)
    return _("“%(move)s” is not possible for %(nc)s: %(stage)s. Possible now: %(possible)s.") % {
        "move": _(name),
        "nc": nonconformity,
        "stage": str(stage.label).lower(),
        "possible": ", ".join(map(_, possible_moves(nonconformity))) or _("nothing"),
    }


def check_day(nonconformity: Nonconformity, day: date, field: str) -> None:
    if day > clock.today(nonconformity.organization):
        raise ValidationError({field: _("This day has not come yet.")})
    _not_before(day, nonconformity.raised_on, field, _("it was raised"))


def _not_before(day: date, earliest: date | None, field: str, what: str) -> None:
    if earliest and day < earliest:
        raise ValidationError(
            {field: _("This is before the day on which %(what)s, %(day)s.") % {"what": what, "day": said(earliest)}}
        )
