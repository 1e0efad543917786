"""The ASVS table answers every row of levels 1 and 2, in words that mean something, and names files that exist."""

from __future__ import annotations

import re

from tests.architecture.source import ROOT

TEXT = (ROOT / "docs/security/asvs.md").read_text()
ROWS = re.findall(r"^\| (V\d+\.\d+\.\d+) \| ([12]) \| ([^|]+) \| ([^|]+) \|$", TEXT, re.MULTILINE)


def test_every_row_once():
    numbers = [number for number, *_ in ROWS]
    assert (len(numbers), len(set(numbers))) == (253, 253)
    assert numbers == sorted(numbers, key=lambda number: [int(part) for part in number[1:].split(".")])


def test_every_answer_is_one_of_five():
    known = re.compile(r"(yes|partly|no|operator|none)\b")
    wrong = [(number, answer) for number, _, _, answer in ROWS if not known.match(answer)]
    assert wrong == []
    assert [number for number, _, _, answer in ROWS if answer.startswith(("partly", "no:")) and ":" not in answer] == []


def test_files_that_are_named_exist():
    named = {name for name in re.findall(r"`([\w./-]+\.(?:py|md|html))`", TEXT) if "/" in name or name.isupper()}
    assert [name for name in sorted(named) if not (ROOT / name).exists()] == []
