"""What will happen if nothing is done, and the one action that stops or moves it.

The forecast is the engine itself, run on to a later day: there is no second place where a deadline is
worked out.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from lifecycle.answers import answer_on
from lifecycle.calendar import ONE_DAY
from lifecycle.certificate import Course
from lifecycle.evolve import Walk
from lifecycle.facts import STEPS, Facts, Step
from lifecycle.finding import Finding
from lifecycle.grounds import Ground
from lifecycle.language import ENGLISH, Language
from lifecycle.outcome import Outcome, Status, Transition
from lifecycle.policy import Policy, PolicyBook
from lifecycle.rule_words import rule_in_words, source_in_words

RemedyKind = Literal[
    "submit_root_cause_and_plan",
    "get_plan_accepted",
    "complete_action",
    "close_nonconformity",
    "hold_surveillance",
    "recertify",
    "transition_edition",
    "lift_suspension",
    "ask_body",
]
STEP_REMEDIES: dict[Step, RemedyKind] = {
    "response": "submit_root_cause_and_plan",
    "plan": "get_plan_accepted",
    "action": "complete_action",
    "closure": "close_nonconformity",
}
LOST: frozenset[Status] = frozenset({"suspended", "expired", "withdrawn"})


@dataclass(frozen=True, slots=True)
class Remedy:
    """The one action that stops or moves a loss.

    ``subject`` is the nonconformity, certificate or decision it is about; ``due_on`` the action's own
    earliest deadline (it may have passed), None when it has none.
    """

    kind: RemedyKind
    subject: str
    due_on: date | None


@dataclass(frozen=True, slots=True)
class Loss:
    """The next move by which the certificate is suspended, withdrawn or expired; ``days`` from today."""

    date: date
    days: int
    status: Status
    rule: str
    reason: str
    because: tuple[str, ...]
    remedy: Remedy


@dataclass(frozen=True, slots=True)
class Forecast:
    """All moves after ``today`` and by ``horizon`` if no fact is added.

    ``follows`` are the moves after the loss.
    """

    today: date
    horizon: date
    transitions: tuple[Transition, ...]
    loss: Loss | None
    follows: tuple[Transition, ...]


@dataclass(frozen=True, slots=True)
class Outlook:
    """Everything a certificate needs to know on one day, found in one walk."""

    outcome: Outcome
    forecast: Forecast
    next_change_on: date | None


def forecast(facts: Facts, book: PolicyBook, today: date, horizon: date) -> Forecast:
    """What happens to the certificate after ``today`` and by ``horizon`` if nothing is done."""
    walk = Walk(facts, book)
    walk.to(today)
    return _forecast(walk, today, horizon)


def look_ahead(facts: Facts, book: PolicyBook, today: date, horizon: date) -> Outlook:
    """``evolve`` for ``today``, ``next_change_on`` and ``forecast`` together, for about the price of the first."""
    walk = Walk(facts, book)
    walk.to(today)
    outcome = walk.outcome((answer_on(walk.course, today),))
    next_change = walk.next_change_on(today, outcome.deadlines)
    return Outlook(outcome, _forecast(walk, today, horizon), next_change)


def _forecast(walk: Walk, today: date, horizon: date) -> Forecast:
    """Run a walk that has reached ``today`` on to the horizon."""
    transitions = walk.course.transitions
    known = seen = len(transitions)
    loss: Loss | None = None
    while loss is None and (day := walk.next_day()) is not None and day <= horizon:
        walk.to(day)
        while loss is None and seen < len(transitions):
            loss = _loss(walk.course, transitions[seen], today)
            seen += 1
    walk.to(horizon)
    follows = transitions[seen:] if loss is not None else ()
    return Forecast(today, horizon, tuple(transitions[known:]), loss, tuple(follows))


def _loss(course: Course, transition: Transition, today: date) -> Loss | None:
    """The transition as a loss, when it is one."""
    if transition.to_status not in LOST:
        return None
    return Loss(
        date=transition.date,
        days=(transition.date - today).days,
        status=transition.to_status,
        rule=transition.rule,
        reason=transition.reason,
        because=transition.because,
        remedy=_remedy(course, transition, today),
    )


def _remedy(course: Course, transition: Transition, today: date) -> Remedy:
    """The action against a loss, by the rule that makes it."""
    rule = transition.rule
    if transition.by == "decision":
        return Remedy("ask_body", transition.because[0], None)
    if rule.startswith("nc."):
        return _step_remedy(course, transition.because[0], today)
    if rule.startswith("surveillance."):
        return Remedy("hold_surveillance", course.number, _audit_due_on(course, transition))
    if rule == "suspension":
        return _suspension_remedy(course, transition, today)
    if rule == "edition.end":
        return Remedy("transition_edition", course.number, course.edition_end_on)
    due_on = course.effective_expires_on if rule == "cycle" else transition.date - ONE_DAY
    return Remedy("recertify", course.number, due_on)


def _audit_due_on(course: Course, transition: Transition) -> date | None:
    """The due date of the missed audit behind a transition."""
    due_dates = (
        deadline.due_on
        for deadline in course.audit_deadlines
        if deadline.rule == transition.rule and deadline.effect_on == transition.date
    )
    return min(due_dates, default=None)


def _suspension_remedy(course: Course, transition: Transition, today: date) -> Remedy:
    """What resolves the first open ground; a suspension without grounds is the body's to lift."""
    limit_on = transition.date - ONE_DAY
    open_grounds = course.unresolved(limit_on, transition.date)
    if not open_grounds:
        return Remedy("lift_suspension", course.number, limit_on)
    ground = open_grounds[0]
    if ground.on_nonconformities:
        return _named_remedy(course, ground, limit_on, today)
    kind: RemedyKind = "hold_surveillance" if ground.kind == "audit" else "transition_edition"
    return Remedy(kind, course.number, limit_on)


