"""Events as sentences, for the activity lists of pages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from accounts.templatetags.ui import day
from records.models import Event

_WORDS = {
    "certificate.registered": "Certificate registered",
    "certificate.edited": "Facts changed: %(fields)s",
    "certificate.sites": "Sites changed",
    "certificate.active": "Active from %(on)s",
    "certificate.suspended": "Suspended from %(on)s",
    "certificate.withdrawn": "Withdrawn on %(on)s",
    "certificate.expired": "Expired on %(on)s",
    "certificate.corrected": "Corrected from %(on)s: %(reason)s",
    "certificate.move_proposed": "Move proposed, waits for a confirmation",
    "certificate.move_confirmed": "Proposed move confirmed",
    "certificate.failed": "Could not be worked out: %(reason)s",
    "decision.recorded": "Decision of the body recorded: %(decision)s",
    "decision.struck": "Decision struck: %(reason)s",
    "change.reported": "Change reported: %(change)s",
    "change.told": "The body was told about: %(change)s",
    "reliance.added": "%(name)s relies on it",
    "reliance.removed": "%(name)s no longer relies on it",
    "nonconformity.raised": "Nonconformity raised",
    "nonconformity.edited": "Record changed: %(fields)s",
    "nonconformity.submit_plan": "Root cause and plan submitted",
    "nonconformity.accept_plan": "Plan accepted",
    "nonconformity.return_plan": "Plan returned: %(reason)s",
    "nonconformity.complete_action": "Corrective action done",
    "nonconformity.verify_effective": "Verified as effective, closed",
    "nonconformity.verify_not_effective": "Verified as not effective: %(reason)s",
    "nonconformity.verify_implemented": "Verified as carried out; the effect is judged later",
    "nonconformity.judge_effective": "Effect judged as good",
    "nonconformity.judge_not_effective": "Effect judged as not good enough: %(reason)s",
    "nonconformity.close": "Closed",
    "nonconformity.extension_asked": "More time asked until %(due_on)s: %(reason)s",
    "nonconformity.extension_refused": "More time refused: %(reason)s",
    "nonconformity.reassigned": "Handed over to %(owner)s",
    "step.submitted": "%(step)s submitted",
    "step.drafted": "Draft of %(step)s saved",
    "step.approved": "%(step)s approved",
    "step.returned": "%(step)s returned: %(reason)s",
    "step.assigned": "%(step)s: owner %(owner)s, due %(due_on)s",
    "step.planned": "Check of the effect planned for %(due_on)s: %(text)s",
    "action.shared": "Action of %(of)s serves it too: %(action)s",
    "action.unshared": "Action no longer serves it: %(action)s",
    "action.proved": "Proof added: %(proof)s",
    "nonconformity.reopen": "Closure taken back: %(reason)s",
    "nonconformity.extended": "Later date granted: %(due_on)s",
    "nonconformity.escalated": "Grade raised to %(grade)s",
    "nonconformity.accumulated": "Several became one of grade %(grade)s",
    "action.added": "Action added: %(action)s",
    "action.edited": "Action changed: %(fields)s",
    "action.done": "Action done: %(action)s",
    "action.cancelled": "Action cancelled: %(action)s",
    "action.open": "Action taken up again: %(action)s",
    "calendaraddress.made": "Calendar address made: %(holds)s",
    "calendaraddress.revoked": "Calendar address revoked: %(holds)s",
    "time.asked": "More time asked for “%(action)s”, until %(due_on)s: %(reason)s",
    "time.granted": "More time granted for “%(action)s”, until %(due_on)s",
    "time.refused": "More time refused for “%(action)s”",
    "work.handed_over": "Handed over to %(to)s: %(reason)s",
    "audit.planned": "Audit planned",
    "audit.confirmed": "Days confirmed by both sides",
    "audit.reported": "Report issued",
    "audit.closed": "Audit closed",
    "audit.refused": "Audit refused: %(reason)s",
    "audit.sites": "Sites of the audit changed",
    "report.written": "Report begun",
    "report.issued": "Report issued, version %(version)s",
    "reportdraft.edited": "Report text changed: %(fields)s",
    "cycle.set": "Internal audits every %(months)s months",
    "auditcycle.edited": "Cycle of internal audits changed",
    "audit.outside": "Planned all the same: %(reason)s",
    "audit.member_added": "%(name)s joined the team",
    "audit.member_removed": "%(name)s left the team",
    "audit.plan_added": "Added to the plan: %(line)s",
    "audit.plan_removed": "Taken out of the plan: %(line)s",
    "audit.questions_added": "Added to the checklist: %(questions)s",
    "audit.question_removed": "Taken from the checklist: %(question)s",
    "audit.answered": "Answered %(question)s: %(answer)s",
    "finding.recorded": "Finding recorded: %(headline)s",
    "finding.edited": "Finding changed: %(fields)s",
    "finding.struck": "Finding struck: %(reason)s",
    "finding.merged": "Finding merged into %(reason)s",
    "competence.added": "Competence recorded: %(name)s",
    "competence.edited": "Competence changed: %(fields)s",
    "competence.removed": "Competence removed: %(name)s",
    "responsibility.added": "Responsibility recorded: %(name)s",
    "responsibility.removed": "Responsibility removed: %(name)s",
    "audit.started": "Audit started",
    "audit.held": "Audit held",
    "audit.cancelled": "Audit cancelled: %(reason)s",
    "audit.edited": "Audit changed: %(fields)s",
    "audit.certificates": "Certificates of the audit changed",
    "signature.given": "Signed: %(meaning)s",
    "history.erased": "Texts of entries erased: %(reason)s",
    "historypolicy.edited": "History and signatures changed: %(fields)s",
    "evidence.added": "Uploaded: %(file)s",
    "evidence.revised": "Newer file: %(file)s",
    "evidence.edited": "Facts changed: %(fields)s",
    "evidence.linked": "Evidence attached: %(evidence)s",
    "evidence.unlinked": "Evidence taken away: %(evidence)s (%(reason)s)",
    "evidence.withdrawn": "Withdrawn: %(reason)s",
    "evidence.read": "File opened: %(file)s",
    "evidence.damaged": "Kept file found damaged: %(file)s",
}
_ICONS = {
    "suspended": "circle-pause",
    "withdrawn": "ban",
    "expired": "circle-x",
    "active": "circle-check",
    "corrected": "git-compare",
    "failed": "circle-alert",
    "edited": "pencil",
    "given": "badge-check",
    "close": "check",
    "done": "check",
    "held": "check",
    "cancelled": "circle-slash",
    "extended": "clock",
    "added": "paperclip",
    "linked": "paperclip",
    "revised": "upload",
    "read": "eye",
    "damaged": "circle-alert",
}


@dataclass(frozen=True)
class Told:
    """An event as a line: what happened, who did it, when it was written and for which day it holds."""

    words: str
    icon: str
    actor: str
    recorded_at: datetime
    effective_on: date
    rule: str


class _Blanks(dict[str, str]):
    """Names in a sentence that the event does not fill."""

    def __missing__(self, key: str) -> str:
        return "–"


def told(event: Event) -> Told:
    """The event in words; a kind without a sentence is shown by its name."""
    kind = event.kind
    sentence = _WORDS.get(kind, kind.replace(".", ": ").replace("_", " ").capitalize())
    blanks = _Blanks({name: _plain(value) for name, value in {**event.before, **event.after}.items()})
    fields = ", ".join(name.replace("_", " ").removesuffix(" on") for name in event.after)
    blanks.update(reason=event.reason or "–", on=day(event.effective_on), fields=fields)
    return Told(
        words=_(sentence) % blanks,
        icon=_ICONS.get(kind.rpartition(".")[2], "history"),
        actor=event.actor_label,
        recorded_at=event.recorded_at,
        effective_on=event.effective_on,
        rule=event.rule,
    )


def _plain(value: Any) -> str:
    """A value of an event in words; dates with their month in letters."""
    if isinstance(value, list):
        return ", ".join(_plain(part) for part in value)
    try:
        return day(date.fromisoformat(str(value)))
    except ValueError:
        return str(value)


def latest_events(subject_type: str, subject_id: int, number: int = 8) -> list[Told]:
    """The last events about one record, newest first; one query."""
    events: Iterable[Event] = Event.objects.filter(subject_type=subject_type, subject_id=subject_id).order_by(
        "-number"
    )[:number]
    return [told(event) for event in events]
