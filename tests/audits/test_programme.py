"""The programme: what each scheme asks for, what a day would do, the grid, its lenses, and audit time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from uuid import uuid4

import pytest

from accounts import clock
from accounts.models import Organization, User
from audits import actions
from audits.models import Audit
from audits.programme.grid import first_of_quarter, programme
from audits.programme.lenses import clause_cover, samples
from audits.programme.proposing import AUDITS, propose
from audits.programme.window import Planned, hanging_on, warnings_about
from certifications.actions import add_site
from certifications.catalog import catalog, raw_catalog
from lifecycle.evolve import evolve
from lifecycle.facts import Audit as AuditFact
from lifecycle.facts import Certificate, Decision, Facts
from lifecycle.policy import PolicyBook
from tests.factories import BY, certificate, nonconformity
from tests.pages import problems, queries_of, signed_in, text_of

TODAY = date(2026, 6, 11)
SCHEMES = [entry["id"] for entry in raw_catalog()["schemes"] if entry["id"] != "own_deadlines"]


@pytest.fixture
def june(acting: Organization) -> Iterator[None]:
    """It is 11 June 2026."""
    with clock.at(TODAY):
        yield


def facts_of(certified_on: date, scheme: str) -> tuple[Facts, PolicyBook]:
    shipped = catalog()
    book = PolicyBook(((date.min, shipped.policy(scheme)),), shipped.editions)
    held = AuditFact("audit:s2", "stage2", certified_on - timedelta(days=20), certified_on - timedelta(days=18))
    known = Certificate(certified_on=certified_on, issued_on=certified_on, audit_history="complete")
    return Facts(certificate=known, audits=(held,)), book


@pytest.mark.parametrize("scheme", SCHEMES)
def test_what_is_proposed_keeps_every_rule_of_the_scheme(scheme: str) -> None:
    """With all proposed audits held, and recertifications decided, no rule moves the certificate in three years."""
    certified_on = date(2026, 5, 4)
    facts, book = facts_of(certified_on, scheme)
    until = TODAY + timedelta(days=3 * 365)
    found = propose(facts, book, TODAY, until)
    audits = [AuditFact(f"audit:{n}", p.kind, p.on, p.on) for n, p in enumerate(found)]  # type: ignore[arg-type]
    decisions = [
        Decision(id=f"decision:{n}", kind="recertify", date=p.due_on or p.on)
        for n, p in enumerate(found)
        if p.kind == "recertification"
    ]
    held = Facts(facts.certificate, audits=(*facts.audits, *audits), decisions=tuple(decisions))
    outcome = evolve(held, book, [until])
    assert [t for t in outcome.transitions if t.by == "rule"] == []
    assert [d for d in outcome.deadlines if d.kind in AUDITS and d.state == "missed"] == []


def test_a_generic_cycle_is_two_surveillances_and_a_recertification() -> None:
    facts, book = facts_of(date(2026, 5, 4), "iso17021_generic")
    found = propose(facts, book, TODAY, date(2029, 5, 3))
    assert [p.kind for p in found] == ["surveillance", "surveillance", "recertification"]
    assert all(p.due_on is None or p.on <= p.due_on for p in found)
    assert found[0].due_on == date(2027, 5, 4)


def test_without_a_certificate_stage_1_and_stage_2_come_first() -> None:
    shipped = catalog()
    book = PolicyBook(((date.min, shipped.policy("iso17021_generic")),), shipped.editions)
    found = propose(Facts(Certificate()), book, TODAY, TODAY + timedelta(days=365))
    assert [p.kind for p in found[:2]] == ["stage1", "stage2"]
    assert found[0].on < found[1].on


@pytest.mark.parametrize(
    ("day", "says"),
    [
        (date(2026, 8, 1), ""),
        (date(2026, 8, 2), "must be held by 1 Aug 2026. 2 Aug 2026 is 1 day late and would suspend the certificate"),
        (date(2026, 8, 20), "is 19 days late"),
    ],
)
def test_a_day_outside_the_window_says_what_it_would_do(june: None, acting: Organization, day: date, says: str) -> None:
    row = certificate(acting, certified_on=date(2025, 8, 1), expires_on=None, audit_history="complete")
    texts = warnings_about(Planned("surveillance", day, day), [row], TODAY)
    assert len(texts) == (1 if says else 0)
    assert says in "".join(texts)


def test_an_internal_audit_is_free(june: None, acting: Organization) -> None:
    row = certificate(acting, certified_on=date(2025, 8, 1), expires_on=None, audit_history="complete")
    assert warnings_about(Planned("internal", date(2027, 1, 1), date(2027, 1, 1)), [row], TODAY) == []


def test_a_late_plan_is_saved_with_a_reason(june: None, acting: Organization, officer: User) -> None:
    row = certificate(acting, certified_on=date(2025, 8, 1), expires_on=None, audit_history="complete")
    browser = signed_in(officer)
    body = {"number": "S1", "kind": "surveillance", "certificates": [row.pk], "planned_on": "2026-09-01"}
    refused = browser.post("/audits/new/", body)
    assert (refused.status_code, problems(refused)[0][0]) == (422, "id_outside_reason")
    assert "would suspend the certificate" in text_of(refused)
    assert Audit.objects.count() == 0
    saved = browser.post("/audits/new/", {**body, "outside_reason": "The body has no earlier date"})
    assert saved.status_code == 302
    page = text_of(browser.get(saved.headers["Location"]))
    assert "Planned all the same: The body has no earlier date" in page


def test_moving_an_audit_warns_too(june: None, acting: Organization, officer: User) -> None:
    row = certificate(acting, certified_on=date(2025, 8, 1), expires_on=None, audit_history="complete")
    fields = {"number": "S1", "kind": "surveillance", "planned_on": date(2026, 7, 1)}
    audit = actions.plan_audit(acting, fields, [row], BY)
    body = {"number": "S1", "kind": "surveillance", "certificates": [row.pk], "planned_on": "2026-09-01", "version": 1}
    assert signed_in(officer).post(f"/audits/{audit.pk}/edit/", body).status_code == 422


def test_minors_due_at_the_next_audit_hang_on_it(june: None, acting: Organization) -> None:
    row = certificate(acting)
    minor = nonconformity(acting, [row], grade="minor", raised_on=date(2026, 3, 1))
    fields = {"number": "S1", "kind": "surveillance", "planned_on": date(2026, 9, 1)}
    audit = actions.plan_audit(acting, fields, [row], BY)
    minor.refresh_from_db()
    hanging = [nc for due in minor.due.values() for nc in [minor] if due.get("closure") == "next_audit"]
    assert hanging_on(audit) == hanging == [minor]


def test_the_grid_shows_what_is_planned_and_what_is_not(june: None, acting: Organization, officer: User) -> None:
    site = add_site(acting, {"name": "Porto"}, BY)
    row = certificate(acting, certified_on=date(2025, 8, 1), expires_on=None, sites=[site])
    fields = {"number": "S1", "kind": "surveillance", "planned_on": date(2026, 7, 1), "site": site}
    audit = actions.plan_audit(acting, fields, [row], BY)
    found = programme(TODAY, first_of_quarter(TODAY))
    marks = [mark for line in found.rows for cell in line.cells for mark in cell.marks]
    assert [mark.letter for mark in marks if mark.pk == audit.pk] == ["S"]
    assert {want.proposal.kind for want in found.wanted} == {"surveillance", "recertification", "internal"}
    assert "ISO 9001, Porto: no internal audit is planned; it is due by 9 Sep 2026." in found.gaps
    browser = signed_in(officer)
    assert "no internal audit" in text_of(browser.get("/audits/programme/"))
    assert "central" not in text_of(browser.get("/audits/programme/?lens=sampling"))
    assert "never" in text_of(browser.get("/audits/programme/?lens=clauses"))
    assert browser.get("/audits/programme/2025/").status_code == 200
    assert browser.get("/audits/programme/1825/").status_code == 404


def test_proposals_are_saved_only_when_ticked(june: None, acting: Organization, officer: User) -> None:
    certificate(acting, certified_on=date(2025, 8, 1), expires_on=None)
    browser = signed_in(officer)
    page = browser.get("/audits/programme/propose/").content.decode()
    keys = [part.split('"')[0] for part in page.split('name="want" value="')[1:]]
    assert Audit.objects.count() == 0
    assert browser.post("/audits/programme/propose/", {"want": [keys[0], "9:9:party:x"]}).status_code == 302
    assert Audit.objects.count() == 1
    again = browser.get("/audits/programme/propose/").content.decode()
    assert keys[0] not in again


def test_the_internal_cycle_is_set_once(june: None, acting: Organization, officer: User) -> None:
    browser = signed_in(officer)
    for months in ("6", "24"):
        assert browser.post("/audits/programme/cycle/", {"every_months": months}).status_code == 302
    assert 'value="24"' in browser.get("/audits/programme/cycle/").content.decode()
    assert browser.post("/audits/programme/cycle/", {"every_months": "0"}).status_code == 422


def test_a_sample_names_the_sites_that_waited_longest(june: None, acting: Organization) -> None:
    sites = [add_site(acting, {"name": name}, BY) for name in ("Centre", "A", "B", "C", "D")]
    row = certificate(acting, sites=sites)
    for number, site in enumerate(sites[:3]):
        fields = {"number": f"S{number}", "kind": "surveillance", "ended_on": date(2026, 1, 1 + number), "site": site}
        actions.record_audit(acting, fields, [row], BY)
    [sample] = samples(TODAY)
    assert (sample.initial, sample.surveillance, sample.recertification) == (2, 2, 2)
    assert [line.site.name for line in sample.lines if line.due] == ["Centre", "C", "D"]


def test_a_clause_is_covered_by_an_answer(june: None, acting: Organization) -> None:
    row = certificate(acting)
    edition = row.edition
    audit = actions.record_audit(acting, {"number": "I1", "kind": "internal", "started_on": TODAY}, [row], BY)
    assert edition is not None
    [item] = actions.checklist_from_clauses(audit, edition, BY, ["7.2"])
    given = {"item": item, "uid": uuid4(), "answer": "conforms"}
    actions.answer_items(audit, [given], BY)
    [cover] = clause_cover(date(2026, 1, 1), date(2028, 12, 31))
    assert [(r.number, r.last_on, r.times) for r in cover.rows if r.last_on] == [("7.2", TODAY, 1)]


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("table=qms&persons=100", "7 Of it on site at least 5.6 Surveillance 2.5 Recertification 4.5"),
        ("table=qms&persons=100&reasons=mature&reasons=repetitive&reasons=automated", "Change -30 %"),
        ("table=qms&persons=100&further=ems_high&integration=20", "In the table 18 Stage 1 and stage 2 14.5"),
        ("table=qms&persons=100&further=ems_high&integration=20", "For integration −20 % Each system alone"),
        ("table=qms&persons=100&further=qms&integration=20", "In the table 7 Stage 1 and stage 2 7 Of it"),
        ("table=qms&persons=100&further=ems_high&integration=25", "Select a valid choice. 25 is not one"),
        ("table=qms&persons=999999", "The tables end at 10700 persons"),
        ("table=qms&persons=", "Enter the number of persons"),
    ],
)
def test_audit_time_by_the_tables(june: None, officer: User, query: str, says: str) -> None:
    response = signed_in(officer).get(f"/audits/programme/time/?{query}")
    assert says in text_of(response)


def test_the_programme_runs_as_many_queries_for_three_certificates_as_for_one(
    june: None, acting: Organization, officer: User
) -> None:
    browser = signed_in(officer)
    certificate(acting, certified_on=date(2025, 8, 1))
    first = queries_of(browser, "/audits/programme/")
    for number in ("C2", "C3"):
        certificate(acting, number, certified_on=date(2025, 8, 1))
    assert queries_of(browser, "/audits/programme/") == first <= 25
