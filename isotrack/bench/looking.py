"""What a page costs: queries, time in the server, and kilobytes on the way."""

from __future__ import annotations

import gzip
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts import tenancy
from accounts.models import User
from audits.models import Audit
from certifications.models import Certificate
from nonconformities.models import Nonconformity
from records.lists import Sort
from records.lists.keyset import cursor_of

LIST = "/ncs/?state=all&sort=number"
PAGES = (
    "/", "/queue/", "/certificates/", "/certificates/{certificate}/", "/ncs/", LIST, "/ncs/?view=board",
    "/ncs/{nonconformity}/", "/calendar/", "/audits/", "/audits/{audit}/", "/audits/programme/", "/evidence/",
    "/history/", "/search/?q=ISO", "/settings/alerts/",
)  # fmt: skip
TIMES = 7


@dataclass(frozen=True)
class Look:
    """One page as it was answered."""

    page: str
    queries: int
    seconds: float
    kilobytes: float

    def __str__(self) -> str:
        return f"{self.page}: {self.queries} queries, {self.kilobytes:.0f} kB, {self.seconds * 1000:.0f} ms"


def looks() -> Iterator[Look]:
    """Every page of the benchmark."""
    with tenancy.across_organizations():
        ids = {
            "certificate": Certificate.objects.filter(next_loss_on__isnull=False).order_by("next_loss_on")[0].pk,
            "nonconformity": Nonconformity.objects.filter(state="open")[0].pk,
            "audit": Audit.objects.order_by("pk")[0].pk,
        }
    for page in PAGES:
        yield look(page.format(**ids))


def look(page: str) -> Look:
    """A page after it was opened once; the size is that of its HTML packed with gzip."""
    browser = _browser()
    _open(browser, page)
    with CaptureQueriesContext(connection) as captured:
        html = _open(browser, page)
    return Look(page, len(captured), seconds(page), len(gzip.compress(html)) / 1000)


def seconds(page: str) -> float:
    """The median of several times in the server, after the page was opened once."""
    browser, taken = _browser(), []
    for _ in range(TIMES + 1):
        begin = time.perf_counter()
        _open(browser, page)
        taken.append(time.perf_counter() - begin)
    return statistics.median(taken[1:])


def deep_page() -> str:
    """The list's page that begins in its middle."""
    with tenancy.across_organizations():
        rows = Nonconformity.objects.order_by("number", "pk")
        middle = rows[rows.count() // 2]
    return f"{LIST}&after={cursor_of(middle, Sort('number'))}"


def _browser() -> Client:
    browser = Client(headers={"host": "localhost"})
    browser.force_login(User.objects.get(email="officer-0@holder.example"))
    return browser


def _open(browser: Client, page: str) -> bytes:
    answer = browser.get(page)
    if answer.status_code != 200:
        raise RuntimeError(f"{page} answered {answer.status_code}")
    return bytes(answer.content)
