"""What follows from a change of a nonconformity: for its certificates, or by the organization's own deadlines."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import date, timedelta
from typing import Any

from accounts import clock, tenancy
from accounts.models import Organization
from certifications.actions import refresh_ids
from certifications.actions.reminding import (
    Holder,
    Told,
    current_stems,
    deadline_messages,
    next_message_on,
    told_once,
)
from certifications.alerting import People, people_of
from certifications.facts import books_for, nonconformity_fact, pk_of, ref
from certifications.models import Scheme
from lifecycle import facts as known
from lifecycle.evolve import evolve
from lifecycle.facts import STEPS, Facts
from lifecycle.outcome import Outcome
from lifecycle.policy import PolicyBook
from nonconformities.models import Extension, Nonconformity, Verification
from nonconformities.states import Source
from records.bulk import lock, update_rows
from records.outbox import NewMessage, cancel_outdated, queue, unknown
from records.record import RULES, Actor, Entry, record
from records.sweep import Swept

log = logging.getLogger(__name__)
Today = Callable[[Organization], date]


@tenancy.whole_organization()
def follow(nonconformity: Nonconformity, by: Actor, cause: str, also: Collection[int] = ()) -> None:
    """Recompute what depends on this nonconformity, inside the door's transaction.

    Those of the certification body move certificates; all others run on the organization's own deadlines.
    """
    own = set(nonconformity.certificate_links.values_list("certificate_id", flat=True))
    if nonconformity.source == Source.BODY:
        judged = {key: due for key, due in nonconformity.due.items() if pk_of(key) in own}
        update_rows([(nonconformity, {"due": judged, "next_due_on": None})])
    else:
        rows = Nonconformity.objects.select_related("organization").filter(pk=nonconformity.pk)
        refresh_own(lock(rows), clock.today)
    refresh_ids(own | set(also), by, cause)
    nonconformity.refresh_from_db()


def judge(rows: Sequence[Nonconformity], today: Today) -> Swept:
    """The sweep's door: nonconformities on the organization's own deadlines that are due."""
    messages, failures = refresh_own(rows, today)
    return Swept(subjects=len(rows), messages=messages, failures=failures)


def refresh_own(rows: Sequence[Nonconformity], today: Today) -> tuple[int, int]:
    """Recompute nonconformities that no body raised; returns how many messages were written and rows failed."""
    outcomes, failed = judge_own(rows, today)
    people = people_of({row.organization_id for row in rows})
    messages: list[NewMessage] = []
    changes: list[tuple[Nonconformity, dict[str, Any]]] = []
    stems: set[str] = set()
    for row, outcome in outcomes:
        day, theirs = today(row.organization), people.get(row.organization_id, People())
        messages += deadline_messages(told_of(row), outcome.deadlines, theirs, day)
        stems |= current_stems(outcome.deadlines)
        changes.append((row, own_values(row, outcome, theirs, day)))
    update_rows(changes)
    cancel_outdated("nonconformity", [row.pk for row, _ in outcomes], stems)
    for row, error in failed:
        set_aside(row.pk, error, today)
    return queue(told_once(unknown(messages))), len(failed)


def expected_own(rows: Sequence[Nonconformity], today: Today) -> list[tuple[Nonconformity, dict[str, Any]]]:
    """What the engine says each row should hold today; nothing is written and rows that fail are left out."""
    outcomes, _failed = judge_own(rows, today)
    people = people_of({row.organization_id for row in rows})
    return [
        (row, own_values(row, outcome, people.get(row.organization_id, People()), today(row.organization)))
        for row, outcome in outcomes
    ]


def judge_own(
    rows: Sequence[Nonconformity], today: Today
) -> tuple[list[tuple[Nonconformity, Outcome]], list[tuple[Nonconformity, Exception]]]:
    """What the organization's own deadlines say today; nothing is written. Rows that fail come apart."""
    books = own_books({row.organization_id for row in rows})
    facts = facts_of_own(rows)
    outcomes, failed = [], []
    for row in rows:
        try:
            fact = facts[row.pk]
            day = today(row.organization)
            outcomes.append((row, evolve(Facts(nonconformities=(fact,)), books[row.organization_id], [day])))
        except Exception as error:  # a row whose facts break the rules must not stop the others
            log.exception("nonconformity %s could not be judged", row.pk)
            failed.append((row, error))
    return outcomes, failed


