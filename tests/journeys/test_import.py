"""A list that is checked: on a phone, and by keyboard."""

from __future__ import annotations

import pytest
from playwright.sync_api import FilePayload, Page, expect

from tests.exchange.lists import csv_of
from tests.journeys.conftest import Open

pytestmark = pytest.mark.browser
PHONE = (390, 844)
LIST: FilePayload = {
    "name": "two-problems.csv",
    "mimeType": "text/csv",
    "buffer": csv_of(
        [
            ["Cert. No.", "Standard", "Valid until", "Site"],
            ["J-0001", "ISO 9001:2015", "31/02/2031", "Porto"],
            ["J-0002", "ISO 9001:2015", "2031-02-30", "Porto"],
            ["J-0003", "ISO 9001:2015", "2031-02-28", "Porto"],
        ]
    ),
}


def send(page: Page) -> None:
    """From the first step to the check."""
    page.get_by_label("Certificates").check()
    page.locator("input[type=file]").set_input_files(LIST)
    page.get_by_role("button", name="Look at the file").click()
    page.get_by_role("button", name="Check the rows").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Check")


def throw_away(page: Page) -> None:
    page.get_by_role("link", name="Back to the columns").click()
    page.get_by_role("button", name="Throw this file away").click()


def test_a_phone_offers_the_check_of_what_was_sent_from_the_desk(opened: Open) -> None:
    desk = opened()
    desk.goto("/import/")
    send(desk)
    phone = opened(size=PHONE)
    phone.goto("/import/")
    expect(phone.locator("input[type=file]")).to_be_hidden()
    phone.get_by_role("link", name="two-problems.csv").first.click()
    expect(phone.get_by_role("heading", level=1)).to_have_text("Check")
    expect(phone.get_by_role("button", name="Import 1 row")).to_be_visible()
    throw_away(desk)


@pytest.mark.parametrize("script", [True, False])
def test_a_phone_may_choose_a_file_all_the_same(opened: Open, script: bool) -> None:
    phone = opened(size=PHONE, java_script_enabled=script)
    phone.goto("/import/")
    phone.get_by_role("link", name="Choose a file on this phone all the same").click()
    phone.get_by_role("button", name="Look at the file").click()
    expect(phone.get_by_role("link", name="Choose a file.")).to_be_visible()
    send(phone)
    throw_away(phone)


def test_alt_and_an_arrow_lead_through_what_waits_for_a_repair(opened: Open) -> None:
    page = opened()
    page.goto("/import/")
    send(page)
    page.wait_for_load_state()
    cells = page.locator("[data-repair]")
    expect(cells).to_have_count(2)
    for key, at in [("ArrowDown", 0), ("ArrowDown", 1), ("ArrowDown", 0), ("ArrowUp", 1)]:
        page.keyboard.press(f"Alt+{key}")
        expect(cells.nth(at)).to_be_focused()
    throw_away(page)
