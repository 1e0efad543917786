"""A scheduler that restarts again and again, with its schedule, without it, and with garbage in its place."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from threading import Timer

import pytest
from celery.beat import PersistentScheduler, Service

from accounts import clock
from accounts.models import Organization
from isotrack import preflight
from isotrack.celery import app
from records.models import SweepRun
from tests.faults.test_queue import SUSPENDED_ON
from tests.records.rows import fates, history, message_keys, standing

RESTARTS = 50


def run_scheduler(schedule: Path) -> None:
    """Start the scheduler on this file and end it a moment later."""
    service = Service(app, max_interval=0.02, schedule_filename=str(schedule), scheduler_cls=PersistentScheduler)
    end = Timer(0.05, service.stop)
    end.start()
    service.start()
    end.join()


@pytest.mark.long
def test_fifty_restarts_check_the_dates_each_time_and_do_everything_once(
    organization: Organization, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """J4: no storm and no gap."""
    monkeypatch.setattr(app, "send_task", lambda name, *_, **__: app.tasks[name].apply())
    monkeypatch.setattr(preflight, "check_database_role", lambda: None)  # the role of these tests owns its tables
    fates(organization)
    schedule = tmp_path / "schedule"
    with clock.at(SUSPENDED_ON):
        run_scheduler(schedule)
        left = standing(), history(), message_keys()
        for number in range(1, RESTARTS):
            if number % 10 == 3:
                schedule.unlink(missing_ok=True)
            if number % 10 == 7:
                schedule.write_bytes(b"garbage")
            run_scheduler(schedule)
    assert (standing(), history(), message_keys()) == left
    assert RESTARTS <= SweepRun.objects.count() <= RESTARTS + 3
    with clock.at(SUSPENDED_ON + timedelta(days=365)):
        run_scheduler(schedule)
    assert history() != left[1]
