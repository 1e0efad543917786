"""Checklists, answers and findings: recorded once, never overwritten, all or none."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, time
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.exceptions import ValidationError

from accounts import clock
from accounts.models import Organization, User
from audits import actions
from audits.models import Audit, ChecklistAnswer, ChecklistItem, Finding
from certifications.actions import Refused, find_edition, find_standard
from records.editing import Conflict
from records.models import Event
from tests.factories import BY, certificate


@pytest.fixture(autouse=True)
def june(acting: Organization) -> Iterator[None]:
    """It is 11 June 2026."""
    with clock.at(date(2026, 6, 11)):
        yield


@pytest.fixture
def audit(acting: Organization) -> Audit:
    """An internal audit under way."""
    fields = {"number": "I1", "kind": "internal", "planned_on": date(2026, 6, 10), "planned_until": date(2026, 6, 12)}
    planned = actions.plan_audit(acting, fields, [certificate(acting)], BY)
    return actions.start_audit(planned, date(2026, 6, 10), BY)


def seen(**fields: Any) -> dict[str, Any]:
    return {
        "uid": uuid4(),
        "grade": "minor",
        "clause": "7.2",
        "evidence": "No record of training for press 4",
        **fields,
    }


def asked(audit: Audit) -> ChecklistItem:
    return actions.add_question(audit, {"question": "Who calibrates the torque wrench?", "clause": "7.1.5"}, BY)


def test_a_finding_sent_twice_is_one_finding(audit: Audit) -> None:
    given = seen()
    first = actions.record_findings(audit, [given], BY)
    again = actions.record_findings(audit, [given, seen()], BY)
    assert [row.number for row in again] == [first[0].number, 2]
    assert Finding.objects.count() == 2
    assert Event.objects.filter(kind="finding.recorded").count() == 2


def test_all_or_none(audit: Audit) -> None:
    with pytest.raises(ValidationError):
        actions.record_findings(audit, [seen(), seen(evidence=" ")], BY)
    assert (Finding.objects.count(), Event.objects.filter(kind="finding.recorded").count()) == (0, 0)


def test_the_same_id_twice_in_one_list_is_refused(audit: Audit) -> None:
    uid = uuid4()
    with pytest.raises(ValidationError, match="stands twice"):
        actions.record_findings(audit, [seen(uid=uid), seen(uid=uid)], BY)


def test_an_id_of_another_audit_is_refused(acting: Organization, audit: Audit) -> None:
    given = seen()
    actions.record_findings(audit, [given], BY)
    other = actions.record_audit(acting, {"number": "I2", "kind": "internal", "started_on": date(2026, 6, 1)}, [], BY)
    with pytest.raises(ValidationError, match="something else"):
        actions.record_findings(other, [given], BY)


def test_a_finding_for_a_question_answers_it_and_takes_its_clause(audit: Audit) -> None:
    item = asked(audit)
    [finding] = actions.record_findings(audit, [seen(item=item, clause="")], BY)
    assert (finding.clause, finding.requirement) == ("7.1.5", "Who calibrates the torque wrench?")
    assert [(a.answer, a.uid) for a in item.answers.all()] == [("finding", finding.uid)]


def test_two_answers_to_one_question_both_stay(audit: Audit) -> None:
    item = asked(audit)
    for answer in ("not_seen", "conforms"):
        actions.answer_items(audit, [{"item": item, "uid": uuid4(), "answer": answer}], BY)
    assert [row.answer for row in item.answers.all()] == ["not_seen", "conforms"]


def test_nothing_is_recorded_before_the_audit_begins_or_after_it_was_reported(acting: Organization) -> None:
    fields = {"number": "I3", "kind": "internal", "planned_on": date(2026, 6, 10)}
    planned = actions.plan_audit(acting, fields, [], BY)
    with pytest.raises(Refused, match="has not begun"):
        actions.record_findings(planned, [seen()], BY)
    held = actions.hold_audit(planned, date(2026, 6, 11), BY)
    given = seen()
    actions.record_findings(held, [given], BY)
    reported = actions.report_audit(held, date(2026, 6, 11), BY)
    with pytest.raises(Refused, match="new version"):
        actions.record_findings(reported, [seen()], BY)
    assert actions.record_findings(reported, [given], BY)[0].number == 1


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [({"evidence": ""}, "evidence"), ({"clause": ""}, "clause"), ({"grade": "party"}, "grade")],
)
def test_a_wrong_finding_names_its_field(audit: Audit, fields: dict[str, str], wrong: str) -> None:
    with pytest.raises(ValidationError) as caught:
        actions.record_findings(audit, [seen(**fields)], BY)
    assert set(caught.value.message_dict) == {wrong}


def test_an_opportunity_needs_no_clause(audit: Audit) -> None:
    assert actions.record_findings(audit, [seen(grade="opportunity", clause="")], BY)[0].counts


def test_more_than_500_at_once_are_refused(audit: Audit) -> None:
    with pytest.raises(ValidationError, match="at most 500"):
        actions.record_findings(audit, [seen() for _ in range(501)], BY)


def test_a_finding_is_mended_merged_and_struck(audit: Audit) -> None:
    one, two = actions.record_findings(audit, [seen(), seen()], BY)
    one = actions.change_finding(one, 1, {"grade": "major"}, BY)
    with pytest.raises(Conflict):
        actions.change_finding(one, 1, {"grade": "opportunity"}, BY)
    two = actions.merge_finding(two, one, BY)
    assert (two.counts, two.merged_into) == (False, one)
    with pytest.raises(Refused, match="set aside"):
        actions.strike_finding(two, "Twice", BY)
    one = actions.strike_finding(one, "Record was found", BY)
    assert (one.struck_on, one.counts) == (date(2026, 6, 11), False)


def test_a_checklist_comes_from_the_clauses_once(acting: Organization, audit: Audit) -> None:
    edition = find_edition(find_standard(acting, "ISO 9001", BY), "2015", BY)
    first = actions.checklist_from_clauses(audit, edition, BY, ["7.2", "9.2"])
    assert [item.clause for item in first if not item.clause.startswith("9.2")] == ["7.2"]
    more = actions.checklist_from_clauses(audit, edition, BY)
    assert not {item.clause for item in first} & {item.clause for item in more}


def test_a_checklist_comes_from_an_earlier_audit(acting: Organization, audit: Audit) -> None:
    asked(audit)
    fields = {"number": "I4", "kind": "internal", "planned_on": date(2026, 9, 1)}
    later = actions.plan_audit(acting, fields, [], BY)
    assert [item.question for item in actions.checklist_from_audit(later, audit, BY)] == [
        "Who calibrates the torque wrench?"
    ]
    assert actions.checklist_from_audit(later, audit, BY) == []


def test_an_answered_question_stays(audit: Audit) -> None:
    item, other = asked(audit), actions.add_question(audit, {"question": "Another"}, BY)
    actions.answer_items(audit, [{"item": item, "uid": uuid4(), "answer": "conforms"}], BY)
    with pytest.raises(Refused, match="stays"):
        actions.remove_item(item, BY)
    actions.remove_item(other, BY)
    assert [row.pk for row in audit.items.all()] == [item.pk]


def test_nobody_audits_their_own_area(acting: Organization, audit: Audit, officer: User) -> None:
    actions.add_responsibility(acting, {"user": officer, "process": "Purchasing"}, BY)
    member = actions.add_member(audit, {"user": officer, "role": "auditor"}, BY)
    line = {"day": date(2026, 6, 11), "starts_at": time(9), "auditor": member}
    with pytest.raises(ValidationError) as caught:
        actions.add_entry(audit, {**line, "process": "Purchasing and stores"}, BY)
    assert "answers for “Purchasing”" in caught.value.message_dict["auditor"][0]
    assert actions.add_entry(audit, {**line, "process": "Training"}, BY).auditor == member


@pytest.mark.parametrize(("day", "fine"), [(9, False), (10, True), (12, True), (13, False)])
def test_the_plan_stays_inside_the_days_of_the_audit(audit: Audit, day: int, fine: bool) -> None:
    fields = {"day": date(2026, 6, day), "starts_at": time(9), "process": "Opening meeting"}
    if fine:
        assert actions.add_entry(audit, fields, BY).pk
    else:
        with pytest.raises(ValidationError):
            actions.add_entry(audit, fields, BY)


def test_an_audit_has_one_lead_auditor(audit: Audit, officer: User) -> None:
    actions.add_member(audit, {"user": officer, "role": "lead"}, BY)
    audit.refresh_from_db()
    assert audit.lead_auditor == "Marta Zielińska"
    with pytest.raises(ValidationError, match="lead auditor already"):
        actions.add_member(audit, {"name": "Ewa Nowak", "role": "lead"}, BY)


def test_ids_are_kept_as_they_came(audit: Audit) -> None:
    uid = UUID("0190b0a2-0000-7000-8000-000000000001")
    actions.answer_items(audit, [{"item": asked(audit), "uid": uid, "answer": "conforms"}], BY)
    assert ChecklistAnswer.objects.get().uid == uid
