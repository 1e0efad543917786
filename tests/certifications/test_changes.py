"""Reporting a change: the certificates it touches, the record, and telling the bodies."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from django.test import Client

from accounts import clock
from accounts.models import Organization, Site, User
from certifications import actions
from certifications.actions.changes import touched_by
from certifications.models import Certificate, ChangedCertificate, ReportedChange
from records.models import Event
from tests.factories import BY, certificate
from tests.pages import problems, says_beside, signed_in, text_of

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
def rows(acting: Organization) -> dict[str, Certificate]:
    """One certificate at Porto, one at Leeds, and one that is withdrawn."""
    found = {}
    for name in ("Porto", "Leeds"):
        site = actions.add_site(acting, {"name": name}, BY)
        found[name] = certificate(acting, name.upper(), sites=[site], certified_on=date(2025, 10, 22), expires_on=None)
    found["gone"] = certificate(acting, "GONE")
    actions.record_decision(found["gone"], {"kind": "withdraw", "decided_on": TODAY}, BY)
    return found


@pytest.mark.parametrize(
    ("answers", "sites", "touched"),
    [
        (["legal"], ["Porto"], {"PORTO": ["legal"], "LEEDS": ["legal"]}),
        (["sites"], ["Porto"], {"PORTO": ["sites"]}),
        (["sites"], [], {"PORTO": ["sites"], "LEEDS": ["sites"]}),
        (["people", "scope"], ["Leeds"], {"PORTO": ["people"], "LEEDS": ["people", "scope"]}),
        ([], ["Leeds"], {}),
    ],
)
def test_which_certificates_a_change_touches(
    rows: dict[str, Certificate], answers: list[str], sites: list[str], touched: dict[str, list[str]]
) -> None:
    found = touched_by(answers, list(Site.objects.filter(name__in=sites)))
    assert {str(row): because for row, because in found} == touched


def test_a_change_is_looked_at_kept_and_told(browser: Client, rows: dict[str, Certificate]) -> None:
    porto = Site.objects.get(name="Porto")
    data = {"answers": ["sites"], "title": "Porto moves", "happens_on": "2026-12-01", "sites": [porto.pk]}
    seen = browser.post("/certificates/changes/new/", data)
    assert "1 certificate is touched" in text_of(seen)
    assert ReportedChange.objects.count() == 0
    page = browser.post("/certificates/changes/new/", {**data, "do": "record"}, follow=True)
    assert "Tell the certification bodies named below" in text_of(page)
    (touched,) = ChangedCertificate.objects.all()
    overview = text_of(browser.get(f"/certificates/{rows['Porto'].pk}/"))
    assert "Tell the body: Porto moves 1 Dec 2026, in 8 days" in overview
    assert "Not told yet" in text_of(browser.get(f"/certificates/{rows['Porto'].pk}/changes/"))
    assert "No change is reported" in text_of(browser.get(f"/certificates/{rows['Leeds'].pk}/changes/"))
    late = browser.post(f"/certificates/changes/touched/{touched.pk}/told/", {"told_on": "2026-11-24"})
    assert says_beside(late, "id_told_on") == "This day has not come yet."
    browser.post(f"/certificates/changes/touched/{touched.pk}/told/", {"told_on": "2026-11-22"})
    assert "Tell the body" not in text_of(browser.get(f"/certificates/{rows['Porto'].pk}/"))
    kinds = Event.objects.filter(subject_id=rows["Porto"].pk, kind__startswith="change.").order_by("number")
    assert list(kinds.values_list("kind", flat=True)) == ["change.reported", "change.told"]


def test_a_change_that_touches_nothing_is_refused(browser: Client, rows: dict[str, Certificate]) -> None:
    refused = browser.post("/certificates/changes/new/", {"title": "x", "happens_on": "2026-12-01"})
    assert problems(refused) == [
        ("id_answers_0", "Tick at least one question; otherwise nothing has to be told"),
    ]


def test_who_only_looks_may_report_when_a_manager_and_not_tell(manager: User, rows: dict[str, Certificate]) -> None:
    browser = signed_in(manager)
    data = {"answers": ["legal"], "title": "Merger", "happens_on": "2027-01-01", "do": "record"}
    page = browser.post("/certificates/changes/new/", data, follow=True)
    assert "Note that it was told" not in text_of(page)
    touched = ChangedCertificate.objects.first()
    assert touched is not None
    assert browser.get(f"/certificates/changes/touched/{touched.pk}/told/").status_code == 403


# --- the page of a certificate: tabs and neighbors ---------------------------------------------------------------


def test_tabs_have_addresses_of_their_own(browser: Client, rows: dict[str, Certificate]) -> None:
    for tab, words in (
        ("audits", "No audit is booked."),
        ("ncs", "The certification body has raised none."),
        ("changes", "No change is reported."),
        ("history", "Certificate registered"),
    ):
        assert words in text_of(browser.get(f"/certificates/{rows['Porto'].pk}/{tab}/")), tab


def test_previous_and_next_follow_the_list_one_came_from(browser: Client, acting: Organization) -> None:
    days = (date(2027, 3, 1), date(2027, 1, 1), date(2027, 2, 1), None)
    first, second, third, undated = (certificate(acting, f"C{n}", expires_on=day) for n, day in enumerate(days))
    other = certificate(acting, "OTHER", standard="ISO 14001", expires_on=date(2027, 1, 15))

    def around(row: Certificate, within: str = "") -> tuple[int | None, int | None]:
        context = browser.get(f"/certificates/{row.pk}/", {"within": within} if within else {}).context
        return context["previous"], context["next"]

    assert around(second) == (None, other.pk)
    assert around(third) == (other.pk, first.pk)
    assert around(undated) == (first.pk, None)
    assert around(third, f"standard={third.standard_id}") == (second.pk, first.pk)


def test_the_list_says_where_one_comes_from(browser: Client, acting: Organization) -> None:
    row = certificate(acting, "C1", expires_on=date(2027, 3, 1))
    html = browser.get(f"/certificates/?q=&standard={row.standard_id}&after=").content.decode()
    assert f'href="/certificates/{row.pk}/?within=standard%3D{row.standard_id}"' in html
    assert f'href="/certificates/{row.pk}/"' in browser.get("/certificates/").content.decode()


def test_a_certificate_without_dates_asks_for_the_one_that_matters(browser: Client, acting: Organization) -> None:
    row = certificate(acting, "NEW", expires_on=None)
    assert "Decision date" in text_of(browser.get(f"/certificates/{row.pk}/"))
    address = f"/certificates/{row.pk}/start/"
    wrong = browser.post(address, {"certified_on_day": "31", "certified_on_month": "Feb", "certified_on_year": "2026"})
    assert says_beside(wrong, "id_certified_on").startswith("Decision date: 31 Feb 2026 is no date")
    browser.post(address, {"certified_on_day": "1", "certified_on_month": "Feb", "certified_on_year": "2026"})
    row.refresh_from_db()
    assert (row.certified_on, row.current_expires_on) == (date(2026, 2, 1), date(2029, 1, 31))
