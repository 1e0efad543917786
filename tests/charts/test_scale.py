"""The time axis."""

from datetime import date

from charts.scale import Scale, month_start

AXIS = Scale(date(2026, 9, 1), date(2027, 9, 1), 100, 830)


def test_edges_and_days_outside_lie_on_the_edges():
    assert AXIS.x(date(2026, 9, 1)) == 100
    assert AXIS.x(date(2027, 9, 1)) == 830
    assert AXIS.x(date(2020, 1, 1)) == 100
    assert AXIS.x(date(2040, 1, 1)) == 830


def test_one_day_is_one_share_of_the_year():
    assert AXIS.x(date(2026, 9, 2)) == 102
    assert AXIS.x(date(2026, 10, 1)) == 160


def test_shows_both_edges_and_nothing_beyond():
    assert [AXIS.shows(day) for day in (date(2026, 8, 31), date(2026, 9, 1), date(2027, 9, 1), date(2027, 9, 2))] == [
        False,
        True,
        True,
        False,
    ]


def test_ticks_by_month_name_years_and_quarters():
    ticks = AXIS.ticks(1)
    assert [tick.on for tick in ticks][:5] == [date(2026, m, 1) for m in (9, 10, 11, 12)] + [date(2027, 1, 1)]
    assert len(ticks) == 12
    assert [tick.on for tick in ticks if tick.year] == [date(2027, 1, 1)]
    assert [tick.on.month for tick in ticks if tick.quarter] == [10, 1, 4, 7]


def test_ticks_by_quarter_start_at_the_first_quarter_on_the_axis():
    scale = Scale(date(2026, 2, 10), date(2026, 11, 1), 0, 100)
    assert [tick.on for tick in scale.ticks(3)] == [date(2026, 4, 1), date(2026, 7, 1), date(2026, 10, 1)]


def test_month_start_goes_over_years_both_ways():
    assert month_start(date(2026, 1, 31), -1) == date(2025, 12, 1)
    assert month_start(date(2026, 12, 31), 1) == date(2027, 1, 1)


def test_an_axis_of_no_length_does_not_divide_by_zero():
    assert Scale(date(2026, 1, 1), date(2026, 1, 1), 5, 9).x(date(2026, 1, 1)) == 5
