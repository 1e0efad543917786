"""The engine and the naive second reading give the same whole answers.

The hand-made cases of ``cases/`` hold on both. Random documents are compared field by field: 200 of them, and 2,000
where ``CI`` is set. A difference is a mistake in one of the two; the contract says in which
(docs/decisions/0002-readings-of-the-contract.md).
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from lifecycle.catalog import Catalog
from lifecycle.document import DocumentErrors, answer
from tests.lifecycle.oracle import oracle_answer
from tests.lifecycle.oracle.generate import generate
from tests.lifecycle.oracle.generate_calculations import generate_calculation
from tests.lifecycle.oracle.rulebook import read_yaml
from tests.lifecycle.oracle.shrink import shrink
from tests.lifecycle.test_scenarios import CASES as SCENARIOS
from tests.lifecycle.test_scenarios import KNOWN, check

Json = dict[str, Any]

CASE_FILES = sorted((Path(__file__).parent / "cases").glob("*.yaml"))
CASES = [case for path in CASE_FILES for case in read_yaml(path)["cases"]]
DOCUMENTS = 2000 if os.environ.get("CI") else 75
BLOCK = 25


def engine_answer(document: Json, catalog: Catalog) -> Json:
    """The product's answer as it leaves the door, without the free text of ``message``."""
    told: Json = json.loads(json.dumps(answer(document, catalog)))
    for violation in told.get("violations", []):
        del violation["message"]
    return told


def differs(document: Json, catalog: Catalog) -> bool:
    """Whether the two disagree on a smaller document; one that is refused shows nothing."""
    try:
        told = engine_answer(document, catalog)
    except DocumentErrors:
        return False
    return told != oracle_answer(document)


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_case_holds_on_both(case: Json, catalog: Catalog) -> None:
    assert set(case["expect"]) <= KNOWN - {"error"}
    expected = oracle_answer(case["document"])
    check(expected, case["expect"])
    assert engine_answer(case["document"], catalog) == expected


def test_no_case_is_lost() -> None:
    assert len(CASES) == len({case["id"] for case in CASES})
    assert len(CASES) >= 120


def test_scenarios_have_the_same_whole_answer(catalog: Catalog) -> None:
    documents = [case["document"] for case in SCENARIOS if "error" not in case["expect"]]
    for document in documents:
        assert engine_answer(document, catalog) == oracle_answer(document)


@pytest.mark.parametrize("first", range(0, DOCUMENTS, BLOCK))
def test_random_documents_have_the_same_whole_answer(first: int, catalog: Catalog) -> None:
    for seed in range(first, first + BLOCK):
        document = generate(seed)
        if engine_answer(document, catalog) != oracle_answer(document):
            small = shrink(document, lambda smaller: differs(smaller, catalog))
            assert engine_answer(small, catalog) == oracle_answer(small), f"seed {seed}: {json.dumps(small)}"


def test_calculators_agree(catalog: Catalog) -> None:
    for seed in range(DOCUMENTS):
        document = generate_calculation(seed)
        assert engine_answer(document, catalog) == oracle_answer(document), f"seed {seed}: {json.dumps(document)}"