def facts_of_own(rows: Sequence[Nonconformity]) -> dict[int, known.Nonconformity]:
    """The facts of nonconformities that no body raised, by row id; two queries."""
    extensions, verifications = steps_of(rows)
    return {row.pk: own_fact(row, extensions.get(row.pk, ()), verifications.get(row.pk, ())) for row in rows}


def own_fact(
    row: Nonconformity, extensions: Iterable[known.Extension], verifications: Iterable[known.Verification]
) -> known.Nonconformity:
    """The row as the engine knows it; without a certificate it has no site or scope to be judged by."""
    columns = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
    return nonconformity_fact(row.pk, {**columns, "site__name": None}, None, extensions, verifications)


def own_deadlines_of(organization_id: int) -> Scheme:
    """The scheme that holds the organization's own deadlines."""
    scheme: Scheme = Scheme.objects.filter(organization_id=organization_id, own_deadlines=True).order_by("-pk")[0]
    return scheme


def own_books(organization_ids: Collection[int]) -> dict[int, PolicyBook]:
    """The organization's own deadlines, by organization; two queries."""
    schemes = {
        scheme.organization_id: scheme
        for scheme in Scheme.objects.filter(organization_id__in=organization_ids, own_deadlines=True).order_by("pk")
    }
    books = books_for(schemes.values())
    return {organization_id: books[scheme.pk] for organization_id, scheme in schemes.items()}


def steps_of(
    rows: Sequence[Nonconformity],
) -> tuple[dict[int, list[known.Extension]], dict[int, list[known.Verification]]]:
    """Extensions and verifications of each nonconformity; two queries."""
    ids = [row.pk for row in rows]
    extensions: dict[int, list[known.Extension]] = {}
    for e in Extension.objects.filter(nonconformity_id__in=ids).order_by("granted_on", "pk"):
        fact = known.Extension(e.granted_on, e.due_on, e.step, e.recorded_on)
        extensions.setdefault(e.nonconformity_id, []).append(fact)
    verifications: dict[int, list[known.Verification]] = {}
    checks = Verification.objects.filter(nonconformity_id__in=ids, struck_on=None).exclude(result="implemented")
    for v in checks.order_by("verified_on", "pk"):
        verifications.setdefault(v.nonconformity_id, []).append(
            known.Verification(v.verified_on, v.result, v.recorded_on)
        )
    return extensions, verifications


def own_values(row: Nonconformity, outcome: Outcome, people: People, today: date) -> dict[str, Any]:
    """The values of the row that follow from its outcome."""
    nc = outcome.nonconformities[0]
    steps = [d.due_on for d in outcome.deadlines if d.kind.startswith("nc_") and d.state in {"open", "missed"}]
    due = {step: getattr(nc.due, step) for step in STEPS}
    return {
        "state": nc.state,
        "current_grade": nc.grade,
        "due": {"own": {step: day.isoformat() if isinstance(day, date) else day for step, day in due.items()}},
        "next_step_due_on": min(steps, default=None),
        "next_due_on": next_message_on(told_of(row), outcome.deadlines, people, today),
        "failure": "",
    }


def told_of(row: Nonconformity) -> Told:
    """The nonconformity as messages are about it."""
    holder = Holder(row.owner_id, row.recorded_on)
    sites = (row.site_id,) if row.site_id else ()
    return Told(row.organization, "nonconformity", row.pk, holder, {ref("nc", row.pk): holder}, None, sites)


def set_aside(pk: int, error: Exception, today: Today) -> None:
    """A nonconformity that cannot be judged is tried again tomorrow and shown to people until then."""
    columns = ("organization", "number", "failure", "next_due_on")
    row = Nonconformity.objects.select_related("organization").only(*columns, "organization__time_zone").get(pk=pk)
    day, reason = today(row.organization), str(error)[:500] or type(error).__name__
    update_rows([(row, {"failure": reason, "next_due_on": day + timedelta(days=1)})])
    record(RULES, [Entry.about(row, "nonconformity.failed", day, reason=reason, key=f"failed:{ref('nc', pk)}:{day}")])
