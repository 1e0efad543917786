"""What people do with the product, from sign-in to the end, with and without JavaScript."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Open, today

pytestmark = pytest.mark.browser


def record_nonconformity(page: Page, title: str, certificate: str = "NHC-4410-QMS") -> None:
    """A major of the body on a certificate, raised today."""
    page.goto("/ncs/new/")
    page.get_by_label("Number").fill(f"T-{abs(hash(title)) % 10_000}")
    page.get_by_label("Title").fill(title)
    page.get_by_label("Major").check()
    page.get_by_label(certificate).check()
    page.locator("#id_owner").select_option(label="Tomás Almeida")
    page.get_by_role("button", name="Raise nonconformity").click()
    # whoever leaves before it arrives may not have sent it
    expect(page.get_by_role("heading", level=1)).to_contain_text(title)


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_a_major_goes_through_its_eight_steps_by_three_people(opened: Open, script: bool) -> None:
    title = f"Torque log missing ({'with' if script else 'without'} script)"
    auditor = opened(person="jo", java_script_enabled=script)
    record_nonconformity(auditor, title)
    place = auditor.url
    worker, officer = opened(person="tomas", java_script_enabled=script), opened(java_script_enabled=script)
    worker.goto(f"{place}containment/")
    worker.get_by_label("What was done at once").fill("The order was held back")
    worker.get_by_role("button", name="Submit containment").click()
    expect(worker.get_by_text("is recorded.")).to_be_visible()
    officer.goto(f"{place}containment/")
    officer.get_by_role("button", name="Approve “Containment”").click()
    expect(officer.get_by_text("is approved.")).to_be_visible()
    find_the_cause(worker, place)
    plan_and_prove(worker, officer, place)
    auditor.goto(place)
    auditor.get_by_label("Yes, effective").check()
    auditor.get_by_role("button", name="See what it does to the dates").click()
    expect(auditor.get_by_text("Nothing is saved yet")).to_be_visible()
    auditor.get_by_label("Yes, effective").check()
    auditor.get_by_role("button", name="Record the verification").click()
    expect(auditor.get_by_text("is recorded.").first).to_be_visible()
    auditor.goto(f"{place}verification/")
    expect(auditor.get_by_text("Closed").first).to_be_visible()


def find_the_cause(page: Page, place: str) -> None:
    """Two whys and the root cause."""
    page.goto(f"{place}root-cause/")
    page.get_by_role("textbox", name="Why 1").fill("The form has no field")
    page.get_by_role("button", name="Add another why").click()
    page.get_by_role("textbox", name="Why 2").fill("It was changed without the shop floor")
    page.get_by_label(re.compile("Root cause statement")).fill("Forms are changed without those who fill them in")
    page.locator("button.primary", has_text="Submit root cause").click()
    expect(page.get_by_text("is submitted.")).to_be_visible()


def plan_and_prove(worker: Page, officer: Page, place: str) -> None:
    """One action, planned, accepted, proved and done."""
    worker.goto(f"{place}action-plan/")
    worker.get_by_role("link", name="Add an action").first.click()
    worker.get_by_label("Action").fill("Ask the shop floor before a form changes")
    worker.get_by_label("Owner").select_option(label="Tomás Almeida")
    worker.get_by_label("Due").fill(today().isoformat())
    worker.get_by_role("button", name="Add action").click()
    worker.get_by_role("button", name="Submit root cause and plan").click()
    expect(worker.get_by_text("are submitted.")).to_be_visible()
    officer.goto(place)
    officer.get_by_role("button", name="Accept the plan").click()
    expect(officer.get_by_text("is accepted.")).to_be_visible()
    worker.goto(f"{place}evidence/")
    worker.get_by_role("link", name=re.compile(r"^Done\b")).click()
    worker.get_by_role("button", name="Action done").click()
    worker.get_by_role("button", name="All corrective action is done").click()
    expect(worker.get_by_text("is done.").first).to_be_visible()


def test_a_root_cause_left_empty_is_asked_for_and_nothing_is_lost(opened: Open) -> None:
    page = opened()
    page.goto("/ncs/?q=NC-0142")
    page.locator("main table").get_by_role("link", name=re.compile("NC-0142")).first.click()
    page.get_by_role("link", name=re.compile("Root cause")).first.click()
    page.get_by_label(re.compile("Root cause statement")).fill("")
    page.wait_for_load_state()
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("There is a problem")).to_be_visible()
    assert page.title().startswith("Error: ")
    expect(page.get_by_role("textbox", name="Why 1")).to_have_value(re.compile("Nobody told"))


def test_a_draft_keeps_itself_and_keys_lead_to_the_neighboring_step(opened: Open) -> None:
    page = opened()
    page.goto("/ncs/?q=NC-0148")
    page.locator("main table").get_by_role("link", name=re.compile("NC-0148")).first.click()
    page.get_by_label("What was done at once").fill("Serial numbers were mailed")
    page.wait_for_load_state()  # keys work when the page's scripts do
    page.keyboard.press("Control+s")
    expect(page.locator("[data-saved]")).to_contain_text("Draft saved")
    page.keyboard.press("Alt+ArrowRight")
    expect(page.get_by_role("heading", name="3. Extent")).to_be_visible()
    page.wait_for_load_state()
    page.keyboard.press("Alt+ArrowLeft")
    expect(page.get_by_label("What was done at once")).to_have_value("Serial numbers were mailed")


def test_a_decision_is_shown_before_it_is_recorded(opened: Open) -> None:
    page = opened()
    page.goto("/certificates/?q=AA-45001")
    page.locator("main table").get_by_role("link", name="ISO 45001").first.click()
    expect(page.get_by_text("Body says: active")).to_have_count(1)
    page.get_by_role("link", name="Record a decision").first.click()
    page.locator("main a[href$='/decisions/new/suspend/']").click()
    day = today()
    for box, value in (("Day", day.day), ("Month", day.month), ("Year", day.year)):
        page.get_by_label(box, exact=True).fill(str(value))
    page.get_by_label("Letter reference").fill("AA/2026/201")
    page.get_by_role("button", name="See what it does to the dates").click()
    expect(page.get_by_text("Nothing is saved yet")).to_be_visible()
    page.locator("main form button.primary").first.click()
    page.wait_for_url(re.compile(r"/certificates/\d+/"))
    expect(page.get_by_text("Body says: active")).to_have_count(0)
    expect(page.get_by_text("AA/2026/201").first).to_be_visible()


def test_a_dossier_is_made_and_fetched(opened: Open) -> None:
    page = opened()
    page.goto("/certificates/?q=NHC-5521")
    page.locator("main table").get_by_role("link", name="ISO/IEC 27001").first.click()
    page.get_by_role("button", name="PDF").click()
    page.get_by_role("link", name="Download the PDF").wait_for(timeout=60_000)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the PDF").click()
    assert Path(download.value.path()).read_bytes()[:5] == b"%PDF-"
