"""Doors of the eight steps: write, draft, approve, return, and say whose a step is and by when."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from accounts import clock
from accounts.models import User
from certifications.actions import Refused, hold_certificates
from nonconformities.actions.rules import asks_other_eye, check_other_eye
from nonconformities.models import Nonconformity, ReturnedStep, StepRecord
from nonconformities.states import NO_STEP, STEP_AT_STAGE, WRITTEN, NonconformityState, Stage, StepState, WorkStep
from records.editing import Conflict, save_changes
from records.record import Actor, Entry, record

Content = dict[str, Any]
DONE = (StepState.SUBMITTED, StepState.APPROVED)


def place(nonconformity: Nonconformity) -> None:
    """Keep on the row which of the eight steps is next; boards and lists read it."""
    current = _current(nonconformity)
    if current != nonconformity.current_step:
        Nonconformity.objects.filter(pk=nonconformity.pk).update(current_step=current)
        nonconformity.current_step = current


def _current(nonconformity: Nonconformity) -> str:
    if nonconformity.state != NonconformityState.OPEN:
        return NO_STEP
    if nonconformity.stage != Stage.RAISED:
        return STEP_AT_STAGE[nonconformity.stage]
    done = set(nonconformity.steps.filter(state__in=DONE).values_list("step", flat=True))
    return next((step for step in WRITTEN if step not in done), WorkStep.PLAN)


def step_record(nonconformity: Nonconformity, step: str) -> StepRecord:
    """The record of a step, made when it is first needed and locked until the change is committed."""
    StepRecord.objects.get_or_create(
        organization_id=nonconformity.organization_id, nonconformity=nonconformity, step=WorkStep(step)
    )
    found: StepRecord = StepRecord.objects.select_for_update().get(nonconformity=nonconformity, step=step)
    found.nonconformity = nonconformity
    return found


@transaction.atomic
def submit_containment(
    nonconformity: Nonconformity, text: str, by: Actor, done_on: date | None = None, version: int | None = None
) -> StepRecord:
    """What was done at once about the instance itself (correction); it removes no cause."""
    if not text.strip():
        raise ValidationError({"text": _("Say what was done at once, or that nothing could be done and why.")})
    _check_past(nonconformity, done_on, "done_on")
    content = {"text": text, "done_on": done_on.isoformat() if done_on else ""}
    return _submit(nonconformity, WorkStep.CONTAINMENT, content, by, version, correction=text)


@transaction.atomic
def submit_extent(
    nonconformity: Nonconformity, elsewhere: bool, text: str, by: Actor, version: int | None = None
) -> StepRecord:
    """Where else the same may exist: other sites, products, records (ISO 9001, 10.2.1 b 3)."""
    if not text.strip():
        raise ValidationError({"text": _("Say where you looked, and what you found there.")})
    return _submit(nonconformity, WorkStep.EXTENT, {"elsewhere": elsewhere, "text": text}, by, version)


@transaction.atomic
def submit_cause(nonconformity: Nonconformity, content: Content, by: Actor, version: int | None = None) -> StepRecord:
    """The root cause in one sentence, and the way to it: whys, causes by branch, or free text.

    ``content`` has ``statement`` and may have ``further`` (more root causes), ``method``, ``problem``, ``whys``,
    ``causes`` (branch, text, root) and ``analysis``.
    """
    causes = root_causes(content)
    if not str(content.get("statement", "")).strip():
        raise ValidationError({"statement": _("Write the root cause in one sentence; the action plan must remove it.")})
    if nonconformity.stage not in (Stage.RAISED, Stage.SUBMITTED):
        raise Refused(_("The plan is accepted already; its root cause stays. Return the work at step 7 to change it."))
    return _submit(nonconformity, WorkStep.CAUSE, content, by, version, root_cause="\n".join(causes))


def root_causes(content: Content) -> list[str]:
    """The sentences that name a root cause, the statement first, each once."""
    marked = [cause["text"] for cause in content.get("causes", ()) if cause.get("root")]
    sentences = [content.get("statement", ""), *content.get("further", ()), *marked]
    return list(dict.fromkeys(text for sentence in sentences if (text := " ".join(str(sentence).split()))))


def _submit(
    nonconformity: Nonconformity, step: str, content: Content, by: Actor, version: int | None, **facts: str
) -> StepRecord:
    _check_open(nonconformity)
    written = step_record(nonconformity, step)
    if version is not None and version != written.version:
        raise Conflict(written, {"content": written.content}, {"content": content})
    waits = asks_other_eye(nonconformity)
    put_down(written, content, by, StepState.SUBMITTED if waits else StepState.APPROVED)
    if facts:
        Nonconformity.objects.filter(pk=nonconformity.pk).update(**facts, version=F("version") + 1)
        nonconformity.refresh_from_db()
    tell(nonconformity, "step.submitted", written, by, after={"text": _gist(content)})
    place(nonconformity)
    return written


def put_down(written: StepRecord, content: Content, by: Actor, state: StepState) -> None:
    """Store what was submitted for a step; its draft has served its purpose."""
    today = clock.today(written.nonconformity.organization)
    written.content, written.draft, written.draft_at = content, None, None
    written.state, written.author_id, written.author_name = state, by.user_id, by.label
    written.submitted_on = today
    written.approved_by_name, written.approved_on = "", today if state == StepState.APPROVED else None
    written.version += 1
    written.save()


@transaction.atomic
def save_draft(nonconformity: Nonconformity, step: str, content: Content, by: Actor) -> StepRecord:
    """Keep what somebody is typing; it is told once a day, because it changes nothing that others rely on."""
    _check_open(nonconformity)
    written = step_record(nonconformity, step)
    written.draft, written.draft_by_name, written.draft_at = content, by.label, clock.now()
    written.save(update_fields=["draft", "draft_by_name", "draft_at"])
    today = clock.today(nonconformity.organization)
    tell(nonconformity, "step.drafted", written, by, key=f"draft:{written.pk}:{by.user_id}:{today}")
    return written


@transaction.atomic
def approve_step(nonconformity: Nonconformity, step: str, by: Actor) -> StepRecord:
    """Another person accepts what was written for a step."""
    written = _waiting(nonconformity, step)
    check_other_eye(written, by)
    approve(written, by, clock.today(nonconformity.organization))
    tell(nonconformity, "step.approved", written, by)
    place(nonconformity)
    return written


def approve(written: StepRecord, by: Actor, on: date) -> None:
    """Store who approved a step and when."""
    written.state, written.approved_by_name, written.approved_on = StepState.APPROVED, by.label, on
    written.version += 1
    written.save(update_fields=["state", "approved_by_name", "approved_on", "version"])


def approve_waiting(nonconformity: Nonconformity, steps: Iterable[str], by: Actor, on: date) -> None:
    """What was submitted of these steps is approved together with a later one."""
    for written in nonconformity.steps.filter(step__in=list(steps), state=StepState.SUBMITTED):
        approve(written, by, on)


@transaction.atomic
def return_step(nonconformity: Nonconformity, step: str, reason: str, by: Actor) -> StepRecord:
    """Send a step back with a reason; the refused text is kept."""
    if not reason.strip():
        raise ValidationError({"reason": _("Say what is missing, so that it can be mended.")})
    written = _waiting(nonconformity, step)
    give_back(written, reason, by, clock.today(nonconformity.organization))
    tell(nonconformity, "step.returned", written, by, reason=reason)
    place(nonconformity)
    return written


def give_back(written: StepRecord, reason: str, by: Actor, on: date) -> None:
    """Keep the refused text, and open the step again with it as its draft."""
    ReturnedStep.objects.create(
        organization_id=written.organization_id,
        record=written,
        content=written.content,
        author_name=written.author_name,
        reason=reason,
        returned_by_name=by.label,
        returned_on=on,
    )
    written.state, written.submitted_on, written.approved_on = StepState.RETURNED, None, None
    written.approved_by_name = ""
    written.version += 1
    written.save()


def _waiting(nonconformity: Nonconformity, step: str) -> StepRecord:
    _check_open(nonconformity)
    if step not in WRITTEN:
        raise Refused(_("“%s” is approved and returned by its own move.") % WorkStep(step).label)
    written = step_record(nonconformity, step)
    if written.state != StepState.SUBMITTED:
        words = {"step": written.get_step_display(), "state": str(written.get_state_display()).lower()}
        raise Refused(_("“%(step)s” is %(state)s; only a step that waits is approved or returned.") % words)
    return written


@transaction.atomic
def assign_step(
    nonconformity: Nonconformity, step: str, owner: User | None, due_on: date | None, by: Actor, version: int
) -> StepRecord:
    """Say whose a step is and by when; raises ``Conflict`` when somebody else saved first."""
    _check_open(nonconformity)
    if due_on and due_on < nonconformity.raised_on:
        raise ValidationError({"due_on": _("This is before the day on which it was raised.")})
    known = nonconformity.steps.filter(step=step).exists()
    written = step_record(nonconformity, step)
    today = clock.today(nonconformity.organization)
    save_changes(written, version if known else written.version, {"owner": owner, "due_on": due_on}, by, today)
    tell(nonconformity, "step.assigned", written, by, after={"owner": str(owner or "–"), "due_on": str(due_on or "–")})
    return written


def tell(nonconformity: Nonconformity, kind: str, written: StepRecord, by: Actor, **fields: Any) -> None:
    """Write to the history of the nonconformity what happened to one of its steps."""
    today = clock.today(nonconformity.organization)
    after = {"step": str(WorkStep(written.step).label), **fields.pop("after", {})}
    record(by, [Entry.about(nonconformity, kind, today, after=after, **fields)])


def _gist(content: Content) -> str:
    return str(content.get("text") or content.get("statement") or "")[:300]


def hold(nonconformity: Nonconformity) -> None:
    """Lock it, behind its certificates, and read it anew: every door does before its steps, so none waits in a ring."""
    hold_certificates(nonconformity.certificate_links.values_list("certificate_id", flat=True))
    nonconformity.refresh_from_db(from_queryset=Nonconformity.objects.select_for_update())


def _check_open(nonconformity: Nonconformity) -> None:
    hold(nonconformity)
    if nonconformity.state != NonconformityState.OPEN:
        raise Refused(
            _("%(nc)s is %(state)s; its steps stay as they are. Take the closure back to work on it again.")
            % {"nc": nonconformity, "state": str(NonconformityState(nonconformity.state).label).lower()}
        )


def _check_past(nonconformity: Nonconformity, day: date | None, field: str) -> None:
    if day and day > clock.today(nonconformity.organization):
        raise ValidationError({field: _("This day has not come yet.")})
