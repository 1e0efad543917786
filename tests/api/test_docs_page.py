"""The page about the API in a real browser, under the policy that forbids inline script."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from accounts.permissions import Role
from certifications.catalog_rows import install_catalog
from tests.api.routes import operations
from tests.conftest import Organization, member

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def signed_in(page: Page, address: str, mail: str) -> None:
    page.goto(f"{address}/sign-in/?next=/api/docs/")
    page.fill("input[name=login]", mail)
    page.fill("input[name=password]", mail)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(f"{address}/api/docs/")


def scrolled(page: Page) -> Iterator[None]:
    """Goes down the page screen by screen; only what is near the screen is in it."""
    page.evaluate("scrollTo(0, 0)")
    for _ in range(200):
        page.wait_for_timeout(50)
        yield
        if page.evaluate("scrollY + innerHeight >= document.documentElement.scrollHeight - 1"):
            return
        page.mouse.wheel(0, 500)


def names_of(page: Page) -> set[str]:
    """The resources that stand as headings on the page."""
    return {name.split()[0] for _ in scrolled(page) for name in page.locator(".opblock-tag").all_inner_texts()}


def open_operation(page: Page, name: str) -> None:
    """Scrolls to an operation and unfolds it."""
    button = page.locator(f"{name} button.opblock-summary-control")
    for _ in scrolled(page):
        if button.count():
            return button.click()
    raise AssertionError(f"{name} is not on the page")


def test_the_page_lists_every_resource_and_answers_a_request(live_server, browser):
    organization = Organization.objects.create(name="Halden Group", slug="halden", time_zone="Europe/Warsaw")
    install_catalog(organization)
    member(organization, "marta@halden.example", "Marta Zielińska", Role.COMPLIANCE_OFFICER)
    complaints: list[str] = []
    page = browser.new_page()
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    signed_in(page, live_server.url, "marta@halden.example")
    page.wait_for_selector(".opblock-tag")
    names = names_of(page)
    open_operation(page, "#operations-me-me_retrieve")
    page.click("#operations-me-me_retrieve .try-out__btn")
    page.click("#operations-me-me_retrieve .execute")
    answer = page.wait_for_selector("#operations-me-me_retrieve .live-responses-table tbody .response-col_status")
    code = answer.inner_text() if answer else ""
    page.close()
    assert complaints == []
    assert {"certificates", "audits", "nonconformities", "me"} <= names
    assert names == {operation.says["tags"][0] for operation in operations()}
    assert code.startswith("200")
