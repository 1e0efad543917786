"""What was known on a day (convention C13): facts recorded later are left out."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from lifecycle.facts import Audit, Facts, Nonconformity


def known_facts(facts: Facts) -> Facts:
    """The facts as recorded by ``facts.known_on``; all of them when it is None.

    A record without ``recorded_on`` became known on its own date, an audit on the first of its dates,
    an edition's end always.
    """
    day = facts.known_on
    if day is None:
        return facts
    by_id = {audit.id: audit for audit in facts.audits}
    dated = [_with_raised_on(finding, by_id) for finding in facts.nonconformities]
    return replace(
        facts,
        audits=tuple(_known_audit(audit, day) for audit in facts.audits if _audit_known_from(audit) <= day),
        nonconformities=tuple(
            _known_nonconformity(finding, day)
            for finding in dated
            if (finding.recorded_on or raised_on(finding)) <= day
        ),
        decisions=tuple(decision for decision in facts.decisions if (decision.recorded_on or decision.date) <= day),
        notices=tuple(notice for notice in facts.notices if (notice.recorded_on or notice.date) <= day),
        editions=tuple(end for end in facts.editions if end.recorded_on is None or end.recorded_on <= day),
    )


def raised_on(finding: Nonconformity, audit: Audit | None = None) -> date:
    """The day a nonconformity was raised: its own date, else the last day of its audit."""
    day = finding.raised_on or (audit.ended_on if audit is not None else None)
    if day is None:
        raise ValueError(f"nonconformity {finding.id} has neither raised_on nor an audit with ended_on")
    return day


def _with_raised_on(finding: Nonconformity, audits: dict[str, Audit]) -> Nonconformity:
    return replace(finding, raised_on=raised_on(finding, audits.get(finding.audit or "")))


def _audit_known_from(audit: Audit) -> date:
    return audit.recorded_on or min(day for day in (audit.started_on, audit.ended_on) if day is not None)


def _known_audit(audit: Audit, day: date) -> Audit:
    return replace(audit, ended_on=_by(audit.ended_on, day))


def _known_nonconformity(finding: Nonconformity, day: date) -> Nonconformity:
    closed = finding.closed_on
    closure_known = closed is not None and (finding.closure_recorded_on or closed) <= day
    return replace(
        finding,
        plan_submitted_on=_by(finding.plan_submitted_on, day),
        plan_accepted_on=_by(finding.plan_accepted_on, day),
        action_done_on=_by(finding.action_done_on, day),
        closed_on=closed if closure_known else None,
        verifications=tuple(check for check in finding.verifications if (check.recorded_on or check.date) <= day),
        extensions=tuple(later for later in finding.extensions if (later.recorded_on or later.granted_on) <= day),
    )


def _by(done: date | None, day: date) -> date | None:
    return done if done is not None and done <= day else None
