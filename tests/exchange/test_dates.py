"""Dates as people write them: exact, uncertain in a named way, or refused; never guessed."""

from __future__ import annotations

from datetime import date

import pytest

from exchange.cells import Cell, text_cell
from exchange.readers.number_format import date_parts, day_of_serial, shown
from exchange.values.dates import date_inside, day_order, read_date, read_text

EXACT = {
    "2027-01-12": date(2027, 1, 12),
    "2027/1/12": date(2027, 1, 12),
    "2027.01.12": date(2027, 1, 12),
    "20270112": date(2027, 1, 12),
    "2027-01-12T00:00:00Z": date(2027, 1, 12),
    "2027-01-12 10:30:00": date(2027, 1, 12),
    "12.01.2027": date(2027, 1, 12),
    "12. 1. 2027": date(2027, 1, 12),
    "12.1.27": date(2027, 1, 12),
    "12.01.2027 r.": date(2027, 1, 12),
    "Mo, 12.01.2027": date(2027, 1, 12),
    "Tuesday 12 January 2027": date(2027, 1, 12),
    "12 January 2027": date(2027, 1, 12),
    "January 12, 2027": date(2027, 1, 12),
    "12th January 2027": date(2027, 1, 12),
    "12-Jan-2027": date(2027, 1, 12),
    "12Jan27": date(2027, 1, 12),
    "12. Januar 2027": date(2027, 1, 12),
    "12 janvier 2027": date(2027, 1, 12),
    "1er mars 2027": date(2027, 3, 1),
    "12 de enero de 2027": date(2027, 1, 12),
    "12 stycznia 2027": date(2027, 1, 12),
    "3 października 2026": date(2026, 10, 3),
    "15 août 2026": date(2026, 8, 15),
    "30-Sept-2026": date(2026, 9, 30),
    "13/01/2027": date(2027, 1, 13),
    "01/13/2027": date(2027, 1, 13),
    "05/05/2027": date(2027, 5, 5),
    "13-01-27": date(2027, 1, 13),
    "29.02.2028": date(2028, 2, 29),
    "01.01.1990": date(1990, 1, 1),
    "31.12.2099": date(2099, 12, 31),
}
NOT_UNDERSTOOD = [
    "29.02.2027", "31/11/2026", "31.11.2024", "end of May", "tbd", "2026-13-01", "20226-01-01", "20270231", "27 Apr",
    "KW 12", "KW 60/2027", "00.01.2027", "12.13.2027", "0/0/2027", "Mai 5", "12.01.2027 (extended)", "12/2027/01",
    "?", "x" * 200,
]  # fmt: skip


@pytest.mark.parametrize("text", EXACT)
def test_exact_dates(text: str) -> None:
    reading = read_text(text)
    assert (reading.kind, reading.day) == ("date", EXACT[text])


@pytest.mark.parametrize("text", NOT_UNDERSTOOD)
def test_what_is_no_date_is_not_made_one(text: str) -> None:
    assert read_text(text).kind == "unclear"


@pytest.mark.parametrize("text", ["31.12.1989", "01.01.2100", "9999-12-31", "1900-01-01"])
def test_dates_outside_the_range(text: str) -> None:
    assert read_text(text).kind == "out_of_range"


@pytest.mark.parametrize("text", ["12/01/2027", "12-01-2027", "12/1/27", "12 / 01 / 2027"])
def test_two_parts_up_to_twelve_are_ambiguous_with_slashes_and_dashes(text: str) -> None:
    reading = read_text(text)
    assert (reading.kind, reading.day, reading.other) == ("day_month", date(2027, 1, 12), date(2027, 12, 1))


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("Apr-27", date(2027, 4, 1), date(2027, 4, 30)),
        ("Mär 27", date(2027, 3, 1), date(2027, 3, 31)),
        ("février 2028", date(2028, 2, 1), date(2028, 2, 29)),
        ("04/2027", date(2027, 4, 1), date(2027, 4, 30)),
        ("2027-12", date(2027, 12, 1), date(2027, 12, 31)),
        ("Ende Mai 2027", date(2027, 5, 1), date(2027, 5, 31)),
        ("Q2 2027", date(2027, 4, 1), date(2027, 6, 30)),
        ("4. Quartal 2027", date(2027, 10, 1), date(2027, 12, 31)),
    ],
)
def test_months_and_quarters_are_periods(text: str, first: date, last: date) -> None:
    reading = read_text(text)
    assert (reading.kind, reading.day, reading.other) == ("month", first, last)


