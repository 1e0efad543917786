"""One certificate as its page shows it: where it stands, what comes, why, and what would be if plans hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from accounts.templatetags.ui import day, distance
from certifications.actions.judgement import Judgement, judge_facts
from certifications.facts import books_for, facts_for, with_relations
from certifications.models import Certificate, SchemeVersion
from certifications.queries import Reference, references
from certifications.scenarios import if_plans_hold
from certifications.timeline import Loss, Turn, loss_of, turns_of_transitions
from certifications.words import CONSEQUENCES, reason_words
from lifecycle import facts as known
from lifecycle.evolve import evolve
from lifecycle.language import duration_in_words
from lifecycle.outcome import Answer, Deadline, Outcome
from lifecycle.policy import Policy, PolicyBook
from lifecycle.rule_words import grade_in_words, rule_in_words, source_in_words

AHEAD = timedelta(days=366 * 4)


@dataclass(frozen=True)
class Insight:
    """What the engine says about one certificate today; ``after`` is the state at the end of what is looked at."""

    row: Certificate
    today: date
    facts: known.Facts
    book: PolicyBook
    outcome: Outcome
    ahead: Outcome
    planned: Outcome
    booked: Sequence[known.Audit]
    loss: Loss | None
    references: dict[str, Reference]

    @property
    def now(self) -> Answer:
        """The certificate as at the end of today."""
        return self.outcome.answers[0]

    @property
    def policy(self) -> Policy:
        """The version of the scheme that holds today."""
        return self.book.at(self.today)

    @property
    def next_audit_on(self) -> date | None:
        """The next audit that is booked or that the rules require."""
        booked = [audit.ended_on for audit in self.booked if audit.ended_on and audit.ended_on > self.today]
        required = [d.due_on for d in self.outcome.deadlines if "surveillance" in d.kind and d.state == "open"]
        return min([*booked, *required], default=None)

    def blocks(self, grade: str) -> bool:
        """Whether an open nonconformity of this grade keeps the body from deciding."""
        return self.policy.grades.get(grade, False)

    def turns(self, plan: bool) -> list[Turn]:
        """Status by status, past and coming, in one of the two scenarios."""
        outcome = self.planned if plan else self.ahead
        return turns_of_transitions(self.row, outcome.transitions, self.now.status)

    def changes(self, plan: bool) -> list[Turn]:
        """The moves that still lie ahead in a scenario."""
        return [turn for turn in self.turns(plan) if turn.on > self.today]

    def reference(self, name: str) -> Reference:
        """The record with this id."""
        return self.references.get(name) or Reference(name, "")


def bring_up_to_date(rows: Sequence[Certificate], today: date) -> None:
    """Judge again, without saving, the rows on which something is due that no sweep has recorded yet.

    What a page says is then what the sweep will record.
    """
    stale = {row.pk: row for row in rows if row.next_due_on is not None and row.next_due_on <= today}
    if not stale:
        return
    whole = list(with_relations(Certificate.objects.filter(pk__in=stale)))
    facts = facts_for(whole)
    books = books_for(row.scheme for row in whole)
    for row in whole:
        take_over(stale[row.pk], judge_facts(row, facts[row.pk], books[row.scheme_id], today))


def take_over(row: Certificate, judgement: Judgement) -> None:
    """Give the row, without saving it, the values that a sweep today would store."""
    for name, value in judgement.values.items():
        setattr(row, name, value)


def insight(row: Certificate, today: date, planned: Sequence[known.Audit]) -> Insight:
    """Ask the engine about a certificate (loaded with its relations); ``planned`` are audits that are booked."""
    facts = facts_for([row])[row.pk]
    book = books_for([row.scheme])[row.scheme_id]
    take_over(row, judge_facts(row, facts, book, today))
    horizon = max(today, row.current_expires_on or today) + AHEAD
    outcome = evolve(facts, book, [today])
    plans = if_plans_hold(facts, outcome.answers[0], outcome, planned, today)
    ahead = evolve(facts, book, [horizon])
    loss = loss_of(row)
    named = {deadline.subject for deadline in outcome.deadlines} | {nc.id for nc in outcome.nonconformities}
    named |= {cycle.because for cycle in outcome.cycles}
    named |= set(loss.because if loss else ()) | {loss.subject if loss else ""}
    return Insight(
        row=row,
        today=today,
        facts=facts,
        book=book,
        outcome=outcome,
        ahead=ahead,
        planned=evolve(plans, book, [horizon]),
        booked=planned,
        loss=loss,
        references=references({name for name in named if name and ":" in name}),
    )


@dataclass(frozen=True)
class Step:
    """One of the dates in the forecast strip."""

    tag: str
    word: str
    headline: str
    text: str


WORDS = {
    "suspended": gettext_noop("Suspended on"),
    "withdrawn": gettext_noop("Withdrawn on"),
    "expired": gettext_noop("Expires on"),
    "active": gettext_noop("Active again on"),
}


def strip(seen: Insight, plan: bool) -> list[Step]:
    """The next moves of a scenario with their dates, then what regaining takes; calm when nothing comes."""
    steps = [_step(turn, seen.today) for turn in seen.changes(plan) if turn.status != "none"][:2]
    if not steps:
        return [_calm(seen)]
    if any(turn.status in {"withdrawn", "expired"} for turn in seen.changes(plan)[:2]):
        steps.append(_regain(seen))
    return steps


def _step(turn: Turn, today: date) -> Step:
    text = distance(turn.on, today)
    if turn.status in CONSEQUENCES:
        text = f"{text} · {_(CONSEQUENCES[turn.status])}"
    return Step(turn.status, _(WORDS[turn.status]), day(turn.on), text)


def _calm(seen: Insight) -> Step:
    now = seen.now
    if now.status == "withdrawn":
        text = _("a new certification is possible from %s") % day(now.reapply_from or seen.today)
        return Step("regain", _("To regain"), _("Stage 1 + Stage 2"), text)
    if now.status == "expired" and now.restorable_until:
        text = _("%s · then at least a new stage 2 audit") % distance(now.restorable_until, seen.today)
        return Step("due", _("Can be restored until"), day(now.restorable_until), text)
    if now.status == "expired":
        return Step("regain", _("To regain"), _("Stage 1 + Stage 2"), _("the time to restore it is over"))
    return Step(now.status, _("Now"), _("No change comes"), _("nothing moves this certificate in the years ahead"))


def _regain(seen: Insight) -> Step:
    limit = seen.policy.restoration_limit
    if seen.changes(plan=False)[0].status == "expired" and limit is not None:
        text = _("or restored within %s of the expiry, if all outstanding work is done") % duration_in_words(
            limit, translation
        )
    else:
        wait = seen.policy.reapplication_wait
        again = _("full application again, possible after %s")
        text = again % duration_in_words(wait, translation) if wait and wait.count else _("full application again")
    return Step("regain", _("To regain"), _("Stage 1 + Stage 2"), text)


@dataclass(frozen=True)
class Why:
    """The reason of the next loss: a sentence, the rule in words, its source, and the records behind it."""

    sentence: str
    first: Reference | None
    rule: str
    source: str
    rule_id: str
    version: int | None
    records: tuple[Reference, ...]


def why(seen: Insight) -> Why | None:
    """Why the next loss comes; None when none does."""
    loss = seen.loss
    if loss is None:
        return None
    records = tuple(seen.reference(name) for name in loss.because if ":" in name)
    first = records[0] if records and records[0].raised_on else None
    began = first.raised_on if first and first.raised_on else seen.today
    policy, version = seen.book.at(began), _version(seen.row, began)
    sentence = reason_words(loss.reason)
    if first:
        words = {"grade": grade_in_words(first.grade, translation), "nc": first.label, "day": day(first.raised_on)}
        sentence = _("%(grade)s nonconformity %(nc)s was raised on %(day)s and is not closed") % words
    in_words = rule_in_words(policy, loss.rule, translation)
    source = source_in_words(policy, loss.rule, translation)
    return Why(sentence, first, in_words, source, loss.rule, version, records)


def _version(row: Certificate, day: date) -> int | None:
    """Number of the version of the scheme that held on a day; None where the shipped numbers did; one query."""
    versions = SchemeVersion.objects.filter(scheme_id=row.scheme_id, effective_on__lte=day)
    return versions.order_by("-effective_on").values_list("number", flat=True).first()


@dataclass(frozen=True)
class Link:
    """One cycle of the chain of renewals: its certificate, its days, and the decision that began it."""

    number: str
    starts_on: date | None
    expires_on: date
    began: Reference | None


def chain(seen: Insight) -> list[Link]:
    """The cycles of the certificate, the present one first."""
    links = [
        Link(
            number=cycle.certificate,
            starts_on=cycle.starts_on,
            expires_on=cycle.expires_on,
            began=seen.reference(cycle.because) if cycle.because.startswith("decision:") else None,
        )
        for cycle in seen.outcome.cycles
    ]
    return links[::-1]


def open_deadlines(seen: Insight) -> list[Deadline]:
    """What must still be done, earliest first; of a nonconformity only its next step."""
    found, taken = [], set()
    for deadline in seen.outcome.deadlines:
        step = deadline.kind.startswith("nc_")
        if deadline.state not in {"open", "missed"} or (step and deadline.subject in taken):
            continue
        if step:
            taken.add(deadline.subject)
        found.append(deadline)
    return found


def record_choices(row: Certificate, seen: Insight) -> list[tuple[str, str]]:
    """Open nonconformities that the body may name as the reason of a decision."""
    return [
        (nc.id, f"{seen.reference(nc.id).label}: {seen.reference(nc.id).title}")
        for nc in seen.outcome.nonconformities
        if nc.state == "open" and not nc.sources
    ]
