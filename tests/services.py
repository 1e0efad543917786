"""Services that some tests need beside Python: PostgreSQL, Redis, a browser.

A test asks for them with the marker of the same name. Where one is missing, its tests are counted at the end with the
way to run them; where ``ISOTRACK_REQUIRE`` names it, its absence is a failure.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg2
import pytest
import redis

if TYPE_CHECKING:
    from playwright.sync_api import Browser

POSTGRES_URL = os.environ.get(
    "ISOTRACK_TEST_DATABASE_URL", f"postgres://postgres@127.0.0.1:5432/isotrack_{os.getpid()}"
)
REDIS_URL = os.environ.get("ISOTRACK_TEST_REDIS_URL", "redis://127.0.0.1:6379/9")
CHROMIUM = os.environ.get("ISOTRACK_TEST_CHROMIUM", "/usr/bin/chromium")


@dataclass(frozen=True)
class Service:
    """Something a test may need, how to find out whether it is there, and what to do when it is not."""

    marker: str
    name: str
    found: Callable[[], bool]
    remedy: str


def postgres_found() -> bool:
    """Whether the server answers; the test run makes a database of its own on it."""
    try:
        psycopg2.connect(POSTGRES_URL.rpartition("/")[0] + "/postgres", connect_timeout=3).close()
    except psycopg2.OperationalError:
        return False
    return True


def runs_on_postgres() -> bool:
    """Whether this very run uses PostgreSQL, as scripts/test.sh arranges when one is there."""
    return os.environ.get("ISOTRACK_DATABASE_URL", "").startswith("postgres") and postgres_found()


def redis_found() -> bool:
    """Whether Redis answers."""
    try:
        return bool(redis.Redis.from_url(REDIS_URL, socket_connect_timeout=3).ping())
    except redis.RedisError:
        return False


def postgres_program(name: str) -> str:
    """Where a program of the PostgreSQL server lies, which Debian keeps out of the path; empty when it is missing."""
    found = [shutil.which(name), *sorted(map(str, Path("/usr/lib/postgresql").glob(f"*/bin/{name}")), reverse=True)]
    return next((path for path in found if path), "")


def nginx_program() -> str:
    """Where nginx lies, which Debian keeps out of the path of people; empty when it is missing."""
    return shutil.which("nginx") or shutil.which("/usr/sbin/nginx") or ""


SERVICES = (
    Service(
        "postgres",
        "PostgreSQL",
        runs_on_postgres,
        "start PostgreSQL on 127.0.0.1:5432 (or name one in ISOTRACK_TEST_DATABASE_URL), then: make test-rest",
    ),
    Service(
        "redis",
        "Redis",
        redis_found,
        "start Redis on 127.0.0.1:6379 (or name one in ISOTRACK_TEST_REDIS_URL), then: make test-rest",
    ),
    Service(
        "servers",
        "the programs of PostgreSQL, Redis and nginx",
        lambda: all([shutil.which("redis-server"), postgres_program("initdb"), nginx_program()]),
        "sudo apt-get install postgresql redis-server nginx-light, then: make test-faults",
    ),
    Service(
        "browser",
        "a browser",
        lambda: os.access(CHROMIUM, os.X_OK),
        "sudo apt-get install chromium (or name one in ISOTRACK_TEST_CHROMIUM), then: make test-rest",
    ),
)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skips the tests whose service is missing, or ends the run when it is required."""
    required = os.environ.get("ISOTRACK_REQUIRE", "").split(",")
    for service in SERVICES:
        asking = [item for item in items if item.get_closest_marker(service.marker)]
        if not asking or service.found():
            continue
        if service.marker in required:
            raise pytest.UsageError(f"{service.name} is required and was not found: {service.remedy}")
        for item in asking:
            item.add_marker(pytest.mark.skip(reason=f"needs {service.name}"))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """One line for each service that was missing: how many tests did not run, and how to run them."""
    reasons = [report.longrepr[2] for report in terminalreporter.stats.get("skipped", [])]
    for service in SERVICES:
        count = reasons.count(f"Skipped: needs {service.name}")
        if count:
            tests = "1 test that needs" if count == 1 else f"{count} tests that need"
            terminalreporter.write_line(f"not run: {tests} {service.name}; {service.remedy}")


@pytest.fixture(scope="session")
def redis_url() -> str:
    """A Redis database for tests alone, empty at the start."""
    redis.Redis.from_url(REDIS_URL).flushdb()
    return REDIS_URL


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Headless Chromium, one for the whole run: its driver does not bear a second one in the same thread."""
    from playwright.sync_api import sync_playwright  # most runs need no browser

    from scripts.screenshots import FLAGS  # as above

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield started
        started.close()


if __name__ == "__main__":
    print(POSTGRES_URL if postgres_found() else "")
