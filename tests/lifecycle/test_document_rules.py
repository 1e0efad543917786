"""Stage 2 of section 10: the scheme, then the overrides of its rules."""

from __future__ import annotations

from typing import Any

import pytest

from lifecycle.catalog import Catalog
from lifecycle.document import answer
from tests.lifecycle.test_document_shape import refused_paths

ASK = {"dates": ["2026-06-09"]}


def ruled(rules: dict[Any, Any], **fields: Any) -> dict[str, Any]:
    return {"certificate": {"expires_on": "2028-05-01"}, "rules": rules, "ask": ASK, **fields}


def test_an_unknown_scheme_is_refused_before_its_rules(catalog: Catalog) -> None:
    assert refused_paths(ruled({"bogus": {}}, scheme="iso_all"), catalog) == ["scheme"]
    assert refused_paths({"scheme": "", "ask": ASK}, catalog) == ["scheme"]


@pytest.mark.parametrize(
    ("rules", "paths"),
    [
        ({"nc.major.closing": {"due": "90d"}}, ["rules.nc.major.closing"]),
        ({"nc.critical.closure": {"due": "90d"}}, ["rules.nc.critical.closure"]),
        ({"nc.<grade>.closure": {"due": "90d"}}, ["rules.nc.<grade>.closure"]),
        ({5: {"due": "90d"}}, ["rules.5"]),
        ({"suspension": {"limit": "half a year"}}, ["rules.suspension.limit"]),
        ({"suspension": {"limit": 90}}, ["rules.suspension.limit"]),
        ({"suspension": {"limit": "90"}}, ["rules.suspension.limit"]),
        ({"suspension": {"limit": "-1d"}}, ["rules.suspension.limit"]),
        ({"suspension": {"limit": "6m "}}, ["rules.suspension.limit"]),
        ({"suspension": {"limit": ["6m"]}}, ["rules.suspension.limit"]),
        ({"suspension": {"days": "6m"}}, ["rules.suspension.days"]),
        ({"suspension": {1: "6m"}}, ["rules.suspension.1"]),
        (
            {"suspension": {"valid": "yes", "on_breach": "suspend"}},
            ["rules.suspension.on_breach", "rules.suspension.valid"],
        ),
        ({"suspension": {"clause": "9.6.5"}}, ["rules.suspension.clause"]),
        ({"suspension": {"valid": None}}, ["rules.suspension.valid"]),
        ({"cycle": {"length": "11m"}}, ["rules.cycle.length"]),
        ({"cycle": {"length": "121m"}}, ["rules.cycle.length"]),
        ({"cycle": {"length": "1095d"}}, ["rules.cycle.length"]),
        ({"cycle": {"length": None}}, ["rules.cycle.length"]),
        ({"cycle": {"last_day": "eve"}}, ["rules.cycle.last_day"]),
        ({"surveillance.window": {"before": "90d"}}, ["rules.surveillance.window.before"]),
        ({"surveillance.window": {"count": 0}}, ["rules.surveillance.window.count"]),
        ({"surveillance.window": {"count": True}}, ["rules.surveillance.window.count"]),
        ({"surveillance.first": {"on_breach": "escalate"}}, ["rules.surveillance.first.on_breach"]),
        ({"surveillance.first": {"due": "next_audit"}}, ["rules.surveillance.first.due"]),
        ({"nc.major.closure": {"anchor": "issue"}}, ["rules.nc.major.closure.anchor"]),
        ({"nc.major.closure": {"on_breach": "escalate"}}, ["rules.nc.major.closure.becomes"]),
        ({"nc.minor.closure": {"becomes": None}}, ["rules.nc.minor.closure.becomes"]),
        ({"nc.minor.closure": {"becomes": "critical"}}, ["rules.nc.minor.closure.becomes"]),
        (
            {"nc.accumulation": {"becomes": "critical", "per": "site"}},
            ["rules.nc.accumulation.becomes", "rules.nc.accumulation.per"],
        ),
        ({"edition.end": {"effect": "none"}}, ["rules.edition.end.effect"]),
        (
            {"suspension": {"limit": 1}, "cycle": {"size": "36m"}, "transfers": {}},
            ["rules.cycle.size", "rules.suspension.limit", "rules.transfers"],
        ),
    ],
)
def test_wrong_rules_are_named(rules: dict[Any, Any], paths: list[str], catalog: Catalog) -> None:
    assert refused_paths(ruled(rules), catalog) == paths


@pytest.mark.parametrize(
    ("scheme", "rules"),
    [
        ("iso17021_generic", {"suspension": {"limit": None}}),
        ("iso17021_generic", {"suspension": {}}),
        ("iso17021_generic", {"cycle": {"length": "12m"}}),
        ("iso17021_generic", {"cycle": {"length": "120m"}}),
        ("iso17021_generic", {"nc.minor.closure": {"due": "30d", "on_breach": "none", "becomes": None}}),
        ("iso17021_generic", {"nc.minor.closure": {"on_breach": "escalate", "becomes": "major"}}),
        ("fssc_22000_v6", {"nc.critical.closure": {"due": "next_audit", "on_breach": "suspend"}}),
        ("mdsap", {"nc.4.closure": {"due": "0d"}, "nc.accumulation": {"count": 2}}),
    ],
)
def test_allowed_rules_are_answered(scheme: str, rules: dict[str, Any], catalog: Catalog) -> None:
    assert answer(ruled(rules, scheme=scheme), catalog)["scheme"] == scheme


def test_a_wrong_shape_hides_wrong_rules_and_these_hide_wrong_facts(catalog: Catalog) -> None:
    rules = {"suspension": {"limit": "soon"}}
    backwards = {"certified_on": "2026-01-02", "expires_on": "2026-01-01"}
    document = {"certificate": backwards, "rules": rules, "ask": {"dates": []}}
    assert refused_paths({**document, "audits": 1}, catalog) == ["audits"]
    assert refused_paths(document, catalog) == ["rules.suspension.limit"]
    assert refused_paths({**document, "rules": {}}, catalog) == ["ask", "certificate.expires_on"]
