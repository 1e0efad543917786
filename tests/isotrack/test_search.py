"""Search: every kind of record by words it holds, and on PostgreSQL by words that are alike."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from django.db import connection
from django.test import Client

from accounts import clock, tenancy
from accounts.models import Organization, User
from audits.actions import plan_audit
from certifications.actions import add_site
from nonconformities.models import Nonconformity
from tests.factories import BY, certificate, nonconformity
from tests.pages import queries_of, signed_in, text_of


@pytest.fixture(autouse=True)
def autumn(acting: Organization) -> Iterator[None]:
    """It is 23 November 2026."""
    with clock.at(date(2026, 11, 23)):
        yield


@pytest.fixture
def browser(officer: User) -> Client:
    return signed_in(officer)


@pytest.fixture
def nc(acting: Organization) -> Nonconformity:
    site = add_site(acting, {"name": "Gdańsk plant"}, BY)
    row = certificate(acting, "C27", standard="ISO/IEC 27001", edition="2022", sites=[site])
    fields = {"raised_on": date(2026, 10, 14), "title": "Leavers keep access", "clause": "A.5.18"}
    return nonconformity(acting, [row], "NC-0142", **fields)


def found(browser: Client, text: str) -> dict[str, list[str]]:
    groups = browser.get("/search/", {"q": text}).context["groups"]
    return {group.name: [hit.name for hit in group.hits] for group in groups}


@pytest.mark.parametrize(
    ("text", "groups"),
    [
        ("C27", {"Certificates": ["ISO/IEC 27001, Gdańsk plant"]}),
        ("leavers", {"Nonconformities": ["NC-0142: Leavers keep access"]}),
        ("  leavers   keep ", {"Nonconformities": ["NC-0142: Leavers keep access"]}),
        ("A-2027", {"Audits": ["Internal audit A-2027"]}),
        ("Marta", {"People": ["Marta Zielińska"]}),
        ("", {}),
        ("xylophone", {}),
        ("%_'\"<script>", {}),
    ],
)
def test_search_looks_into_every_app(
    browser: Client, nc: Nonconformity, acting: Organization, text: str, groups: dict[str, list[str]]
) -> None:
    plan_audit(acting, {"number": "A-2027", "kind": "internal", "planned_on": date(2027, 1, 1)}, [], BY)
    assert found(browser, text) == groups


def test_a_clause_leads_to_what_was_raised_against_it(browser: Client, nc: Nonconformity) -> None:
    groups = browser.get("/search/", {"q": "internal audit"}).context["groups"]
    urls = {hit.url for group in groups if group.name == "Clauses" for hit in group.hits}
    assert "/ncs/?state=all&q=9.2" in urls


def test_a_search_runs_as_many_queries_for_9_rows_as_for_3(browser: Client, acting: Organization) -> None:
    for number in range(3):
        nonconformity(acting, [], f"X-{number}", source="complaint")
    few = queries_of(browser, "/search/?q=X-")
    for number in range(3, 9):
        nonconformity(acting, [], f"X-{number}", source="complaint")
    assert queries_of(browser, "/search/?q=X-") == few


def test_what_another_organization_has_is_not_found(browser: Client, other_organization: Organization) -> None:
    with tenancy.acting_in(other_organization):
        nonconformity(other_organization, [], "XQZ-1", source="complaint")
    assert found(browser, "XQZ") == {}


@pytest.mark.postgres
def test_words_that_are_alike_are_found(browser: Client, nc: Nonconformity) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("only PostgreSQL compares words that are alike")
    assert found(browser, "leavvers") == {"Nonconformities": ["NC-0142: Leavers keep access"]}
    assert "these are alike" in text_of(browser.get("/search/", {"q": "leavvers"}))
