"""Doors of audits."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from django.core.exceptions import ValidationError

from accounts import clock
from accounts.models import Organization
from audits import actions
from audits.models import Audit
from certifications.actions import Refused
from records.editing import Conflict
from tests.factories import BY, certificate, nonconformity, told


@pytest.fixture(autouse=True)
def june(acting: Organization) -> Iterator[None]:
    """It is 11 June 2026."""
    with clock.at(date(2026, 6, 11)):
        yield


def planned(acting: Organization, **fields: object) -> Audit:
    given = {"number": "A1", "kind": "surveillance", "planned_on": date(2026, 6, 10), **fields}
    return actions.plan_audit(acting, given, [certificate(acting)], BY)


def test_a_planned_audit_counts_for_nothing_until_it_is_held(acting: Organization) -> None:
    row = certificate(acting, "C9", certified_on=date(2025, 6, 11), expires_on=None, audit_history="complete")
    fields = {"number": "A9", "kind": "surveillance", "planned_on": date(2026, 6, 11)}
    audit = actions.plan_audit(acting, fields, [row], BY)
    row.refresh_from_db()
    assert row.next_loss_on == date(2026, 6, 12)
    actions.hold_audit(audit, date(2026, 6, 11), BY)
    row.refresh_from_db()
    assert row.next_loss_on == date(2028, 1, 1)


def test_holding_an_audit_raises_the_grade_of_what_is_still_open(acting: Organization) -> None:
    row = certificate(acting)
    minor = nonconformity(acting, [row], grade="minor", raised_on=date(2025, 6, 12))
    fields = {"number": "A1", "kind": "surveillance", "planned_on": date(2026, 6, 10)}
    actions.hold_audit(actions.plan_audit(acting, fields, [row], BY), date(2026, 6, 11), BY)
    minor.refresh_from_db()
    assert (minor.grade, minor.current_grade) == ("minor", "major")
    assert minor.due[f"certificate:{row.pk}"]["closure"] == "2026-09-09"
    assert ("nonconformity.escalated", "2026-06-11") in told(row.pk)


def test_an_internal_audit_meets_no_surveillance(acting: Organization) -> None:
    row = certificate(acting, certified_on=date(2025, 6, 11), expires_on=None, audit_history="complete")
    fields = {"number": "I1", "kind": "internal", "ended_on": date(2026, 6, 10)}
    actions.record_audit(acting, fields, [row], BY)
    row.refresh_from_db()
    assert row.next_loss_on == date(2026, 6, 12)


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"planned_on": None}, {"planned_on"}),
        ({"planned_until": date(2026, 6, 9)}, {"planned_until"}),
        ({"started_on": date(2026, 6, 12)}, {"started_on"}),
        ({"started_on": date(2026, 6, 10), "ended_on": date(2026, 6, 9)}, {"ended_on"}),
    ],
)
def test_impossible_dates_name_their_fields(acting: Organization, fields: dict[str, object], wrong: set[str]) -> None:
    with pytest.raises(ValidationError) as caught:
        planned(acting, **fields)
    assert set(caught.value.message_dict) == wrong


def test_legal_and_illegal_moves(acting: Organization) -> None:
    audit = planned(acting)
    assert actions.possible_moves(audit) == ["confirm", "start", "hold", "cancel", "refuse"]
    audit = actions.start_audit(audit, date(2026, 6, 10), BY)
    audit = actions.hold_audit(audit, date(2026, 6, 11), BY)
    assert (audit.state, audit.started_on, audit.ended_on) == ("held", date(2026, 6, 10), date(2026, 6, 11))
    with pytest.raises(Refused, match="Possible now: issue report"):
        actions.cancel_audit(audit, "", BY)


def test_a_cancelled_audit_can_be_planned_again(acting: Organization) -> None:
    audit = actions.cancel_audit(planned(acting), "Auditor ill", BY)
    audit = actions.plan_again(audit, date(2026, 7, 1), BY)
    assert (audit.state, audit.planned_on) == ("planned", date(2026, 7, 1))
    assert [kind for kind, _ in told(audit.pk, "audit")] == ["audit.planned", "audit.cancelled", "audit.planned"]


def test_a_second_save_is_refused(acting: Organization) -> None:
    audit = planned(acting)
    actions.change_audit(audit, audit.version, {"lead_auditor": "theirs"}, BY)
    with pytest.raises(Conflict):
        actions.change_audit(audit, audit.version - 1, {"lead_auditor": "mine"}, BY)
    assert Audit.objects.get().lead_auditor == "theirs"
