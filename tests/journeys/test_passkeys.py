"""A passkey from adding to signing in, with the authenticator that the browser plays for tests."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.journeys.conftest import PASSWORD, Open

pytestmark = pytest.mark.browser
WCAG = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}


def plug_in(page: Page) -> None:
    """A device that keeps passkeys and knows its owner."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def accessible(page: Page) -> None:
    found = Axe().run(page, options=WCAG)
    assert [violation["id"] for violation in found.response["violations"]] == []


def test_a_passkey_is_added_signs_in_alone_and_is_removed(opened: Open) -> None:
    page = opened(person="per")
    plug_in(page)
    page.goto("/settings/sign-in/")
    page.get_by_role("link", name="Add a passkey").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Is it you?")
    accessible(page)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Add a passkey")
    accessible(page)
    page.get_by_label("Name of the passkey").fill("Desk")
    page.get_by_role("button", name="Add passkey").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Recovery codes")
    accessible(page)
    page.get_by_role("link", name="Done").click()
    expect(page.locator("span.name", has_text="Desk")).to_be_visible()

    page.locator("details.menu summary").click()
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url(lambda address: "sign-in" not in address)

    page.goto("/settings/sign-in/")
    page.get_by_role("link", name="Remove Desk").click()
    if re.search("/again/", page.url):
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Go on").click()
    page.get_by_role("button", name="Remove passkey").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("How you sign in")
    expect(page.locator("span.name", has_text="Desk")).to_have_count(0)
