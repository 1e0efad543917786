"""Every checked case of ``tests/data/scenarios.yaml``; its header explains what is expected of a document."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from certifications.catalog import PlainLoader
from lifecycle.catalog import Catalog
from lifecycle.document import DocumentErrors, answer

SCENARIOS = Path(__file__).parents[1] / "data" / "scenarios.yaml"
CASES = yaml.load(SCENARIOS.read_text(encoding="utf-8"), Loader=PlainLoader)["cases"]
WHOLE_LISTS = ("transitions", "cycles", "certificates", "results", "violations")
KNOWN = {
    "status", "confirmed", "answers", "flags", *WHOLE_LISTS, "deadlines", "deadlines_absent",
    "nonconformities", "ncs_count", "error",
}  # fmt: skip


def narrowed(entry: dict[str, Any], expected: dict[str, Any]) -> dict[str, Any]:
    """The fields of an entry that the expectation names, as deep as it names them."""
    return {
        name: narrowed(entry[name], value) if isinstance(value, dict) else entry[name]
        for name, value in expected.items()
    }


def found_in(entries: list[dict[str, Any]], expected: dict[str, Any]) -> bool:
    return any(narrowed(entry, expected) == expected for entry in entries)


def check(result: dict[str, Any], expect: dict[str, Any]) -> None:
    """Compare an answer with everything a case expects of it."""
    answers = {entry["date"]: entry for entry in result.get("answers", [])}
    assert {day: answers[day]["status"] for day in expect.get("status", {})} == expect.get("status", {})
    confirmed = expect.get("confirmed", {})
    assert {day: answers[day]["confirmed_status"] for day in confirmed} == confirmed
    fields = expect.get("answers", {})
    assert {day: narrowed(answers[day], fields[day]) for day in fields} == fields
    for day, flags in expect.get("flags", {}).items():
        assert set(flags.get("has", [])) - set(answers[day]["flags"]) == set()
        assert set(flags.get("lacks", [])) & set(answers[day]["flags"]) == set()
    check_lists(result, expect)
    states = {entry["id"]: entry for entry in result.get("nonconformities", [])}
    named = expect.get("nonconformities", {})
    assert {name: narrowed(states[name], named[name]) for name in named} == named
    assert len(states) == expect.get("ncs_count", len(states))


def check_lists(result: dict[str, Any], expect: dict[str, Any]) -> None:
    whole = {name: expect[name] for name in WHOLE_LISTS if name in expect}
    if "violations" in result:
        whole.setdefault("violations", [])
    for name, entries in whole.items():
        assert len(result[name]) == len(entries), (name, result[name])
        assert [narrowed(*pair) for pair in zip(result[name], entries, strict=True)] == entries
    for deadline in expect.get("deadlines", []):
        assert found_in(result["deadlines"], deadline), (deadline, result["deadlines"])
    for deadline in expect.get("deadlines_absent", []):
        assert not found_in(result["deadlines"], deadline), deadline


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_scenario_holds(case: dict[str, Any], catalog: Catalog) -> None:
    expect = case["expect"]
    assert set(expect) <= KNOWN
    if "error" in expect:
        with pytest.raises(DocumentErrors) as refused:
            answer(case["document"], catalog)
        assert [path for path, _ in refused.value.errors] == expect["error"]
    else:
        check(answer(case["document"], catalog), expect)


def test_no_case_is_lost() -> None:
    assert len(CASES) == len({case["id"] for case in CASES}) == 86
