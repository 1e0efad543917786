"""Every screen, in both themes, on a desk and on a phone: accessible, silent, and never wider than the window."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.journeys.conftest import Open

pytestmark = pytest.mark.browser

SCREENS = [
    "/",
    "/?scenario=plan",
    "/?view=table",
    "/queue/",
    "/queue/?who=team",
    "/queue/certificate-1/",
    "/calendar/",
    "/calendar/?view=month",
    "/calendar/subscribe/",
    "/keyboard/",
    "/search/?q=NC-01",
    "/certificates/",
    "/certificates/new/",
    "/certificates/?q=iso&loss=365&columns=loss&columns=scope",
    "/audits/",
    "/audits/?state=all&kind=external&from=2026-01-01&columns=site&columns=effort",
    "/audits/new/",
    "/ncs/",
    "/ncs/?view=board",
    "/ncs/?sort=-raised&columns=raised&columns=site&grade=major",
    "/ncs/new/",
    "/outbox/",
    "/health/",
    "/import/",
    "/settings/",
    "/settings/organization/",
    "/settings/sites/",
    "/settings/bodies/",
    "/settings/people/",
    "/settings/people/invitations/",
    "/settings/people/invitations/new/",
    "/settings/keys/",
    "/settings/access/",
    "/settings/access/single-sign-on/",
    "/settings/sign-in/",
    "/settings/sign-in/password/",
    "/settings/editions/",
    "/settings/profile/",
    "/settings/schemes/",
    "/settings/alerts/",
    "/settings/alerts/new/",
    "/settings/webhooks/",
    "/styleguide/",
    "/no-such-page/",
]
# The first record of a list, by the list and the beginning of its address.
RECORDS = {
    "/certificates/": "",
    "/audits/": "",
    "/ncs/": "root-cause/",
    "/outbox/": "",
    "/settings/schemes/": "change/",
}
DESKTOP, PHONE = (1440, 900), (390, 844)


def status(page: Page, screen: str) -> int:
    """Opens a screen and returns how the server answered."""
    answer = page.goto(screen)
    assert answer is not None
    return answer.status


def record_addresses(page: Page) -> list[str]:
    """The page of one record of every list, and of what is done with it."""
    found = []
    for listed, more in RECORDS.items():
        page.goto(listed)
        links = page.locator("main a").evaluate_all("links => links.map(link => link.getAttribute('href'))")
        first = next(link for link in links if link and re.fullmatch(rf"{listed}\d+/", link))
        found += [first, *([first + more] if more else [])]
    return found


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_screen_is_accessible(opened: Open, theme: str, size: tuple[int, int]) -> None:
    page = opened(person="admin", size=size, color_scheme=theme)
    axe = Axe()
    violations = {}
    for screen in SCREENS + record_addresses(page):
        assert status(page, screen) == (404 if "no-such" in screen else 200), screen
        page.evaluate("scrollTo(0, 0)")  # what a focus scrolled under the head is measured where it stands
        found = axe.run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]})
        if found.violations_count:
            violations[screen] = [
                (v["id"], [node["html"][:120] for node in v["nodes"]][:3]) for v in found.response["violations"]
            ]
    assert violations == {}


@pytest.mark.parametrize("width", [320, 390, 1024, 1440])
def test_no_screen_scrolls_sideways(opened: Open, width: int) -> None:
    page = opened(person="admin", size=(width, 900))
    wider = {}
    for screen in SCREENS + record_addresses(page):
        page.goto(screen)
        beyond = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if beyond > 0:
            wider[screen] = beyond
    assert wider == {}


def test_the_sign_in_page_is_accessible(address: str, browser: Browser) -> None:
    page = browser.new_page()
    page.goto(f"{address}/sign-in/")
    assert Axe().run(page).violations_count == 0
    page.close()


def test_the_portfolio_says_the_next_loss_and_leads_to_what_stops_it(opened: Open) -> None:
    page = opened()
    sentence = page.locator("main").inner_text()
    assert "ISO/IEC 27001 at Gdańsk" in sentence
    assert re.search(r"suspended on \d+ \w+ \d{4}, in \d+ days", " ".join(sentence.split()))
    page.get_by_role("link", name=re.compile("Open NC-0142")).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile(r"^\s*NC-0142"))
