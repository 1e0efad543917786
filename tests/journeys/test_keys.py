"""The keyboard: places, lists, the sheet, the month; and all of it switched off."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Open

pytestmark = pytest.mark.browser


def stop_clock(page: Page) -> None:
    """Time in the page goes on only when told, so that a slow machine types as fast as any."""
    page.clock.install()
    page.clock.pause_at(datetime.now(UTC) + timedelta(minutes=1))


def test_letters_lead_through_the_product(opened: Open) -> None:
    page = opened()
    page.keyboard.press("?")
    expect(page.get_by_role("heading", name="Keyboard")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("heading", name="Keyboard")).to_be_hidden()
    stop_clock(page)
    page.keyboard.press("g")
    page.clock.run_for(1400)
    page.keyboard.press("c")
    expect(page).to_have_url(re.compile("/certificates/$"))
    page.wait_for_load_state()  # letters work when the page's scripts do
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.locator("tbody tr").nth(1).locator("a.rowlink")).to_be_focused()
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/certificates/\d+/$"))


def test_a_letter_that_comes_late_leads_nowhere(opened: Open) -> None:
    page = opened()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if request.is_navigation_request() else None)
    stop_clock(page)
    page.keyboard.press("g")
    page.clock.run_for(1600)
    page.keyboard.press("c")
    page.keyboard.press("?")
    expect(page.get_by_role("heading", name="Keyboard")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("heading", name="Keyboard")).to_be_hidden()
    page.keyboard.press("g")
    page.keyboard.press("n")
    expect(page).to_have_url(re.compile("/ncs/$"))
    assert [url.rsplit("/", 2)[1] for url in asked] == ["ncs"]


def test_letters_do_nothing_while_typing(opened: Open) -> None:
    page = opened()
    page.keyboard.press("/")
    page.keyboard.type("gc?")
    expect(page.locator("#search")).to_have_value("gc?")
    expect(page.get_by_role("heading", name="Keyboard")).to_be_hidden()


def test_days_of_a_month_are_walked_with_arrows(opened: Open) -> None:
    page = opened()
    page.goto("/calendar/?view=month&from=2027-03-01")
    page.locator("[role=gridcell][tabindex='0']").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    expect(page.locator("[role=gridcell][tabindex='0'] time")).to_have_attribute("datetime", "2027-03-09")
    page.keyboard.press("PageDown")
    expect(page.get_by_role("grid", name="April 2027")).to_be_visible()


def test_letters_can_be_switched_off(opened: Open) -> None:
    page = opened(person="viewer")
    page.goto("/settings/profile/")
    page.get_by_label("Single-letter shortcuts").uncheck()
    page.get_by_role("button", name="Save profile").click()
    expect(page.get_by_text("Your profile is saved.")).to_be_visible()
    page.wait_for_load_state()
    page.keyboard.press("?")
    expect(page.get_by_role("heading", name="Keyboard")).to_be_hidden()
    page.goto("/settings/profile/")
    page.get_by_label("Single-letter shortcuts").check()
    page.get_by_role("button", name="Save profile").click()
    expect(page.get_by_text("Your profile is saved.")).to_be_visible()
