"""Attaching in a real browser: with the script that shows progress, without any, and when the file is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from accounts import tenancy
from accounts.permissions import Role
from certifications.catalog_rows import install_catalog
from evidence.models import Evidence
from tests import factories
from tests.conftest import Organization, member
from tests.evidence.files import PDF

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def address(live_server: object) -> str:
    """The page of a nonconformity of Marta's."""
    organization = Organization.objects.create(name="Halden Group", slug="halden", time_zone="Europe/Warsaw")
    install_catalog(organization)
    member(organization, "marta@halden.example", "Marta Zielińska", Role.COMPLIANCE_OFFICER)
    with tenancy.acting_in(organization):
        nc = factories.nonconformity(organization, [factories.certificate(organization)], "NC-7")
    return f"{live_server.url}/ncs/{nc.pk}/"  # type: ignore[attr-defined]


def opened(page: Page, address: str) -> None:
    """The page, signed in, with the form of its evidence open."""
    page.goto(f"{address.partition('/ncs/')[0]}/sign-in/?next=/ncs/{address.rsplit('/', 2)[1]}/")
    page.fill("input[name=login]", "marta@halden.example")
    page.fill("input[name=password]", "marta@halden.example")
    page.press("input[name=password]", "Enter")
    page.wait_for_url(address)
    page.click("#evidence details summary")


@pytest.mark.parametrize("scripts", [True, False])
def test_attach_and_be_refused(address: str, browser: Browser, tmp_path: Path, scripts: bool) -> None:
    context = browser.new_context(java_script_enabled=scripts)
    page = context.new_page()
    page.set_default_timeout(60_000)
    opened(page, address)
    good, bad = tmp_path / "calibration.pdf", tmp_path / "report.pdf"
    good.write_bytes(PDF)
    bad.write_bytes(b"<html>")
    page.set_input_files("#evidence input[name=file]", bad)
    page.fill("#evidence input[name=title]", "Calibration of scale 4")
    page.click("#evidence button:has-text('Attach')")
    expect(page.locator(".problem")).to_contain_text("The content is not what the name says")
    expect(page.locator("input[name=title]")).to_have_value("Calibration of scale 4")
    page.set_input_files("input[name=file]", good)
    page.click("button:has-text('Attach')")
    page.wait_for_url(address)
    expect(page.locator("#evidence")).to_contain_text("Calibration of scale 4")
    if scripts:
        page.click("#evidence a:has-text('Calibration of scale 4')")
        expect(page.locator("h1")).to_contain_text("Calibration of scale 4")
        assert Axe().run(page).response["violations"] == []
    context.close()
    with tenancy.across_organizations():
        assert Evidence.objects.count() == 1
