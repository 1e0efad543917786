"""The shipped schemes: what they inherit, where their numbers come from, and the ends of editions."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from lifecycle.calendar import Duration
from lifecycle.catalog import Catalog, load_catalog, titles
from lifecycle.facts import EditionEnd
from lifecycle.policy import RuleSource
from tests.lifecycle.building import day, policy


def test_a_scheme_changes_single_fields_of_what_it_extends(catalog: Catalog) -> None:
    rules = catalog.raw("iatf_rules_6")["rules"]
    window = {name: rules["surveillance.window"][name] for name in ("every", "before", "after", "count", "on_breach")}
    assert window == {"every": "12m", "before": "3m", "after": "3m", "count": 2, "on_breach": "withdraw"}
    assert rules["nc.major.response"]["due"] == "15d"
    assert rules["nc.major.response"]["anchor"] == "audit_end"  # from the generic scheme, two steps up
    assert catalog.policy("iatf_rules_6").valid_while_suspended


def test_replaced_grades_take_their_rules_with_them(catalog: Catalog) -> None:
    mdsap = catalog.policy("mdsap")
    assert list(mdsap.grade_rules) == ["1", "2", "3", "4", "5"]
    assert [rule for rule in mdsap.values if rule.startswith(("nc.minor", "nc.major"))] == []
    assert [rules.grade for rules in mdsap.grade_rules.values() if rules.blocks_decision] == ["4", "5"]


def test_typed_numbers_of_the_generic_scheme(catalog: Catalog) -> None:
    generic = catalog.policy("iso17021_generic")
    closure = generic.grade_rules["major"].steps[3]
    assert (closure.id, closure.due, closure.on_breach) == ("nc.major.closure", Duration(90, "d"), "suspend")
    assert [rule.step for rule in generic.grade_rules["minor"].dated] == ["response"]
    escalation = generic.grade_rules["minor"].escalation
    assert escalation is not None
    assert escalation.becomes == "major"
    assert (generic.suspension_limit, generic.suspension_withdraws) == (Duration(6, "m"), True)
    assert generic.reapplication_wait == Duration(0, "m")


def test_a_number_stated_anew_does_not_lean_on_its_parents_source(catalog: Catalog) -> None:
    generic = catalog.policy("iso17021_generic").sources["nc.major.closure"]
    assert generic == RuleSource(
        clause="9.4.10",
        verified="yes",
        sources=("seed", "nqa_tl9000", "parkinson"),
        choice=True,
        usual=("3m", "6m"),
        document="ISO/IEC 17021-1:2015",
    )
    aerospace = catalog.policy("iaqg_icop").sources["nc.major.closure"]
    assert aerospace == RuleSource(verified="no", document="IAQG 9104-1 and ICOP resolutions")
    assert catalog.policy("iaqg_icop").sources["cycle"] == catalog.policy("iso17021_generic").sources["cycle"]
    assert titles(catalog, ("iic", "unheard of")) == ("IIC Registrar, approval, suspension, withdrawal", "unheard of")


def test_an_own_number_is_a_choice_to_check(catalog: Catalog) -> None:
    own = policy(nc__major__closure={"due": "60d"})
    assert own.sources["nc.major.closure"] == RuleSource(
        clause="9.4.10", verified="no", choice=True, usual=("3m", "6m"), document="ISO/IEC 17021-1:2015"
    )
    same = policy(nc__major__closure={"due": "90d"})
    assert same == catalog.policy("iso17021_generic")


def test_other_parameters_of_a_changed_rule_stay() -> None:
    own = policy(nc__major__closure={"due": "6m"})
    closure = own.grade_rules["major"].steps[3]
    assert (closure.due, closure.on_breach, closure.from_notification) == (Duration(6, "m"), "suspend", False)


def test_editions_are_read_with_dates_as_text_or_dates() -> None:
    row = {"standard": "S", "edition": "1", "ends_on": "2025-10-31", "last_new_audit_on": date(2024, 4, 30)}
    loaded = load_catalog({"schemes": [], "editions": [row, {"standard": "S", "edition": "2", "ends_on": None}]})
    assert loaded.editions == (
        EditionEnd("S", "1", day("2025-10-31"), last_new_audit_on=day("2024-04-30")),
        EditionEnd("S", "2", None),
    )


def test_an_unknown_scheme_is_a_key_error(catalog: Catalog) -> None:
    with pytest.raises(KeyError):
        catalog.policy("iso_all")


def minimal(**rules: dict[str, Any]) -> dict[str, Any]:
    return {"id": "own", "title": "Own", "document": "D", "grades": {"high": {"blocks_decision": True}}, "rules": rules}


def test_rules_left_out_are_off() -> None:
    accumulation = {"count": None, "grade": "high", "becomes": "high"}
    own = load_catalog({"schemes": [minimal(**{"nc.accumulation": accumulation})]}).policy("own")
    assert own.grade_rules["high"].dated == ()
    assert (own.suspension_limit, own.restoration_limit, own.transfer_limit) == (None, None, None)
    assert (own.cycle.length, own.yearly_surveillance.required) == (Duration(36, "m"), False)
