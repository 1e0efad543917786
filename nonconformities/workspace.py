"""The eight steps of one nonconformity as its page, its paper and the API show them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.templatetags.ui import day, distance
from charts import Cause, Fishbone, fishbone
from nonconformities.actions.steps import root_causes
from nonconformities.models import Nonconformity, ReturnedStep, StepRecord
from nonconformities.states import NO_STEP, Stage, StepState, WorkStep

ORDER = list(WorkStep)
BRANCHES = (
    ("people", gettext_lazy("People")),
    ("process", gettext_lazy("Process")),
    ("technology", gettext_lazy("Technology")),
    ("measurement", gettext_lazy("Measurement")),
    ("environment", gettext_lazy("Environment")),
    ("management", gettext_lazy("Management")),
)
DUE_OF = {
    WorkStep.CAUSE: ("response", "plan"),
    WorkStep.PLAN: ("response", "plan"),
    WorkStep.EVIDENCE: ("action", "closure"),
    WorkStep.VERIFICATION: ("closure",),
}


@dataclass(frozen=True)
class StepView:
    """One step: what was written, where it stands, whose it is and by when.

    ``draft`` is what was typed since; ``returned`` holds what was refused, the latest first.
    """

    step: WorkStep
    state: str
    note: str
    current: bool
    url: str
    owner: str
    due_on: date | None
    content: Mapping[str, Any]
    record: StepRecord | None = None
    returned: Sequence[ReturnedStep] = field(default_factory=tuple)

    @property
    def number(self) -> int:
        """Its place among the eight, from 1."""
        return ORDER.index(self.step) + 1

    @property
    def name(self) -> str:
        """Its name."""
        return str(self.step.label)

    @property
    def done(self) -> bool:
        """Whether nothing is left to do in it."""
        return self.state == StepState.APPROVED

    @property
    def waits(self) -> bool:
        """Whether somebody has to approve it."""
        return self.state == StepState.SUBMITTED

    @property
    def typed(self) -> Mapping[str, Any]:
        """What its form starts with."""
        draft = self.record.draft if self.record else None
        return draft if draft is not None else self.content


def steps_of(row: Nonconformity, shown: str, today: date, base: str) -> list[StepView]:
    """The eight steps, two queries; those recorded before the steps existed follow from the dates of the row."""
    records = {record.step: record for record in row.steps.select_related("owner").order_by("pk")}
    refused: dict[int, list[ReturnedStep]] = {}
    for returned in ReturnedStep.objects.filter(record__nonconformity=row):
        refused.setdefault(returned.record_id, []).append(returned)
    return [_view(row, step, records.get(step), refused, shown, today, base) for step in ORDER]


def _view(
    row: Nonconformity,
    step: WorkStep,
    record: StepRecord | None,
    refused: Mapping[int, Sequence[ReturnedStep]],
    shown: str,
    today: date,
    base: str,
) -> StepView:
    state = _state(row, step, record)
    due_on = (record.due_on if record else None) or _due(row, step, record)
    owner = str((record.owner if record and record.owner else None) or row.owner or row.owner_name)
    return StepView(
        step=step,
        state=state,
        note=_note(row, step, state, record, due_on, today),
        current=step == shown,
        url=f"{base}{step}/",
        owner=owner,
        due_on=due_on,
        content=(record.content if record else None) or _known(row, step),
        record=record,
        returned=refused.get(record.pk, ()) if record else (),
    )


REACHED = {
    WorkStep.CAUSE: "plan_submitted_on",
    WorkStep.PLAN: "plan_accepted_on",
    WorkStep.EVIDENCE: "action_done_on",
    WorkStep.VERIFICATION: "closed_on",
}


def _state(row: Nonconformity, step: WorkStep, record: StepRecord | None) -> str:
    if step == WorkStep.RECORD:
        return StepState.APPROVED
    if record and (record.state != StepState.OPEN or step == WorkStep.EFFECTIVENESS):
        return record.state
    if step == WorkStep.CONTAINMENT:
        return StepState.APPROVED if row.correction else StepState.OPEN
    reached = getattr(row, REACHED.get(step, "")) if step in REACHED else None
    if step == WorkStep.PLAN and not reached and row.plan_submitted_on:
        return StepState.SUBMITTED
    return StepState.APPROVED if reached else StepState.OPEN


def _due(row: Nonconformity, step: WorkStep, record: StepRecord | None) -> date | None:
    """The day that the rules give a step; for the effect, the day planned for its check."""
    if step == WorkStep.EFFECTIVENESS:
        planned = record.content.get("check_on") if record else None
        return date.fromisoformat(planned) if planned else None
    for name in DUE_OF.get(step, ()):
        days = [due.get(name) for due in row.due.values()]
        dated = [text for text in days if text and text != "next_audit"]
        if dated:
            return date.fromisoformat(min(dated))
    return None


def _known(row: Nonconformity, step: WorkStep) -> dict[str, Any]:
    """What the row itself says of a step that was never written."""
    if step == WorkStep.CONTAINMENT:
        return {"text": row.correction} if row.correction else {}
    if step == WorkStep.CAUSE and row.root_cause:
        first, *further = row.root_cause.split("\n")
        return {"method": "text", "statement": first, "further": further}
    return {}


def _note(
    row: Nonconformity, step: WorkStep, state: str, record: StepRecord | None, due_on: date | None, today: date
) -> str:
    """What is known about a step, in a few words."""
    if step == WorkStep.RECORD:
        return _("Raised %s") % day(row.raised_on)
    on = (record.approved_on or record.submitted_on) if record else getattr(row, REACHED.get(step, "raised_on"))
    if state == StepState.APPROVED:
        return _("Done %s") % day(on) if on else _("Done")
    if state == StepState.SUBMITTED:
        return _("Waits for approval")
    if state == StepState.RETURNED:
        return _("Returned, to be mended")
    if step == WorkStep.EFFECTIVENESS and due_on:
        return _("Check on %s") % day(due_on)
    if due_on and row.state == "open":
        return _("Due %(day)s · %(distance)s") % {"day": day(due_on), "distance": distance(due_on, today)}
    return _("Not started") if row.state == "open" else _("Not written")


def shown_step(row: Nonconformity) -> str:
    """The step that its page opens with."""
    if row.current_step == NO_STEP:
        return WorkStep.EFFECTIVENESS if row.stage == Stage.CLOSED else WorkStep.RECORD
    return row.current_step


def picture_of(content: Mapping[str, Any], effect: str) -> Fishbone | None:
    """The cause-and-effect picture of what was written; None without causes."""
    names = dict(BRANCHES)
    causes = [
        Cause(str(names.get(cause["branch"], cause["branch"])), cause["text"], bool(cause.get("root")))
        for cause in content.get("causes", ())
        if cause.get("text", "").strip()
    ]
    return fishbone(content.get("problem") or effect, causes) if causes else None


def causes_counted(content: Mapping[str, Any]) -> str:
    """How many causes were found, and how many are roots."""
    causes = [cause for cause in content.get("causes", ()) if cause.get("text", "").strip()]
    roots = sum(bool(cause.get("root")) for cause in causes)
    found = ngettext("%d cause", "%d causes", len(causes)) % len(causes)
    marked = ngettext("%(found)s, %(roots)d marked as root", "%(found)s, %(roots)d marked as roots", roots)
    return marked % {"found": found, "roots": roots}


def causes_of(views: Sequence[StepView]) -> list[str]:
    """The root causes that the plan must remove."""
    cause = next(view for view in views if view.step == WorkStep.CAUSE)
    return root_causes(dict(cause.content))
