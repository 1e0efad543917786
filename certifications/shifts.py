"""Which dates of the organization's own certificates move when numbers or ends of editions change; nothing is written.

The judgement that a door would store is made twice in memory, with the rules of now and with the new ones, in a
number of queries that does not grow with the certificates.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from accounts import clock
from certifications.actions.judgement import Judgement, judge_facts
from certifications.catalog import catalog
from certifications.facts import books_for, facts_for, with_relations
from certifications.models import Certificate, Edition, Scheme
from certifications.queries import Reference, references
from certifications.timeline import site_of
from certifications.words import deadline_words
from lifecycle.facts import EditionEnd, Facts, Nonconformity
from lifecycle.policy import PolicyBook

TOLD_BY_MOVES = frozenset({"expiry", "suspension_limit"})


@dataclass(frozen=True)
class Point:
    """A date that can move: the ``nth`` time the certificate gets a status, or the nth deadline of a kind."""

    kind: str
    subject: str
    nth: int

    @property
    def status(self) -> str:
        """The status that the certificate gets; empty for a deadline."""
        return self.subject if self.kind == "status" else ""


Dates = dict[Point, date]


@dataclass(frozen=True)
class Moved:
    """One date before and after, in words; None where it does not come at all. ``status`` as in ``Point``."""

    words: str
    status: str
    before: date | None
    after: date | None


@dataclass(frozen=True)
class Shift:
    """A certificate some of whose dates move: its moves of status first, each group by date."""

    row: Certificate
    site: str
    moved: tuple[Moved, ...]


@dataclass(frozen=True)
class Effect:
    """What a change does: the certificates that move, those that move first on top, and how many were looked at."""

    shifts: tuple[Shift, ...]
    looked_at: int

    @property
    def unmoved(self) -> int:
        """How many keep every date."""
        return self.looked_at - len(self.shifts)


def effect_of_version(scheme: Scheme, rules: Mapping[str, Any], effective_on: date) -> Effect:
    """What publishing these numbers from that day on would do today; clocks that have started keep theirs.

    ``rules`` must have passed ``check_rules``.
    """
    rows = list(with_relations(Certificate.objects.filter(scheme=scheme)).order_by("pk"))
    facts = facts_for(rows)
    book = books_for([scheme])[scheme.pk]
    policy = catalog().policy(scheme.catalog_id).with_rules(rules)
    changed = PolicyBook((*book.versions, (effective_on, policy)), book.editions)
    return _effect(rows, (facts, {scheme.pk: book}), (facts, {scheme.pk: changed}))


def effect_of_end(edition: Edition, end: EditionEnd) -> Effect:
    """What recording this end of an edition would do today."""
    rows = list(with_relations(Certificate.objects.filter(standard_id=edition.standard_id)).order_by("pk"))
    facts = facts_for(rows)
    books = books_for(row.scheme for row in rows)
    changed = {pk: replace(known, editions=_with_end(known.editions, end)) for pk, known in facts.items()}
    return _effect(rows, (facts, books), (changed, books))


def effect_of_finding(ids: Sequence[int], name: str, change: Callable[[Nonconformity], Nonconformity]) -> Effect:
    """What a changed fact of one nonconformity (``nc:12``) would do today to the certificates with these ids."""
    rows = list(with_relations(Certificate.objects.filter(pk__in=ids)).order_by("pk"))
    facts = facts_for(rows)
    books = books_for(row.scheme for row in rows)
    changed = {
        pk: replace(known, nonconformities=tuple(change(nc) if nc.id == name else nc for nc in known.nonconformities))
        for pk, known in facts.items()
    }
    return _effect(rows, (facts, books), (changed, books))


def _with_end(ends: Sequence[EditionEnd], end: EditionEnd) -> tuple[EditionEnd, ...]:
    """The ends with one more; as at the door it takes the place of one recorded for the same on the same day."""
    same = (end.standard, end.edition, end.accreditation_body, end.recorded_on)
    return (*(e for e in ends if (e.standard, e.edition, e.accreditation_body, e.recorded_on) != same), end)


Known = tuple[Mapping[int, Facts], Mapping[int, PolicyBook]]


def _effect(rows: Sequence[Certificate], now: Known, then: Known) -> Effect:
    differing = []
    for row in rows:
        before, after = dates_of(_judged(row, now)), dates_of(_judged(row, then))
        if before != after:
            differing.append((row, before, after))
    named = references(
        {point.subject for _row, before, after in differing for point in before | after if not point.status}
    )
    shifts = [
        Shift(row, site_of(now[0][row.pk].certificate.sites), _moved(before, after, named))
        for row, before, after in differing
    ]
    return Effect(tuple(sorted(shifts, key=_first_on)), len(rows))


def _judged(row: Certificate, known: Known) -> Judgement:
    facts, books = known
    return judge_facts(row, facts[row.pk], books[row.scheme_id], clock.today(row.organization))


def dates_of(judgement: Judgement) -> Dates:
    """Every date of a certificate that rules set: its moves, past and coming, and the deadlines that stand."""
    dates: Dates = {}
    seen: Counter[tuple[str, str]] = Counter()
    for move in (*judgement.outcome.transitions, *judgement.forecast.transitions):
        _add(dates, seen, "status", move.to_status, move.date)
    for deadline in judgement.outcome.deadlines:
        if deadline.state in {"open", "missed"} and deadline.kind not in TOLD_BY_MOVES:
            _add(dates, seen, deadline.kind, deadline.subject, deadline.due_on)
    return dates


def moved_between(before: Judgement, after: Judgement) -> tuple[Moved, ...]:
    """Which dates of one certificate differ between two judgements."""
    old, new = dates_of(before), dates_of(after)
    named = references({point.subject for point in old | new if not point.status and ":" in point.subject})
    return _moved(old, new, named)


def _add(dates: Dates, seen: Counter[tuple[str, str]], kind: str, subject: str, on: date) -> None:
    dates[Point(kind, subject, seen[kind, subject])] = on
    seen[kind, subject] += 1


def _moved(before: Dates, after: Dates, named: Mapping[str, Reference]) -> tuple[Moved, ...]:
    found = [
        Moved(_words(point, named), point.status, before.get(point), after.get(point))
        for point in before | after
        if before.get(point) != after.get(point)
    ]
    return tuple(sorted(found, key=lambda moved: (not moved.status, _earliest(moved))))


def _words(point: Point, named: Mapping[str, Reference]) -> str:
    return point.status or deadline_words(point.kind, named.get(point.subject))


def _earliest(moved: Moved) -> date:
    return min(day for day in (moved.before, moved.after) if day)


def _first_on(shift: Shift) -> date:
    return min(_earliest(moved) for moved in shift.moved)
