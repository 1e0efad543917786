"""What a person decided on the check page; the list is judged again with it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext

LEAVE_OUT = "leave_out"
_RANGE = re.compile(r"^(\d+)(?:-(\d+))?$")


class AnswersNotUnderstood(ValueError):
    """An answers file says something that is not an answer; the message names the place."""


@dataclass(slots=True)
class Answers:
    """Answers to questions, new values for what was found, single cells, and rows to leave out.

    ``choices`` maps (class, column, found or "") to an answer, ``replacements`` (column, found) to new text,
    ``cells`` (row, column) to new text.
    """

    choices: dict[tuple[str, str, str], str] = field(default_factory=dict)
    replacements: dict[tuple[str, str], str] = field(default_factory=dict)
    cells: dict[tuple[int, str], str] = field(default_factory=dict)
    left_out: set[int] = field(default_factory=set)

    def choice(self, question: str, column: str, found: str) -> str | None:
        """The answer for a value, or the one for the whole column."""
        return self.choices.get((question, column, found)) or self.choices.get((question, column, ""))

    def to_json(self) -> dict[str, Any]:
        """Plain data for a database row or a file; ``from_json`` reads it back."""
        return {
            "answers": [
                {"class": question, "column": column, **({"found": found} if found else {}), "answer": answer}
                for (question, column, found), answer in sorted(self.choices.items())
            ],
            "replace": [
                {"column": column, "found": found, "with": new}
                for (column, found), new in sorted(self.replacements.items())
            ],
            "cells": [
                {"row": row, "column": column, "value": new} for (row, column), new in sorted(self.cells.items())
            ],
            "leave_out": write_rows(self.left_out),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Answers:
        """Answers as written in a file; ``AnswersNotUnderstood`` names what is wrong."""
        unknown = set(data) - {"answers", "replace", "cells", "leave_out", "columns", "sheet", "header_row"}
        if unknown:
            text = gettext("“%(name)s” is not known; use answers, replace, cells, leave_out, columns, sheet.")
            raise AnswersNotUnderstood(text % {"name": sorted(unknown)[0]})
        answers = cls()
        for entry in _entries(data, "answers", {"class", "column", "answer"}):
            answers.choices[entry["class"], entry["column"], entry.get("found", "")] = entry["answer"]
        for entry in _entries(data, "replace", {"column", "found", "with"}):
            answers.replacements[entry["column"], entry["found"]] = entry["with"]
        for entry in _entries(data, "cells", {"row", "column", "value"}):
            for row in read_rows(entry["row"]):
                answers.cells[row, entry["column"]] = entry["value"]
        answers.left_out = read_rows(str(data.get("leave_out") or ""))
        return answers


def _entries(data: Mapping[str, Any], name: str, needed: set[str]) -> Iterable[dict[str, str]]:
    listed = data.get(name, [])
    if not isinstance(listed, list):
        raise AnswersNotUnderstood(gettext("“%(name)s” must be a list.") % {"name": name})
    for position, entry in enumerate(listed, start=1):
        if not isinstance(entry, dict) or not needed <= set(entry):
            text = gettext("%(name)s, entry %(position)s: needs %(parts)s.")
            raise AnswersNotUnderstood(text % {"name": name, "position": position, "parts": ", ".join(sorted(needed))})
        yield {str(key): "" if value is None else str(value) for key, value in entry.items()}


def read_rows(text: str) -> set[int]:
    """Row numbers of a list such as ``6-8, 10``."""
    rows: set[int] = set()
    for part in filter(None, (part.strip() for part in text.split(","))):
        match = _RANGE.match(part)
        if not match:
            text = gettext("“%(part)s” is no row number; write rows like 6-8, 10.")
            raise AnswersNotUnderstood(text % {"part": part})
        rows.update(range(int(match.group(1)), int(match.group(2) or match.group(1)) + 1))
    return rows


def write_rows(rows: Iterable[int]) -> str:
    """Row numbers as a short list: {6, 7, 8, 10} → ``6-8, 10``."""
    parts: list[list[int]] = []
    for row in sorted(rows):
        if parts and row == parts[-1][1] + 1:
            parts[-1][1] = row
        else:
            parts.append([row, row])
    return ", ".join(str(a) if a == b else f"{a}-{b}" for a, b in parts)
