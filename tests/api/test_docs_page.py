"""The page about the API in a real browser, under the policy that forbids inline script."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from accounts.permissions import Role
from certifications.catalog_rows import install_catalog
from tests.conftest import Organization, member

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def signed_in(page: Page, address: str, mail: str) -> None:
    page.goto(f"{address}/sign-in/?next=/api/docs/")
    page.fill("input[name=username]", mail)
    page.fill("input[name=password]", mail)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(f"{address}/api/docs/")


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
    tags = page.locator(".opblock-tag").all_inner_texts()
    page.click("#operations-me-me_retrieve button.opblock-summary-control")
    page.click("#operations-me-me_retrieve .try-out__btn")
    page.click("#operations-me-me_retrieve .execute")
    answer = page.wait_for_selector("#operations-me-me_retrieve .live-responses-table tbody .response-col_status")
    code = answer.inner_text() if answer else ""
    page.close()
    assert complaints == []
    assert "certificates" in [tag.strip().split()[0] for tag in tags]
    assert len(tags) == 17
    assert code.startswith("200")
