"""Durations and months: counted from the anchor, clamped, never chained (C2, C3, C5)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifecycle.calendar import Duration, add, add_months, cycle_end, day_after, parse_duration
from tests.lifecycle.building import day


@pytest.mark.parametrize("text", ["0d", "90d", "6m", "120m", "9999d"])
def test_duration_reads_back_as_written(text: str) -> None:
    assert str(parse_duration(text)) == text


@pytest.mark.parametrize("text", ["", "d", "90", "90 d", "-1d", "1.5m", "6M", "10000d", "٣d", "half a year", "6m\n"])
def test_anything_else_is_no_duration(text: str) -> None:
    with pytest.raises(ValueError, match="is not a duration"):
        parse_duration(text)


@pytest.mark.parametrize(
    ("anchor", "duration", "expected"),
    [
        ("2026-03-10", "90d", "2026-06-08"),
        ("2027-12-15", "90d", "2028-03-14"),  # across a leap February
        ("2026-08-31", "6m", "2027-02-28"),
        ("2026-08-31", "7m", "2027-03-31"),  # from the anchor, not from the clamped 28 February
        ("2027-08-31", "6m", "2028-02-29"),
        ("2024-02-29", "12m", "2025-02-28"),
        ("2024-02-29", "48m", "2028-02-29"),
        ("2026-01-30", "1m", "2026-02-28"),
        ("2026-12-31", "0m", "2026-12-31"),
        ("2026-12-31", "0d", "2026-12-31"),
        ("9999-12-31", "9999m", "9999-12-31"),
        ("9999-12-31", "9999d", "9999-12-31"),
    ],
)
def test_add_counts_from_the_anchor(anchor: str, duration: str, expected: str) -> None:
    assert add(day(anchor), parse_duration(duration)) == day(expected)


def test_months_before_the_anchor() -> None:
    assert add_months(day("2026-03-31"), -1) == day("2026-02-28")
    assert add_months(day("0001-01-01"), -1) == date.min


@given(st.dates(date(1990, 1, 1), date(2099, 12, 31)), st.integers(0, 400))
def test_months_keep_the_day_or_clamp_to_the_end(anchor: date, months: int) -> None:
    later = add_months(anchor, months)
    assert (later.year * 12 + later.month) - (anchor.year * 12 + anchor.month) == months
    assert later.day == anchor.day or (later.day < anchor.day and (later + timedelta(days=1)).day == 1)


@given(st.dates(date(1990, 1, 1), date(2099, 12, 31)), st.integers(0, 4000))
def test_days_are_plain_days(anchor: date, days: int) -> None:
    assert add(anchor, Duration(days, "d")) == anchor + timedelta(days=days)


def test_the_day_after_the_last_day_is_the_last_day() -> None:
    assert day_after(day("2026-02-28")) == day("2026-03-01")
    assert day_after(date.max) == date.max


@pytest.mark.parametrize(
    ("start", "anniversary", "expected"),
    [
        ("2024-02-29", False, "2027-02-27"),  # clamped to 28 February first, then one day less
        ("2024-02-29", True, "2027-02-28"),
        ("2025-03-31", False, "2028-03-30"),
        ("2025-03-01", False, "2028-02-29"),
        ("2025-03-01", True, "2028-03-01"),
    ],
)
def test_last_valid_day_of_a_cycle(start: str, anniversary: bool, expected: str) -> None:
    assert cycle_end(day(start), Duration(36, "m"), on_anniversary=anniversary) == day(expected)
