"""Stage 2 of reading a document: its scheme, then its overrides of rules (sections 2 and 5)."""

from __future__ import annotations

from collections.abc import Mapping

from lifecycle.catalog import Catalog
from lifecycle.document.errors import ErrorList, refuse
from lifecycle.document.values import inside, shown
from lifecycle.parameters import check_parameter, parameters_of, rule_ids
from lifecycle.policy import Policy

Overrides = Mapping[str, Mapping[str, object]]


def policy_for(scheme: str, overrides: Overrides, catalog: Catalog) -> Policy:
    """The rules under which a document is answered; ``DocumentErrors`` when it names wrong ones."""
    policy = scheme_named(scheme, catalog)
    errors = ErrorList()
    for rule, parameters in overrides.items():
        _check_rule(rule, parameters, policy, errors)
    errors.refuse_if_any()
    return policy.with_rules(overrides) if overrides else policy


def scheme_named(scheme: str, catalog: Catalog) -> Policy:
    """The scheme of that id; ``DocumentErrors`` at ``scheme`` when the catalog has none."""
    if scheme not in catalog.policies:
        raise refuse("scheme", f"{shown(scheme)} is unknown; allowed: {', '.join(catalog.scheme_ids)}")
    return catalog.policy(scheme)


def _check_rule(rule: object, parameters: Mapping[str, object], policy: Policy, errors: ErrorList) -> None:
    grades, path = tuple(policy.grades), inside("rules", rule)
    allowed = parameters_of(rule, grades) if isinstance(rule, str) else None
    if not isinstance(rule, str) or allowed is None:
        errors.add(path, f"unknown rule; {policy.id} has {', '.join(rule_ids(grades))}")
        return
    for name, value in parameters.items():
        wrong = check_parameter(rule, name, value, grades)
        if wrong is not None:
            errors.add(inside(path, name), f"{shown(value)}: {wrong}")
    if "becomes" in allowed:
        _check_escalation(path, {**policy.values.get(rule, {}), **parameters}, policy, errors)


def _check_escalation(path: str, values: Mapping[str, object], policy: Policy, errors: ErrorList) -> None:
    """A nonconformity can only escalate to a grade that the scheme has."""
    if values.get("on_breach") == "escalate" and values.get("becomes") is None:
        errors.add(f"{path}.becomes", f"missing; escalate needs a grade of the scheme: {', '.join(policy.grades)}")
