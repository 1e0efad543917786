"""The sweep over real rows: what moves, when, how often it asks the database, and what one bad row may do."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import ProgrammingError, connection
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext

from accounts import clock, tenancy
from accounts.models import Organization, User
from accounts.permissions import Role
from certifications.actions.judgement import HORIZON
from certifications.facts import books_for, facts_for, with_relations
from certifications.models import Certificate, Scheme
from isotrack import jobs
from lifecycle.forecast import forecast
from nonconformities.models import Nonconformity
from records.models import SweepRun
from records.sweep import Days, Source, Swept, forget_old_runs, run_sweep, sweep_source
from tests.conftest import member
from tests.factories import certificate
from tests.records.rows import START, fates, history, message_keys, on, standing, sweep_daily, sweep_on, the

SUSPENDED_ON, WITHDRAWN_ON = date(2026, 6, 9), date(2026, 12, 10)


def test_a_certificate_moves_on_its_day_and_not_before(organization: Organization) -> None:
    fates(organization)
    assert sweep_on(SUSPENDED_ON - timedelta(days=1)).moves == 1
    assert (the("S0").status, the("E0").status) == ("active", "expired")
    assert sweep_on(SUSPENDED_ON).moves == 1
    assert (the("S0").status, the("S0").confirmed_status) == ("suspended", "active")
    assert the("K0").status == "active"


def test_a_second_sweep_on_the_same_day_writes_nothing(organization: Organization, officer: User) -> None:
    fates(organization)
    sweep_on(SUSPENDED_ON)
    before = standing(), history(), message_keys()
    run = sweep_on(SUSPENDED_ON)
    assert (run.subjects, run.moves, run.messages, run.failures) == (0, 0, 0, 0)
    assert (standing(), history(), message_keys()) == before


def test_seven_months_without_a_run_are_told_move_by_move_with_the_days_of_the_rules(
    organization: Organization,
) -> None:
    fates(organization)
    assert sweep_on(START + timedelta(days=300)).moves == 3
    assert history("certificate.") == [
        ("E0", "certificate.expired", date(2026, 5, 1), "cycle"),
        ("S0", "certificate.suspended", SUSPENDED_ON, "nc.major.closure"),
        ("S0", "certificate.withdrawn", WITHDRAWN_ON, "suspension"),
    ]


def test_one_sweep_at_the_end_equals_a_sweep_on_every_day(
    organization: Organization, other_organization: Organization
) -> None:
    fates(organization)
    last = START + timedelta(days=290)
    sweep_on(last)
    at_once = standing(), history("certificate.")
    with tenancy.across_organizations():
        first_ids = set(Certificate.objects.values_list("pk", flat=True))
    fates(other_organization)
    sweep_daily(START, last)
    with tenancy.across_organizations():
        daily = Certificate.objects.exclude(pk__in=first_ids).order_by("number")
        once = Certificate.objects.filter(pk__in=first_ids).order_by("number")
        columns = ("number", "status", "confirmed_status", "next_due_on", "current_expires_on", "next_loss_on")
        assert list(daily.values_list(*columns)) == list(once.values_list(*columns))
        own_kinds = [(e[1], e[2], e[3]) for e in at_once[1]]
    later = history("certificate.")
    assert [(e[1], e[2], e[3]) for e in later[::2]] == own_kinds
    assert [(e[1], e[2], e[3]) for e in later[1::2]] == own_kinds


def test_the_forecast_says_what_the_sweeps_then_record(organization: Organization) -> None:
    fates(organization)
    with on(START, organization):
        rows = list(with_relations(Certificate.objects.all()).order_by("number"))
        facts, books = facts_for(rows), books_for(row.scheme for row in rows)
        foretold = [
            (row.number, f"certificate.{move.to_status}", move.date, move.rule)
            for row in rows
            for move in forecast(facts[row.pk], books[row.scheme_id], START, START + HORIZON).transitions
            if move.date <= START + timedelta(days=1000)
        ]
    day = START
    while day <= START + timedelta(days=1000):
        sweep_on(day)
        day += timedelta(days=9)
    sweep_on(START + timedelta(days=1000))
    assert history("certificate.") == sorted(foretold, key=lambda e: (e[2], e[0]))
    assert [number for number, *_ in foretold] == ["E0", "K0", "S0", "S0"]


def test_the_number_of_queries_of_a_chunk_does_not_grow_with_its_rows(
    organization: Organization, other_organization: Organization
) -> None:
    counts = []
    for holder, copies in ((organization, 1), (other_organization, 10)):
        member(holder, f"officer@{holder.slug}.example", "Officer", Role.COMPLIANCE_OFFICER)
        fates(holder, copies)
        with CaptureQueriesContext(connection) as queries:
            run = sweep_on(SUSPENDED_ON)
        assert (run.subjects, run.moves, run.failures) == (3 * copies, 2 * copies, 0)
        counts.append(len(queries))
    assert counts[0] == counts[1]


# --- one bad row -------------------------------------------------------------------------------------------------


def spoil(number: str) -> None:
    """Break the facts of one certificate so that reading them fails for its whole chunk."""
    with tenancy.across_organizations(), connection.cursor() as cursor:
        cursor.execute("UPDATE certifications_certificate SET scope_parts = '7' WHERE number = %s", [number])


def test_a_row_whose_facts_cannot_be_read_is_set_aside_and_the_others_move(organization: Organization) -> None:
    fates(organization, 3)
    spoil("S1")
    run = sweep_on(SUSPENDED_ON)
    assert (run.moves, run.failures) == (5, 1)
    assert [the(f"S{i}").status for i in range(3)] == ["suspended", "active", "suspended"]
    assert the("S1").failure == "'int' object is not iterable"
    assert the("S1").next_due_on == SUSPENDED_ON + timedelta(days=1)
    assert [e[:3] for e in history("certificate.failed")] == [("S1", "certificate.failed", SUSPENDED_ON)]


def test_it_is_tried_again_the_next_day_and_moves_with_the_right_date_once_repaired(
    organization: Organization,
) -> None:
    fates(organization)
    spoil("S0")
    sweep_on(SUSPENDED_ON)
    assert sweep_on(SUSPENDED_ON).subjects == 0
    assert sweep_on(SUSPENDED_ON + timedelta(days=1)).failures == 1
    with tenancy.across_organizations(), connection.cursor() as cursor:
        cursor.execute("UPDATE certifications_certificate SET scope_parts = '[]' WHERE number = 'S0'")
    run = sweep_on(SUSPENDED_ON + timedelta(days=2))
    assert (run.moves, run.failures, the("S0").failure) == (1, 0, "")
    assert ("S0", "certificate.suspended", SUSPENDED_ON, "nc.major.closure") in history()


def test_a_row_that_breaks_the_rules_themselves_is_set_aside_in_its_chunk(organization: Organization) -> None:
    fates(organization, 2)
    with tenancy.across_organizations(), connection.cursor() as cursor:
        cursor.execute("UPDATE certifications_certificate SET moves = '[7]' WHERE number = 'S0'")
    run = sweep_on(SUSPENDED_ON)
    assert (run.moves, run.failures) == (3, 1)
    assert the("S0").failure != ""
    assert the("S1").status == "suspended"


def test_nonconformities_of_our_own_that_cannot_be_judged_are_set_aside(organization: Organization) -> None:
    fates(organization)
    with tenancy.across_organizations():
        Scheme.objects.filter(own_deadlines=True).update(own_deadlines=False)
        due = Nonconformity.objects.get(number="O0").next_due_on
    assert sweep_on(due).failures == 1
    with tenancy.across_organizations():
        row = Nonconformity.objects.get(number="O0")
    assert (row.failure, row.next_due_on) == (str(organization.pk), due + timedelta(days=1))
    assert [e[:3] for e in history("nonconformity.failed")] == [("O0", "nonconformity.failed", due)]


def test_the_walk_ends_even_if_no_row_is_given_a_later_day(organization: Organization) -> None:
    fates(organization, 2)
    seen: list[str] = []

    def forgetful(rows: list[Certificate], today: object) -> Swept:
        seen.extend(row.number for row in rows)
        return Swept(subjects=len(rows))

    source = Source("certificate", Certificate.objects.all, forgetful, lambda *_: None, lambda *_: [])
    with clock.at(SUSPENDED_ON), tenancy.across_organizations():
        chunks = [swept.subjects for swept in sweep_source(source, chunk=2)]
        due = Certificate.objects.filter(next_due_on__lte=SUSPENDED_ON).count()
    assert sum(chunks) == due == len(seen) == len(set(seen))
    assert chunks == [2] * (due // 2) + [1] * (due % 2)


def test_a_chunk_that_always_fails_ends_too_and_every_row_is_set_aside_once(organization: Organization) -> None:
    fates(organization, 2)
    aside: list[int] = []

    def broken(rows: list[Certificate], today: object) -> Swept:
        raise ValueError("nothing can be judged")

    source = Source("certificate", Certificate.objects.all, broken, lambda pk, *_: aside.append(pk), lambda *_: [])
    with clock.at(SUSPENDED_ON), tenancy.across_organizations():
        failures = sum(swept.failures for swept in sweep_source(source, chunk=3))
        due = set(Certificate.objects.filter(next_due_on__lte=SUSPENDED_ON).values_list("pk", flat=True))
    assert (failures, sorted(aside)) == (len(due), sorted(due))


def test_tables_of_another_version_end_the_run_and_set_no_row_aside(organization: Organization) -> None:
    fates(organization)
    before = standing()

    def behind(rows: list[Certificate], today: object) -> Swept:
        raise ProgrammingError('column "struck_on" does not exist')

    source = Source("certificate", Certificate.objects.all, behind, pytest.fail, lambda *_: [])
    with pytest.raises(ProgrammingError), clock.at(SUSPENDED_ON), tenancy.across_organizations():
        run_sweep([source], SweepRun.StartedBy.COMMAND, None, print)
    assert standing() == before
    assert SweepRun.objects.get().error.startswith("ProgrammingError: column")


# --- the run itself ----------------------------------------------------------------------------------------------


def test_a_rehearsal_tells_the_moves_and_changes_nothing(organization: Organization) -> None:
    fates(organization)
    before = standing(), history(), message_keys()
    lines: list[str] = []
    with clock.at(START):
        rehearsed = jobs.rehearse(SUSPENDED_ON, lines.append)
    assert lines == [
        "2026-05-01  ISO 9001 E0: active -> expired (cycle, E0)",
        f"2026-06-09  ISO 9001 S0: active -> suspended (nc.major.closure, nc:{_nc('N0')})",
    ]
    assert rehearsed.moves == 2
    assert (standing(), history(), message_keys()) == before
    assert SweepRun.objects.count() == 0


def _nc(number: str) -> int:
    with tenancy.across_organizations():
        return int(Nonconformity.objects.get(number=number).pk)


def test_a_run_keeps_what_it_did(organization: Organization, officer: User) -> None:
    fates(organization)
    before = len(message_keys())
    run = sweep_on(SUSPENDED_ON)
    stored = SweepRun.objects.get()
    assert (stored.on, stored.started_by, stored.error) == (SUSPENDED_ON, "scheduler", "")
    assert (stored.subjects, stored.moves, stored.failures) == (run.subjects, 2, 0) == (3, 2, 0)
    assert stored.messages == len(message_keys()) - before > 0
    assert stored.finished_at is not None


def test_a_run_that_ends_early_keeps_why_and_is_not_finished(organization: Organization) -> None:
    def rows() -> QuerySet[Certificate]:
        raise ValueError("the list is gone")

    source = Source("certificate", rows, lambda *_: Swept(), lambda *_: None, lambda *_: [])
    with pytest.raises(ValueError, match="the list is gone"), clock.at(START):
        run_sweep([source], SweepRun.StartedBy.COMMAND, None, print)
    stored = SweepRun.objects.get()
    assert (stored.finished_at, stored.error) == (None, "ValueError: the list is gone")


def test_old_runs_without_news_are_forgotten(db: None) -> None:
    def run(days: int, **values: object) -> SweepRun:
        started = datetime(2026, 6, 1, tzinfo=ZoneInfo("UTC")) - timedelta(days=days)
        return SweepRun.objects.create(started_at=started, on=started.date(), **values)

    run(91)
    kept = [run(90), run(91, moves=1), run(91, failures=1), run(91, error="x")]
    with clock.at(datetime(2026, 6, 1, tzinfo=ZoneInfo("UTC"))):
        assert forget_old_runs() == 1
    assert set(SweepRun.objects.all()) == set(kept)


@pytest.mark.parametrize(
    ("zone", "moment", "moved"),
    [
        ("Pacific/Kiritimati", "2026-06-08T09:59:00+00:00", False),
        ("Pacific/Kiritimati", "2026-06-08T10:01:00+00:00", True),
        ("Etc/GMT+12", "2026-06-09T11:59:00+00:00", False),
        ("Etc/GMT+12", "2026-06-09T12:01:00+00:00", True),
        ("Asia/Kathmandu", "2026-06-08T18:14:00+00:00", False),
        ("Asia/Kathmandu", "2026-06-08T18:16:00+00:00", True),
    ],
)
def test_a_day_begins_where_the_organization_is(
    organization: Organization, zone: str, moment: str, moved: bool
) -> None:
    fates(organization)
    Organization.objects.filter(pk=organization.pk).update(time_zone=zone)
    with clock.at(datetime.fromisoformat(moment)):
        jobs.sweep(SweepRun.StartedBy.COMMAND, None, print)
    assert (the("S0").status == "suspended") is moved


def test_organizations_in_different_zones_are_judged_each_by_its_own_day(
    organization: Organization, other_organization: Organization
) -> None:
    Organization.objects.filter(pk=organization.pk).update(time_zone="Pacific/Kiritimati")
    Organization.objects.filter(pk=other_organization.pk).update(time_zone="Etc/GMT+12")
    organization.refresh_from_db()
    other_organization.refresh_from_db()
    ahead, behind = fates(organization)[0], fates(other_organization)[0]
    with clock.at(datetime.fromisoformat("2026-06-08T11:00:00+00:00")):
        jobs.sweep(SweepRun.StartedBy.COMMAND, None, print)
    with tenancy.across_organizations():
        ahead.refresh_from_db()
        behind.refresh_from_db()
    assert (ahead.status, behind.status) == ("suspended", "active")


def test_without_any_organization_nothing_is_due(db: None) -> None:
    with tenancy.across_organizations():
        assert list(Days().due(Certificate.objects.all())) == []


def test_rows_agree_with_the_rules_on_every_day_and_a_difference_is_told(organization: Organization) -> None:
    fates(organization)
    for days in (0, 30, 60, 91, 200, 300):
        with clock.at(START + timedelta(days=days)):
            assert jobs.check(pytest.fail) == 0
            jobs.sweep(SweepRun.StartedBy.COMMAND, None, lambda line: None)
            assert jobs.check(pytest.fail) == 0
    with tenancy.across_organizations():
        Certificate.objects.filter(number="K0").update(next_due_on=None)
    lines: list[str] = []
    with clock.at(START + timedelta(days=300)):
        assert jobs.check(lines.append) == 1
    assert len(lines) == 1
    assert lines[0].startswith(f"certificate K0 (id {the('K0').pk}): next_due_on is None, the rules say datetime.date(")


def test_a_certificate_registered_with_nothing_ahead_is_not_due(acting: Organization) -> None:
    with clock.at(START):
        row = certificate(acting, "X", expires_on=None)
    assert (row.status, row.next_due_on) == ("none", None)
