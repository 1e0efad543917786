"""The audits that a certificate's scheme will ask for until a day: when, of what kind, and by which rule.

The engine answers each question; here it is only asked again after each audit that would be planned. Nothing is stored.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from lifecycle.calendar import add
from lifecycle.evolve import evolve
from lifecycle.facts import Audit, AuditKind, Decision, Facts
from lifecycle.outcome import Deadline, Outcome
from lifecycle.policy import PolicyBook

MARGIN = timedelta(days=30)
"""How long before its last day an audit is proposed, so that it can still be moved."""
BEFORE_EXPIRY = timedelta(days=90)
"""How long before the expiry a recertification is proposed: time to close majors and decide (ISO/IEC 17021-1 9.6.3)."""
TO_STAGE_2 = timedelta(days=42)
MOST = 40
AUDITS = frozenset(
    {"first_surveillance", "yearly_surveillance", "surveillance_interval", "surveillance_window", "transfer"}
)


@dataclass(frozen=True, slots=True)
class Proposal:
    """An audit that should be planned: a good day, the window it must lie in, and the rule that asks for it."""

    kind: str
    on: date
    opens_on: date | None
    due_on: date | None
    rule: str
    subject: str = ""


def propose(facts: Facts, book: PolicyBook, today: date, until: date) -> list[Proposal]:
    """What must still be planned for a certificate, earliest first; ``facts`` hold the audits that are booked."""
    facts, found = _initial(_decided(facts, book, today), book, today)
    found += _follow_ups(facts, book, today)
    cursor = today
    for _round in range(MOST):
        following = _next(facts, book, cursor, today)
        if following is None or following.on > until:
            break
        facts = _taken_place(facts, following, len(found))
        found.append(following)
        cursor = following.on
    return sorted(found, key=lambda proposal: proposal.on)


def _decided(facts: Facts, book: PolicyBook, today: date) -> Facts:
    """The facts when the body decides by the expiry about a recertification that is booked or was just held."""
    expires_on = evolve(facts, book, [today]).answers[0].effective_expires_on
    if expires_on is None or not _recertified(facts, expires_on):
        return facts
    decision = Decision(id="decision:booked", kind="recertify", date=expires_on, recorded_on=None)
    return replace(facts, decisions=(*facts.decisions, decision))


def _recertified(facts: Facts, expires_on: date) -> bool:
    opens = expires_on - timedelta(days=365)
    return any(a.kind == "recertification" and a.ended_on and opens < a.ended_on <= expires_on for a in facts.audits)


def _initial(facts: Facts, book: PolicyBook, today: date) -> tuple[Facts, list[Proposal]]:
    """Stage 1 and stage 2 of an organization that is not certified yet (9.3.1)."""
    answer = evolve(facts, book, [today]).answers[0]
    if answer.status != "none":
        return facts, []
    held = {audit.kind: audit.ended_on or audit.started_on for audit in facts.audits}
    found = []
    first = held.get("stage1")
    if first is None:
        first = today + MARGIN
        found.append(Proposal("stage1", first, None, None, "stage1_to_stage2"))
    if "stage2" not in held:
        policy = book.at(first)
        opens = add(first, policy.stage_gap_min) if policy.stage_gap_min else None
        closes = add(first, policy.stage_gap_max) if policy.stage_gap_max else None
        on = max(first + TO_STAGE_2, opens or first, today + timedelta(days=1))
        found.append(
            Proposal("stage2", min(on, closes) if closes and closes > today else on, opens, closes, "stage1_to_stage2")
        )
    decided = max((p.on for p in found), default=held.get("stage2") or today) + MARGIN
    certify = Decision(id="decision:proposed", kind="certify", date=decided, recorded_on=None)
    return replace(_with(facts, found), decisions=(*facts.decisions, certify)), found


def _follow_ups(facts: Facts, book: PolicyBook, today: date) -> list[Proposal]:
    """A follow-up audit for each open major, before its closure is due (9.4.10, 9.5.3)."""
    outcome = evolve(facts, book, [today])
    booked = [a for a in facts.audits if a.kind in {"follow_up", "special"} and (a.ended_on or today) >= today]
    due = {d.subject: d for d in outcome.deadlines if d.kind == "nc_closure" and d.state in {"open", "missed"}}
    found = []
    for nc in outcome.nonconformities:
        deadline = due.get(nc.id)
        if nc.state == "open" and nc.grade in {"major", "critical"} and deadline and not booked:
            on = max(today + timedelta(days=1), deadline.due_on - timedelta(days=14))
            found.append(Proposal("follow_up", on, None, deadline.due_on, deadline.rule, nc.id))
    return found


def _next(facts: Facts, book: PolicyBook, cursor: date, today: date) -> Proposal | None:
    """What must be planned next after a day; audits that are booked before it come first, for later ones count on."""
    outcome = evolve(facts, book, [cursor])
    both = [_surveillance(facts, outcome, cursor), _recertification(facts, outcome, cursor, today)]
    first = min((proposal for proposal in both if proposal), key=lambda proposal: proposal.on, default=None)
    booked = min((on for audit in facts.audits if (on := audit.ended_on) and on > cursor), default=None)
    if booked and (first is None or booked <= first.on):
        return _next(facts, book, booked, today)
    expires_on = outcome.answers[-1].effective_expires_on
    if first or expires_on is None or expires_on < cursor:
        return first
    return _next(facts, book, expires_on + timedelta(days=1), today)


def _surveillance(facts: Facts, outcome: Outcome, cursor: date) -> Proposal | None:
    """The first audit deadline that stands open and that no booked audit meets."""
    waiting = [d for d in outcome.deadlines if d.kind in AUDITS and d.state == "open" and d.due_on > cursor]
    unmet = [d for d in waiting if not met_by(facts.audits, d, cursor)]
    first = min(unmet, key=lambda d: d.due_on, default=None)
    if first is None:
        return None
    kind = "transfer" if first.kind == "transfer" else "surveillance"
    return Proposal(kind, _good_day(first, cursor), first.opens_on, first.due_on, first.rule)


def met_by(audits: Sequence[Audit], deadline: Deadline, after: date) -> bool:
    """Whether one of these audits, held on its days, meets the deadline."""
    kinds = {"transfer"} if deadline.kind == "transfer" else {"surveillance", "recertification"}
    opens = deadline.opens_on or after
    days = [audit.ended_on for audit in audits if audit.kind in kinds]
    return any(on and opens <= on <= deadline.due_on and on > after for on in days)


def _good_day(deadline: Deadline, cursor: date) -> date:
    """The middle of a window, else a month before the last day; always after the audit before it."""
    if deadline.opens_on:
        good = deadline.opens_on + (deadline.due_on - deadline.opens_on) / 2
    else:
        good = deadline.due_on - MARGIN
    return min(max(good, cursor + timedelta(days=1), deadline.opens_on or cursor), deadline.due_on)


def _recertification(facts: Facts, outcome: Outcome, cursor: date, today: date) -> Proposal | None:
    """The audit before the expiry of the current cycle, unless one is booked or held for it."""
    expires_on = outcome.answers[-1].effective_expires_on
    if expires_on is None or expires_on <= cursor:
        return None
    if _recertified(facts, expires_on):
        return None
    on = min(max(expires_on - BEFORE_EXPIRY, cursor + timedelta(days=1), today + timedelta(days=1)), expires_on)
    return Proposal("recertification", on, None, expires_on, "cycle")


def _taken_place(facts: Facts, proposal: Proposal, number: int) -> Facts:
    """The facts when the proposed audit has been held; a recertification is decided by the expiry."""
    facts = _with(facts, [proposal], number)
    if proposal.kind != "recertification" or proposal.due_on is None:
        return facts
    decision = Decision(id=f"decision:p{number}", kind="recertify", date=proposal.due_on, recorded_on=None)
    return replace(facts, decisions=(*facts.decisions, decision))


def _with(facts: Facts, proposals: Sequence[Proposal], number: int = 0) -> Facts:
    kinds: dict[str, AuditKind] = {
        "stage1": "stage1",
        "stage2": "stage2",
        "surveillance": "surveillance",
        "recertification": "recertification",
        "transfer": "transfer",
    }
    audits = tuple(
        Audit(f"audit:p{number}-{place}", kinds[p.kind], p.on, p.on)
        for place, p in enumerate(proposals)
        if p.kind in kinds
    )
    return replace(
        facts, audits=tuple(sorted((*facts.audits, *audits), key=lambda a: a.ended_on or a.started_on or date.max))
    )
