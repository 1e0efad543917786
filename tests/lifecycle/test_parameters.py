"""The vocabulary of rules: what each parameter may hold, and what is said of anything else."""

from __future__ import annotations

from typing import Any

import pytest

from lifecycle.catalog import Catalog
from lifecycle.parameters import RULE_PARAMETERS, check_parameter, parameters_of, rule_ids

GRADES = ("minor", "major")


def test_every_shipped_number_is_allowed_and_every_rule_is_known(catalog: Catalog) -> None:
    wrong = [
        (scheme, rule, name, value)
        for scheme in catalog.scheme_ids
        for rule, parameters in catalog.policy(scheme).values.items()
        for name, value in parameters.items()
        if check_parameter(rule, name, value, tuple(catalog.policy(scheme).grades)) is not None
    ]
    assert wrong == []
    for scheme in catalog.scheme_ids:
        policy = catalog.policy(scheme)
        assert set(policy.values) == set(rule_ids(tuple(policy.grades)))


def test_rule_ids_name_every_grade() -> None:
    ids = rule_ids(GRADES)
    assert [rule for rule in ids if rule.startswith("nc.minor.")] == [
        "nc.minor.opening", "nc.minor.response", "nc.minor.plan", "nc.minor.action", "nc.minor.closure",
        "nc.minor.work",
    ]  # fmt: skip
    assert len(ids) == len(set(ids)) == len(RULE_PARAMETERS) - 6 + 12


@pytest.mark.parametrize("rule", ["nc.critical.closure", "nc.major.closing", "nc.<grade>.closure", "suspensions", ""])
def test_other_rules_are_unknown(rule: str) -> None:
    assert parameters_of(rule, GRADES) is None
    assert check_parameter(rule, "due", "90d", GRADES) == f"no rule {rule} in this scheme"


@pytest.mark.parametrize(
    ("rule", "name", "value"),
    [
        ("cycle", "length", "12m"),
        ("cycle", "length", "120m"),
        ("surveillance.first", "due", None),
        ("surveillance.window", "every", None),
        ("surveillance.window", "before", "0m"),
        ("surveillance.window", "count", 1),
        ("surveillance.window", "count", 120),
        ("nc.minor.closure", "due", "next_audit"),
        ("nc.minor.closure", "on_breach", "escalate"),
        ("nc.minor.closure", "becomes", "major"),
        ("nc.accumulation", "count", None),
        ("suspension", "limit", "0d"),
        ("suspension", "valid", False),
        ("edition.end", "restore", None),
    ],
)
def test_allowed_values(rule: str, name: str, value: object) -> None:
    assert check_parameter(rule, name, value, GRADES) is None


DURATION = 'must be a duration such as "90d" or "6m"'


@pytest.mark.parametrize(
    ("rule", "name", "value", "message"),
    [
        ("cycle", "length", "11m", 'must be calendar months from "12m" to "120m"'),
        ("cycle", "length", "121m", 'must be calendar months from "12m" to "120m"'),
        ("cycle", "length", "1095d", 'must be calendar months from "12m" to "120m"'),
        ("cycle", "length", None, 'must be calendar months from "12m" to "120m"'),
        ("suspension", "limit", "half a year", f"{DURATION} or null"),
        ("suspension", "limit", 180, f"{DURATION} or null"),
        ("suspension", "on_breach", "suspend", "must be one of none, withdraw"),
        ("suspension", "valid", "yes", "must be true or false"),
        ("suspension", "valid", 1, "must be true or false"),
        ("surveillance.window", "every", "0m", 'must be calendar months such as "3m" or null'),
        ("surveillance.window", "before", "90d", 'must be calendar months such as "3m"'),
        ("surveillance.window", "count", 0, "must be a whole number from 1 to 120"),
        ("surveillance.window", "count", 121, "must be a whole number from 1 to 120"),
        ("surveillance.window", "count", True, "must be a whole number from 1 to 120"),
        ("nc.accumulation", "count", 2.5, "must be a whole number from 1 to 120 or null"),
        ("nc.accumulation", "grade", None, "must be a grade of the scheme"),
        ("nc.minor.closure", "becomes", "critical", "must be a grade of the scheme: minor, major"),
        ("nc.minor.closure", "due", "next year", f"{DURATION}, next_audit or null"),
        ("nc.minor.closure", "effect_after", None, DURATION),
        ("surveillance.first", "on_breach", "escalate", "must be one of none, suspend, withdraw"),
    ],
)
def test_refused_values_say_what_is_allowed(rule: str, name: str, value: Any, message: str) -> None:
    assert check_parameter(rule, name, value, GRADES) == message


def test_an_unknown_parameter_names_the_known_ones() -> None:
    assert check_parameter("cycle", "limit", "6m", GRADES) == "unknown parameter; cycle has length, last_day"
