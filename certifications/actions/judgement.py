"""What a certificate's facts say today, compared with what has been recorded so far.

Nothing here reads or writes the database: a ``Judgement`` is what ``refresh`` then stores in one transaction.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from certifications.facts import pk_of
from certifications.models import Certificate
from certifications.states import CertificateStatus, Moving
from lifecycle.facts import STEPS, Facts
from lifecycle.forecast import Forecast, look_ahead
from lifecycle.outcome import Outcome, Transition
from lifecycle.policy import PolicyBook
from records.outbox import NewMessage
from records.record import Entry
from records.wording import LEARNED_LATER

HORIZON = timedelta(days=366 * 11)
MoveRow = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Correction:
    """Moves told before that no longer hold, the moves that hold instead, the status now, and what caused it."""

    since: str
    undone: list[MoveRow]
    done: list[MoveRow]
    status: str
    cause: str


@dataclass(slots=True)
class Judgement:
    """Everything that follows for one certificate: new values of its row and the events that tell of them."""

    row: Certificate
    outcome: Outcome
    forecast: Forecast
    values: dict[str, Any]
    entries: list[Entry] = field(default_factory=list)
    moves: list[MoveRow] = field(default_factory=list)
    proposed: list[MoveRow] = field(default_factory=list)
    correction: Correction | None = None
    messages: list[NewMessage] = field(default_factory=list)


def judge_facts(
    row: Certificate, facts: Facts, book: PolicyBook, today: date, cause: str = "", settle: bool = False
) -> Judgement:
    """Recompute one certificate from its facts as of ``today`` (a civil date of its organization).

    ``cause`` says in words what was recorded, for a correction of the past. ``settle`` accepts moves that wait for
    a confirmation.
    """
    outlook = look_ahead(facts, book, today, today + HORIZON)
    outcome, ahead = outlook.outcome, outlook.forecast
    accepted, proposed = _accepted(row, outcome.transitions, settle)
    judgement = Judgement(row, outcome, ahead, _values(row, outcome, ahead, accepted, proposed))
    judgement.values["next_due_on"] = outlook.next_change_on
    _tell_moves(judgement, accepted, today, cause)
    _tell_proposals(judgement, proposed)
    _tell_grades(judgement)
    return judgement


def _accepted(
    row: Certificate, transitions: tuple[Transition, ...], settle: bool
) -> tuple[list[MoveRow], tuple[Transition, ...]]:
    """Moves that hold and moves that only wait: rule moves wait where the scheme says so.

    A later decision of the body settles what waited before it.
    """
    settled = len(transitions)
    if row.scheme.moving == Moving.PROPOSE and not settle:
        known = row.moves
        while settled and transitions[settled - 1].by == "rule" and move_row(transitions[settled - 1]) not in known:
            settled -= 1
    return [move_row(t) for t in transitions[:settled]], transitions[settled:]


def move_row(transition: Transition) -> MoveRow:
    """A transition as it is kept on the certificate and in events; dates as text."""
    return {
        "date": transition.date.isoformat(),
        "from": transition.from_status,
        "to": transition.to_status,
        "by": transition.by,
        "rule": transition.rule,
        "reason": transition.reason,
        "because": list(transition.because),
    }


def _values(
    row: Certificate, outcome: Outcome, ahead: Forecast, accepted: list[MoveRow], proposed: tuple[Transition, ...]
) -> dict[str, Any]:
    answer = outcome.answers[-1]
    status = answer.status if not proposed else proposed[0].from_status
    loss = ahead.loss
    return {
        "status": status,
        "confirmed_status": answer.confirmed_status,
        "proposed_status": answer.status if proposed else "",
        "moves": accepted,
        "derived": [[nc.id, nc.grades[0].date.isoformat()] for nc in outcome.nonconformities if nc.sources],
        "current_number": answer.certificate or row.number,
        "current_edition": answer.edition or "",
        "current_expires_on": answer.effective_expires_on,
        "flags": list(answer.flags),
        "next_loss_on": loss.date if loss else None,
        "next_loss": _loss_row(ahead) if loss else None,
        "open_nonconformities": sum(nc.state == "open" and not nc.sources for nc in outcome.nonconformities),
        "failure": "",
    }


def _loss_row(ahead: Forecast) -> dict[str, Any]:
    """The next loss as it is kept on the certificate: what happens, why, and the one action against it."""
    loss = ahead.loss
    assert loss is not None
    remedy = loss.remedy
    return {
        "date": loss.date.isoformat(),
        "status": loss.status,
        "rule": loss.rule,
        "reason": loss.reason,
        "because": list(loss.because),
        "remedy": remedy.kind,
        "subject": remedy.subject,
        "due_on": remedy.due_on.isoformat() if remedy.due_on else None,
        "follows": [{"date": t.date.isoformat(), "status": t.to_status} for t in ahead.follows],
    }


def _tell_moves(judgement: Judgement, accepted: list[MoveRow], today: date, cause: str) -> None:
    """New moves at the end are told one by one; anything else is a correction of what was known."""
    row, known = judgement.row, judgement.row.moves
    if accepted[: len(known)] == known:
        judgement.moves = accepted[len(known) :]
        judgement.entries += [_move_entry(row, move) for move in judgement.moves]
        return
    same = next(
        (i for i, (a, b) in enumerate(zip(accepted, known, strict=False)) if a != b), min(len(accepted), len(known))
    )
    judgement.moves = accepted[same:]
    judgement.correction = Correction(
        since=min(move["date"] for move in known[same:] + accepted[same:]),
        undone=known[same:],
        done=accepted[same:],
        status=judgement.values["status"],
        cause=cause or LEARNED_LATER,
    )
    judgement.entries.append(_correction_entry(row, judgement.correction, today))


def _move_entry(row: Certificate, move: MoveRow) -> Entry:
    return Entry.about(
        row,
        f"certificate.{move['to']}",
        date.fromisoformat(move["date"]),
        before={"status": move["from"]},
        after={"status": move["to"], "by": move["by"], "reason": move["reason"]},
        rule=move["rule"],
        reason=move["reason"],
        because=move["because"],
        by_person=move["by"] == "decision",
    )


def _correction_entry(row: Certificate, correction: Correction, today: date) -> Entry:
    changed = correction.undone + correction.done
    return Entry.about(
        row,
        "certificate.corrected",
        date.fromisoformat(correction.since),
        before={"status": row.status, "moves": correction.undone},
        after={"status": correction.status, "moves": correction.done, "known_on": today.isoformat()},
        rule=(correction.done or correction.undone)[0]["rule"],
        reason=correction.cause,
        because=sorted({reference for move in changed for reference in move["because"]}),
        by_person=True,
    )


def _tell_proposals(judgement: Judgement, proposed: tuple[Transition, ...]) -> None:
    """A move that waits for a person is told once."""
    row = judgement.row
    judgement.proposed = [move_row(transition) for transition in proposed]
    for transition in proposed:
        judgement.entries.append(
            Entry.about(
                row,
                "certificate.move_proposed",
                transition.date,
                before={"status": transition.from_status},
                after={"status": transition.to_status},
                rule=transition.rule,
                reason=transition.reason,
                because=transition.because,
                key=f"certificate:{row.pk}:proposed:{transition.to_status}:{transition.date}",
            )
        )


def _tell_grades(judgement: Judgement) -> None:
    """A minor that became a major, and several that together became one, each told once (clause 9.4.10)."""
    row = judgement.row
    for nc in judgement.outcome.nonconformities:
        if nc.sources:
            judgement.entries.append(_accumulated(row, nc.id, nc.grade, nc.grades[0].date, nc.sources))
        for before, change in zip(nc.grades, nc.grades[1:], strict=False):
            judgement.entries.append(
                Entry.about(
                    row,
                    "nonconformity.escalated",
                    change.date,
                    before={"grade": before.grade},
                    after={"grade": change.grade},
                    because=[nc.id],
                    key=f"certificate:{row.pk}:{nc.id}:{change.grade}:{change.date}",
                )
            )


def _accumulated(row: Certificate, name: str, grade: str, on: date, sources: tuple[str, ...]) -> Entry:
    return Entry.about(
        row,
        "nonconformity.accumulated",
        on,
        after={"grade": grade, "name": name},
        rule="nc.accumulation",
        because=sources,
        key=f"certificate:{row.pk}:{name}:{on}",
    )


def nonconformity_values(judgement: Judgement) -> dict[int, dict[str, Any]]:
    """What the judgement says of each nonconformity's row: state, grade and due dates, by row id."""
    next_due = {}
    for deadline in reversed(judgement.outcome.deadlines):
        if deadline.kind.startswith("nc_") and deadline.state in {"open", "missed"}:
            next_due[deadline.subject] = deadline.due_on
    values = {}
    for nc in judgement.outcome.nonconformities:
        if pk := pk_of(nc.id):
            due = {step: _text(getattr(nc.due, step)) for step in STEPS}
            values[pk] = {
                "state": nc.state,
                "current_grade": nc.grade,
                "due": due,
                "next_step_due_on": next_due.get(nc.id),
            }
    return values


def is_lost(status: str) -> bool:
    """True for a status in which the certificate cannot be used as valid."""
    return status in {CertificateStatus.SUSPENDED, CertificateStatus.EXPIRED, CertificateStatus.WITHDRAWN}


def _text(value: date | str | None) -> str | None:
    return value.isoformat() if isinstance(value, date) else value
