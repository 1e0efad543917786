"""Commands and tasks: the same jobs by hand and by the scheduler."""

from __future__ import annotations

from datetime import date
from io import StringIO
from typing import Any

import pytest
from celery.schedules import crontab
from django.conf import settings
from django.core.management import CommandError, call_command

from accounts import clock, tenancy
from accounts.models import Organization, User
from certifications.models import Certificate
from isotrack import tasks
from isotrack.celery import app
from nonconformities.models import Nonconformity
from records.models import Message, SweepRun
from tests.records.rows import START, fates, history, message_keys, standing, the

SUSPENDED_ON = date(2026, 6, 9)


def command(*arguments: str, **options: Any) -> str:
    """What a command printed."""
    out = StringIO()
    call_command(*arguments, stdout=out, stderr=out, **options)
    return out.getvalue()


def number_of(nonconformity: str) -> int:
    with tenancy.across_organizations():
        return int(Nonconformity.objects.get(number=nonconformity).pk)


def test_sweep_prints_what_moves_and_why(organization: Organization, officer: User) -> None:
    fates(organization)
    with clock.at(SUSPENDED_ON):
        before = len(message_keys())
        printed = command("sweep")
        written = len(message_keys()) - before
        assert printed.splitlines() == [
            "2026-05-01  ISO 9001 E0: active -> expired (cycle, E0)",
            f"2026-06-09  ISO 9001 S0: active -> suspended (nc.major.closure, nc:{number_of('N0')})",
            f"3 due, 2 moves, {written} new messages, 0 could not be judged",
        ]
        assert command("sweep") == "0 due, 0 moves, 0 new messages, 0 could not be judged\n"
    assert [run.started_by for run in SweepRun.objects.all()] == ["command", "command"]


def test_sweep_to_another_day(organization: Organization) -> None:
    fates(organization)
    with clock.at(START):
        assert "0 moves" in command("sweep", "--on", "2026-04-30")
        printed = command("sweep", "--on", "2026-05-01")
    assert printed.startswith("2026-05-01 has not come yet: certificates now move as if it had\n")
    assert (the("E0").status, the("S0").status) == ("expired", "active")


def test_a_dry_run_changes_nothing(organization: Organization) -> None:
    fates(organization)
    before = standing(), history(), message_keys()
    with clock.at(START):
        printed = command("sweep", "--on", "2026-06-09", "--dry-run")
    assert printed.splitlines()[0] == "2026-05-01  ISO 9001 E0: active -> expired (cycle, E0)"
    assert printed.endswith("nothing was changed\n")
    assert (standing(), history(), message_keys()) == before
    assert SweepRun.objects.count() == 0


@pytest.mark.parametrize("day", ["2026-02-30", "tomorrow", "1.5.2026"])
def test_a_day_that_is_none_is_refused_with_an_example(day: str) -> None:
    with pytest.raises(CommandError, match="is no day; write it like 2027-01-12"):
        command("sweep", "--on", day)


def test_check_due_is_silent_about_right_rows_and_fails_on_a_wrong_one(organization: Organization) -> None:
    fates(organization)
    with clock.at(START):
        assert command("check_due") == "0 rows differ from what the rules say\n"
        with tenancy.across_organizations():
            Certificate.objects.filter(number="S0").update(next_due_on=date(2026, 6, 30))
        with pytest.raises(SystemExit) as ended:
            command("check_due")
    assert ended.value.code == 1


def test_deliver_by_hand_sends_holds_and_releases(organization: Organization, officer: User) -> None:
    fates(organization)
    with clock.at(START), tenancy.across_organizations():
        waiting = Message.objects.filter(state="new").count()
        assert waiting > 1
        assert command("deliver", "--hold") == f"{waiting} messages are held\n"
        assert command("deliver") == "0 sent, 0 to be tried again, 0 refused, 0 not needed\n"
        printed = command("deliver", "--release").splitlines()
    assert printed == [
        f"{waiting} messages are released",
        f"{waiting} sent, 0 to be tried again, 0 refused, 0 not needed",
    ]


def test_the_scheduler_wakes_the_jobs_and_a_message_left_over_expires() -> None:
    schedule = settings.CELERY_BEAT_SCHEDULE
    assert schedule["wake-up"] == {
        "task": "records.wake_up",
        "schedule": settings.SWEEP_PERIOD_SECONDS,
        "options": {"expires": settings.SWEEP_PERIOD_SECONDS},
    }
    assert schedule["nightly"]["task"] == "records.nightly"
    assert isinstance(schedule["nightly"]["schedule"], crontab)
    assert {entry["task"] for entry in schedule.values()} <= set(app.tasks)


def test_tasks_do_what_the_commands_do(organization: Organization, officer: User, settings: Any) -> None:
    fates(organization)
    app.conf.task_always_eager = True
    try:
        with clock.at(SUSPENDED_ON):
            tasks.wake_up.delay()
            tasks.nightly.delay()
    finally:
        app.conf.task_always_eager = False
    assert the("S0").status == "suspended"
    assert [run.started_by for run in SweepRun.objects.all()] == ["scheduler", "scheduler"]
    with tenancy.across_organizations():
        assert Message.objects.filter(state="new").count() == 0
        assert Message.objects.filter(state="sent").count() > 0
