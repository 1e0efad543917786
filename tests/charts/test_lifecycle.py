"""The lifecycle of one certificate."""

from charts import Clock, lifecycle
from tests.charts import samples


def drawn(**changes):
    given = {
        "lanes": samples.LANES,
        "marks": samples.MARKS,
        "clocks": samples.CLOCKS,
        "years": samples.YEARS,
        "restorable_until": samples.RESTORABLE_UNTIL,
        "today": samples.TODAY,
        "start": samples.CYCLE_START,
        "end": samples.CYCLE_END,
    }
    return lifecycle(**(given | changes))


def test_lanes_lie_over_audits_internal_work_and_clocks():
    chart = drawn()
    assert [lane.y for lane in chart.lanes] == [60, 99]
    assert (chart.rule_y, chart.audits_y, chart.internal_y, chart.clocks_y, chart.axis_y) == (140, 166, 218, 247, 305)
    assert chart.height == 327


def test_bands_are_the_years_of_the_cycle_and_the_time_to_restore():
    assert [band.number for band in drawn().bands] == [1, 2, 3, None]
    assert [band.number for band in drawn(restorable_until=None).bands] == [1, 2, 3]
    assert drawn(years=(), restorable_until=None).bands == ()


def test_every_audit_of_the_sample_has_its_label_on_one_line_clear_of_today():
    chart = drawn()
    assert [(label.text, label.anchor) for label in chart.audit_labels] == [
        ("Stage 2", "middle"),
        ("Surveillance 1 · held 12–14 Oct", "end"),
        ("Surveillance 2 by 22 Oct 2027", "middle"),
        ("Recertification by 22 Jul 2028", "middle"),
    ]
    assert {label.y for label in chart.audit_labels} == {191}


def test_external_and_internal_marks_are_apart():
    chart = drawn()
    assert [marker.kind for marker in chart.audits] == ["external"] * 4
    assert sorted({marker.kind for marker in chart.internal}) == ["internal", "review"]


def test_more_than_six_clocks_are_counted_and_not_drawn():
    clock = samples.CLOCKS[0]
    assert (len(drawn(clocks=[clock] * 6).clocks), drawn(clocks=[clock] * 6).more_clocks) == (6, 0)
    assert (len(drawn(clocks=[clock] * 7).clocks), drawn(clocks=[clock] * 7).more_clocks) == (6, 1)


def test_a_clock_of_one_day_is_still_visible():
    clock = Clock("due", samples.TODAY, samples.TODAY, "due")
    assert drawn(clocks=[clock]).clocks[0].width == 3
