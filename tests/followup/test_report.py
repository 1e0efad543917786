"""Issuing a report: nonconformities with clocks, a frozen version with its hash, corrections with a reason."""

from __future__ import annotations

import io
import subprocess
from collections.abc import Iterator
from datetime import date, time
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError

from accounts import clock
from accounts.models import Organization, User
from audits import actions
from audits.models import Audit, Finding
from certifications.actions import Refused, find_edition, find_standard
from followup.actions import draft_of, enter_report, issue_report, take_up_again, write_draft
from followup.content import digest_of
from followup.models import AuditReport
from followup.sheets import read_sheet, write_sheet
from followup.views.verify import judge
from nonconformities.actions import add_action, complete_action, complete_corrective_action, submit_plan
from nonconformities.models import Nonconformity
from records import papers
from records.record import Actor
from tests.factories import BY, certificate, nonconformity
from tests.pages import problems, queries_of, signed_in, text_of
from tests.records.tags import complaints

TODAY = date(2026, 6, 11)


@pytest.fixture(autouse=True)
def june(acting: Organization) -> Iterator[None]:
    """It is 11 June 2026."""
    with clock.at(TODAY):
        yield


@pytest.fixture
def audit(acting: Organization) -> Audit:
    """A surveillance audit of an ISO 9001 certificate, held on 9 and 10 June."""
    row = certificate(acting, certified_on=date(2025, 8, 1))
    fields = {"number": "S1", "kind": "surveillance", "planned_on": date(2026, 6, 9), "objectives": "Keep it certified"}
    planned = actions.plan_audit(acting, fields, [row], BY)
    return actions.hold_audit(planned, date(2026, 6, 10), BY, date(2026, 6, 9))


def seen(**fields: Any) -> dict[str, Any]:
    return {"uid": uuid4(), "grade": "minor", "clause": "7.2", "evidence": "No training record, press 4", **fields}


def found(audit: Audit, *grades: str) -> list[Finding]:
    return actions.record_findings(audit, [seen(grade=grade) for grade in grades], BY)


def test_findings_become_nonconformities_with_clocks(audit: Audit) -> None:
    found(audit, "major", "opportunity", "minor")
    report = issue_report(audit, TODAY, BY)
    audit.refresh_from_db()
    rows = list(Nonconformity.objects.order_by("pk"))
    assert (audit.state, [(nc.grade, nc.source, nc.raised_on, nc.notified_on) for nc in rows]) == (
        "reported",
        [("major", "body", date(2026, 6, 10), TODAY), ("minor", "body", date(2026, 6, 10), TODAY)],
    )
    [due] = rows[0].due.values()
    assert due["closure"] == "2026-09-08"
    assert [row["nonconformity"] for row in report.content["findings"]] == [str(rows[0]), "", str(rows[1])]


def test_those_of_an_internal_audit_run_on_the_organizations_own_deadlines(acting: Organization) -> None:
    fields = {"number": "I1", "kind": "internal", "ended_on": date(2026, 6, 10)}
    internal = actions.record_audit(acting, fields, [], BY)
    found(internal, "minor")
    issue_report(internal, TODAY, BY)
    assert Nonconformity.objects.get().source == "internal_audit"


def test_it_is_all_or_nothing(audit: Audit) -> None:
    found(audit, "minor", "critical")
    with pytest.raises(ValidationError, match="Finding 2"):
        issue_report(audit, TODAY, BY)
    audit.refresh_from_db()
    assert (audit.state, Nonconformity.objects.count(), AuditReport.objects.count()) == ("held", 0, 0)


def test_a_report_is_frozen_with_its_hash(audit: Audit) -> None:
    write_draft(audit, 0, {"conclusions": "It works", "fulfilment": "mostly"}, BY)
    [finding] = found(audit, "minor")
    report = issue_report(audit, TODAY, BY)
    Finding.objects.filter(pk=finding.pk).update(evidence="changed")
    report.refresh_from_db()
    assert report.content["findings"][0]["evidence"] == "No training record, press 4"
    assert (report.content["conclusions"], report.digest) == ("It works", digest_of(report.content))


