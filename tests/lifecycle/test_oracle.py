"""The naive second reading holds for every checked case and every worked example of the contract."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.lifecycle.oracle import oracle_answer
from tests.lifecycle.oracle.generate import generate
from tests.lifecycle.oracle.rulebook import read_yaml_text
from tests.lifecycle.oracle.shrink import shrink
from tests.lifecycle.test_scenarios import CASES, check

CONTRACT = Path(__file__).parents[2] / "docs" / "lifecycle-contract.md"
COMPUTED = [case for case in CASES if "error" not in case["expect"]]


def worked_examples() -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """The documents of section 11 with their answers; the refused one is not for the oracle."""
    section = CONTRACT.read_text(encoding="utf-8").split("## 11.")[1]
    blocks = re.findall(r"```yaml\n(.*?)```\n```json\n(.*?)```", section, flags=re.DOTALL)
    pairs = [(read_yaml_text(document), json.loads(answer)) for document, answer in blocks]
    return [(document, answer) for document, answer in pairs if "errors" not in answer]


@pytest.mark.parametrize("case", COMPUTED, ids=[case["id"] for case in COMPUTED])
def test_scenario_holds_on_the_oracle(case: dict[str, Any]) -> None:
    check(oracle_answer(case["document"]), case["expect"])


def test_worked_examples_hold_on_the_oracle() -> None:
    examples = worked_examples()
    assert len(examples) == 2
    for document, answer in examples:
        assert oracle_answer(document) == answer


def test_a_seed_gives_one_document() -> None:
    assert generate(7) == generate(7)
    assert generate(7) != generate(8)


def test_shrinking_leaves_only_what_matters() -> None:
    def has_major(document: dict[str, Any]) -> bool:
        return any(record.get("grade") == "major" for record in document.get("nonconformities", []))

    document = {
        "scheme": "sqf",
        "nonconformities": [{"id": "N1", "grade": "minor"}, {"id": "N2", "grade": "major", "clause": "9.2"}],
        "ask": {"dates": ["2026-01-01"]},
    }
    assert shrink(document, has_major) == {"nonconformities": [{"grade": "major"}]}
