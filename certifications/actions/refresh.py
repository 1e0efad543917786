"""Recompute certificates from their facts and store what follows: the one place where a status is assigned."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection

from accounts import clock, tenancy
from accounts.models import Organization
from certifications.actions.judgement import Judgement, judge_facts, nonconformity_values
from certifications.actions.reminding import (
    Holder,
    Told,
    correction_messages,
    current_stems,
    deadline_messages,
    grade_messages,
    next_message_on,
    proposal_messages,
    status_messages,
    told_once,
)
from certifications.alerting import People, people_of
from certifications.facts import books_for, facts_for, nonconformity_rows, ref, with_relations
from certifications.models import Certificate, CertificateSite
from lifecycle.facts import STEPS
from records.bulk import lock, update_rows
from records.faults import faultpoint
from records.outbox import NewMessage, cancel_outdated, queue, unknown
from records.record import RULES, Actor, Entry, record
from records.sweep import Swept

log = logging.getLogger(__name__)
Today = Callable[[Organization], date]


@tenancy.whole_organization()
def hold_certificates(ids: Collection[int]) -> None:
    """Lock the certificates that a door will recompute, before it locks or writes anything else.

    Sweep and doors lock in one order, so that none waits in a ring: certificates, audits and nonconformities, heads of
    the history.
    """
    if connection.features.has_select_for_update:
        lock(Certificate.objects.filter(pk__in=ids).order_by("pk").only("pk"))


@tenancy.whole_organization()
def refresh_ids(ids: Collection[int], by: Actor, cause: str = "", settle: bool = False) -> list[Judgement]:
    """Recompute the certificates with these ids after a fact of theirs has changed; inside the door's transaction."""
    rows = with_relations(Certificate.objects.filter(pk__in=ids)).order_by("pk")
    return refresh(lock(rows), clock.today, by, cause, settle)


def judge(rows: Sequence[Certificate], today: Today) -> Swept:
    """The sweep's door: judge a locked chunk of certificates that are due."""
    judgements = refresh(rows, today, RULES)
    return Swept(
        subjects=len(rows),
        moves=sum(len(j.moves) for j in judgements),
        messages=sum(len(j.messages) for j in judgements),
        failures=len(rows) - len(judgements),
        lines=sorted(_line(j, move) for j in judgements for move in j.moves),
    )


def refresh(
    rows: Sequence[Certificate], today: Today, by: Actor, cause: str = "", settle: bool = False
) -> list[Judgement]:
    """Judge certificates and write new values, events and messages; a row that fails is set aside with an event.

    Returns the judgements that succeeded. Moves by rule are told as done by the rules, whoever caused them.
    """
    judgements, failed = judge_rows(rows, today, cause, settle)
    _store(judgements, today, by)
    for row, error in failed:
        set_aside(row.pk, error, today)
    return judgements


def judge_rows(
    rows: Sequence[Certificate], today: Today, cause: str = "", settle: bool = False
) -> tuple[list[Judgement], list[tuple[Certificate, Exception]]]:
    """Work out what the facts of each certificate say today; nothing is written. Rows that fail come apart."""
    facts = facts_for(rows)
    books = books_for(row.scheme for row in rows)
    judgements, failed = [], []
    for row in rows:
        try:
            day = today(row.organization)
            judgements.append(judge_facts(row, facts[row.pk], books[row.scheme_id], day, cause, settle))
        except Exception as error:  # a row whose facts break the rules must not stop the others
            log.exception("certificate %s could not be judged", row.pk)
            failed.append((row, error))
    return judgements, failed


def expected(rows: Sequence[Certificate], today: Today) -> list[tuple[Certificate, dict[str, Any]]]:
    """What the engine says each row should hold today; nothing is written and rows that fail are left out."""
    judgements, _failed = judge_rows(rows, today)
    people = people_of({j.row.organization_id for j in judgements})
    sites = sites_for_rules([j.row for j in judgements], people)
    for judgement in judgements:
        told = told_of(judgement.row, {}, sites.get(judgement.row.pk, ()))
        theirs = people.get(told.organization.pk, People())
        _add_next_message(judgement, told, theirs, today(told.organization))
    return [(judgement.row, judgement.values) for judgement in judgements]