@pytest.mark.parametrize(
    "text", ["KW 12/2027", "2027-W12", "CW12 2027", "week 12, 2027", "semaine 12 2027", "tydz. 12/2027"]
)
def test_weeks_are_monday_to_friday(text: str) -> None:
    reading = read_text(text)
    assert (reading.kind, reading.day, reading.other) == ("week", date(2027, 3, 22), date(2027, 3, 26))


def test_a_bare_day_number_is_told_from_a_year_and_a_compact_date() -> None:
    assert read_date(Cell(46996, "46996")).kind == "serial"
    assert read_date(Cell(46996, "46996")).day == date(2028, 8, 31)
    assert read_date(Cell(46996, "46996")).other == date(2032, 9, 1)
    assert read_date(Cell(46996, "46996"), 1904).day == date(2032, 9, 1)
    assert read_date(Cell(2015, "2015")).kind == "year"
    assert read_date(Cell(20270114, "20270114")).day == date(2027, 1, 14)
    assert read_date(text_cell("46996")).day == date(2028, 8, 31)


def test_a_date_cell_that_shows_only_month_and_year_is_a_month() -> None:
    assert read_date(Cell(date(2027, 4, 1), "2027-04-01", "my")).kind == "month"
    assert read_date(Cell(date(2027, 4, 1), "2027-04-01", "dmy")).kind == "date"
    assert read_date(Cell(date(2027, 4, 2), "2027-04-02", "my")).kind == "date"
    assert read_date(Cell(date(2027, 1, 1), "2027-01-01", "y")).kind == "year"


def test_error_values_are_no_dates() -> None:
    assert read_date(Cell("#N/A", "#N/A", error=True)).kind == "unclear"


def test_the_order_is_proved_by_a_part_above_twelve() -> None:
    assert day_order("13/01/2024") == "day_first"
    assert day_order("01/13/2024") == "month_first"
    assert day_order("12/01/2024") is None
    assert day_order("13.01.2024") is None


def test_a_date_is_found_inside_a_status() -> None:
    assert date_inside("suspended since 14/09/2026") == "14/09/2026"
    assert date_inside("ausgesetzt (seit 1.2.2026)") == "1.2.2026"
    assert date_inside("suspended") is None


@pytest.mark.parametrize(
    ("code", "parts"),
    [
        ("dd.mm.yyyy", "dmy"),
        ("mmm-yy", "my"),
        ("d.m", "dm"),
        ("yyyy", "y"),
        ("[$-407]d. mmmm yyyy", "dmy"),
        ("[$-409]dddd, mmmm d, yyyy", "mdy"),
        ("yyyy-mm-dd h:mm", "ymd"),
        ("h:mm", "time"),
        ("0.00", ""),
        ("General", ""),
        ('0" days"', ""),
        ("@", ""),
    ],
)
def test_which_parts_of_a_date_a_number_format_shows(code: str, parts: str) -> None:
    assert date_parts(code) == parts


@pytest.mark.parametrize(
    ("number", "code", "text"),
    [
        (48214, "0000000", "0048214"),
        (9.1, "0.00", "9.10"),
        (9.1, "General", "9.1"),
        (2015.0, "", "2015"),
        (20931, '"PWA "00000', "PWA 20931"),
        (7, '00\\-"A"', "07-A"),
        (1234, "#,##0", "1234"),
        (0.5, "0%", "0.5"),
    ],
)
def test_numbers_as_a_spreadsheet_shows_them(number: float, code: str, text: str) -> None:
    assert shown(number, code) == text


def test_day_numbers_of_both_systems() -> None:
    assert day_of_serial(1, 1900) == date(1900, 1, 1)
    assert day_of_serial(59, 1900) == date(1900, 2, 28)
    assert day_of_serial(61, 1900) == date(1900, 3, 1)
    assert day_of_serial(0, 1904) == date(1904, 1, 1)
    assert day_of_serial(1e12, 1900) is None
