"""An outcome as the output document has it (section 3): JSON-ready, dates as ISO text."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from fractions import Fraction
from typing import Any

from lifecycle.outcome import Answer, Outcome, Transition

Json = dict[str, Any]


def as_json(value: Any) -> Any:
    """A value with its dates as ISO text, its fractions as numbers and its tuples as lists."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Fraction):
        return value.numerator if value.denominator == 1 else float(value)
    if isinstance(value, dict):
        return {name: as_json(entry) for name, entry in value.items()}
    return [as_json(entry) for entry in value] if isinstance(value, list | tuple) else value


def render_answer(answer: Answer) -> Json:
    """The certificate as at the end of one day."""
    return {
        "date": as_json(answer.date),
        "status": answer.status,
        "confirmed_status": answer.confirmed_status,
        "differs": answer.differs,
        "certificate": answer.certificate,
        "edition": answer.edition,
        "expires_on": as_json(answer.expires_on),
        "effective_expires_on": as_json(answer.effective_expires_on),
        "suspension_limit_on": as_json(answer.suspension_limit_on),
        "restorable_until": as_json(answer.restorable_until),
        "reapply_from": as_json(answer.reapply_from),
        "flags": list(answer.flags),
    }


def render_transition(transition: Transition) -> Json:
    """One move of the status."""
    return {
        "date": as_json(transition.date),
        "from": transition.from_status,
        "to": transition.to_status,
        "by": transition.by,
        "rule": transition.rule,
        "reason": transition.reason,
        "because": list(transition.because),
    }


def render_outcome(outcome: Outcome) -> Json:
    """The lists of the output document, for the simulation and for every page or API that shows them."""
    return {
        "answers": [render_answer(answer) for answer in outcome.answers],
        "transitions": [render_transition(transition) for transition in outcome.transitions],
        "cycles": [as_json(asdict(cycle)) for cycle in outcome.cycles],
        "certificates": [as_json(asdict(state)) for state in outcome.certificates],
        "nonconformities": [as_json(asdict(state)) for state in outcome.nonconformities],
        "deadlines": [as_json(asdict(deadline)) for deadline in outcome.deadlines],
        "violations": [as_json(asdict(violation)) for violation in outcome.violations],
    }
