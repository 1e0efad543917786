"""The engine: facts in, dated transitions, deadlines and answers out.

It jumps from one day on which something can happen to the next and runs each day in the order of
convention C6: effects of passed deadlines first, then the facts of the day.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from operator import attrgetter

from lifecycle.answers import answer_on
from lifecycle.calendar import day_after
from lifecycle.certificate import Course
from lifecycle.deadlines import certificates_of, deadlines_on
from lifecycle.effects import apply_effects, next_effect_on
from lifecycle.facts import Facts
from lifecycle.happenings import ACCUMULATION, after_grading, begin, happenings, in_force_since_ever
from lifecycle.known import known_facts
from lifecycle.outcome import Answer, Deadline, Outcome
from lifecycle.policy import PolicyBook


def evolve(facts: Facts, book: PolicyBook, dates: Sequence[date]) -> Outcome:
    """What happens to one certificate by the last of ``dates``, and how it stands on each of them.

    At least one date is asked, all are civil dates; every number comes from the version of ``book`` in force
    when its clock started.
    """
    asked = sorted(set(dates))
    walk = Walk(facts, book)
    answers: list[Answer] = []
    for day in asked:
        walk.to(day)
        answers.append(answer_on(walk.course, day))
    return walk.outcome(tuple(answers))


def next_change_on(facts: Facts, book: PolicyBook, after: date) -> date | None:
    """The next day after ``after`` to look at again; nothing changes before it if no fact is added.

    None when nothing will ever change. Facts that are already recorded for a later day count as well.
    """
    walk = Walk(facts, book)
    walk.to(after)
    return walk.next_change_on(after, deadlines_on(walk.course, after))


class Walk:
    """A course on its way through time, with the facts that still lie ahead."""

    def __init__(self, facts: Facts, book: PolicyBook) -> None:
        facts = known_facts(facts)
        self.course = Course(facts, book)
        self.ahead = happenings(self.course, facts)
        self.position = 0
        self.reached = date.min
        if in_force_since_ever(facts.certificate):
            begin(self.course, None)

    def to(self, day: date) -> None:
        """Run every day on which something happens, up to the end of ``day``."""
        while (following := self.next_day()) is not None and following <= day:
            self._run(following)

    def outcome(self, answers: tuple[Answer, ...]) -> Outcome:
        """The whole answer as at the end of the last answered day, which is the day reached."""
        course, day = self.course, answers[-1].date
        return Outcome(
            answers=answers,
            transitions=tuple(course.transitions),
            cycles=tuple(course.cycles),
            certificates=certificates_of(course),
            nonconformities=tuple(finding.state_on(day) for finding in course.findings),
            deadlines=deadlines_on(course, day),
            violations=tuple(sorted(course.violations, key=attrgetter("date", "subject", "code"))),
        )

    def next_day(self) -> date | None:
        """The next day on which a deadline has an effect or a fact is dated."""
        effect_on = next_effect_on(self.course)
        if effect_on is not None and effect_on <= self.reached:
            effect_on = day_after(self.reached)
        if self.position == len(self.ahead):
            return effect_on
        fact_on = self.ahead[self.position][0]
        return fact_on if effect_on is None or fact_on < effect_on else effect_on

    def _run(self, day: date) -> None:
        """One day in the order of C6."""
        course, ahead = self.course, self.ahead
        self.reached = day
        apply_effects(course, day)
        while self.position < len(ahead) and ahead[self.position][0] == day and ahead[self.position][1] < ACCUMULATION:
            self._happen()
        if course.graded_today:
            after_grading(course, day)
        while self.position < len(ahead) and ahead[self.position][0] == day:
            self._happen()

    def _happen(self) -> None:
        _, _, _, handler, record = self.ahead[self.position]
        self.position += 1
        handler(self.course, record)

    def next_change_on(self, after: date, deadlines: Iterable[Deadline]) -> date | None:
        """The next day of ``next_day``, of a step done, or on which a deadline turns out missed or void."""
        course = self.course
        days = [self.next_day()]
        days += [day_after(deadline.due_on) for deadline in deadlines if _may_turn(deadline)]
        days += [deadline.effect_on for deadline in course.audit_deadlines]
        days += [done for finding in course.findings for done in finding.done.values()]
        return min((day for day in days if day is not None and day > after), default=None)


def _may_turn(deadline: Deadline) -> bool:
    """An open deadline may be missed; the end of a stage 2 limit counts even when no deadline is left."""
    return deadline.state == "open" or (deadline.state == "void" and deadline.kind == "stage2_verification")
