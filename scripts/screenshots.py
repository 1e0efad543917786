"""Takes pictures from a demonstration of its own: those of the README, and all screens into var/screens."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs" / "images"
CHROMIUM = os.environ.get("ISOTRACK_TEST_CHROMIUM", "/usr/bin/chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--no-first-run",
]
NOT_INHERITED = {"ISOTRACK_DATABASE_URL", "DJANGO_SETTINGS_MODULE"}
DESKTOP, PHONE = (1440, 900), (390, 844)


@dataclass(frozen=True)
class Picture:
    """A file, the link of the portfolio that leads to its page, the size of the window and the theme."""

    name: str
    link: str = ""
    size: tuple[int, int] = DESKTOP
    theme: Literal["light", "dark"] = "light"


CERTIFICATE = "See the certificate"
NONCONFORMITY = "Open NC-"
PICTURES = (
    Picture("portfolio"),
    Picture("portfolio-dark", theme="dark"),
    Picture("portfolio-phone", size=PHONE),
    Picture("certificate", CERTIFICATE),
    Picture("certificate-phone", CERTIFICATE, PHONE),
    Picture("nonconformity", NONCONFORMITY),
)


SCREENS_DIRECTORY = ROOT / "var" / "screens"
LOOKS: tuple[tuple[str, tuple[int, int], Literal["light", "dark"]], ...] = (
    ("desk", DESKTOP, "light"),
    ("phone", PHONE, "light"),
    ("dark", DESKTOP, "dark"),
)
SCREENS = {
    "portfolio": "/",
    "work": "/queue/",
    "task": "/queue/certificate-1/",
    "calendar": "/calendar/",
    "certificates": "/certificates/?",
    "certificate": "/certificates/",
    "audits": "/audits/?",
    "audit": "/audits/",
    "nonconformities": "/ncs/?",
    "board": "/ncs/?view=board",
    "nonconformity": "/ncs/",
    "import": "/import/",
    "history": "/history/",
    "outbox": "/outbox/",
    "health": "/health/",
    "settings": "/settings/",
    "organization": "/settings/organization/",
    "sites": "/settings/sites/",
    "people": "/settings/people/",
    "schemes": "/settings/schemes/?",
    "scheme": "/settings/schemes/",
    "alerts": "/settings/alerts/",
    "alert-rule": "/settings/alerts/new/",
    "profile": "/settings/profile/",
    "styleguide": "/styleguide/",
}
LISTS = {"/certificates/", "/audits/", "/ncs/", "/settings/schemes/"}
FIRST_RECORD = "links => links.map(link => link.getAttribute('href')).find(link => /\\/\\d+\\/$/.test(link))"


def main() -> None:
    """Every picture of the README, one line each, and the set of all screens."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    with demonstration() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for picture in PICTURES:
            take(browser, address, picture)
            sys.stdout.write(f"docs/images/{picture.name}.png\n")
        take_all(browser, address)
        browser.close()


def take_all(browser: Browser, address: str) -> None:
    """Every screen in the sizes and themes in which it is judged: on a desk, on a phone, in the dark."""
    SCREENS_DIRECTORY.mkdir(parents=True, exist_ok=True)
    for look, size, theme in LOOKS:
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]}, color_scheme=theme, reduced_motion="reduce"
        )
        page = context.new_page()
        page.goto(f"{address}/sign-in/")
        sign_in(page)
        for name, place in SCREENS.items():
            page.goto(address + place)
            if place in LISTS:
                link = page.locator(f'main a[href^="{place}"]').evaluate_all(FIRST_RECORD)
                page.goto(address + link)
            page.wait_for_load_state("networkidle")
            page.screenshot(path=SCREENS_DIRECTORY / f"{name}-{look}.png")
        context.close()
        sys.stdout.write(f"{len(SCREENS)} screens, {look}: {SCREENS_DIRECTORY.relative_to(ROOT)}/*-{look}.png\n")


def take(browser: Browser, address: str, picture: Picture) -> None:
    """One picture by a person who has just signed in."""
    width, height = picture.size
    context = browser.new_context(
        viewport={"width": width, "height": height}, color_scheme=picture.theme, reduced_motion="reduce"
    )
    page = context.new_page()
    page.goto(f"{address}/sign-in/")
    sign_in(page)
    if picture.link:
        page.goto(address + (page.locator(f'main a:has-text("{picture.link}")').first.get_attribute("href") or ""))
    page.wait_for_load_state("networkidle")
    page.screenshot(path=IMAGES / f"{picture.name}.png")
    context.close()


def sign_in(page: Page) -> None:
    """The first of the demo accounts, a compliance officer."""
    page.locator(".accounts button").first.click()
    page.wait_for_url(lambda address: "sign-in" not in address)


@contextmanager
def demonstration(**more: str) -> Iterator[str]:
    """The address of a fresh demonstration, with more settings if given, which ends afterwards."""
    with tempfile.TemporaryDirectory(prefix="isotrack-pictures-") as directory, socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        settings = {"ISOTRACK_DEMO": "1", "ISOTRACK_ENV_FILE": os.devnull, "ISOTRACK_LOG_LEVEL": "WARNING"}
        own = {name: value for name, value in os.environ.items() if name not in NOT_INHERITED}
        process = subprocess.Popen(
            [sys.executable, "manage.py", "serve", "--port", str(port)],
            cwd=ROOT,
            env=own | settings | {"ISOTRACK_VAR_DIR": directory} | more,
        )
        try:
            wait_for(f"http://localhost:{port}/sign-in/", process)
            yield f"http://localhost:{port}"
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(30)


def wait_for(address: str, process: subprocess.Popen[bytes]) -> None:
    """Returns when the address answers; the demonstration says itself why it does not."""
    while process.poll() is None:
        try:
            urllib.request.urlopen(address, timeout=30).close()
        except OSError:
            time.sleep(0.2)
        else:
            return
    sys.exit("the demonstration did not start")


if __name__ == "__main__":
    main()
