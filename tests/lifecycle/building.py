"""Short ways to write facts, policies and dates in tests of the engine."""

from __future__ import annotations

from datetime import date
from typing import Any

from certifications.catalog import catalog
from lifecycle.evolve import evolve
from lifecycle.facts import Audit, Certificate, Facts, Nonconformity
from lifecycle.outcome import Answer, Deadline, Outcome
from lifecycle.policy import Policy, PolicyBook


def day(text: str) -> date:
    """A civil date, as people write it."""
    return date.fromisoformat(text)


def policy(scheme: str = "iso17021_generic", **rules: dict[str, Any]) -> Policy:
    """A shipped scheme; ``rules`` change single parameters, with ``__`` for the dots of a rule id."""
    return catalog().policy(scheme).with_rules({rule.replace("__", "."): values for rule, values in rules.items()})


def book(scheme: str = "iso17021_generic", **rules: dict[str, Any]) -> PolicyBook:
    """One version of a scheme with the shipped ends of editions."""
    return PolicyBook.single(policy(scheme, **rules), catalog().editions)


def major(**fields: Any) -> Nonconformity:
    """A major raised on 10 March 2026, due for closure on 8 June 2026 under the generic scheme."""
    return Nonconformity(**{"id": "N1", "grade": "major", "raised_on": day("2026-03-10"), **fields})


def in_force(**fields: Any) -> Certificate:
    """A certificate of which only the expiry is known."""
    return Certificate(**{"id": "C1", "expires_on": day("2028-05-01"), **fields})


def audit(number: str, kind: Any, ended_on: str, **fields: Any) -> Audit:
    """An audit that ended on a day."""
    return Audit(id=number, kind=kind, ended_on=day(ended_on), **fields)


def outcome(facts: Facts, rules: PolicyBook, *asked: str) -> Outcome:
    """The engine's whole answer."""
    return evolve(facts, rules, [day(text) for text in asked])


def answer(facts: Facts, rules: PolicyBook, asked: str) -> Answer:
    """How the certificate stands on one day."""
    return outcome(facts, rules, asked).answers[0]


def statuses(facts: Facts, rules: PolicyBook, *asked: str) -> list[str]:
    """The status on each asked day."""
    return [found.status for found in outcome(facts, rules, *asked).answers]


def deadline(found: Outcome, kind: str, subject: str = "C1") -> Deadline:
    """The only deadline of a kind for a subject."""
    (only,) = [d for d in found.deadlines if (d.kind, d.subject) == (kind, subject)]
    return only
