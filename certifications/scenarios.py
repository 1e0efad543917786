"""What would be if the work that is planned gets done in time: the same facts, with the planned ones added."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from lifecycle.facts import Audit, Decision, Facts, Nonconformity
from lifecycle.outcome import Answer, Outcome


def if_plans_hold(facts: Facts, now: Answer, outcome: Outcome, planned: Sequence[Audit], today: date) -> Facts:
    """Open nonconformities are closed by their due date, planned audits take place, and the body decides in time.

    ``planned`` are audits with the dates they are planned for. A suspension is lifted when the last nonconformity
    is closed; a recertification audit that has been held or is planned leads to a decision by the expiry date.
    """
    closing = _closing_days(outcome, today)
    closed = tuple(_closed(nc, closing) for nc in facts.nonconformities)
    audits = (*facts.audits, *(audit for audit in planned if (audit.ended_on or today) > today))
    decisions = [*_lift(now, closing, today), *_recertify(now, audits, today)]
    return replace(
        facts,
        nonconformities=closed,
        audits=audits,
        decisions=tuple(sorted((*facts.decisions, *decisions), key=lambda decision: decision.date)),
    )


def _closing_days(outcome: Outcome, today: date) -> dict[str, date]:
    """The day by which each open nonconformity would be closed: its due date, else today if that has passed."""
    days = {}
    for nc in outcome.nonconformities:
        if nc.state == "open" and not nc.sources:
            due = nc.due.closure if isinstance(nc.due.closure, date) else None
            days[nc.id] = max(due or today, today)
    return days


def _closed(nc: Nonconformity, closing: Mapping[str, date]) -> Nonconformity:
    day = closing.get(nc.id)
    if day is None:
        return nc
    return replace(
        nc,
        plan_submitted_on=nc.plan_submitted_on or day,
        plan_accepted_on=nc.plan_accepted_on or day,
        action_done_on=nc.action_done_on or day,
        closed_on=day,
    )


def _lift(now: Answer, closing: Mapping[str, date], today: date) -> list[Decision]:
    if now.status != "suspended" or not (closing or "lift_possible" in now.flags):
        return []
    return [Decision("plan:lift", "lift", max(closing.values(), default=today))]


def _recertify(now: Answer, audits: Sequence[Audit], today: date) -> list[Decision]:
    expires_on = now.expires_on
    if expires_on is None or expires_on < today or now.status not in {"active", "suspended"}:
        return []
    year_before = expires_on.replace(year=expires_on.year - 1, day=min(expires_on.day, 28))
    ended = [a.ended_on for a in audits if a.kind == "recertification" and a.ended_on]
    in_time = any(year_before <= day <= expires_on for day in ended)
    return [Decision("plan:recertify", "recertify", expires_on)] if in_time else []
