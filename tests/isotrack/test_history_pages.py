"""The pages of the history, asked for as a person does."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import date

import pytest
from django.db import transaction
from django.test import Client
from openpyxl import load_workbook

from accounts import clock, tenancy
from accounts.models import Organization, User
from accounts.permissions import Role
from alerts.letters import compose
from certifications.actions import change_certificate
from certifications.actions.schemes import copy_scheme, set_moving
from certifications.models import Certificate
from isotrack import jobs
from records import insert_only
from records.models import ChainCheck, Event, HistoryPolicy, Message, SignedHead, SweepRun
from records.record import RULES, Actor, Entry, record
from tests.application_role import as_owner
from tests.conftest import member
from tests.factories import BY, certificate, nonconformity, planned
from tests.pages import problems, queries_of, signed_in, text_of

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
def administrator(organization: Organization) -> User:
    return member(organization, "kari@halden.example", "Kari Moen", Role.ADMINISTRATOR)


@pytest.fixture
def row(acting: Organization, officer: User) -> Certificate:
    """Registered in March, its scope and expiry changed in June."""
    with clock.at(date(2026, 3, 2)):
        made = certificate(acting, "QM-1", scope="Welding", certified_on=date(2025, 5, 2), expires_on=date(2028, 5, 1))
    with clock.at(date(2026, 6, 1)):
        changes = {"scope": "=2+2", "expires_on": date(2028, 6, 1)}
        return change_certificate(made, made.version, changes, Actor.person(officer), "New letter")


def test_an_entry_says_who_what_and_both_values(browser: Client, row: Certificate) -> None:
    text = text_of(browser.get("/history/"))
    assert "Marta Zielińska on a page QM-1 Facts changed: scope, expires" in text
    assert "Scope Welding becomes =2+2" in text
    assert "Expires 1 May 2028 becomes 1 Jun 2028" in text
    assert "New letter" in text


def test_fields_and_codes_are_said_in_the_words_of_the_reader(browser: Client, row: Certificate, officer: User) -> None:
    planned(nonconformity(row.organization, [row], "N7", grade="minor", clause="8.4"), "No check", TODAY)
    copy = copy_scheme(row.scheme, "Our rules", BY)
    set_moving(copy, copy.version, "propose", BY)
    User.objects.filter(pk=officer.pk).update(language="de")
    text = text_of(browser.get("/history/"))
    assert "Angaben geändert: Geltungsbereich, läuft ab" in text
    assert "Geltungsbereich Welding wird zu =2+2 Läuft ab 1 Mai 2028 wird zu 1 Jun 2028" in text
    assert "Stand Ursache und Plan erwartet wird zu Plan wartet auf Annahme" in text
    assert "Ursache eingereicht 2 Werte Schritt Ursache" in text
    assert "Kategorie Nebenabweichung Abschnitt 8.4 Quelle Zertifizierungsstelle" in text
    assert "Wenn eine Frist verstreicht Status automatisch ändern wird zu Vorschlagen und auf" in text
    assert "Status nach den Regeln Noch nicht zertifiziert wird zu Aktiv Durch – wird zu Entscheidung" in text
    assert "Aktiv ab 2 Mai 2025 Zertifizierung" in text
    stored = Event.objects.filter(kind="nonconformity.submit_plan").values_list("before", "after")[0]
    assert (stored[0]["stage"], stored[1]["stage"]) == ("raised", "submitted")


@pytest.mark.parametrize(
    ("query", "kinds"),
    [
        ("object=n7", ["nonconformity.raised"]),
        ("about=nonconformity", ["nonconformity.raised"]),
        ("about=certificate&from=2026-06-01", ["certificate.edited"]),
        ("about=certificate&to=2026-05-31", ["certificate.active", "certificate.registered"]),
        ("by=rule&about=certificate", []),
        ("person={officer}", ["certificate.edited"]),
        ("person=x&from=never&about=all&by=nobody&object=Edited", []),
    ],
)
def test_filters_narrow_the_entries(
    browser: Client, row: Certificate, officer: User, query: str, kinds: list[str]
) -> None:
    nonconformity(row.organization, [], "N7", source="complaint", grade="minor")
    page = browser.get("/history/?" + query.format(officer=officer.pk))
    shown = [line.event.kind for line in page.context["page"].lines]
    assert shown == kinds
    if not kinds:
        assert "No entry matches these filters." in text_of(page)


def test_pages_lead_to_older_and_newer_entries(browser: Client, acting: Organization) -> None:
    with transaction.atomic():
        record(RULES, [Entry(acting.pk, "thing.changed", "thing", n, "A thing", TODAY) for n in range(120)])
    last = Event.objects.order_by("-number")[0].number
    page = browser.get("/history/").context["page"]
    assert (page.lines[0].event.number, page.older, page.newer) == (last, last - 49, None)
    second = browser.get(f"/history/?before={page.older}").context["page"]
    assert (second.lines[0].event.number, second.newer) == (last - 50, last - 50)
    back = browser.get(f"/history/?after={second.newer}").context["page"]
    assert [line.event.number for line in back.lines] == [line.event.number for line in page.lines]


def test_the_number_of_queries_does_not_grow(browser: Client, acting: Organization) -> None:
    def write(number: int) -> None:
        with transaction.atomic():
            record(BY, [Entry(acting.pk, "thing.changed", "thing", n, "A thing", TODAY) for n in range(number)])

    write(1)
    few = queries_of(browser, "/history/")
    write(40)
    assert (queries_of(browser, "/history/"), few < 14) == (few, True)


TOLD = ["Certificate registered", "Active from 2 May 2025", "Facts changed: scope, expires"]


def test_an_export_holds_exactly_what_is_filtered_and_no_formula(browser: Client, row: Certificate) -> None:
    response = browser.get("/history/export.csv?about=certificate")
    rows = list(csv.DictReader(io.StringIO(response.getvalue().decode("utf-8-sig"))))
    assert [line["What"] for line in rows] == TOLD
    assert rows[2]["Who"] == "Marta Zielińska"
    book = load_workbook(io.BytesIO(browser.get("/history/export.xlsx?about=certificate").content))
    cells = list(book.active.iter_rows(min_row=2, values_only=True))
    assert [cell[7] for cell in cells] == TOLD
    with transaction.atomic():
        record(BY, [Entry(row.organization_id, "thing.changed", "thing", 1, "=cmd()", TODAY, reason="+1")])
    text = browser.get("/history/export.csv?object=cmd").getvalue().decode()
    assert ",'=cmd()," in text
    assert ",'+1," in text


def test_a_viewer_exports_nothing_and_chooses_nothing(acting: Organization) -> None:
    viewer = signed_in(member(acting, "v@halden.example", "Vera", Role.VIEWER))
    assert viewer.get("/history/").status_code == 200
    assert [viewer.get(f"/history/{page}").status_code for page in ("export.csv", "policy/")] == [403, 403]


def test_another_organization_sees_none_of_it(row: Certificate, other_organization: Organization) -> None:
    outsider = signed_in(member(other_organization, "o@ostrava.example", "Ota", Role.ADMINISTRATOR))
    assert "QM-1" not in outsider.get("/history/").content.decode()
    assert b"QM-1" not in outsider.get("/history/export.csv").getvalue()
    assert outsider.get(f"/history/certificates/{row.pk}/").status_code == 404


def test_verify_now_says_how_far_the_chain_holds(browser: Client, row: Certificate) -> None:
    last = Event.objects.count()
    assert f"The chain is verified to entry {last}." in text_of(browser.post("/history/check/", follow=True))
    with as_owner() as cursor:
        insert_only.take_down()
        cursor.execute("UPDATE records_event SET reason = 'x' WHERE number = 2")
    text = text_of(browser.post("/history/check/", follow=True))
    assert "First bad entry 2: changed after it was written. Entries up to 1 hold." in text


def test_what_is_wrong_with_the_chain_is_said_in_the_language_of_the_reader(
    browser: Client, row: Certificate, officer: User
) -> None:
    User.objects.filter(pk=officer.pk).update(language="pl")
    SweepRun.objects.create(started_at=clock.now(), finished_at=clock.now(), on=TODAY)
    with as_owner() as cursor:
        insert_only.take_down()
        cursor.execute("UPDATE records_eventcounter SET last_number = 9")
    text = text_of(browser.post("/history/check/", follow=True))
    assert text.count("wpis 4: brak; historia kończyła się na 9") == 2  # the answer and the card
    assert "wpis 4: brak; historia kończyła się na 9." in browser.get("/certificates/").content.decode()
    assert ChainCheck.objects.get().problem == "entry 4: missing; the history ended at 9"


def test_a_chain_that_does_not_hold_is_said_on_every_page(browser: Client, row: Certificate) -> None:
    SweepRun.objects.create(started_at=clock.now(), finished_at=clock.now(), on=TODAY)
    assert jobs.keep_history() == 0
    assert "The history does not hold" not in browser.get("/certificates/").content.decode()
    with as_owner() as cursor:
        insert_only.take_down()
        cursor.execute("DELETE FROM records_event WHERE number = 1")
    assert jobs.keep_history() == 1
    assert "The history does not hold: entry 1: missing." in browser.get("/certificates/").content.decode()


def test_the_nightly_head_is_mailed_and_can_be_downloaded(browser: Client, row: Certificate, officer: User) -> None:
    HistoryPolicy.objects.create(organization=row.organization, heads_to=officer)
    jobs.keep_history()
    head = SignedHead.objects.get()
    with tenancy.acting_in(row.organization):
        letter = compose(Message.objects.get(kind="head"))
    assert letter.subject == f"History of Halden Group: signed head, entry {head.number}"
    assert dict(letter.rows)["Fingerprint"] == head.hash
    assert browser.get("/history/heads.json").json()["heads"][0]["signature"] == head.signature


def test_an_administrator_chooses_what_is_signed(administrator: User, acting: Organization) -> None:
    browser = signed_in(administrator)
    assert browser.get("/history/policy/").status_code == 200
    sent = {"signed": ["nonconformity.close"], "retention_years": "12", "heads_to": administrator.pk, "version": "1"}
    assert browser.post("/history/policy/", {**sent, "retention_years": "2"}).status_code == 422
    plain = browser.post("/history/policy/", {**sent, "heads_url": "http://heads.example/"})
    assert [said for _, said in problems(plain)] == ["Enter a whole address that begins with https://"]
    assert browser.post("/history/policy/", sent).status_code == 302
    policy = HistoryPolicy.objects.get()
    assert (policy.signed, policy.retention_years, policy.heads_to) == (["nonconformity.close"], 12, administrator)
    event = Event.objects.get(kind="historypolicy.edited")
    assert (event.before["retention_years"], event.after["retention_years"]) == (10, 12)
    assert browser.post("/history/policy/", {**sent, "retention_years": "15"}).status_code == 409


def test_a_certificate_is_shown_as_it_was(browser: Client, row: Certificate) -> None:
    assert f'href="/history/certificates/{row.pk}/"' in browser.get(f"/certificates/{row.pk}/history/").content.decode()
    text = text_of(browser.get(f"/history/certificates/{row.pk}/?on=2026-05-15"))
    assert "Expires 1 May 2028" in text
    assert "Scope Welding =2+2" in text
    assert "1 change since" in text
    assert "had not been recorded yet" in text_of(browser.get(f"/history/certificates/{row.pk}/?on=2026-03-01"))
    after = text_of(browser.get(f"/history/certificates/{row.pk}/?on=2026-06-01"))
    assert "Expires 1 Jun 2028" in after