def _store(judgements: Sequence[Judgement], today: Today, by: Actor) -> None:
    holders = _store_nonconformities(judgements)
    people = people_of({j.row.organization_id for j in judgements})
    sites = sites_for_rules([j.row for j in judgements], people)
    messages: list[NewMessage] = []
    stems: set[str] = set()
    for judgement in judgements:
        told = told_of(judgement.row, holders, sites.get(judgement.row.pk, ()))
        day = today(told.organization)
        theirs = people.get(told.organization.pk, People())
        messages += _messages(judgement, told, theirs, day, swept=by is RULES)
        _add_next_message(judgement, told, theirs, day)
        stems |= current_stems(judgement.outcome.deadlines)
    update_rows([(j.row, j.values) for j in judgements])
    faultpoint("sweep.after_update")
    cancel_outdated("certificate", [j.row.pk for j in judgements], stems)
    fresh = told_once(unknown(messages))
    queue(fresh)
    _count(judgements, fresh)
    faultpoint("sweep.after_queue")
    entries = sorted((entry for j in judgements for entry in j.entries), key=lambda entry: entry.effective_on)
    record(RULES, [entry for entry in entries if not entry.by_person])
    record(by, [entry for entry in entries if entry.by_person])


def _messages(judgement: Judgement, told: Told, people: People, day: date, swept: bool) -> list[NewMessage]:
    """Everything that people are told; a correction speaks for the moves it brings."""
    messages = proposal_messages(told, judgement.proposed, people)
    if judgement.correction:
        messages += correction_messages(told, judgement.correction, people, day)
    else:
        messages += status_messages(told, judgement.moves, people, day, swept)
    messages += grade_messages(told, judgement.outcome.nonconformities, people)
    return messages + deadline_messages(told, judgement.outcome.deadlines, people, day)


def _add_next_message(judgement: Judgement, told: Told, people: People, day: date) -> None:
    """The row is due when a rule can fire or a deadline is told again, whichever comes first."""
    next_message = next_message_on(told, judgement.outcome.deadlines, people, day)
    days = [on for on in (judgement.values["next_due_on"], next_message) if on]
    judgement.values["next_due_on"] = min(days, default=None)


def _count(judgements: Sequence[Judgement], fresh: Sequence[NewMessage]) -> None:
    """Let each judgement know the messages that are new because of it."""
    by_row = {judgement.row.pk: judgement for judgement in judgements}
    for message in fresh:
        by_row[message.subject_id].messages.append(message)


def _store_nonconformities(judgements: Sequence[Judgement]) -> dict[str, Holder]:
    """Bring the rows of the certificates' nonconformities up to date; returns the holder of each by its reference."""
    found: dict[int, dict[str, Any]] = {}
    for judgement in judgements:
        for pk, values in nonconformity_values(judgement).items():
            merge_due(found.setdefault(pk, {}), values, ref("certificate", judgement.row.pk))
    if not found:
        return {}
    holders, changed = {}, {}
    for pk, owner_id, recorded_on, *rest in nonconformity_rows(found).values_list("pk", *_HOLDER, *_KEPT, *_DONE):
        holders[ref("nc", pk)] = Holder(owner_id, recorded_on)
        kept, done = rest[: len(_KEPT)], rest[len(_KEPT) :]
        values = _merged(dict(zip(_KEPT, kept, strict=True)), found[pk], undone_steps(*done))
        if list(values.values()) != kept:
            changed[pk] = values
    rows = nonconformity_rows(changed).only(*_KEPT) if changed else ()
    update_rows([(row, changed[row.pk]) for row in rows])
    return holders


