"""Answers as data: what is written reads back, what is wrong is named."""

from __future__ import annotations

from typing import Any

import pytest

from exchange.answers import Answers, AnswersNotUnderstood, read_rows, write_rows


def test_answers_read_back_as_written() -> None:
    answers = Answers(
        {("grade_code", "Grade", "NC1"): "major", ("month_only", "Valid until", ""): "last_day"},
        {("Grade", "OFI"): "minor"},
        {(7, "Closed on"): "2026-01-01"},
        {3, 4, 9},
    )
    assert Answers.from_json(answers.to_json()) == answers


def test_the_answer_for_a_value_comes_before_the_one_for_the_column() -> None:
    answers = Answers({("grade_code", "Grade", ""): "minor", ("grade_code", "Grade", "A"): "major"})
    assert [answers.choice("grade_code", "Grade", found) for found in ("A", "B")] == ["major", "minor"]
    assert answers.choice("grade_code", "Class", "A") is None


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"answer": []}, "“answer” is not known"),
        ({"answers": {}}, "“answers” must be a list"),
        ({"answers": [{"class": "x"}]}, "answers, entry 1: needs answer, class, column"),
        ({"cells": [{"row": "x", "column": "a", "value": ""}]}, "“x” is no row number"),
        ({"leave_out": "1-x"}, "“1-x” is no row number"),
    ],
)
def test_what_is_no_answer_is_named(data: dict[str, Any], words: str) -> None:
    with pytest.raises(AnswersNotUnderstood, match=words):
        Answers.from_json(data)


def test_rows_are_written_short() -> None:
    assert write_rows({8, 6, 7, 10}) == "6-8, 10"
    assert read_rows("6-8, 10") == {6, 7, 8, 10}
    assert (write_rows(()), read_rows("")) == ("", set())
