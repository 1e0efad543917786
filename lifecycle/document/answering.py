"""Answering a document: read it in three stages, then ask the engine or a calculator."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lifecycle.catalog import Catalog
from lifecycle.document.calculations import CALCULATORS
from lifecycle.document.check import check_facts
from lifecycle.document.errors import WHOLE, refuse
from lifecycle.document.render import as_json, render_outcome
from lifecycle.document.rules import policy_for
from lifecycle.document.shape import read_question
from lifecycle.document.values import shown
from lifecycle.evolve import evolve
from lifecycle.policy import Policy, PolicyBook

LIFECYCLE = "lifecycle"


@dataclass(frozen=True, slots=True)
class Answered:
    """An answered document: the output document, and the rules under which it was answered.

    ``policy`` is None for the calculators that need no scheme.
    """

    result: dict[str, Any]
    policy: Policy | None


def answer(document: object, catalog: Catalog) -> dict[str, Any]:
    """What happens to the certificate of the document, when and why: the JSON-ready output document.

    Nothing is stored and no clock is read. A wrong document raises ``DocumentErrors`` with all errors of
    the first stage that failed (section 10): shape, then scheme and rules, then facts.
    """
    return answer_under_rules(document, catalog).result


def answer_under_rules(document: object, catalog: Catalog) -> Answered:
    """As ``answer``, together with the rules it rests on, for those who tell it in words."""
    if not isinstance(document, dict):
        raise refuse(WHOLE, f"{shown(document)} is not a document: a mapping of fields, of which ask is required")
    kind = document.get("kind", LIFECYCLE)
    if kind == LIFECYCLE:
        return _answer_lifecycle(document, catalog)
    if not isinstance(kind, str) or kind not in CALCULATORS:
        raise refuse("kind", f"{shown(kind)} is not one of: {', '.join([LIFECYCLE, *CALCULATORS])}")
    result = CALCULATORS[kind](document, catalog)
    return Answered(result, catalog.policies.get(result.get("scheme", "")))


def _answer_lifecycle(document: dict[Any, Any], catalog: Catalog) -> Answered:
    question = read_question(document)
    policy = policy_for(question.scheme, question.rules, catalog)
    check_facts(question.facts, policy, question.dates)
    outcome = evolve(question.facts, PolicyBook.single(policy, catalog.editions), question.dates)
    result = {
        "kind": LIFECYCLE,
        "scheme": question.scheme,
        "known_on": as_json(question.facts.known_on),
        **render_outcome(outcome),
    }
    return Answered(result, policy)
