"""The pages of audits in a real browser: accessible and never wider than the window; from a finding to its report."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Open

pytestmark = pytest.mark.browser

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
PROGRAMME = [
    "/audits/programme/",
    "/audits/programme/?lens=clauses",
    "/audits/programme/?lens=sampling",
    "/audits/programme/propose/",
    "/audits/programme/cycle/",
    "/audits/programme/time/?table=qms&persons=120",
    "/audits/auditors/",
]
TABS = [
    *("", "plan/", "checklist/", "findings/", "findings/new/", "report/", "report/issue/", "checklist/upload/"),
    "guests/",
]


def audit_address(page: Page, number: str) -> str:
    """The page of the audit with this number."""
    page.goto(f"/audits/?state=all&q={number}")
    return str(page.locator("main a.rowlink").first.get_attribute("href"))


def addresses(page: Page) -> list[str]:
    """Every page of the programme, of the audit under way, and of one that was reported."""
    under_way, reported = audit_address(page, "A-2026-16"), audit_address(page, "A-2026-09")
    page.goto(f"{under_way}findings/")
    finding = str(page.locator("main .tasks a").first.get_attribute("href"))
    return [*PROGRAMME, *(under_way + tab for tab in TABS), finding, f"{reported}report/", f"{reported}report/1/"]


@pytest.mark.parametrize(("theme", "size"), [("light", (1440, 900)), ("dark", (390, 844))], ids=["desk", "phone"])
def test_pages_of_audits_are_accessible(opened: Open, theme: str, size: tuple[int, int]) -> None:
    page = opened(size=size, color_scheme=theme)
    axe, wrong = Axe(), {}
    for address in addresses(page):
        answer = page.goto(address)
        assert answer is not None
        assert answer.status == 200, address
        found = axe.run(page, options={"runOnly": RULES})
        if found.violations_count:
            wrong[address] = [(v["id"], v["nodes"][0]["html"][:160]) for v in found.response["violations"]]
    assert wrong == {}


def test_no_page_of_audits_scrolls_sideways(opened: Open) -> None:
    page = opened(size=(320, 800))
    wider = {}
    for address in addresses(page):
        page.goto(address)
        beyond = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if beyond > 0:
            wider[address] = beyond
    assert wider == {}


def test_on_a_phone_the_open_tab_is_in_sight(opened: Open) -> None:
    page = opened(size=(390, 844))
    page.goto(audit_address(page, "A-2026-16") + "guests/")
    expect(page.locator(".tabs [aria-current]")).to_be_in_viewport(ratio=0.95)  # scrolling ends on whole pixels


def test_a_finding_is_recorded_from_the_checklist_without_javascript(opened: Open) -> None:
    page = opened(person="jo", java_script_enabled=False)
    page.goto(audit_address(page, "A-2026-16") + "checklist/")
    question = page.locator(".question", has_text="Buildings and equipment").or_(
        page.locator(".question", has_text="Malware")
    )
    question.first.get_by_role("button", name="Finding").click()
    page.get_by_label("Opportunity").check()
    page.get_by_label("What did you see?").fill("The list of exceptions is kept by one person alone.")
    page.get_by_role("button", name="Save finding").click()
    expect(page.locator("main")).to_contain_text(re.compile(r"Finding F\d+ is recorded"))


def test_questions_are_answered_with_letters(opened: Open) -> None:
    page = opened(person="jo")
    page.goto(audit_address(page, "A-2026-16") + "checklist/")
    first, second = page.locator(".question").nth(0), page.locator(".question").nth(1)
    page.keyboard.press("c")
    expect(page).to_have_url(re.compile("/checklist/$"))
    page.keyboard.press("j")
    expect(first).to_be_focused()
    first.get_by_label("What you saw").fill("cfn j")
    page.keyboard.press("Escape")
    with page.expect_navigation():
        page.keyboard.press("n")
    expect(first).to_contain_text("cfn j")
    expect(first.locator(".state")).to_have_text("Not seen")
    expect(first).to_be_focused()
    page.keyboard.press("j")
    with page.expect_navigation():
        page.keyboard.press("c")
    expect(second.locator(".state")).to_have_text("Conforms")
    with page.expect_navigation():
        page.keyboard.press("f")
    expect(page).to_have_url(re.compile(r"/findings/new/\?item=\d+$"))
