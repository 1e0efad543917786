"""A running demonstration and a real browser, shared by all journeys."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import psycopg2
import pytest
from playwright.sync_api import Browser, Page, expect

from accounts import clock
from scripts.screenshots import NOT_INHERITED, ROOT, demonstration
from tests.application_role import PASSWORD as PASSWORD_OF_ROLE
from tests.application_role import ROLE
from tests.services import POSTGRES_URL, runs_on_postgres

PASSWORD = "halden-demo-2026"
HOLDER = ZoneInfo("Europe/Warsaw")  # where the organization of the demonstration is
Open = Callable[..., Page]
expect.set_options(timeout=20_000)  # a busy machine may take its time; what does not come still fails


def today() -> date:
    """The civil day on which the demonstration's people are; near midnight it is not that of UTC."""
    return clock.now().astimezone(HOLDER).date()


@contextmanager
def database_of(name: str) -> Iterator[dict[str, str]]:
    """On PostgreSQL a database of its own, whose owner only migrates; without it the demonstration's own file."""
    if not runs_on_postgres():
        yield {}
        return
    server, _, prefix = POSTGRES_URL.rpartition("/")
    name = f"{prefix}_{name}_{os.getpid()}"
    with made(server, name):
        application = f"postgres://{ROLE}:{PASSWORD_OF_ROLE}@{server.rpartition('@')[2]}/{name}"
        settings = {"ISOTRACK_DATABASE_URL": application, "ISOTRACK_OWNER_DATABASE_URL": f"{server}/{name}"}
        migrate = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
        subprocess.run(migrate, cwd=ROOT, env=environment(settings), check=True)
        yield settings


def environment(settings: dict[str, str]) -> dict[str, str]:
    """What a command of the demonstration is started with."""
    own = {name: value for name, value in os.environ.items() if name not in NOT_INHERITED}
    return own | settings | {"ISOTRACK_DEMO": "1", "ISOTRACK_ENV_FILE": os.devnull}


@contextmanager
def made(server: str, name: str) -> Iterator[None]:
    """An empty database that is gone afterwards."""
    with closing(psycopg2.connect(f"{server}/postgres")) as connection, connection.cursor() as cursor:
        connection.autocommit = True
        cursor.execute(f'CREATE DATABASE "{name}"')
        try:
            yield
        finally:
            cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(scope="session")
def address() -> Iterator[str]:
    """Where the demonstration answers."""
    with database_of("journeys") as settings, demonstration(**settings) as found:
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
