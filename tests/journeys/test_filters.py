"""Filters of a list: in the row on a desk, behind their number on a phone, with and without JavaScript."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Open

pytestmark = pytest.mark.browser
LISTS = {"/certificates/": "Standard", "/audits/": "Kind", "/ncs/": "Grade", "/history/": "Person"}
PHONE = (390, 844)


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_a_phone_shows_the_list_and_folds_the_filters(opened: Open, script: bool) -> None:
    page = opened(size=PHONE, java_script_enabled=script)
    for place, field in LISTS.items():
        page.goto(place)
        main, form = page.locator("main"), page.locator("main form.filters")
        expect(form.get_by_label(field, exact=True), place).to_be_hidden()
        expect(main.locator("tbody tr").first, place).to_be_in_viewport()
        form.locator("summary", has_text="Filters").click()
        expect(form.get_by_label(field, exact=True), place).to_be_visible()


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_the_filters_in_force_are_counted(opened: Open, script: bool) -> None:
    page = opened(size=PHONE, java_script_enabled=script)
    page.goto("/ncs/")
    form = page.locator("main form.filters")
    form.locator("summary").click()
    form.get_by_label("Grade", exact=True).select_option(label="Major")
    form.get_by_label("Source", exact=True).select_option(index=1)
    form.get_by_role("button", name="Filter").click()
    expect(form.locator("summary")).to_have_text("Filters (2)")
    expect(form.get_by_label("Grade", exact=True)).to_be_hidden()


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_a_desk_shows_every_filter_in_one_line(opened: Open, script: bool) -> None:
    page = opened(java_script_enabled=script)
    for place, field in LISTS.items():
        page.goto(place)
        form = page.locator("main form.filters")
        expect(form.get_by_label(field, exact=True), place).to_be_visible()
        expect(form.locator("summary"), place).to_be_hidden()
        button = form.get_by_role("button", name="Filter").bounding_box()
        fields = [box.bounding_box() for box in form.locator(".field:visible").all()]
        assert button is not None
        assert all(box and abs(box["y"] + box["height"] - button["y"] - button["height"]) < 3 for box in fields), place


@pytest.mark.parametrize("width", [1024, 1280, 1440])
def test_every_section_of_the_settings_is_in_sight(opened: Open, width: int) -> None:
    page = opened("admin", size=(width, 900))
    for place in ["/settings/", "/settings/people/", "/settings/schemes/", "/settings/alerts/"]:
        page.goto(place)
        sections = page.locator("nav.sections a")
        assert sections.count() > 10
        for section in sections.all():
            expect(section).to_be_in_viewport(ratio=1)
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), place
