"""The parts of pages, rendered."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django import forms
from django.template import engines
from django.template.loader import render_to_string
from django.utils import translation

from accounts.templatetags import ui
from charts import lifecycle, outlook
from tests.charts import samples

GOLDEN = Path(__file__).parent / "golden"
TODAY = date(2026, 11, 23)


def render(source, **context):
    return " ".join(engines["django"].from_string("{% load ui %}" + source).render(context).split())


def drawings():
    chart = outlook(samples.ROWS, samples.TODAY, samples.START, samples.END)
    life = lifecycle(
        samples.LANES,
        samples.MARKS,
        samples.CLOCKS,
        samples.YEARS,
        samples.RESTORABLE_UNTIL,
        samples.TODAY,
        samples.CYCLE_START,
        samples.CYCLE_END,
    )
    words = {"title": "The title", "desc": "The story in one sentence."}
    return {
        "outlook.svg": {"chart": chart, "id": "outlook", **words},
        "outlook_table.html": {"chart": chart, **words},
        "lifecycle.svg": {"chart": life, "id": "life", **words},
    }


def drawn(name):
    text = render_to_string(f"_components/charts/{name}", drawings()[name])
    return "\n".join(line.strip() for line in text.splitlines() if line.strip()) + "\n"


@pytest.mark.parametrize("name", ["outlook.svg", "outlook_table.html", "lifecycle.svg"])
def test_drawing_equals_the_kept_one(name):
    """To accept a change on purpose, look at it in a browser and write the new text over the kept file."""
    assert drawn(name) == (GOLDEN / f"{name}.txt").read_text()


def test_drawings_keep_decimal_points_in_languages_with_commas():
    with translation.override("pl"):
        assert 'x="485.8"' in drawn("outlook.svg")


def test_names_of_rows_are_links_beside_the_picture_not_inside_it():
    picture, links = drawn("outlook.svg").split('class="chart overlay"')
    assert 'role="img"' in picture
    assert "<a " not in picture
    assert links.count('<a href="/certificates/') == 5


@pytest.mark.parametrize(
    ("day", "said"),
    [
        (date(2027, 1, 12), "in 50 days"),
        (date(2026, 11, 24), "in 1 day"),
        (date(2026, 11, 23), "today"),
        (date(2026, 11, 22), "1 day ago"),
        (date(2026, 11, 12), "11 days ago"),
        (None, ""),
    ],
)
def test_distance(day, said):
    assert ui.distance(day, TODAY) == said


def test_dates_have_their_month_in_letters():
    assert ui.day(date(2027, 1, 12)) == "12 Jan 2027"
    assert ui.long_day(date(2027, 1, 12)) == "12 January 2027"
    assert ui.weekday(date(2026, 11, 27)) == "Friday 27 Nov 2026"
    assert ui.moment(datetime(2026, 11, 23, 14, 2, tzinfo=UTC)) == "23 Nov 2026, 14:02 UTC"
    assert ui.day(None) == ui.long_day(None) == ui.weekday(None) == ui.moment(None) == ""


def test_dates_follow_the_language():
    with translation.override("de"):
        assert ui.long_day(date(2027, 1, 12)) == "12 Januar 2027"


def test_a_tag_is_icon_word_and_color():
    assert render('{% tag "suspended" %}') == (
        '<span class="tag st-suspended"><svg class="i" aria-hidden="true">'
        '<use href="/static/vendored/lucide-1.62.0/icons.svg#i-circle-pause"/></svg>Suspended</span>'
    )


def test_a_tag_takes_another_word_and_escapes_it():
    assert "Suspended &lt;on&gt;</span>" in render("{% tag 'suspended' word %}", word="Suspended <on>")


def test_an_unknown_state_is_shown_plainly():
    assert "In review</span>" in render('{% tag "in_review" %}')


class SampleForm(forms.Form):
    name = forms.CharField(label="Name", help_text="As on paper", error_messages={"required": "Enter the name"})
    note = forms.CharField(label="Note", required=False)
    kind = forms.ChoiceField(label="Kind", choices=[("a", "A"), ("b", "B")], widget=forms.RadioSelect)
    sure = forms.BooleanField(label="I am sure", required=False)


def test_a_field_puts_label_hint_error_and_control_in_this_order():
    html = render("{% field form.name %}", form=SampleForm({"name": ""}))
    order = ['<label for="id_name">', 'id="id_name_helptext"', 'id="id_name_error"', "<input"]
    assert sorted(order, key=html.index) == order
    assert 'aria-describedby="id_name_helptext id_name_error"' in html
    assert 'aria-invalid="true"' in html


def test_only_optional_fields_are_marked():
    form = SampleForm()
    assert "(optional)" in render("{% field form.note %}", form=form)
    assert "(optional)" not in render("{% field form.name %}", form=form)


def test_a_group_of_choices_has_a_legend_and_a_check_has_its_label_behind():
    form = SampleForm()
    assert "<legend>Kind</legend>" in render("{% field form.kind %}", form=form)
    html = render("{% field form.sure %}", form=form)
    assert html.index("<input") < html.index("I am sure")


def test_the_summary_repeats_the_words_and_leads_to_the_field():
    html = render("{% error_summary form %}", form=SampleForm({"name": "", "kind": "a"}))
    assert '<li><a href="#id_name">Enter the name</a></li>' in html
    assert html.count("<li>") == 1


def test_the_summary_is_silent_without_errors():
    assert render("{% error_summary form %}", form=SampleForm()) == ""
    assert render("{% error_summary form %}", form=SampleForm({"name": "x", "kind": "a"})) == ""
    assert render("{% error_summary form %}", form=None) == ""