def test_a_correction_is_a_new_version_with_a_reason_and_raises_nothing_twice(audit: Audit) -> None:
    [finding] = found(audit, "minor")
    issue_report(audit, TODAY, BY)
    with pytest.raises(Refused):
        write_draft(audit, 0, {"conclusions": "x"}, BY)
    take_up_again(audit, "Wrong press", BY)
    actions.change_finding(finding, 1, {"evidence": "No training record, press 5"}, BY)
    found(audit, "minor")
    with pytest.raises(ValidationError, match="corrected"):
        issue_report(audit, TODAY, BY)
    second = issue_report(audit, TODAY, BY, reason="Wrong press")
    first = AuditReport.objects.get(number=1)
    assert (second.number, second.reason, Nonconformity.objects.count()) == (2, "Wrong press", 2)
    assert [r.content["findings"][0]["evidence"][-1] for r in (first, second)] == ["4", "5"]


@pytest.mark.parametrize(("day", "fine"), [(9, False), (10, True), (11, True), (12, False)])
def test_a_report_comes_after_the_last_day_and_not_from_the_future(audit: Audit, day: int, fine: bool) -> None:
    if fine:
        assert issue_report(audit, date(2026, 6, day), BY).number == 1
    else:
        with pytest.raises(ValidationError):
            issue_report(audit, date(2026, 6, day), BY)


def test_the_report_of_a_body_is_entered_in_one_sitting(acting: Organization) -> None:
    fields = {"number": "S2", "kind": "surveillance", "planned_on": date(2026, 6, 9)}
    planned = actions.plan_audit(acting, fields, [certificate(acting)], BY)
    report = enter_report(planned, date(2026, 6, 10), TODAY, "NHC-77", [seen(), seen(grade="major")], BY)
    planned.refresh_from_db()
    assert (planned.state, planned.ended_on, report.reference) == ("reported", date(2026, 6, 10), "NHC-77")
    assert [nc.current_grade for nc in Nonconformity.objects.order_by("pk")] == ["minor", "major"]


def test_earlier_nonconformities_are_verified_on_one_page(acting: Organization, audit: Audit, officer: User) -> None:
    row = audit.certificates.get()
    nc = nonconformity(acting, [row], raised_on=date(2026, 4, 1), statement="Torque wrench not calibrated")
    nc = _planned(nc)
    browser = signed_in(officer)
    assert "Torque wrench" in text_of(browser.get(f"/audits/{audit.pk}/verify/{nc.pk}/"))
    assert nc.title in text_of(browser.get(f"/audits/{audit.pk}/report/"))
    address = f"/audits/{audit.pk}/verify/{nc.pk}/"
    refused = browser.post(address, {"verdict": "return", "on": "2026-06-11"})
    assert (refused.status_code, problems(refused)[0][0]) == (422, "id_note")
    assert browser.post(address, {"verdict": "accept", "on": "2026-06-11"}).status_code == 302
    nc.refresh_from_db()
    assert nc.stage == "accepted"


def test_proof_that_is_returned_has_the_consequence_of_the_scheme(acting: Organization, audit: Audit) -> None:
    row = audit.certificates.get()
    nc = nonconformity(acting, [row], grade="minor", raised_on=date(2026, 4, 1))
    nc = _accepted(nc)
    complete_corrective_action(nc.actions.get(), date(2026, 5, 9), BY)
    nc = complete_action(nc, date(2026, 5, 10), BY)
    nc = judge(nc, {"verdict": "return", "on": TODAY, "note": "The list is still not kept"}, BY)
    assert (nc.stage, nc.verifications.get().result) == ("accepted", "not_effective")


def _planned(nc: Nonconformity) -> Nonconformity:
    fields = {"description": "Name an owner of the list", "owner_name": "Anna", "due_on": date(2026, 5, 1)}
    add_action(nc, fields, BY)
    return submit_plan(nc, "Nobody owns the list", date(2026, 4, 10), BY)


def _accepted(nc: Nonconformity) -> Nonconformity:
    nc = _planned(nc)
    return judge(nc, {"verdict": "accept", "on": date(2026, 4, 12), "note": ""}, BY)


def test_pages_of_an_audit_open_and_issue(acting: Organization, audit: Audit, officer: User) -> None:
    actions.add_entry(audit, {"day": date(2026, 6, 9), "starts_at": time(9), "process": "Opening meeting"}, BY)
    edition = find_edition(find_standard(acting, "ISO 9001", BY), "2015", BY)
    actions.checklist_from_clauses(audit, edition, BY, ["7.2", "7.3"])
    item = audit.items.first()
    found(audit, "minor")
    browser = signed_in(officer)
    for part, words in [
        ("plan", "Opening meeting"),
        ("checklist", "Competence"),
        ("findings", "press 4"),
        ("report", "Issue"),
    ]:
        assert words in text_of(browser.get(f"/audits/{audit.pk}/{part}/")), part
    answered = browser.post(f"/audits/{audit.pk}/checklist/{item.pk}/answer/", {"answer": "conforms", "evidence": "ok"})
    assert (answered.status_code, item.answers.get().evidence) == (302, "ok")
    issued = browser.post(f"/audits/{audit.pk}/report/issue/", {"issued_on": "2026-06-11"})
    assert issued.headers["Location"] == f"/audits/{audit.pk}/report/1/"
    assert "press 4" in text_of(browser.get(f"/audits/{audit.pk}/report/1/"))


