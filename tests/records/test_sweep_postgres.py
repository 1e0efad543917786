"""What only PostgreSQL can show: locks of several workers and people, and the clock of the database."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.db import connection, transaction

from accounts import clock, tenancy
from accounts.models import Organization
from certifications.models import Certificate
from isotrack import jobs
from nonconformities.models import Nonconformity
from records.models import Event, SweepRun
from tests.records.rows import fates, history, standing, sweep_on, the

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
SUSPENDED_ON = date(2026, 6, 9)


@contextmanager
def held(hold: Callable[[], object]) -> Iterator[None]:
    """Somebody else's transaction, which has done this and goes on until the block ends."""
    ready, done = threading.Event(), threading.Event()

    def run() -> None:
        try:
            with tenancy.across_organizations(), transaction.atomic():
                hold()
                ready.set()
                done.wait(20)
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    assert ready.wait(20)
    try:
        yield
    finally:
        done.set()
        thread.join()


def test_a_certificate_that_somebody_holds_is_left_to_the_next_sweep(organization: Organization) -> None:
    fates(organization, 2)
    with held(lambda: list(Certificate.objects.select_for_update().filter(number="S0"))):
        run = sweep_on(SUSPENDED_ON)
        assert (run.moves, run.failures) == (3, 0)
        assert (the("S0").status, the("S1").status) == ("active", "suspended")
    assert sweep_on(SUSPENDED_ON).moves == 1
    assert ("S0", "certificate.suspended", SUSPENDED_ON, "nc.major.closure") in history()


def test_the_sweep_gives_way_to_a_person_who_holds_a_nonconformity(organization: Organization) -> None:
    fates(organization, 2)
    with tenancy.across_organizations():
        Nonconformity.objects.filter(number="N0").update(next_step_due_on=None)  # so that the sweep has to write it
    with held(lambda: Nonconformity.objects.filter(number="N0").update(note="being written")):
        begin = time.monotonic()
        run = sweep_on(SUSPENDED_ON)
        assert time.monotonic() - begin < 15
        assert (run.moves, run.failures) == (3, 1)
        assert (the("S0").status, the("S0").failure, the("S1").status) == ("active", "", "suspended")
    assert sweep_on(SUSPENDED_ON).moves == 1
    assert the("S0").status == "suspended"


def test_two_sweeps_at_once_share_the_work_and_do_it_once(
    organization: Organization, other_organization: Organization
) -> None:
    fates(other_organization, 3)
    sweep_on(SUSPENDED_ON)
    alone = sorted(event[1:] for event in history())
    with tenancy.across_organizations():
        quiet = {event.subject_id for event in _moves(other_organization)}
    fates(organization, 3)
    runs: list[SweepRun] = []

    def work() -> None:
        try:
            runs.append(sweep_on(SUSPENDED_ON))
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(run.moves for run in runs) == 6
    assert len(_moves(organization)) == 6 == len(quiet)
    assert sorted(event[1:] for event in history()) == sorted(alone * 2)


def _moves(organization: Organization) -> list[object]:

    with tenancy.acting_in(organization):
        return list(Event.objects.filter(kind__in=["certificate.suspended", "certificate.expired"]))


@pytest.mark.parametrize("days", [2, -2])
def test_a_clock_that_jumped_moves_nothing_and_says_so(organization: Organization, days: int) -> None:
    fates(organization)
    before = standing()
    moved = time_machine.travel(datetime.now(UTC) + timedelta(days=days))
    with moved, pytest.raises(clock.ClockJumped, match="nothing is moved by it"):
        jobs.sweep(SweepRun.StartedBy.SCHEDULER, None, print)
    run = SweepRun.objects.get()
    assert run.finished_at is None
    assert run.error.startswith("ClockJumped: this machine's clock differs from the database's by ")
    assert standing() == before


@pytest.mark.parametrize(("seconds", "refused"), [(30, False), (-30, False), (90, True), (-90, True)])
def test_a_minute_of_difference_is_the_limit(organization: Organization, seconds: int, refused: bool) -> None:
    with time_machine.travel(datetime.now(UTC) + timedelta(seconds=seconds)):
        if refused:
            with pytest.raises(clock.ClockJumped):
                clock.compare_with_database()
        else:
            assert clock.compare_with_database() is None


def test_a_clock_moved_on_purpose_passes(organization: Organization) -> None:
    with clock.at(date(2031, 1, 1)):
        assert clock.compare_with_database() is None
