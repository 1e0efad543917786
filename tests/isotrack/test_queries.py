"""How many queries each page runs: under 12, or the constant that decision 8 gives a reason for."""

from __future__ import annotations

import re

import pytest

from accounts.models import Organization
from tests.api.world import World, make_world
from tests.architecture.source import ROOT
from tests.pages import queries_of, signed_in

FEW = 12
DECISION = (ROOT / "docs/decisions/0008-queries-of-a-page.md").read_text(encoding="utf-8")
REASONED = {page: int(most) for page, most in re.findall(r"^\| `(/[^`]*)` \| (\d+) \|", DECISION, re.M)}
PAGES = [
    "/", "/queue/", "/certificates/", "/certificates/{certificate}/", "/certificates/{certificate}/history/", "/ncs/",
    "/ncs/?view=board", "/ncs/{nonconformity}/", "/ncs/new/", "/calendar/", "/calendar/?view=month", "/search/?q=ISO",
    "/import/", "/audits/", "/audits/{audit}/", "/audits/programme/", "/evidence/", "/history/", "/outbox/", "/health/",
    "/settings/", "/settings/schemes/", "/settings/people/", "/settings/alerts/",
]  # fmt: skip


@pytest.fixture
def world(organization: Organization) -> World:
    return make_world(organization, "Halden")


@pytest.mark.parametrize("page", PAGES)
def test_a_page_runs_few_queries_or_as_many_as_are_reasoned(world: World, page: str) -> None:
    address = page.format(certificate=world.certificate.pk, nonconformity=world.nonconformity.pk, audit=world.audit.pk)
    browser = signed_in(world.user)
    browser.get(address)
    assert queries_of(browser, address) <= REASONED.get(page, FEW - 1)


def test_every_reasoned_constant_is_of_a_page_that_is_counted() -> None:
    assert len(REASONED) > 1
    assert set(REASONED) <= set(PAGES)
    assert all(most >= FEW for most in REASONED.values())
