"""A nonconformity while time passes: its grade, the clocks of its steps, what is done and what is void."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from lifecycle.calendar import Duration, add
from lifecycle.facts import STEPS, Audit, Nonconformity, Step
from lifecycle.outcome import DueDate, GradeChange, NonconformityState, StepDates
from lifecycle.policy import GradeRules, PolicyBook, StepRule

DoneDates = dict[Step, date | None]


@dataclass(slots=True, eq=False)
class Finding:
    """One nonconformity, raised or derived; ``sources`` are the ones it was derived from.

    ``since`` is the day of its current grade, ``due`` holds the current date of each dated step.
    """

    id: str
    grade: str
    raised_on: date
    notified_on: date
    done: DoneDates
    since: date
    rules: GradeRules | None = None
    due: dict[Step, date] = field(default_factory=dict)
    due_rules: dict[Step, StepRule] = field(default_factory=dict)
    grades: list[GradeChange] = field(default_factory=list)
    audit: Audit | None = None
    fact: Nonconformity | None = None
    sources: tuple[Finding, ...] = ()
    used: bool = False
    void_on: date | None = None

    @property
    def blocks_decision(self) -> bool:
        """True for a grade that must be closed before the body may decide ("major")."""
        return self.rules is not None and self.rules.blocks_decision

    @property
    def clause(self) -> str | None:
        """The clause it was raised against."""
        return self.fact.clause if self.fact is not None else None

    @property
    def closed_on(self) -> date | None:
        """The day it was closed, by closure or effective verification; None when it became void before."""
        return None if self.void_on is not None else self.done_on("closure")

    def done_on(self, step: Step) -> date | None:
        """The day a step was done (section 5, steps); nothing is done any more once it is void."""
        if self.sources:
            return _all_done_on(self.sources, step)
        day, void_on = self.done[step], self.void_on
        return None if day is not None and void_on is not None and day > void_on else day

    def over_by(self, day: date) -> bool:
        """True when closed or void at the end of ``day``."""
        if self.void_on is not None and self.void_on <= day:
            return True
        closed_on = self.done_on("closure")
        return closed_on is not None and closed_on <= day

    def open_on(self, day: date) -> bool:
        """True when neither closed nor void at the end of ``day``."""
        return not self.over_by(day)

    def take_grade(self, grade: str, day: date, book: PolicyBook) -> None:
        """Give it a grade from ``day`` on and start the clocks of that grade's own steps (C9)."""
        self.grade = grade
        self.since = day
        self.grades.append(GradeChange(day, grade))
        self.rules = book.grade_rules(grade, day)
        self.due.clear()
        self.due_rules.clear()
        for rule in self.rules.steps if self.rules else ():
            self._start_clock(rule, book)

    def _start_clock(self, rule: StepRule, book: PolicyBook) -> None:
        start = max(self.since, self.notified_on) if rule.from_notification else self.since
        if start != self.since:
            later_version = book.grade_rules(self.grade, start)
            rule = next((r for r in later_version.steps if r.step == rule.step), rule) if later_version else rule
        self.due_rules[rule.step] = rule
        if isinstance(rule.due, Duration):
            self.due[rule.step] = add(start, rule.due)

    def overdue_on(self, day: date) -> bool:
        """True when a dated step has passed undone at the end of ``day``."""
        for step, due_on in self.due.items():
            if due_on < day:
                done_on = self.done_on(step)
                if done_on is None or done_on > day:
                    return True
        return False

    def failed_verification_on(self, day: date) -> bool:
        """True when a verification by ``day`` failed; an open one had none that succeeded since."""
        checks = self.fact.verifications if self.fact is not None else ()
        return any(check.date <= day and check.result == "not_effective" for check in checks)

    def state_on(self, day: date) -> NonconformityState:
        """What the answer says about it at the end of ``day``."""
        over = self.over_by(day)
        closed_on = self.closed_on if over else None
        due: dict[str, DueDate] = {step: self.due.get(step) or _undated(self.due_rules.get(step)) for step in STEPS}
        return NonconformityState(
            id=self.id,
            grade=self.grade,
            state="open" if not over else "void" if closed_on is None else "closed",
            closed_on=closed_on,
            grades=tuple(self.grades),
            due=StepDates(**due),
            sources=tuple(source.id for source in self.sources),
        )


def raise_finding(fact: Nonconformity, audit: Audit | None, raised: date) -> Finding:
    """A nonconformity as it is raised, before it has taken its grade."""
    return Finding(
        id=fact.id,
        grade=fact.grade,
        raised_on=raised,
        notified_on=fact.notified_on or raised,
        done=steps_done(fact),
        since=raised,
        audit=audit,
        fact=fact,
    )


def derive_finding(number: int, grade: str, day: date, sources: tuple[Finding, ...]) -> Finding:
    """The nonconformity that an accumulation of others makes, notified with the latest of them."""
    notified_on = max(source.notified_on for source in sources)
    return Finding(
        id=f"accumulated-{number}",
        grade=grade,
        raised_on=day,
        notified_on=max(day, notified_on),
        done={},
        since=day,
        sources=sources,
    )


def steps_done(fact: Nonconformity) -> DoneDates:
    """The day each step was done: a later step done does for the earlier ones (section 5, steps)."""
    closed = _first(fact.closed_on, *(check.date for check in fact.verifications if check.result == "effective"))
    planned = _first(closed, fact.plan_accepted_on)
    return {
        "response": _first(planned, fact.plan_submitted_on),
        "plan": planned,
        "action": _first(closed, fact.action_done_on),
        "closure": closed,
    }


def _first(*days: date | None) -> date | None:
    return min((day for day in days if day is not None), default=None)


def _all_done_on(sources: Iterable[Finding], step: Step) -> date | None:
    """The latest day on which the step was done, or became void, for all sources."""
    latest = date.min
    for source in sources:
        day = _first(source.done_on(step), source.void_on)
        if day is None:
            return None
        latest = max(latest, day)
    return latest


def _undated(rule: StepRule | None) -> DueDate:
    return "next_audit" if rule is not None and rule.due == "next_audit" else None