_HOLDER = ("owner_id", "recorded_on")
_KEPT = ("state", "current_grade", "due", "next_step_due_on")
_DONE = ("plan_submitted_on", "plan_accepted_on", "action_done_on", "closed_on")


def merge_due(into: dict[str, Any], values: dict[str, Any], certificate: str) -> None:
    """Add what one certificate's scheme says of a nonconformity; each certificate keeps its own due dates."""
    still_open = "open" in (into.get("state"), values["state"])
    into["state"], into["current_grade"] = "open" if still_open else values["state"], values["current_grade"]
    into.setdefault("due", {})[certificate] = values["due"]
    into.setdefault("steps", []).append(values["next_step_due_on"])


def undone_steps(
    submitted_on: date | None, accepted_on: date | None, done_on: date | None, closed_on: date | None
) -> list[str]:
    """Steps that still wait: a later step done does for the earlier ones (contract, section 5)."""
    done = {
        "response": submitted_on or accepted_on or closed_on,
        "plan": accepted_on or closed_on,
        "action": done_on or closed_on,
        "closure": closed_on,
    }
    return [step for step in STEPS if done[step] is None]


def next_step_on(due: Mapping[str, str | None], undone: Sequence[str]) -> date | None:
    """The first date of one certificate's steps that still wait."""
    dated = [day for step in undone if (day := due.get(step)) and day != "next_audit"]
    return date.fromisoformat(min(dated)) if dated else None


def _merged(kept: dict[str, Any], values: dict[str, Any], undone: Sequence[str]) -> dict[str, Any]:
    """What the row holds now, in the order of ``_KEPT``; certificates that were not judged keep their dates."""
    due = {**kept["due"], **values["due"]}
    others = [next_step_on(dates, undone) for name, dates in kept["due"].items() if name not in values["due"]]
    steps = [day for day in (*values["steps"], *others) if day]
    return {
        "state": values["state"],
        "current_grade": values["current_grade"],
        "due": due,
        "next_step_due_on": min(steps, default=None),
    }


def told_of(row: Certificate, holders: Mapping[str, Holder], site_ids: Collection[int] = ()) -> Told:
    """The certificate as messages are about it."""
    known_on = row.created_at.astimezone(ZoneInfo(row.organization.time_zone)).date()
    holder = Holder(row.owner_id, known_on)
    return Told(row.organization, "certificate", row.pk, holder, holders, row.standard_id, site_ids)


def sites_for_rules(rows: Sequence[Certificate], people: Mapping[int, People]) -> dict[int, set[int]]:
    """The sites of each certificate, as far as an alert rule asks for them; no query when none does."""
    asked = {rule.site_id for theirs in people.values() for rule in theirs.rules if rule.site_id}
    found: dict[int, set[int]] = {}
    if asked:
        links = CertificateSite.objects.filter(certificate__in=[row.pk for row in rows], site__in=asked)
        for certificate_id, site_id in links.values_list("certificate_id", "site_id"):
            found.setdefault(certificate_id, set()).add(site_id)
    return found


def set_aside(pk: int, error: Exception, today: Today) -> None:
    """A certificate that cannot be judged is tried again tomorrow and shown to people until then.

    No more of the row is read than its name: the rest may be what is wrong.
    """
    columns = ("organization", "number", "current_number", "failure", "next_due_on")
    row = Certificate.objects.select_related("organization").only(*columns, "organization__time_zone").get(pk=pk)
    day, reason = today(row.organization), str(error)[:500] or type(error).__name__
    update_rows([(row, {"failure": reason, "next_due_on": day + timedelta(days=1)})])
    record(RULES, [Entry.about(row, "certificate.failed", day, reason=reason, key=f"failed:certificate:{pk}:{day}")])


def _line(judgement: Judgement, move: dict[str, Any]) -> str:
    row = judgement.row
    why = ", ".join(move["because"]) or row.number
    return f"{move['date']}  {row.standard} {row.number}: {move['from']} -> {move['to']} ({move['rule']}, {why})"
