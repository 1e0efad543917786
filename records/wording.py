"""Events as sentences, for the history and the activity lists of pages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from accounts.templatetags.ui import day
from records.models import ActorKind, Event
from records.terms import Terms

LEARNED_LATER = gettext_noop("A fact recorded later changes what was known")

_WORDS = {
    "certificate.registered": gettext_noop("Certificate registered"),
    "certificate.edited": gettext_noop("Facts changed: %(fields)s"),
    "certificate.sites": gettext_noop("Sites changed"),
    "certificate.active": gettext_noop("Active from %(on)s"),
    "certificate.suspended": gettext_noop("Suspended from %(on)s"),
    "certificate.withdrawn": gettext_noop("Withdrawn on %(on)s"),
    "certificate.expired": gettext_noop("Expired on %(on)s"),
    "certificate.corrected": gettext_noop("Corrected from %(on)s: %(reason)s"),
    "certificate.move_proposed": gettext_noop("Move proposed, waits for a confirmation"),
    "certificate.move_confirmed": gettext_noop("Proposed move confirmed"),
    "certificate.failed": gettext_noop("Could not be worked out: %(reason)s"),
    "decision.recorded": gettext_noop("Decision of the body recorded: %(decision)s"),
    "decision.struck": gettext_noop("Decision struck: %(reason)s"),
    "change.reported": gettext_noop("Change reported: %(change)s"),
    "change.told": gettext_noop("The body was told about: %(change)s"),
    "reliance.added": gettext_noop("%(name)s relies on it"),
    "reliance.removed": gettext_noop("%(name)s no longer relies on it"),
    "nonconformity.raised": gettext_noop("Nonconformity raised"),
    "nonconformity.edited": gettext_noop("Record changed: %(fields)s"),
    "nonconformity.submit_plan": gettext_noop("Root cause and plan submitted"),
    "nonconformity.accept_plan": gettext_noop("Plan accepted"),
    "nonconformity.return_plan": gettext_noop("Plan returned: %(reason)s"),
    "nonconformity.complete_action": gettext_noop("Corrective action done"),
    "nonconformity.verify_effective": gettext_noop("Verified as effective, closed"),
    "nonconformity.verify_not_effective": gettext_noop("Verified as not effective: %(reason)s"),
    "nonconformity.verify_implemented": gettext_noop("Verified as carried out; the effect is judged later"),
    "nonconformity.judge_effective": gettext_noop("Effect judged as good"),
    "nonconformity.judge_not_effective": gettext_noop("Effect judged as not good enough: %(reason)s"),
    "nonconformity.close": gettext_noop("Nonconformity closed"),
    "nonconformity.extension_asked": gettext_noop("More time asked until %(due_on)s: %(reason)s"),
    "nonconformity.extension_refused": gettext_noop("More time refused: %(reason)s"),
    "nonconformity.reassigned": gettext_noop("Handed over to %(owner)s"),
    "step.submitted": gettext_noop("%(step)s submitted"),
    "step.drafted": gettext_noop("Draft of %(step)s saved"),
    "step.approved": gettext_noop("%(step)s approved"),
    "step.returned": gettext_noop("%(step)s returned: %(reason)s"),
    "step.assigned": gettext_noop("%(step)s: owner %(owner)s, due %(due_on)s"),
    "step.planned": gettext_noop("Check of the effect planned for %(due_on)s: %(text)s"),
    "action.shared": gettext_noop("Action of %(of)s serves it too: %(action)s"),
    "action.unshared": gettext_noop("Action no longer serves it: %(action)s"),
    "action.proved": gettext_noop("Proof added: %(proof)s"),
    "nonconformity.reopen": gettext_noop("Closure taken back: %(reason)s"),
    "nonconformity.extended": gettext_noop("Later date granted: %(due_on)s"),
    "nonconformity.escalated": gettext_noop("Grade raised to %(grade)s"),
    "nonconformity.accumulated": gettext_noop("Several became one of grade %(grade)s"),
    "action.added": gettext_noop("Action added: %(action)s"),
    "correctiveaction.edited": gettext_noop("Action changed: %(fields)s"),
    "action.done": gettext_noop("Action done: %(action)s"),
    "action.cancelled": gettext_noop("Action cancelled: %(action)s"),
    "action.open": gettext_noop("Action taken up again: %(action)s"),
    "calendaraddress.made": gettext_noop("Calendar address made: %(holds)s"),
    "calendaraddress.revoked": gettext_noop("Calendar address revoked: %(holds)s"),
    "time.asked": gettext_noop("More time asked for “%(action)s”, until %(due_on)s: %(reason)s"),
    "time.granted": gettext_noop("More time granted for “%(action)s”, until %(due_on)s"),
    "time.refused": gettext_noop("More time refused for “%(action)s”"),
    "work.handed_over": gettext_noop("Handed over to %(to)s: %(reason)s"),
    "audit.planned": gettext_noop("Audit planned"),
    "audit.confirmed": gettext_noop("Days confirmed by both sides"),
    "audit.reported": gettext_noop("Report issued"),
    "audit.closed": gettext_noop("Audit closed"),
    "audit.refused": gettext_noop("Audit refused: %(reason)s"),
    "audit.sites": gettext_noop("Sites of the audit changed"),
    "report.written": gettext_noop("Report begun"),
    "report.issued": gettext_noop("Report issued, version %(version)s"),
    "reportdraft.edited": gettext_noop("Report text changed: %(fields)s"),
    "cycle.set": gettext_noop("Months between internal audits: %(months)s"),
    "auditcycle.edited": gettext_noop("Cycle of internal audits changed"),
    "audit.outside": gettext_noop("Planned all the same: %(reason)s"),
    "audit.member_added": gettext_noop("%(name)s joined the team"),
    "audit.member_removed": gettext_noop("%(name)s left the team"),
    "audit.plan_added": gettext_noop("Added to the plan: %(line)s"),
    "audit.plan_removed": gettext_noop("Taken out of the plan: %(line)s"),
    "audit.questions_added": gettext_noop("Added to the checklist: %(questions)s"),
    "audit.question_removed": gettext_noop("Taken from the checklist: %(question)s"),
    "audit.answered": gettext_noop("Answered %(question)s: %(answer)s"),
    "finding.recorded": gettext_noop("Finding recorded: %(headline)s"),
    "finding.edited": gettext_noop("Finding changed: %(fields)s"),
    "finding.struck": gettext_noop("Finding struck: %(reason)s"),
    "finding.merged": gettext_noop("Finding merged into %(reason)s"),
    "competence.added": gettext_noop("Competence recorded: %(name)s"),
    "competence.edited": gettext_noop("Competence changed: %(fields)s"),
    "competence.removed": gettext_noop("Competence removed: %(name)s"),
    "responsibility.added": gettext_noop("Responsibility recorded: %(name)s"),
    "responsibility.removed": gettext_noop("Responsibility removed: %(name)s"),
    "audit.started": gettext_noop("Audit started"),
    "audit.held": gettext_noop("Audit held"),
    "audit.cancelled": gettext_noop("Audit cancelled: %(reason)s"),
    "audit.edited": gettext_noop("Audit changed: %(fields)s"),
    "audit.certificates": gettext_noop("Certificates of the audit changed"),
    "signature.given": gettext_noop("Signed: %(meaning)s"),
    "history.erased": gettext_noop("Texts of entries erased: %(reason)s"),
    "historypolicy.edited": gettext_noop("History and signatures changed: %(fields)s"),
    "evidence.added": gettext_noop("Uploaded: %(file)s"),
    "evidence.revised": gettext_noop("Newer file: %(file)s"),
    "evidence.edited": gettext_noop("Facts changed: %(fields)s"),
    "evidence.linked": gettext_noop("Evidence attached: %(evidence)s"),
    "evidence.unlinked": gettext_noop("Evidence taken away: %(evidence)s (%(reason)s)"),
    "evidence.withdrawn": gettext_noop("Withdrawn: %(reason)s"),
    "evidence.read": gettext_noop("File opened: %(file)s"),
    "evidence.damaged": gettext_noop("Kept file found damaged: %(file)s"),
    "notice.appeal_filed": gettext_noop("Appeal filed"),
    "notice.incident": gettext_noop("Serious incident"),
    "notice.transfer_requested": gettext_noop("Transfer requested"),
    "notice.accreditation_lost": gettext_noop("Accreditation of the body lost"),
    "nonconformity.failed": gettext_noop("Could not be worked out: %(reason)s"),
    "steprecord.edited": gettext_noop("Step changed: %(fields)s"),
    "planentry.edited": gettext_noop("Line of the plan changed: %(fields)s"),
    "scheme.copied": gettext_noop("Rules copied from %(scheme)s"),
    "scheme.edited": gettext_noop("Rules changed: %(fields)s"),
    "scheme.published": gettext_noop("New version of the rules, from %(on)s"),
    "certificationbody.added": gettext_noop("Certification body added"),
    "certificationbody.edited": gettext_noop("Certification body changed: %(fields)s"),
    "standard.added": gettext_noop("Standard added"),
    "edition.added": gettext_noop("Edition added"),
    "edition.end_recorded": gettext_noop("End of the edition recorded: %(ends_on)s"),
    "site.added": gettext_noop("Site added"),
    "site.edited": gettext_noop("Site changed: %(fields)s"),
    "organization.edited": gettext_noop("Settings of the organization changed: %(fields)s"),
    "organization.second_factor": gettext_noop("Second factor for everybody: %(required)s"),
    "organization.sign_on": gettext_noop("Single sign-on set up: %(name)s"),
    "organization.sign_on_removed": gettext_noop("Single sign-on removed"),
    "invitation.sent": gettext_noop("Invitation sent to %(to)s, role: %(role)s"),
    "invitation.sent_again": gettext_noop("Invitation sent again to %(to)s"),
    "invitation.withdrawn": gettext_noop("Invitation of %(to)s withdrawn"),
    "member.added": gettext_noop("Added to the organization, role: %(role)s"),
    "member.removed": gettext_noop("Removed from the organization"),
    "member.role": gettext_noop("New role: %(role)s"),
    "member.limits": gettext_noop("Limits of what is shown changed"),
    "member.password_link": gettext_noop("Link for a new password made"),
    "key.issued": gettext_noop("API key made: %(name)s"),
    "key.revoked": gettext_noop("API key revoked: %(name)s"),
    "webhook.added": gettext_noop("Webhook added"),
    "webhook.edited": gettext_noop("Webhook changed: %(fields)s"),
    "webhook.removed": gettext_noop("Webhook removed"),
    "webhook.started": gettext_noop("Webhook started"),
    "webhook.paused": gettext_noop("Webhook stopped"),
    "webhook.stopped": gettext_noop("Webhook stopped after failures"),
    "webhook.pinged": gettext_noop("Test of the webhook sent"),
    "webhook.secret_renewed": gettext_noop("New secret of the webhook made"),
    "webhook.sent_again": gettext_noop("Webhook told once more: %(delivery)s"),
    "alertrule.added": gettext_noop("Reminder rule added: %(rule)s"),
    "alertrule.edited": gettext_noop("Reminder rule changed: %(fields)s"),
    "alertrule.removed": gettext_noop("Reminder rule removed: %(rule)s"),
    "alertrule.tested": gettext_noop("Reminder rule tried out: %(rule)s"),
    "message.sent_again": gettext_noop("Message sent again"),
    "view.kept": gettext_noop("View of a list kept"),
    "view.removed": gettext_noop("View of a list removed"),
    "import.done": gettext_noop("Import done: %(reason)s"),
    "import.taken_back": gettext_noop("Import taken back: %(reason)s"),
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
    kind, terms = event.kind, Terms(event.kind, event.subject_type)
    sentence = _WORDS.get(kind, kind.replace(".", ": ").replace("_", " ").capitalize())
    blanks = _Blanks({name: terms.value(name, value) for name, value in {**event.before, **event.after}.items()})
    fields = ", ".join(terms.name(name) for name in event.after)
    blanks.update(reason=reason_of(event) or "–", on=day(event.effective_on), fields=fields)
    return Told(
        words=_(sentence) % blanks,
        icon=_ICONS.get(kind.rpartition(".")[2], "history"),
        actor=who_of(event),
        recorded_at=event.recorded_at,
        effective_on=event.effective_on,
        rule=event.rule,
    )


def who_of(event: Event) -> str:
    """Who did it; the rules and a job by the word of the product."""
    return _(event.actor_label) if event.actor_label and event.actor_id is None else event.actor_label


def reason_of(event: Event) -> str:
    """The reason as a person wrote it; one that the product gave itself in the reader's language."""
    if event.reason and event.after.get("reason") == event.reason:
        return Terms(event.kind, event.subject_type).value("reason", event.reason)
    own = event.actor_kind == ActorKind.RULE or event.reason == LEARNED_LATER
    return _(event.reason) if own and event.reason else event.reason


def latest_events(subject_type: str, subject_id: int, number: int = 8) -> list[Told]:
    """The last events about one record, newest first; one query."""
    events: Iterable[Event] = Event.objects.filter(subject_type=subject_type, subject_id=subject_id).order_by(
        "-number"
    )[:number]
    return [told(event) for event in events]
