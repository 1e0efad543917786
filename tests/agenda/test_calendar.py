"""The calendar page: what is on when, by month or as a grid."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from django.test import Client

from accounts import clock
from accounts.models import Organization, User
from agenda.months import Day, days_of, grid
from agenda.queries import Entry
from agenda.states import Kind
from audits.actions import hold_audit, plan_audit
from certifications import actions
from nonconformities import actions as ncs
from tests.factories import BY, certificate, nonconformity
from tests.pages import queries_of, signed_in, text_of

TODAY = date(2026, 11, 23)


@pytest.fixture(autouse=True)
def autumn(acting: Organization) -> Iterator[None]:
    """It is 23 November 2026."""
    with clock.at(TODAY):
        yield


@pytest.fixture
def browser(officer: User) -> Client:
    return signed_in(officer)


def titles(browser: Client, address: str = "/calendar/") -> list[tuple[str, str]]:
    groups = browser.get(address).context["groups"]
    return [(entry.on.isoformat(), entry.title) for _, found in groups for entry in found]


def test_the_agenda_holds_the_next_90_days(browser: Client, acting: Organization, officer: User) -> None:
    row = certificate(acting, expires_on=date(2027, 2, 21))
    nc = nonconformity(acting, [row], "NC-1", raised_on=date(2026, 11, 1), grade="minor", title="Labels")
    ncs.add_action(nc, {"description": "Print labels", "owner": officer, "due_on": date(2026, 12, 1)}, BY)
    plan_audit(acting, {"number": "A", "kind": "internal", "planned_on": date(2027, 2, 22)}, [row], BY)
    found = titles(browser)
    assert ("2026-12-01", "NC-1: Print labels") in found
    assert ("2027-02-21", "Last valid day: ISO 9001") in found
    assert not any("Internal audit" in title for _, title in found)
    assert ("2027-02-22", "Internal audit A: ISO 9001") in titles(browser, "/calendar/?from=2027-01-01")
    months = [month for month, _ in browser.get("/calendar/").context["groups"]]
    assert months == sorted(months)


def test_what_lies_behind_undone_is_overdue(browser: Client, acting: Organization) -> None:
    row = certificate(acting)
    late = plan_audit(acting, {"number": "LATE", "kind": "internal", "planned_on": date(2026, 11, 2)}, [row], BY)
    held = plan_audit(acting, {"number": "HELD", "kind": "internal", "planned_on": date(2026, 11, 3)}, [row], BY)
    hold_audit(held, date(2026, 11, 3), BY)
    groups = browser.get("/calendar/?from=2026-11-01").context["groups"]
    found = {entry.source[1]: entry.tone for _, group in groups for entry in group if entry.kind == Kind.AUDIT}
    assert found == {late.pk: "overdue", held.pk: "closed"}


def test_filters_stand_in_the_address(browser: Client, acting: Organization, officer: User) -> None:
    site = actions.add_site(acting, {"name": "Porto"}, BY)
    own = certificate(acting, "OWN", owner=officer, expires_on=date(2027, 1, 5), sites=[site])
    certificate(acting, "NOT", standard="ISO 14001", expires_on=date(2027, 1, 6))
    expected = [("2027-01-05", "Last valid day: ISO 9001, Porto"), ("2027-01-06", "ISO 9001, Porto is expired")]
    for narrowed in ("who=mine", f"site={site.pk}", f"standard={own.standard_id}"):
        assert titles(browser, f"/calendar/?{narrowed}") == expected, narrowed


@pytest.mark.parametrize("wrong", ["from=x", "from=9999-12-31", "from=0001-01-01", "site=x", "site=" + "9" * 40])
def test_a_damaged_address_shows_the_calendar(browser: Client, acting: Organization, wrong: str) -> None:
    for view in ("", "&view=month"):
        assert browser.get(f"/calendar/?{wrong}{view}").status_code == 200


def test_an_empty_calendar_says_where_dates_come_from_or_what_comes_next(browser: Client, acting: Organization) -> None:
    assert "Dates come from certificates, audits and nonconformities" in text_of(browser.get("/calendar/"))
    plan_audit(acting, {"number": "A", "kind": "internal", "planned_on": date(2027, 6, 1)}, [], BY)
    assert "Next: Internal audit A , 1 Jun 2027" in text_of(browser.get("/calendar/"))


def entry(on: date, until: date | None = None) -> Entry:
    return Entry("x", Kind.AUDIT, on, "x", "/", ("audit", 1), until=until)


def test_a_month_has_whole_weeks_and_an_audit_stands_on_each_of_its_days() -> None:
    month = date(2027, 2, 1)
    assert days_of(date(2027, 1, 1)) == (date(2026, 12, 28), date(2027, 1, 31))
    weeks = grid(month, [entry(date(2027, 2, 9), date(2027, 2, 11))], TODAY)
    busy = [day.on.day for week in weeks for day in week if day.entries]
    assert (len(weeks), busy) == (4, [9, 10, 11])


def test_a_full_day_shows_two_and_a_number() -> None:
    day = Day(TODAY, [entry(TODAY)] * 5, other=False, today=True)
    assert (len(day.shown), day.more) == (2, 3)
    assert Day(TODAY, [entry(TODAY)] * 3, other=False, today=True).more == 0


def test_the_month_grid_can_be_walked_with_the_keyboard(browser: Client, acting: Organization) -> None:
    html = browser.get("/calendar/?view=month&from=2027-01-15").content.decode()
    assert html.count('role="gridcell" tabindex="0"') == 1
    assert "January 2027" in html


def test_the_calendar_runs_as_many_queries_for_30_rows_as_for_3(browser: Client, acting: Organization) -> None:
    def add(number: int) -> None:
        row = certificate(acting, f"C{number}", certified_on=date(2025, 10, 22), expires_on=None)
        nonconformity(acting, [row], f"N{number}", raised_on=date(2026, 10, 14))
        plan_audit(acting, {"number": f"A{number}", "kind": "internal", "planned_on": date(2027, 1, 1)}, [row], BY)

    for number in range(3):
        add(number)
    few = [queries_of(browser, address) for address in ("/calendar/", "/calendar/?view=month")]
    for number in range(3, 30):
        add(number)
    assert [queries_of(browser, address) for address in ("/calendar/", "/calendar/?view=month")] == few
