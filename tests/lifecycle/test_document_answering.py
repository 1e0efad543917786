"""Whatever is asked is answered or refused: never anything else."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certifications.catalog import catalog as shipped_catalog
from lifecycle.catalog import Catalog
from lifecycle.document import DocumentErrors, answer, answer_under_rules
from lifecycle.story import story
from tests.lifecycle.strategies import documents, values

KINDS = ("lifecycle", "audit_time", "site_sample", "scheme_grade", "data_submission", "regain")
LISTS = ("answers", "transitions", "cycles", "certificates", "nonconformities", "deadlines", "violations")


def answered_or_refused(document: object) -> None:
    """An answer that is JSON, or errors that each have a printable path and a message."""
    try:
        result = answer(document, shipped_catalog())
    except DocumentErrors as refused:
        paths = [path for path, _ in refused.errors]
        assert paths == sorted(set(paths))
        assert paths
        assert all(path.isprintable() and message.isprintable() for path, message in refused.errors)
    else:
        assert json.loads(json.dumps(result, allow_nan=False)) == result


@given(values)
def test_any_value_is_answered_or_refused(value: Any) -> None:
    answered_or_refused(value)


@given(st.sampled_from(KINDS), values, values, values)
def test_any_document_of_any_kind_is_answered_or_refused(kind: str, first: Any, second: Any, third: Any) -> None:
    answered_or_refused({"kind": kind, "certificate": first, "items": second, "ask": {"dates": ["2026-06-09"]}})
    answered_or_refused({"kind": kind, "scheme": "sqf", "rules": first, "nonconformities": [second, third], "ask": {}})


@given(documents(), st.data())
def test_one_spoiled_field_is_answered_or_refused(document: dict[str, Any], data: st.DataObject) -> None:
    spoiled = copy.deepcopy(document)
    place: Any = spoiled
    while True:
        key = data.draw(st.sampled_from(sorted(place) if isinstance(place, dict) else range(len(place))))
        if not isinstance(place[key], dict | list) or not place[key] or data.draw(st.booleans()):
            break
        place = place[key]
    place[key] = data.draw(values)
    answered_or_refused(spoiled)


@given(documents())
def test_every_valid_document_is_answered_and_told(document: dict[str, Any]) -> None:
    before = copy.deepcopy(document)
    answered = answer_under_rules(document, shipped_catalog())
    assert document == before
    assert list(answered.result) == ["kind", "scheme", "known_on", *LISTS]
    assert [entry["date"] for entry in answered.result["answers"]] == sorted(set(document["ask"]["dates"]))
    assert json.loads(json.dumps(answered.result, allow_nan=False)) == answered.result
    told = story(answered)
    assert told.startswith("Certificate ")
    assert all(len(line) <= 100 for line in told.splitlines())


def nested(levels: int) -> Any:
    value: Any = "end"
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize("field", ["certificate", "audits", "ask", "rules", "scheme", "surprise"])
def test_deep_nesting_is_refused_where_it_starts(field: str, catalog: Catalog) -> None:
    document = {"ask": {"dates": ["2026-06-09"]}, field: nested(100_000)}
    with pytest.raises(DocumentErrors) as refused:
        answer(document, catalog)
    first = "audits[0]" if field == "audits" else field
    assert [path for path, _ in refused.value.errors] == [first]


def test_keys_that_are_not_text_are_named_in_print(catalog: Catalog) -> None:
    document = {None: 1, 2: 1, ("a", "b"): 1, "x\ny\ud800\x1b": 1, "ask": {"dates": ["2026-06-09"]}}
    with pytest.raises(DocumentErrors) as refused:
        answer(document, catalog)
    assert [path for path, _ in refused.value.errors] == ["2", "a value of type tuple", "null", r"x\ny\ud800\x1b"]
