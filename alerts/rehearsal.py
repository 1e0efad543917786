"""How many mails alert rules would have sent: the same code that reminds, asked about the days that have passed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TypeVar

from accounts import clock
from accounts.models import Organization
from certifications.actions.refresh import judge_rows, sites_for_rules, told_of
from certifications.actions.reminding import TOLD_STATES, Holder, Told, reminders
from certifications.alerting import FIRST_DAY, People, Rule, people_of
from certifications.facts import books_for, facts_for, ref, with_relations
from certifications.models import Certificate
from lifecycle.evolve import evolve
from lifecycle.facts import Facts
from lifecycle.outcome import Deadline
from lifecycle.policy import PolicyBook
from nonconformities.actions.refresh import judge_own, own_books, own_fact, steps_of
from nonconformities.actions.refresh import told_of as told_of_nonconformity
from nonconformities.models import Nonconformity
from nonconformities.states import Source
from records.outbox import NewMessage

DAYS = 30
Key = TypeVar("Key")


@dataclass(frozen=True, slots=True)
class Subject:
    """Something with deadlines: as they stand today, and the facts that say how they stood on an earlier day."""

    told: Told
    deadlines: Sequence[Deadline]
    facts: Facts
    book: PolicyBook

    def standing(self, deadline: Deadline, day: date) -> Deadline | None:
        """The deadline as it stood on an earlier day, if it was not met by then."""
        if deadline.state in TOLD_STATES:
            return deadline
        same = (deadline.kind, deadline.subject, deadline.due_on)
        outcome = evolve(self.facts, self.book, [day])
        then = (d for d in outcome.deadlines if (d.kind, d.subject, d.due_on) == same)
        return next((d for d in then if d.state in TOLD_STATES), None)


def rehearse(organization: Organization, rules: Mapping[Key, Rule]) -> dict[Key, list[NewMessage]]:
    """The mails of the last 30 days by each rule alone, by the dates as they are known today; nothing is written.

    A rule is asked as if it had always stood. The number of queries does not grow with the certificates.
    """
    people = people_of([organization.pk]).get(organization.pk, People())
    today = clock.today(organization)
    always = {key: replace(people, rules=(replace(rule, since=FIRST_DAY),)) for key, rule in rules.items()}
    found: dict[Key, list[NewMessage]] = {key: [] for key in rules}
    for subject in (*_certificates(organization, always, today), *_nonconformities(organization, today)):
        for deadline in subject.deadlines:
            for key, theirs in always.items():
                found[key] += _sent(subject, deadline, theirs, today)
    return found


def next_covered(organization: Organization, rule: Rule) -> tuple[Told, Deadline] | None:
    """The next deadline of which a rule would tell; None when nothing it covers is ahead."""
    people = {0: People(rules=(rule,))}
    today = clock.today(organization)
    ahead = [
        (subject.told, deadline)
        for subject in (*_certificates(organization, people, today), *_nonconformities(organization, today))
        for deadline in subject.deadlines
        if deadline.state == "open" and rule.covers(deadline.kind, subject.told.standard_id, subject.told.site_ids)
    ]
    return min(ahead, key=lambda found: (found[1].due_on, found[1].kind, found[1].subject), default=None)


def _sent(subject: Subject, deadline: Deadline, people: People, today: date) -> Iterator[NewMessage]:
    (rule,) = people.rules
    for number in rule.days:
        day = deadline.due_on - timedelta(days=number)
        if today - timedelta(days=DAYS) < day <= today and rule.covers(
            deadline.kind, subject.told.standard_id, subject.told.site_ids
        ):
            then = subject.standing(deadline, day)
            told = reminders(subject.told, then, people, day) if then else ()
            yield from (message for message in told if message.payload["days_before"] == number)


def _certificates(organization: Organization, people: Mapping[Key, People], today: date) -> Iterator[Subject]:
    rows = list(with_relations(Certificate.objects.filter(organization=organization)).order_by("pk"))
    judgements, _failed = judge_rows(rows, lambda _organization: today)
    facts, books = facts_for(rows), books_for(row.scheme for row in rows)
    sites, holders = sites_for_rules(rows, dict(enumerate(people.values()))), _holders(organization)
    for judgement in judgements:
        row = judgement.row
        told = told_of(row, holders, sites.get(row.pk, ()))
        yield Subject(told, judgement.outcome.deadlines, facts[row.pk], books[row.scheme_id])


def _holders(organization: Organization) -> dict[str, Holder]:
    rows = Nonconformity.objects.filter(organization=organization).values_list("pk", "owner_id", "recorded_on")
    return {ref("nc", pk): Holder(owner_id, recorded_on) for pk, owner_id, recorded_on in rows}


def _nonconformities(organization: Organization, today: date) -> Iterator[Subject]:
    """Those on the organization's own deadlines; the others are judged with their certificates."""
    own = Nonconformity.objects.filter(organization=organization).exclude(source=Source.BODY)
    rows = list(own.select_related("organization").order_by("pk"))
    outcomes, _failed = judge_own(rows, lambda _organization: today)
    book = own_books([organization.pk])[organization.pk]
    extensions, verifications = steps_of(rows)
    for row, outcome in outcomes:
        fact = own_fact(row, extensions.get(row.pk, ()), verifications.get(row.pk, ()))
        yield Subject(told_of_nonconformity(row), outcome.deadlines, Facts(nonconformities=(fact,)), book)
