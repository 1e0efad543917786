"""Dates in three boxes."""

from __future__ import annotations

from datetime import date

import pytest
from django import forms
from django.utils import translation

from accounts.fields import PaperDateField


class Paper(forms.Form):
    day = PaperDateField(label="Expires", required=False)
    must = PaperDateField(label="Issued", missing="Enter the day of issue")


def entered(day: str, month: str, year: str) -> Paper:
    boxes = {"day_day": day, "day_month": month, "day_year": year}
    return Paper({**boxes, "must_day": "1", "must_month": "1", "must_year": "2026"})


@pytest.mark.parametrize(
    ("boxes", "expected"),
    [
        (("12", "1", "2027"), date(2027, 1, 12)),
        (("1", "Oct", "2025"), date(2025, 10, 1)),
        (("01", "october", "2025"), date(2025, 10, 1)),
        ((" 29 ", "feb", "2028"), date(2028, 2, 29)),
        (("", "", ""), None),
    ],
)
def test_dates_that_are_understood(boxes: tuple[str, str, str], expected: date | None) -> None:
    form = entered(*boxes)
    assert form.is_valid()
    assert form.cleaned_data["day"] == expected


@pytest.mark.parametrize(
    ("language", "month", "number"),
    [
        ("de", "Okt", 10),
        ("de", "März", 3),
        ("de", "mar", 3),
        ("de", "October", 10),
        ("fr", "févr.", 2),
        ("fr", "août", 8),
        ("fr", "juil", 7),
        ("es", "ene", 1),
        ("es", "diciembre", 12),
        ("pl", "paź", 10),
        ("pl", "stycznia", 1),
    ],
)
def test_a_month_may_be_written_in_the_language_of_the_reader(language: str, month: str, number: int) -> None:
    with translation.override(language):
        form = entered("1", month, "2027")
        assert form.is_valid()
        assert form.cleaned_data["day"] == date(2027, number, 1)


def test_a_month_that_may_be_two_is_asked_for_again_and_the_boxes_are_named_in_the_language_of_the_reader() -> None:
    with translation.override("fr"):
        form = entered("1", "jui", "2027")
        assert form.errors["day"] == ["Expires\xa0: «\xa0jui\xa0» n’est pas un mois\xa0; écrivez 10 ou oct"]
        assert [word in str(form["day"]) for word in ("Jour", "Mois", "Année", "Day")] == [True, True, True, False]


@pytest.mark.parametrize(
    ("boxes", "said"),
    [
        (("", "1", "2027"), "Expires must have a day"),
        (("12", "", ""), "Expires must have a month and a year"),
        (("31", "2", "2027"), "Expires: 31 2 2027 is no date that exists"),
        (("29", "Feb", "2027"), "Expires: 29 Feb 2027 is no date that exists"),
        (("12", "13", "2027"), "Expires: “13” is no month; write 10 or Oct"),
        (("12", "Okt", "2027"), "Expires: “Okt” is no month; write 10 or Oct"),
        (("12", "1", "27"), "Expires: the year must have four digits"),
        (("x", "1", "2027"), "Expires: x 1 2027 is no date that exists"),
    ],
)
def test_dates_that_are_refused_say_what_is_wrong(boxes: tuple[str, str, str], said: str) -> None:
    assert entered(*boxes).errors == {"day": [said]}


def test_a_required_date_says_what_is_missing() -> None:
    assert Paper({}).errors == {"must": ["Enter the day of issue"]}


def test_boxes_are_filled_from_a_date() -> None:
    html = str(Paper(initial={"day": date(2027, 1, 12)})["day"])
    assert [value in html for value in ('value="12"', 'value="1"', 'value="2027"')] == [True, True, True]
