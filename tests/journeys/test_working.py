"""While something is under way a page says so; what fails says so too, and can be tried again."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Route, expect

from tests.journeys.conftest import Open

pytestmark = pytest.mark.browser
PREVIEW = re.compile(r"/settings/alerts/preview/")

PRESS = """async button => {
  const width = button.offsetWidth;
  button.click();
  await new Promise(done => setTimeout(done, 100));
  const page = document.body.className;
  return [width, {disabled: button.disabled, said: button.textContent, width: button.offsetWidth, page}];
}"""


def test_a_pressed_button_says_that_work_goes_on(opened: Open) -> None:
    page, held = opened(), list[Route]()
    page.goto("/settings/profile/")
    button = page.locator("main form button.primary").first
    page.route("**/settings/profile/", lambda route: held.append(route), times=1)
    # Asked within the page: the driver itself waits for the answer that is held back.
    before, pressed = button.evaluate(PRESS)
    assert (pressed["disabled"], pressed["said"], pressed["page"]) == (True, "Saving…", "working")
    assert pressed["width"] >= before
    held[0].continue_()
    expect(page.locator("main [role=status]").first).to_contain_text("saved")
    expect(button).to_be_enabled()


@pytest.mark.parametrize(
    ("screen", "press", "said"),
    [
        ("/settings/profile/", "Save profile", "Saving…"),
        ("/settings/alerts/", "Send me a test", "Sending…"),
        ("/import/", "Look at the file", "Checking…"),
        ("/history/", "Verify now", "Checking…"),
    ],
)
def test_a_pressed_button_says_its_own_verb(opened: Open, screen: str, press: str, said: str) -> None:
    page = opened("admin")
    page.goto(screen)
    page.route(lambda url: True, lambda route: None)  # nothing answers while it is looked at
    button = page.get_by_role("button", name=press).first
    assert button.evaluate(PRESS)[1]["said"] == said


def test_what_was_typed_without_a_connection_stays_and_is_sent_later(opened: Open, tolerated: list[str]) -> None:
    tolerated.append("ERR_INTERNET_DISCONNECTED")
    page = opened("admin")
    page.goto("/settings/sites/")
    page.get_by_role("link", name="Add a site").click()
    page.get_by_label("Name").fill("Tromsø quay")
    page.context.set_offline(True)
    button = page.get_by_role("button", name=re.compile("Add|Save")).first
    button.click()
    expect(page.locator("#unreached")).to_be_in_viewport()
    expect(page.locator("#unreached")).to_contain_text("what you typed is still here")
    expect(page.get_by_label("Name")).to_have_value("Tromsø quay")
    expect(button).to_be_enabled()
    page.locator("#unreached button").click()
    expect(page.locator("#unreached")).to_be_visible()
    page.context.set_offline(False)
    expect(page.locator("#unreached")).to_be_hidden()
    button.click()
    expect(page.locator("main tbody")).to_contain_text("Tromsø quay")


@pytest.mark.parametrize("answer", [None, 502])
def test_what_was_typed_stays_while_nobody_answers(opened: Open, tolerated: list[str], answer: int | None) -> None:
    tolerated += ["ERR_FAILED", "502"]
    page = opened("admin")
    page.goto("/settings/profile/")
    page.route("**/healthz", lambda route: route.fulfill(status=answer) if answer else route.abort(), times=1)
    name = page.locator("[name=full_name]")
    before = name.input_value()
    name.fill("Adam W. Wright")
    page.get_by_role("button", name="Save profile").click()
    expect(page.locator("#unreached")).to_be_visible()
    expect(name).to_have_value("Adam W. Wright")
    name.fill(before)
    page.locator("#unreached button").click()
    expect(page.locator("main [role=status]").first).to_contain_text("saved")
    expect(page.locator("#unreached")).to_be_hidden()


def test_a_file_that_could_not_be_sent_is_still_chosen(opened: Open, tolerated: list[str]) -> None:
    tolerated.append("ERR_FAILED")
    page = opened()
    page.goto("/ncs/")
    page.locator("main tbody a.rowlink").first.click()
    page.locator("#evidence summary", has_text="Attach").click()
    file = page.locator("#evidence input[type=file]:visible")
    file.set_input_files({"name": "proof.txt", "mimeType": "text/plain", "buffer": b"seen"})
    page.route(lambda url: True, lambda route: route.abort() if route.request.method == "POST" else route.continue_())
    page.get_by_role("button", name="Attach").click()
    expect(page.locator("#unreached")).to_be_visible()
    assert file.evaluate("input => input.files.length") == 1


def test_a_part_that_could_not_be_fetched_is_fetched_again(opened: Open, tolerated: list[str]) -> None:
    tolerated += ["ERR_FAILED", "htmx:"]
    page = opened()
    page.goto("/settings/alerts/new/")
    page.route(PREVIEW, lambda route: route.abort(), times=1)
    page.locator("[name=before]").fill("3")
    expect(page.locator("#failed")).to_contain_text("could not be fetched")
    before = page.locator("#sent").inner_text()
    page.get_by_role("button", name="Try again").click()
    expect(page.locator("#failed")).to_be_hidden()
    expect(page.locator("#sent")).not_to_have_text(before)
    expect(page.locator("[name=before]")).to_have_value("3")


def test_a_filtered_list_that_could_not_be_fetched_is_fetched_again(opened: Open, tolerated: list[str]) -> None:
    tolerated += ["ERR_FAILED", "htmx:"]
    page = opened()
    page.goto("/ncs/")
    page.route(re.compile(r"/ncs/\?.*q=NC-0142"), lambda route: route.abort(), times=1)
    page.get_by_label("Find").fill("NC-0142")
    page.get_by_role("button", name="Filter").click()
    expect(page.locator("#failed")).to_be_in_viewport()
    page.get_by_role("button", name="Try again").click()
    expect(page.locator("main tbody tr")).to_have_count(1)
    expect(page.locator("#failed")).to_be_hidden()


def test_a_button_answered_by_a_file_can_be_pressed_again(opened: Open) -> None:
    page = opened()
    page.goto("/ncs/")
    page.locator("[name=pick]").first.check()
    button = page.get_by_role("button", name="Chosen as CSV")
    for _ in range(2):
        with page.expect_download():
            button.click()
        expect(button).to_be_enabled()
    expect(page.locator("body")).not_to_have_class("working")


def test_what_takes_long_says_so_and_the_old_part_stays(opened: Open) -> None:
    page, held = opened(), list[Route]()
    page.clock.install()
    page.goto("/settings/alerts/new/")
    page.route(PREVIEW, lambda route: held.append(route), times=1)
    before = page.locator("#sent").inner_text()
    page.locator("[name=before]").fill("5")
    page.clock.run_for(500)
    expect(page.locator("#sent")).to_have_attribute("aria-busy", "true")
    assert page.locator("#sent").inner_text() == before
    page.clock.run_for(8_000)
    expect(page.locator("#still")).to_contain_text("Still working.")
    held[0].continue_()
    expect(page.locator("#still")).to_be_hidden()
    expect(page.locator("#sent")).not_to_have_attribute("aria-busy", "true")
