"""What takes days or leaves a mark: an import, a change of rules, a certificate that is suspended and comes back.

And what needs settings of its own: signing in through a provider, by OpenID Connect and by SAML.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from oidc_provider_mock import run_server_in_thread
from playwright.sync_api import Browser, Page, expect

from scripts.screenshots import ROOT, demonstration
from tests.access import identity_provider
from tests.access.test_single_sign_on import known
from tests.journeys.conftest import Open, database_of, environment, today
from tests.journeys.test_work import find_the_cause, plan_and_prove, record_nonconformity

pytestmark = pytest.mark.browser
DAYS = 100  # a major is open longer than its scheme allows, 90 days
LIST = "Certificate number,Standard,Site,Valid until\nIMP-1,ISO 9001,Porto,2028-05-01\nIMP-2,ISO 14001,Porto,soon\n"


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    """A provider on this machine that knows Marta."""
    with run_server_in_thread(user_claims=[known("marta", "marta@halden.example")]) as server:
        yield f"http://localhost:{server.server_port}"


@pytest.fixture(scope="module")
def saml_provider() -> Iterator[str]:
    """A provider on another site that lets in whom one names."""
    with identity_provider.running() as found:
        yield found


@pytest.fixture(scope="module")
def settings(provider: str, saml_provider: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """A demonstration of this module alone, whose clock is a file, and which two providers open."""
    place = tmp_path_factory.mktemp("days")
    (place / "clock").write_text("0")
    signing_in = {
        "ISOTRACK_OIDC_URL": provider,
        "ISOTRACK_OIDC_NAME": "Halden login",
        "ISOTRACK_OIDC_CLIENT_ID": "isotrack",
        "ISOTRACK_OIDC_CLIENT_SECRET": "secret",
        "ISOTRACK_SAML_METADATA": identity_provider.described(saml_provider),
        "ISOTRACK_SAML_NAME": "Halden SAML",
    }
    with database_of("days") as own:
        yield own | signing_in | {"ISOTRACK_VAR_DIR": str(place), "ISOTRACK_CLOCK_FILE": str(place / "clock")}


@pytest.fixture(scope="module")
def address(settings: dict[str, str]) -> Iterator[str]:
    """Where it answers."""
    with demonstration(**settings) as found:
        yield found


@pytest.fixture
def move_clock(settings: dict[str, str]) -> Iterator[Callable[[int], None]]:
    """Lets days pass for all processes, and sweeps."""
    file = Path(settings["ISOTRACK_CLOCK_FILE"])

    def move(days: int) -> None:
        file.write_text(str(days))
        subprocess.run([sys.executable, "manage.py", "sweep"], cwd=ROOT, env=environment(settings), check=True)

    yield move
    file.write_text("0")


def test_signing_in_through_a_provider_leads_away_and_back(address: str, browser: Browser) -> None:
    page = browser.new_context(base_url=address).new_page()
    refused: list[str] = []
    page.on("console", lambda line: refused.append(line.text) if "Content Security Policy" in line.text else None)
    page.goto("/sign-in/?next=/certificates/")
    page.get_by_role("link", name="Sign in with Halden login").click()
    page.locator("input[name=sub]").fill("marta")
    page.locator("input[name=sub]").press("Enter")
    page.wait_for_url(f"{address}/certificates/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Certificates")
    assert refused == []
    page.context.close()


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_the_form_of_a_saml_provider_on_another_site_signs_in(address: str, browser: Browser, script: bool) -> None:
    page = browser.new_context(base_url=address, java_script_enabled=script).new_page()
    refused: list[str] = []
    page.on("console", lambda line: refused.append(line.text) if "Content Security Policy" in line.text else None)
    page.goto("/sign-in/?next=/certificates/")
    page.get_by_role("link", name="Sign in with Halden SAML").click()
    assert page.url.startswith("http://127.0.0.1")  # another site than localhost, so no cookie comes with its form
    page.locator("input[name=mail]").fill("marta@halden.example")
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url(f"{address}/certificates/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Certificates")
    assert refused == []
    page.context.close()


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_a_list_is_looked_at_imported_and_taken_back(opened: Open, script: bool) -> None:
    page = opened(java_script_enabled=script)
    page.goto("/import/")
    page.get_by_label("Certificates").check()
    page.get_by_label("File", exact=True).set_input_files(
        {"name": "register.csv", "mimeType": "text/csv", "buffer": LIST.encode()}
    )
    page.get_by_role("button", name="Look at the file").click()
    page.get_by_role("button", name="Check the rows").click()
    expect(page.get_by_role("heading", name="Problems")).to_be_visible()
    expect(page.get_by_text("soon", exact=True).first).to_be_visible()
    page.get_by_role("button", name="Import 1 row").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Imported")
    expect(page.get_by_text("1 record of register.csv is imported.")).to_be_visible()
    done = page.url
    page.get_by_role("link", name="Show the list").click()
    expect(page.locator("main")).to_contain_text("IMP-1")
    page.goto(done)
    page.get_by_role("button", name="Take this import back").click()
    expect(page.get_by_text("The import of register.csv is taken back.")).to_be_visible()
    page.goto("/certificates/?q=IMP-1")
    expect(page.locator("main")).not_to_contain_text("ISO 9001, Porto")


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_numbers_of_a_scheme_are_tried_on_ones_own_certificates(opened: Open, script: bool) -> None:
    page, months = opened(person="admin", java_script_enabled=script), "4" if script else "5"
    page.goto("/settings/schemes/")
    page.locator("main").get_by_role("link", name=re.compile("Accredited management system")).first.click()
    page.get_by_role("link", name="Change the numbers").first.click()
    page.locator("[name='suspension.limit_number']").fill(months)
    if not script:  # a version holds from a later day than the last one
        page.locator("[name=effective_on]").fill((today() + timedelta(days=1)).isoformat())
    if not script:
        page.get_by_role("button", name="Show what changes").first.click()
    expect(page.locator("#changes")).to_contain_text(re.compile(r"\d+ certificates? chang"))
    expect(page.locator("#changes")).to_contain_text("→")
    page.get_by_label("Reason").fill("Letter of the body of 3 March")
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_text(re.compile(r"Version \d of .* is published"))).to_be_visible()
    expect(page.locator("main")).to_contain_text("Letter of the body of 3 March")
    expect(page.locator("main")).to_contain_text(f"{months} months")


def test_a_certificate_is_suspended_when_the_day_comes_and_reinstated(
    opened: Open, move_clock: Callable[[int], None]
) -> None:
    auditor = opened(person="jo")
    record_nonconformity(auditor, "Calibration records are missing", "NHC-4403-OHS")
    place = auditor.url
    move_clock(DAYS)
    officer, worker, auditor = opened(), opened(person="tomas"), opened(person="jo")
    certificate = open_certificate(officer, "NHC-4403-OHS")
    expect(officer.locator("main")).to_contain_text("Suspended")
    find_the_cause(worker, place)
    plan_and_prove(worker, officer, place)
    auditor.goto(place)
    auditor.get_by_label("Yes, effective").check()
    auditor.get_by_role("button", name="Record the verification").click()
    expect(auditor.get_by_text("is recorded.")).to_be_visible()
    officer.goto(certificate)
    officer.get_by_role("link", name="Record a decision").first.click()
    officer.locator("main a[href$='/decisions/new/lift/']").click()
    day = today() + timedelta(days=DAYS)
    for box, value in (("Day", day.day), ("Month", day.month), ("Year", day.year)):
        officer.get_by_label(box, exact=True).fill(str(value))
    officer.get_by_role("button", name="See what it does to the dates").click()
    expect(officer.get_by_text("Nothing is saved yet")).to_be_visible()
    officer.locator("main form button.primary").first.click()
    officer.wait_for_url(re.compile(r"/certificates/\d+/"))
    expect(officer.locator("main .tag").first).to_contain_text("Active")


def open_certificate(page: Page, number: str) -> str:
    """The page of a certificate, and its address."""
    page.goto(f"/certificates/?q={number}")
    page.locator("main table a.rowlink").first.click()
    page.wait_for_url(re.compile(r"/certificates/\d+/"))
    return page.url
