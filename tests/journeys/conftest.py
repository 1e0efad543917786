"""A running demonstration and a real browser, shared by all journeys."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from scripts.screenshots import demonstration

PASSWORD = "halden-demo-2026"
Open = Callable[..., Page]
expect.set_options(timeout=20_000)  # a busy machine may take its time; what does not come still fails


@pytest.fixture(scope="session")
def address() -> Iterator[str]:
    """Where the demonstration answers."""
    with demonstration() as found:
        yield found


@pytest.fixture
def tolerated() -> list[str]:
    """Parts of complaints that a page may make; a test that breaks something on purpose adds to them."""
    return ["404", "422"]


@pytest.fixture
def opened(address: str, browser: Browser, tolerated: list[str]) -> Iterator[Open]:
    """Opens a page for somebody who has signed in; what the page complains of makes the test fail."""
    complaints: list[str] = []
    contexts = []

    def open_page(person: str = "marta", size: tuple[int, int] = (1440, 900), **wishes: Any) -> Page:
        context = browser.new_context(
            base_url=address, viewport={"width": size[0], "height": size[1]}, reduced_motion="reduce", **wishes
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto("/sign-in/")
        page.get_by_label("Mail address").fill(f"{person}@halden.example")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_label("Password").press("Enter")
        page.wait_for_url(lambda url: "sign-in" not in url)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert [line for line in complaints if not any(part in line for part in tolerated)] == []
