"""The portfolio outlook."""

from datetime import date

from charts import outlook
from charts.outlook import YearWord
from tests.charts import samples


def drawn(today=samples.TODAY, rows=samples.ROWS):
    return outlook(rows, today, samples.START, samples.END)


def test_rows_stand_under_each_other_and_the_last_has_no_rule():
    chart = drawn()
    assert [row.y for row in chart.rows] == [48, 91, 134, 177, 220]
    assert [row.rule_y for row in chart.rows] == [84, 127, 170, 213, None]
    assert chart.height == 267


def test_states_of_the_first_row_are_where_the_dates_are():
    bars = drawn().rows[0].bars
    assert [(bar.state, bar.word, bar.x, bar.width) for bar in bars] == [
        ("active", "Valid", 252, 231.8),
        ("suspended", "Suspended", 485.8, 316.1),
        ("withdrawn", "Withdrawn", 803.9, 304.1),
    ]


def test_the_small_chart_has_the_same_states_without_words():
    row = drawn().rows[3]
    assert [bar.state for bar in row.mini_bars] == [bar.state for bar in row.bars] == ["active", "expired", "withdrawn"]


def test_today_is_drawn_only_inside_the_axis():
    assert drawn().today_x == 397.9
    assert drawn(today=date(2026, 8, 31)).today_x is None


def test_year_words_stand_at_the_first_month_and_at_january():
    assert drawn().years == (YearWord(256, 2026), YearWord(470.4, 2027))


def test_a_year_word_moves_out_from_under_today():
    chart = drawn(today=date(2027, 1, 12))
    assert chart.today_x is not None
    assert chart.years[1] == YearWord(round(chart.today_x + 30, 1), 2027)


def test_a_long_axis_is_ticked_by_quarters():
    chart = outlook(samples.ROWS, samples.TODAY, date(2026, 1, 1), date(2029, 1, 1))
    assert {tick.on.month for tick in chart.ticks} == {1, 4, 7, 10}


def test_no_certificates_make_an_empty_chart():
    assert drawn(rows=()).rows == ()
