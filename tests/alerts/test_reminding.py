"""Who is told of what, and when: thresholds, owners, managers, and what must not be told."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from accounts import tenancy
from accounts.models import Organization, User
from accounts.permissions import Role
from certifications import actions
from certifications.models import Certificate
from nonconformities import actions as ncs
from records.models import Message
from tests.conftest import member
from tests.factories import BY, certificate, nonconformity, planned, settled
from tests.records.rows import START, on, sweep_daily, sweep_on

EXPIRES_ON = date(2026, 6, 30)


def told(**filters: Any) -> list[tuple[str, str, str]]:
    """Day it was written, key without its person, and the person; in the order written."""
    with tenancy.across_organizations():
        messages = Message.objects.filter(**filters).select_related("recipient").order_by("pk")
        return [
            (m.created_at.date().isoformat(), m.key.rpartition(":")[0], m.recipient.full_name.split()[0])
            for m in messages
        ]


@pytest.fixture
def expiring(organization: Organization, officer: User, manager: User) -> Certificate:
    """C1 of Marta expires on 30 June 2026; Per is her manager."""
    with on(START, organization):
        return certificate(organization, "C1", expires_on=EXPIRES_ON, owner=officer)


def test_a_deadline_is_told_30_14_7_1_days_before_on_its_day_and_once_after(expiring: Certificate) -> None:
    sweep_daily(START, EXPIRES_ON + timedelta(days=6))
    days = {30: "2026-05-31", 14: "2026-06-16", 7: "2026-06-23", 1: "2026-06-29", 0: "2026-06-30", -1: "2026-07-01"}
    assert told(kind="deadline", key__startswith="expiry") == [
        (day, f"expiry:C1:2026-06-30:{before:+d}", "Marta") for before, day in days.items()
    ]
    with tenancy.across_organizations():
        assert Message.objects.filter(late=True).count() == 0


def test_the_manager_is_told_once_after_the_grace(expiring: Certificate) -> None:
    sweep_daily(EXPIRES_ON + timedelta(days=1), EXPIRES_ON + timedelta(days=20))
    assert told(kind="deadline", recipient__full_name="Per Hansen", key__startswith="expiry") == [
        ("2026-07-07", "expiry:C1:2026-06-30:-7", "Per")
    ]


def test_a_status_change_is_told_to_owner_and_manager_once(expiring: Certificate) -> None:
    sweep_daily(EXPIRES_ON, EXPIRES_ON + timedelta(days=5))
    key = f"status:certificate:{expiring.pk}:2026-07-01:expired:cycle"
    assert sorted(told(kind="status")) == [("2026-07-01", key, "Marta"), ("2026-07-01", key, "Per")]


def test_a_manager_who_owns_the_certificate_is_told_as_owner_once(organization: Organization, manager: User) -> None:
    with on(START, organization):
        certificate(organization, "C1", expires_on=EXPIRES_ON, owner=manager)
    sweep_on(EXPIRES_ON + timedelta(days=1))
    with tenancy.across_organizations():
        assert [m.payload["as"] for m in Message.objects.filter(kind="status")] == ["owner"]


@pytest.mark.parametrize(
    ("roles", "reader"),
    [
        ([Role.COMPLIANCE_OFFICER, Role.ADMINISTRATOR], "compliance_officer"),
        ([Role.ADMINISTRATOR, Role.VIEWER], "administrator"),
        ([Role.VIEWER, Role.CONTRIBUTOR], None),
    ],
)
def test_without_an_owner_officers_are_told_else_administrators(
    organization: Organization, roles: list[Role], reader: str | None
) -> None:
    for role in roles:
        member(organization, f"{role}@halden.example", str(role.value), role)
    with on(START, organization):
        certificate(organization, "C1", expires_on=EXPIRES_ON)
    sweep_on(EXPIRES_ON)
    assert {person for _, _, person in told(kind="deadline")} == ({reader} if reader else set())


def test_a_missed_week_gives_one_late_message_per_deadline(expiring: Certificate) -> None:
    sweep_on(EXPIRES_ON - timedelta(days=15))
    sweep_on(EXPIRES_ON - timedelta(days=5))
    with tenancy.across_organizations():
        rows = Message.objects.filter(kind="deadline").order_by("pk")
        assert [(m.key.split(":")[-2], m.late, m.state) for m in rows] == [("+30", True, "new"), ("+7", True, "new")]


def test_of_a_nonconformity_only_the_last_late_deadline_is_sent(organization: Organization, officer: User) -> None:
    with on(START, organization):
        row = certificate(organization, "C1", owner=officer)
        nonconformity(organization, [row], "N1", owner=officer)
    sweep_on(date(2026, 6, 30))
    with tenancy.across_organizations():
        rows = Message.objects.filter(kind="deadline", subject_id=row.pk, recipient=officer).order_by("key")
        told_of = {m.payload["deadline"]: m.state for m in rows if m.payload["subject"].startswith("nc:")}
    assert told_of == {"nc_response": "cancelled", "nc_closure": "new"}


def test_what_was_past_when_it_was_recorded_is_told_by_its_page_alone(
    organization: Organization, officer: User
) -> None:
    recorded_on = date(2026, 6, 5)
    with on(START, organization):
        row = certificate(organization, "C1", owner=officer)
    with on(recorded_on, organization):
        nonconformity(organization, [row], "N1", owner=officer)
    assert told(kind="deadline") == []
    sweep_daily(recorded_on, date(2026, 6, 9))
    stem = f"nc_closure:nc:{_nc()}:2026-06-08"
    assert told(kind="deadline") == [
        ("2026-06-07", f"{stem}:+1", "Marta"),
        ("2026-06-08", f"{stem}:+0", "Marta"),
        ("2026-06-09", f"{stem}:-1", "Marta"),
    ]


def _nc() -> int:
    with tenancy.across_organizations():
        return int(Message.objects.filter(kind="deadline").order_by("pk")[0].payload["subject"].split(":")[1])


def test_the_owner_of_the_nonconformity_is_told_of_its_steps(
    organization: Organization, officer: User, manager: User
) -> None:
    other = member(organization, "tomas@halden.example", "Tomás Almeida", Role.CONTRIBUTOR)
    with on(START, organization):
        row = certificate(organization, "C1", owner=officer)
        nonconformity(organization, [row], "N1", owner=other)
    sweep_on(date(2026, 4, 2))
    assert [person for _, _, person in told(kind="deadline")] == ["Tomás", "Tomás"]


def test_a_step_that_is_done_is_not_told_any_more_and_what_waits_is_cancelled(
    organization: Organization, officer: User
) -> None:
    with on(START, organization):
        row = certificate(organization, "C1", owner=officer)
        made = nonconformity(organization, [row], "N1", owner=officer)
    sweep_on(date(2026, 4, 2))
    with on(date(2026, 4, 3), organization):
        planned(made, "No review was planned", date(2026, 4, 3))
    sweep_daily(date(2026, 4, 4), date(2026, 4, 20))
    with tenancy.across_organizations():
        steps = Message.objects.filter(key__startswith="nc_response")
        assert {m.state for m in steps} == {"cancelled"}
        assert {m.last_error for m in steps} == {"the deadline has moved or gone"}


def test_an_extended_deadline_is_told_by_its_new_date(organization: Organization, officer: User) -> None:
    with on(START, organization):
        row = certificate(organization, "C1", owner=officer)
        made = nonconformity(organization, [row], "N1", owner=officer)
        planned(made, "No review was planned", START)
    sweep_on(date(2026, 5, 9))
    with on(date(2026, 5, 10), organization):
        ncs.grant_extension(made, date(2026, 5, 10), date(2026, 7, 8), BY)
    sweep_daily(date(2026, 5, 11), date(2026, 6, 8))
    stem = f"nc_closure:nc:{made.pk}"
    assert told(key__startswith="nc_closure") == [
        ("2026-05-09", f"{stem}:2026-06-08:+30", "Marta"),
        ("2026-06-08", f"{stem}:2026-07-08:+30", "Marta"),
    ]
    assert told(key__startswith="nc_closure", state="cancelled")[0][1] == f"{stem}:2026-06-08:+30"


def test_registering_an_old_certificate_tells_nothing_of_its_past(
    organization: Organization, officer: User, manager: User
) -> None:
    with on(START, organization):
        certificate(organization, "C1", certified_on=date(2019, 1, 1), expires_on=date(2022, 1, 1), owner=officer)
    assert told() == []


def test_a_correction_is_told_instead_of_the_moves_it_brings(
    organization: Organization, officer: User, manager: User
) -> None:
    with on(START, organization):
        row = certificate(organization, "C1", owner=officer)
        made = nonconformity(organization, [row], "N1", owner=officer)
    sweep_on(date(2026, 6, 9))
    with on(date(2026, 6, 20), organization):
        settled(made, date(2026, 6, 1))
    corrections = [person for day, key, person in told(kind="correction") if day == "2026-06-20"]
    assert sorted(corrections) == ["Marta", "Per"]
    assert len(told(kind="status")) == 2


def test_a_proposal_is_told_once_and_a_confirmed_move_as_a_status_change(
    organization: Organization, officer: User
) -> None:
    with on(START, organization):
        row = certificate(organization, "C1", owner=officer)
        nonconformity(organization, [row], "N1", owner=officer)
        actions.set_moving(row.scheme, row.scheme.version, "propose", BY)
    sweep_daily(date(2026, 6, 8), date(2026, 6, 20))
    stem = f"proposal:certificate:{row.pk}:2026-06-09:suspended"
    assert told(kind="proposal") == [("2026-06-09", stem, "Marta")]
    assert told(kind="status") == []
    with on(date(2026, 6, 21), organization):
        row.refresh_from_db()
        actions.confirm_move(row, BY)
    assert [key for _, key, _ in told(kind="status")] == [
        f"status:certificate:{row.pk}:2026-06-09:suspended:nc.major.closure"
    ]
    with tenancy.across_organizations():
        assert Message.objects.get(kind="status").late is False
