"""Pages of audits, asked for as a person does."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from django.test import Client

from accounts import clock, tenancy
from accounts.models import Organization, User
from audits import actions
from audits.models import Audit
from certifications.models import Certificate
from tests.factories import BY, certificate, nonconformity
from tests.pages import problems, queries_of, says_beside, signed_in, text_of

TODAY = date(2026, 11, 23)


@pytest.fixture(autouse=True)
def autumn(acting: Organization) -> Iterator[None]:
    """It is 23 November 2026."""
    with clock.at(TODAY):
        yield


@pytest.fixture
def browser(officer: User) -> Client:
    return signed_in(officer)


@pytest.fixture
def row(acting: Organization) -> Certificate:
    return certificate(acting)


def planned(row: Certificate, number: str, on: date, kind: str = "surveillance") -> Audit:
    fields = {"number": number, "kind": kind, "planned_on": on, "planned_until": on + timedelta(days=1)}
    return actions.plan_audit(row.organization, fields, [row], BY)


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("", ["LATE", "INT", "NEXT"]),
        ("?state=overdue", ["LATE"]),
        ("?state=held", ["DONE"]),
        ("?state=all", ["DONE", "LATE", "INT", "NEXT"]),
        ("?kind=internal", ["INT"]),
        ("?kind=external", ["LATE", "NEXT"]),
        ("?q=nex", ["NEXT"]),
        ("?q=nothing", []),
        ("?certificate=x", ["LATE", "INT", "NEXT"]),
    ],
)
def test_filters_stand_in_the_address(browser: Client, row: Certificate, query: str, numbers: list[str]) -> None:
    planned(row, "LATE", date(2026, 11, 20))
    planned(row, "INT", date(2026, 12, 1), "internal")
    planned(row, "NEXT", date(2027, 1, 10))
    actions.hold_audit(planned(row, "DONE", date(2026, 10, 1)), date(2026, 10, 2), BY)
    lines = browser.get(f"/audits/{query}").context["lines"]
    assert [audit.number for audit, _, _ in lines] == numbers


@pytest.mark.parametrize(("last", "tag"), [(date(2026, 11, 22), "overdue"), (date(2026, 11, 23), "planned")])
def test_an_audit_is_overdue_on_the_day_after_its_last_planned_one(
    browser: Client, row: Certificate, last: date, tag: str
) -> None:
    audit = planned(row, "A", last - timedelta(days=1))
    assert browser.get(f"/audits/{audit.pk}/").context["tag"] == tag
    assert [t for _, t, _ in browser.get("/audits/").context["lines"]] == [tag]


def test_the_list_runs_as_many_queries_for_30_rows_as_for_3(browser: Client, row: Certificate) -> None:
    for number in range(3):
        planned(row, f"A{number}", date(2027, 1, 1))
    few = queries_of(browser, "/audits/")
    for number in range(27):
        planned(row, f"B{number}", date(2027, 1, 1))
    assert queries_of(browser, "/audits/") == few


def test_the_page_runs_as_many_queries_for_30_findings_as_for_3(
    browser: Client, row: Certificate, acting: Organization
) -> None:
    audit = actions.hold_audit(planned(row, "A", date(2026, 10, 1)), date(2026, 10, 2), BY)
    for number in range(3):
        nonconformity(acting, [row], f"N{number}", audit=audit, grade="minor")
    few = queries_of(browser, f"/audits/{audit.pk}/")
    for number in range(3, 30):
        nonconformity(acting, [row], f"N{number}", audit=audit, grade="minor")
    assert queries_of(browser, f"/audits/{audit.pk}/") == few


def test_planning_says_what_is_missing_and_keeps_what_was_typed(browser: Client) -> None:
    answer = browser.post("/audits/new/", {"lead_auditor": "K. Brandt", "planned_on": "2026-02-31"})
    assert answer.status_code == 422
    assert problems(answer) == [
        ("id_number", "Enter a number for the audit"),
        ("id_kind", "Choose the kind of audit"),
        ("id_planned_on", "Planned from: enter a date that exists, like 2027-01-12"),
    ]
    assert "K. Brandt" in answer.content.decode()


def test_planning_makes_the_audit(browser: Client, row: Certificate) -> None:
    given = {"number": "A1", "kind": "surveillance", "certificates": [row.pk], "planned_on": "2027-01-10"}
    page = text_of(browser.post("/audits/new/", given, follow=True))
    assert "Surveillance audit Planned Audit A1 · 10 Jan 2027, in 48 days" in page
    assert [audit.number for audit in row.audits.all()] == ["A1"]


def test_a_plan_that_ends_before_it_begins_is_refused(browser: Client) -> None:
    given = {"number": "A1", "kind": "internal", "planned_on": "2027-01-10", "planned_until": "2027-01-09"}
    answer = browser.post("/audits/new/", given)
    assert says_beside(answer, "id_planned_until") == "The last day must not be before the first, 10 Jan 2027."


def test_an_audit_of_the_past_can_be_recorded(browser: Client, row: Certificate) -> None:
    given = {"number": "A1", "kind": "surveillance", "certificates": [row.pk]}
    future = browser.post("/audits/record/", {**given, "started_on": "2026-11-24"})
    assert says_beside(future, "id_started_on") == "This day has not come yet; enter it as planned."
    assert Audit.objects.count() == 0
    browser.post("/audits/record/", {**given, "started_on": "2026-11-20", "ended_on": "2026-11-23"})
    assert Audit.objects.get().state == "held"


def test_an_audit_goes_from_plan_to_held(browser: Client, row: Certificate) -> None:
    audit = planned(row, "A", date(2026, 11, 22))
    assert browser.post(f"/audits/{audit.pk}/start/", {"started_on": "2026-11-22"}).status_code == 302
    page = browser.post(f"/audits/{audit.pk}/hold/", {"ended_on": "2026-11-23"}, follow=True)
    assert "Audit A is now held." in text_of(page)
    audit.refresh_from_db()
    assert (audit.state, audit.started_on, audit.ended_on) == ("held", date(2026, 11, 22), date(2026, 11, 23))


def test_a_cancelled_audit_can_be_planned_again(browser: Client, row: Certificate) -> None:
    audit = planned(row, "A", date(2026, 12, 1))
    assert problems(browser.post(f"/audits/{audit.pk}/cancel/", {})) == [
        ("id_reason", "Say why the audit is cancelled")
    ]
    browser.post(f"/audits/{audit.pk}/cancel/", {"reason": "Strike"})
    refused = browser.post(f"/audits/{audit.pk}/hold/", {"ended_on": "2026-11-20"})
    assert refused.status_code == 422
    assert problems(refused)[0][1].startswith("“hold” is not possible: audit A is cancelled.")
    browser.post(f"/audits/{audit.pk}/plan-again/", {"planned_on": "2027-01-05"})
    audit.refresh_from_db()
    assert (audit.state, audit.planned_on) == ("planned", date(2027, 1, 5))
    assert browser.get(f"/audits/{audit.pk}/nonsense/").status_code == 404


def test_the_second_of_two_saves_is_refused_with_both_values(browser: Client, row: Certificate) -> None:
    audit = planned(row, "A", date(2026, 12, 1))
    opened = {
        "number": "A",
        "kind": "surveillance",
        "certificates": [row.pk],
        "planned_on": "2026-12-01",
        "planned_until": "2026-12-02",
        "lead_auditor": "Mine",
        "version": audit.version,
    }
    actions.change_audit(audit, audit.version, {"lead_auditor": "Theirs"}, BY)
    answer = browser.post(f"/audits/{audit.pk}/edit/", opened)
    assert answer.status_code == 409
    assert "Lead auditor Theirs Mine" in text_of(answer)
    again = {**opened, "version": answer.context["form"].data["version"]}
    assert browser.post(f"/audits/{audit.pk}/edit/", again).status_code == 302
    audit.refresh_from_db()
    assert audit.lead_auditor == "Mine"


def test_what_another_organization_has_does_not_exist(browser: Client, other_organization: Organization) -> None:
    with tenancy.acting_in(other_organization):
        theirs = planned(certificate(other_organization, "X"), "X1", date(2027, 1, 1))
    assert browser.get(f"/audits/{theirs.pk}/").status_code == 404


def test_who_may_not_edit_reads_only(row: Certificate, manager: User) -> None:
    audit = planned(row, "A", date(2026, 12, 1))
    browser = signed_in(manager)
    assert "/edit/" not in browser.get(f"/audits/{audit.pk}/").content.decode()
    assert browser.post(f"/audits/{audit.pk}/cancel/", {"reason": "x"}).status_code == 403
    assert browser.get("/audits/new/").status_code == 403


def test_an_empty_list_says_how_to_fill_it(browser: Client) -> None:
    assert "No audit is planned." in text_of(browser.get("/audits/"))
    assert "No audit matches these filters." in text_of(browser.get("/audits/?q=x"))


def test_the_checklist_begins_with_the_standard_of_the_audit(browser: Client, row: Certificate) -> None:
    audit = planned(row, "S1", date(2026, 12, 1))
    page = browser.get(f"/audits/{audit.pk}/checklist/")
    assert page.context["ways"]["clauses"]["edition"].value() == row.edition_id


def test_a_chapter_that_the_standard_has_not_is_named(browser: Client, row: Certificate) -> None:
    audit = planned(row, "S1", date(2026, 12, 1))
    given = {"edition": row.edition_id, "chapters": "8.4, 12.9, A.5"}
    page = browser.post(f"/audits/{audit.pk}/checklist/add/clauses/", given)
    assert (page.status_code, problems(page)) == (
        422,
        [("id_c_chapters", f"{row.edition} has no 12.9, A.5. Check the numbers.")],
    )
    assert audit.items.count() == 0
