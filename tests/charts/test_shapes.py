"""Bars, markers and labels."""

from datetime import date, timedelta

from charts import Mark, Span
from charts.scale import Scale
from charts.shapes import Label, bars, beside, markers, place_labels

AXIS = Scale(date(2026, 1, 1), date(2027, 1, 1), 0, 365)


def span(state, start, end, *words):
    return Span(state, start, end, words)


def test_a_bar_ends_after_its_last_day_less_the_gap():
    first, second = bars(
        [
            span("active", date(2025, 5, 1), date(2026, 1, 31), "Valid"),
            span("suspended", date(2026, 2, 1), None, "Suspended"),
        ],
        AXIS,
    )
    assert (first.x, first.width) == (0, 29)
    assert (second.x, second.width) == (31, 334)


def test_spans_outside_the_axis_are_left_out_and_those_touching_it_stay():
    spans = [
        span("active", date(2024, 1, 1), date(2025, 12, 31)),
        span("suspended", date(2026, 1, 1), date(2026, 1, 1)),
        span("active", date(2026, 1, 2), date(2026, 12, 31)),
        span("withdrawn", date(2027, 1, 1), None),
    ]
    assert [bar.state for bar in bars(spans, AXIS)] == ["suspended", "active"]


def test_a_bar_takes_the_longest_word_that_fits_and_names_it_whole_in_its_title():
    def word(last_day):
        return bars([span("expired", date(2026, 1, 1), last_day, "Expired · can be restored", "Expired")], AXIS)[0]

    assert word(date(2026, 12, 31)).word == "Expired · can be restored"
    assert word(date(2026, 4, 1)).word == "Expired"
    assert word(date(2026, 1, 20)).word == ""
    assert word(date(2026, 1, 20)).title == "Expired · can be restored"


def test_only_hatched_bars_get_a_ground_behind_their_word():
    plain, hatched = bars(
        [
            span("active", date(2026, 1, 1), date(2026, 6, 30), "Valid"),
            span("suspended", date(2026, 7, 1), None, "Suspended"),
        ],
        AXIS,
    )
    assert plain.halo_width == 0
    assert hatched.halo_width > 60


def test_markers_tell_done_planned_and_late_apart_by_shape_and_filling():
    looks = [
        (mark.kind, mark.look)
        for mark in markers(
            [
                Mark("external", date(2026, 2, 1), done=True),
                Mark("external", date(2026, 3, 1), done=False),
                Mark("external", date(2026, 4, 1), done=False, late=True),
                Mark("internal", date(2026, 5, 1), done=False),
                Mark("review", date(2026, 6, 1), done=False, late=True),
                Mark("internal", date(2028, 1, 1), done=False),
            ],
            AXIS,
        )
    ]
    assert looks == [
        ("external", "mark-done"),
        ("external", "mark-planned"),
        ("external", "mark-late"),
        ("internal", "mark-open"),
        ("review", "mark-open late"),
    ]


def test_a_window_runs_from_its_opening_to_the_mark():
    (marker,) = markers([Mark("external", date(2026, 4, 1), done=False, opens_on=date(2026, 1, 1))], AXIS)
    assert (marker.window_x, marker.window_width, marker.x) == (0, 90, 90)


def test_labels_go_under_then_aside_then_down_and_then_to_the_table():
    text = "Surveillance 1 held"
    placed = place_labels([(180, text), (190, text), (190, text), (200, text)], AXIS, (10, 20), None)
    assert placed == (
        Label(180, 10, "middle", text),
        Label(190, 20, "middle", text),
    )


def test_a_label_keeps_clear_of_the_line_of_today():
    (label,) = place_labels([(200, "Surveillance")], AXIS, (10,), 215)
    assert (label.anchor, label.x) == ("end", 207)


def test_a_label_never_leaves_the_drawing():
    assert place_labels([(364, "A label that is much too long for this place")], AXIS, (10,), None)[0].anchor == "end"


def test_a_clock_text_goes_inside_then_right_then_left():
    assert beside(0, 200, "closes by 12 Jan", AXIS) == (100.0, "middle")
    assert beside(10, 40, "closes by 12 Jan", AXIS) == (48, "start")
    assert beside(330, 350, "closes by 12 Jan", AXIS) == (322, "end")


def test_a_word_keeps_clear_of_marks_shortens_or_moves_behind_them():
    def word(*marked, words=("Valid to 21 Oct 2028", "Valid")):
        days = [date(2026, 1, 1) + timedelta(days=day) for day in marked]
        (bar,) = bars([span("active", date(2026, 1, 1), None, *words)], AXIS, days)
        return bar.word, bar.word_x

    assert word() == ("Valid to 21 Oct 2028", 11)
    assert word(300) == ("Valid to 21 Oct 2028", 11)
    assert word(60) == ("Valid to 21 Oct 2028", 71)
    assert word(60, 180, 300) == ("Valid", 11)
    assert word(20, 60, 100, 140, 180, 220, 260, 300, 340) == ("", 11)
