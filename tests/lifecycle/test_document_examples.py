"""The worked examples of the contract and of ``docs/simulate.md``, run and compared whole."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from isotrack.simulation import load
from lifecycle.catalog import Catalog
from lifecycle.document import DocumentErrors, answer, answer_under_rules
from lifecycle.story import story

DOCS = Path(__file__).parents[2] / "docs"
BLOCK = re.compile(r"^```(yaml|json|text)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
Example = tuple[str, str, str]


def examples(page: str) -> list[Example]:
    """Each document of a page with the block that follows it: (document, kind of answer, answer)."""
    blocks = BLOCK.findall((DOCS / page).read_text(encoding="utf-8"))
    assert [kind == "yaml" for kind, _ in blocks] == [index % 2 == 0 for index in range(len(blocks))]
    return [(document, kind, text) for (_, document), (kind, text) in zip(blocks[::2], blocks[1::2], strict=True)]


def run(document: str, kind: str, catalog: Catalog) -> object:
    """The answer to a document in the form in which the page shows it."""
    try:
        if kind == "text":
            return story(answer_under_rules(load(document.encode()), catalog))
        return answer(load(document.encode()), catalog)
    except DocumentErrors as errors:
        return errors.as_json()


CONTRACT, PAGE = examples("lifecycle-contract.md"), examples("simulate.md")


def test_no_example_is_lost() -> None:
    assert (len(CONTRACT), len(PAGE)) == (3, 13)


@pytest.mark.parametrize(("document", "kind", "expected"), CONTRACT)
def test_the_worked_examples_of_the_contract_hold(document: str, kind: str, expected: str, catalog: Catalog) -> None:
    assert run(document, kind, catalog) == json.loads(expected)


@pytest.mark.parametrize(("document", "kind", "expected"), PAGE)
def test_the_examples_for_users_hold(document: str, kind: str, expected: str, catalog: Catalog) -> None:
    answered = run(document, kind, catalog)
    assert answered == (expected if kind == "text" else json.loads(expected))
