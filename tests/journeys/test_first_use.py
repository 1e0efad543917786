"""The first day: an organization without any record, from signing in to the sentence of its portfolio."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, FilePayload, Page, expect

from scripts.screenshots import ROOT, demonstration
from tests.exchange.lists import csv_of
from tests.journeys.conftest import PASSWORD, database_of, environment, today

pytestmark = pytest.mark.browser

# The demonstration takes the organization that stands under its name, and adds nothing to it.
EMPTY = f"""
from accounts import tenancy
from accounts.models import Membership, Organization, User
from certifications.catalog_rows import install_catalog
organization = Organization.objects.create(name="Nordlys Foods", slug="halden", time_zone="Europe/Warsaw")
install_catalog(organization)
with tenancy.acting_in(organization):
    for name, role in [("ida", "compliance_officer"), ("viewer", "viewer")]:
        user = User.objects.create_user(name + "@nordlys.example", "{PASSWORD}", full_name=name.title() + " Berg")
        Membership.objects.create(organization=organization, user=user, role=role)
"""
# What stands on a page in words, and the button that is the next step there.
PAGES = {
    "/": "what expires next, when, and what stops it",
    "/certificates/": "You will see here what expires next.",
    "/audits/": "Plan the next surveillance or internal audit",
    "/ncs/": "What the certification body, an internal audit, a complaint or an incident brings appears here.",
    "/ncs/?view=board": "appears here.",
    "/queue/": "Work comes from certificates, audits and nonconformities",
    "/calendar/": "Dates come from certificates, audits and nonconformities.",
}


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where an organization without any record is served."""
    folder: Path = tmp_path_factory.mktemp("first-use")
    with database_of("first_use") as settings:
        own = settings | {"ISOTRACK_VAR_DIR": str(folder)}
        for command in ([["migrate", "--verbosity", "0"]] if not settings else []) + [["shell", "-c", EMPTY]]:
            subprocess.run([sys.executable, "manage.py", *command], cwd=ROOT, env=environment(own), check=True)
        with demonstration(**own) as address:
            yield address


@pytest.fixture
def page(empty: str, browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A window of the size that a test asks for."""
    width, height = getattr(request, "param", (1440, 900))
    context = browser.new_context(base_url=empty, viewport={"width": width, "height": height}, reduced_motion="reduce")
    yield context.new_page()
    context.close()


def sign_in(page: Page, person: str = "ida") -> None:
    page.goto("/sign-in/")
    page.get_by_label("Mail address").fill(f"{person}@nordlys.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_label("Password").press("Enter")
    page.wait_for_url(lambda url: "sign-in" not in url)


def certificate_list() -> FilePayload:
    """A certificate that expires soon, and one that has time."""
    day = today()
    near, far = day + timedelta(days=50), day + timedelta(days=900)
    rows = [
        [number, standard, site, f"{last - timedelta(days=1094):%Y-%m-%d}", f"{last:%Y-%m-%d}"]
        for number, standard, site, last in [
            ("NF-9001", "ISO 9001:2015", "Bergen", near),
            ("NF-22000", "ISO 22000:2018", "Tromsø", far),
        ]
    ]
    content = csv_of([["Certificate number", "Standard", "Site", "Valid from", "Valid until"], *rows])
    return {"name": "certificates.csv", "mimeType": "text/csv", "buffer": content}


@pytest.mark.parametrize("page", [(1440, 900), (390, 844)], ids=["desk", "phone"], indirect=True)
def test_every_page_says_what_it_is_and_what_comes_first(page: Page) -> None:
    sign_in(page)
    for place, words in PAGES.items():
        page.goto(place)
        main = page.locator("main")
        expect(main, place).to_contain_text(words)
        expect(main.get_by_role("link", name="Import a list")).to_be_in_viewport()
        expect(main.locator(".btn.primary"), place).to_have_count(1)
        expect(main.locator("form"), place).to_have_count(0)  # nothing to narrow, nothing to take out
        assert Axe().run(page).violations_count == 0, place


def test_who_may_not_begin_reads_who_can(page: Page) -> None:
    sign_in(page, "viewer")
    expect(page.locator("main")).to_contain_text("A compliance officer adds them or imports a list")
    for place in PAGES:
        page.goto(place)
        expect(page.locator("main").get_by_role("link", name="Import a list"), place).to_have_count(0)


def test_the_first_list_leads_to_the_sentence(page: Page) -> None:
    sign_in(page)
    page.get_by_role("link", name="Import a list").click()
    page.locator("input[type=file]").set_input_files(certificate_list())
    page.get_by_role("button", name="Look at the file").click()
    page.get_by_role("button", name="Check the rows").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Check")
    page.get_by_role("button", name="Import 2 rows").click()
    expect(page.locator("main")).to_contain_text("2 records of certificates.csv are imported.")
    page.get_by_role("link", name="Go to the portfolio").click()
    sentence = " ".join(page.locator(".answer .big").inner_text().split())
    assert re.match(r"ISO 9001 at Bergen is expired on \d+ \w+ \d{4}, in 5[01] days", sentence), sentence
    page.goto("/certificates/")
    expect(page.locator("main tbody tr")).to_have_count(2)
    expect(page.locator("main form[role=search]")).to_be_visible()
