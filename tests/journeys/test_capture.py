"""An auditor with a phone: no signal, a closed browser, a server that fails, a session that ends, a colleague."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Dialog, Page, Route, expect

from tests.journeys.conftest import PASSWORD, Open

pytestmark = pytest.mark.browser
PHONE = (390, 844)
SENT = re.compile("Saved · sent")


@pytest.fixture
def capture(opened: Open, tolerated: list[str]) -> Iterator[Page]:
    """The screen of the audit that goes on in the demonstration, kept on the phone; the network may fail."""
    tolerated += ["net::ERR_", "500", "401"]
    page = opened(person="jo", size=PHONE, has_touch=True)
    page.goto("/audits/?q=A-2026-16")
    page.locator("main table").get_by_role("link", name=re.compile("Internal")).first.click()
    page.wait_for_url(re.compile(r"/audits/\d+/$"))
    page.goto(f"{page.url}capture/")
    expect(page.locator("#capture[data-ready=yes]")).to_be_attached(timeout=30_000)
    yield page


def expect_sent(page: Page) -> None:
    """Everything has arrived; a busy machine may take its time."""
    expect(page.locator("#chip:not([hidden])")).to_have_text(SENT, timeout=400_000)


def find(page: Page, words: str) -> None:
    """A minor finding for the question on the screen: three taps and what was seen."""
    page.get_by_role("button", name="Finding grade and evidence").click()
    page.get_by_text("Minor", exact=True).click()
    page.get_by_label("What did you see?").fill(words)
    page.get_by_role("button", name="Save finding").click()
    expect(page.locator("#sheet")).to_be_hidden()


def arrived(page: Page, words: str) -> int:
    """How many findings with these words the desk shows."""
    page.goto(page.url.split("capture/")[0] + "findings/")
    return page.locator("main").get_by_role("link", name=re.compile(words)).count()


def test_three_findings_without_signal_and_a_closed_browser_arrive_once(capture: Page) -> None:
    context, address = capture.context, capture.url
    context.set_offline(True)
    for number in (1, 2, 3):
        find(capture, f"Offline {number}: badge still active")
    expect(capture.locator("#chip")).to_contain_text("3 not sent")
    capture.close()
    page = context.new_page()
    page.goto(address)
    expect(page.locator("#chip")).to_contain_text("3 not sent")
    expect(page.get_by_role("heading", level=1)).not_to_have_text(re.compile("Loading"))
    context.set_offline(False)
    expect_sent(page)
    assert arrived(page, "Offline [123]: badge still active") == 3


def test_a_half_written_finding_survives_a_closed_browser(capture: Page) -> None:
    context, address = capture.context, capture.url
    capture.get_by_role("button", name="Finding grade and evidence").click()
    capture.get_by_label("What did you see?").fill("Half of a sent")
    expect(capture.locator("#kept")).to_contain_text("Saved on this phone")
    capture.close()
    page = context.new_page()
    page.goto(address)
    expect(page.get_by_label("What did you see?")).to_have_value("Half of a sent")
    page.get_by_role("button", name="Cancel").click()


def test_what_arrived_although_the_answer_was_lost_is_not_doubled(capture: Page) -> None:
    lost: list[int] = []

    def lose(route: Route) -> None:
        """The server takes it in and dies before it answers."""
        if len(lost) < 2:
            lost.append(route.fetch().status)
            route.abort()
        else:
            route.continue_()

    capture.route("**/capture/send/", lose)
    find(capture, "Answer lost: no exit list")
    expect(capture.locator("#chip")).to_contain_text("1 not sent")
    for _ in range(2):
        capture.evaluate("window.dispatchEvent(new Event('online'))")
        capture.wait_for_timeout(800)
    expect_sent(capture)
    assert lost == [200, 200]
    assert arrived(capture, "Answer lost: no exit list") == 1


def test_a_server_that_fails_keeps_everything_on_the_phone(capture: Page) -> None:
    capture.route("**/capture/send/", lambda route: route.fulfill(status=500, body="down"))
    find(capture, "While it failed: no minutes")
    expect(capture.locator("#chip")).to_contain_text("1 not sent")
    capture.locator("#chip").click()
    capture.get_by_role("button", name="Send now").click()
    expect(capture.locator("#unsent")).to_contain_text("While it failed: no minutes")
    capture.unroute("**/capture/send/")
    expect_sent(capture)


def test_a_session_that_ended_asks_to_sign_in_and_then_it_is_sent(capture: Page) -> None:
    context: BrowserContext = capture.context
    context.clear_cookies(name="sessionid")
    find(capture, "Session over: keys not counted")
    expect(capture.locator("#trouble")).to_contain_text("Sign in again; then it is sent.")
    capture.locator("#sign-in").click()
    capture.get_by_label("Mail address").fill("jo@halden.example")
    capture.get_by_label("Password", exact=True).fill(PASSWORD)
    capture.get_by_label("Password", exact=True).press("Enter")
    capture.wait_for_url(re.compile("/capture/"))
    expect_sent(capture)
    assert arrived(capture, "Session over: keys not counted") == 1


def sign_out(page: Page, agree: bool) -> list[str]:
    """Press *Sign out* and answer what is asked; the sentences that were asked."""
    asked: list[str] = []

    def answer(dialog: Dialog) -> None:
        asked.append(dialog.message)
        if agree:
            dialog.accept()
        else:
            dialog.dismiss()

    page.on("dialog", answer)
    page.locator("summary[aria-label^=Account]").click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_timeout(1_000)
    page.remove_listener("dialog", answer)
    return asked


def test_signing_out_warns_of_what_is_not_sent_and_keeps_it(capture: Page) -> None:
    address = capture.url
    capture.context.route("**/capture/send/", lambda route: route.fulfill(status=500, body="down"))
    for number in (1, 2):
        find(capture, f"Signed out {number}: visitors not listed")
    expect(capture.locator("#chip")).to_contain_text("2 not sent")
    capture.goto(address.split("capture/")[0])
    (sentence,) = sign_out(capture, agree=False)
    assert sentence.startswith("Captured on this device and not sent: 2.")
    assert "/audits/" in capture.url
    capture.reload()
    assert len(sign_out(capture, agree=True)) == 1
    capture.wait_for_url(re.compile("/sign-in/"))
    capture.context.unroute("**/capture/send/")
    capture.get_by_label("Mail address").fill("jo@halden.example")
    capture.get_by_label("Password", exact=True).fill(PASSWORD)
    capture.get_by_label("Password", exact=True).press("Enter")
    capture.wait_for_url(lambda url: "/sign-in/" not in url)
    capture.goto(address)
    expect_sent(capture)
    assert arrived(capture, "Signed out [12]: visitors not listed") == 2
    assert sign_out(capture, agree=True) == []
    capture.wait_for_url(re.compile("/sign-in/"))


def test_what_is_refused_stays_with_its_reason_and_can_be_mended(capture: Page) -> None:
    reason = "The server says: name the hall."
    capture.route(
        "**/capture/send/",
        lambda route: route.fulfill(status=422, content_type="application/json", body=f'{{"reason": "{reason}"}}'),
    )
    find(capture, "Refused once: pallets")
    expect(capture.locator("#unsent")).to_contain_text(reason)
    capture.unroute("**/capture/send/")
    capture.get_by_role("button", name="Mend").click()
    capture.get_by_label("What did you see?").fill("Refused once: pallets in hall 4")
    capture.get_by_role("button", name="Save finding").click()
    expect_sent(capture)
    assert arrived(capture, "pallets in hall 4") == 1


def test_two_auditors_on_one_audit_keep_both_findings(capture: Page, opened: Open) -> None:
    colleague = opened(person="marta", size=PHONE)
    colleague.goto(capture.url)
    expect(colleague.locator("#capture[data-ready=yes]")).to_be_attached(timeout=30_000)
    find(capture, "Two eyes: first")
    find(colleague, "Two eyes: second")
    for page in (capture, colleague):
        expect_sent(page)
    assert arrived(capture, "Two eyes: (first|second)") == 2


def test_a_photo_is_made_small_and_goes_with_its_finding(capture: Page, tmp_path: Path) -> None:
    picture = tmp_path / "hall.png"
    capture.screenshot(path=picture, full_page=True)
    capture.get_by_role("button", name="Finding grade and evidence").click()
    capture.get_by_text("Major", exact=True).click()
    capture.get_by_label("What did you see?").fill("With a photo: emergency exit blocked")
    capture.get_by_label("Photo").set_input_files(picture)
    expect(capture.locator("#thumbs canvas")).to_have_count(1)
    capture.get_by_role("button", name="Save finding").click()
    expect(capture.locator("#sheet")).to_be_hidden()
    expect_sent(capture)
    assert arrived(capture, "emergency exit blocked") == 1
    capture.locator("main").get_by_role("link", name=re.compile("emergency exit blocked")).first.click()
    expect(capture.locator("main")).to_contain_text("photo-1.jpg")


@pytest.mark.timeout(600)
def test_two_hundred_items_with_photos_wait_and_arrive(capture: Page) -> None:
    capture.context.set_offline(True)
    capture.evaluate(
        """async () => {
          const { put } = await import("/static/js/capture/store.js");
          const { audit, person } = document.getElementById("capture").dataset;
          const me = { audit: Number(audit), person: Number(person) };
          const canvas = document.createElement("canvas");
          canvas.width = canvas.height = 64;
          canvas.getContext("2d").fillRect(8, 8, 40, 40);
          const photo = await new Promise((done) => canvas.toBlob(done, "image/jpeg"));
          for (let n = 0; n < 200; n += 1) {
            const fields = { grade: "opportunity", clause: "A.5.1", evidence: `Bulk ${n}` };
            const made_at = new Date(Date.UTC(2026, 0, 1, 0, 0, n)).toISOString();
            const photos = n % 4 ? [] : [photo];
            await put("items", { ...me, uid: crypto.randomUUID(), fields, photos, made_at, refused: "" });
          }
        }"""
    )
    capture.evaluate("window.dispatchEvent(new Event('online'))")
    expect(capture.locator("#chip")).to_contain_text("200 not sent")
    capture.context.set_offline(False)
    capture.evaluate("window.dispatchEvent(new Event('online'))")
    expect_sent(capture)
    capture.goto(capture.url.split("capture/")[0] + "findings/")
    expect(capture.locator("main")).to_contain_text("Bulk 199")
    assert len(re.findall(r"Bulk \d+", capture.locator("main").inner_text())) == 200


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, (320, 640), (1440, 900)], ids=str)
def test_the_screen_is_accessible_and_fits(opened: Open, size: tuple[int, int], scheme: str) -> None:
    page = opened(person="jo", size=size, color_scheme=scheme)
    page.goto("/audits/?q=A-2026-16")
    page.locator("main table").get_by_role("link", name=re.compile("Internal")).first.click()
    page.wait_for_url(re.compile(r"/audits/\d+/$"))
    page.goto(f"{page.url}capture/")
    page.get_by_role("button", name="Finding grade and evidence").click()
    expect(page.locator("#sheet")).to_be_visible()
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0


def test_without_javascript_the_desk_is_offered(browser: Browser, opened: Open) -> None:
    page = opened(person="jo", java_script_enabled=False)
    page.goto("/audits/?q=A-2026-16")
    page.locator("main table").get_by_role("link", name=re.compile("Internal")).first.click()
    page.wait_for_url(re.compile(r"/audits/\d+/$"))
    page.goto(f"{page.url}capture/")
    expect(page.get_by_role("link", name="checklist at the desk")).to_be_visible()