@pytest.mark.parametrize("part", ["plan", "checklist", "findings", "report"])
def test_each_page_runs_as_many_queries_for_three_rows_as_for_one(audit: Audit, officer: User, part: str) -> None:
    browser = signed_in(officer)

    def grow(number: int) -> None:
        for place in range(number):
            item = actions.add_question(audit, {"question": f"Q{place}"}, BY)
            actions.record_findings(audit, [seen(item=item, grade="opportunity")], BY)
            entry = {"day": date(2026, 6, 9), "starts_at": time(9), "process": f"P{place}"}
            actions.add_entry(audit, entry, BY)

    grow(1)
    first = queries_of(browser, f"/audits/{audit.pk}/{part}/")
    grow(2)
    assert queries_of(browser, f"/audits/{audit.pk}/{part}/") == first


def test_a_checklist_goes_out_as_a_sheet_and_comes_back(acting: Organization, audit: Audit) -> None:
    for question in ("=1+1", "Who calibrates?"):
        actions.add_question(audit, {"question": question, "clause": "7.1.5", "group": "7 Support"}, BY)
    stream = io.BytesIO()
    assert write_sheet(audit, stream) == 2
    stream.seek(0)
    assert read_sheet(stream) == [
        {"group": "7 Support", "clause": "7.1.5", "question": question} for question in ("=1+1", "Who calibrates?")
    ]


@pytest.mark.parametrize(
    ("content", "says"), [(b"A;B\n1;2\n", "headed"), (b"Question;Clause\n;7\n", "Row 2"), (b"", "file|empty|nothing")]
)
def test_a_sheet_that_cannot_be_read_says_why(content: bytes, says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        read_sheet(io.BytesIO(content))


def pdf_text(kind: str, row: Any, by: User) -> str:
    """The words of a paper that conforms to PDF/UA, as a reader of PDFs finds them."""
    paper = papers.ask(kind, row, by)
    assert papers.make(paper.pk)
    paper.refresh_from_db()
    assert paper.error == ""
    pdf = paper.file.read()
    assert complaints(pdf) == []
    done = subprocess.run(["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True)
    return " ".join(done.stdout.decode().split())


def test_the_papers_say_what_the_records_say(acting: Organization, audit: Audit, officer: User) -> None:
    by = Actor.person(officer)
    actions.add_member(audit, {"user": officer, "role": "lead"}, by)
    entry = {
        "day": date(2026, 6, 9),
        "starts_at": time(9),
        "process": "Training and competence",
        "auditees": "Head of HR",
    }
    actions.add_entry(audit, entry, by)
    actions.add_question(audit, {"question": "Who decides on training?", "clause": "7.2"}, by)
    found(audit, "minor")
    texts = {"conclusions": "The system holds", "fulfilment": "mostly", "diverging": "None was voiced"}
    write_draft(audit, draft_of(audit).version, texts, by)
    report = issue_report(audit, TODAY, by)
    text = pdf_text("audit-report", report, officer)
    for words in ("S1", "Keep it certified", "ISO 9001", "9 Jun 2026 – 10 Jun 2026", "Marta Zielińska (Lead auditor)",
                  "No training record, press 4", "The system holds", "None was voiced", "samples", "Head of HR",
                  "The criteria are fulfilled but for the findings", "Who decides on training?", report.digest,
                  report.content["findings"][0]["nonconformity"]):  # fmt: skip
        assert words in text, words
    assert "Training and competence" in pdf_text("audit-plan", audit, officer)
    assert "Who decides on training?" in pdf_text("audit-checklist", audit, officer)


def test_what_another_organization_has_does_not_exist(other_organization: Organization, audit: Audit) -> None:
    from accounts.permissions import Role  # the person of the other organization is made here alone
    from tests.conftest import member

    browser = signed_in(member(other_organization, "jan@ostrava.example", "Jan Novák", Role.COMPLIANCE_OFFICER))
    for part in ("", "plan/", "checklist/", "findings/", "report/", "report/issue/", "checklist/download/"):
        assert browser.get(f"/audits/{audit.pk}/{part}").status_code == 404, part