def _named_remedy(course: Course, ground: Ground, limit_on: date, today: date) -> Remedy:
    """The next step of the first open nonconformity behind a ground; the body may name one not yet raised."""
    named = ground.because or ground.ids
    open_ids = [f.id for f in course.findings if f.id in named and f.open_on(limit_on)]
    if not open_ids:
        return Remedy("ask_body", ground.ids[0], limit_on)
    step = _step_remedy(course, open_ids[0], today)
    return Remedy(step.kind, step.subject, limit_on)


def _step_remedy(course: Course, finding_id: str, today: date) -> Remedy:
    """The earliest step of a nonconformity that is not done by ``today``."""
    finding = next(finding for finding in course.findings if finding.id == finding_id)
    subject = _open_source(finding, today)
    undone: list[Step] = [step for step in STEPS if not _done(subject, step, today)]
    step = undone[0] if undone else "closure"
    return Remedy(STEP_REMEDIES[step], subject.id, _earliest_due_on(finding, step))


def _open_source(finding: Finding, today: date) -> Finding:
    """The nonconformity to work on: of a derived one, its first source that is still open."""
    return next((source for source in finding.sources if source.open_on(today)), finding)


def _done(finding: Finding, step: Step, today: date) -> bool:
    done_on = finding.done_on(step)
    return done_on is not None and done_on <= today


def _earliest_due_on(finding: Finding, step: Step) -> date | None:
    """The date of this step, or of the first later step that has one."""
    later = STEPS[STEPS.index(step) :]
    return next((finding.due[name] for name in later if name in finding.due), None)


def explain_rule(policy: Policy, rule_id: str, language: Language = ENGLISH) -> str:
    """A rule in plain words with its clause, marked for checking when no source was read for it."""
    words = rule_in_words(policy, rule_id, language)
    source = source_in_words(policy, rule_id, language)
    sentence = words[:1].upper() + words[1:]
    return f"{sentence} ({source})." if source else f"{sentence}."
