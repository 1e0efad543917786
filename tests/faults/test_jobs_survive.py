"""Jobs that are killed, frozen, doubled or not run at all end where an undisturbed twin ends."""

from __future__ import annotations

import re
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.architecture.source import PRODUCT
from tests.faults.processes import Installation, installation
from tests.faults.twins import Twin, eventually_stopped, twin

pytestmark = [pytest.mark.postgres, pytest.mark.redis, pytest.mark.timeout(300)]
POINTS = sorted(
    {name for source in PRODUCT for name in re.findall(r'faultpoint\("([^"]+)"\)', "\n".join(source.lines))}
)
BUSY_DAY = 91
KILLED = 137


@dataclass
class Stage:
    """The installation, the database that every run starts from, and what an undisturbed run leaves behind."""

    installation: Installation
    template: str
    picture: dict[str, list[tuple[Any, ...]]]
    messages: list[tuple[Any, ...]]
    mails: set[str]


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """The story told once without any fault, on its busy day."""
    with installation(tmp_path_factory.mktemp("survive")) as started:
        template = started.database.rpartition("/")[2]
        Twin(started, started.database).story("make")
        with twin(started, template, "calm") as calm:
            calm.move_clock(BUSY_DAY)
            calm.story("run", "sweep", "deliver")
            mails = calm.mails()
            assert set(mails.values()) == {1}
            yield Stage(started, template, calm.picture(), calm.messages(), set(mails))


def test_every_place_is_known_here() -> None:
    assert POINTS == [
        "mail.after_250",
        "mail.after_claim",
        "mail.after_sent",
        "sweep.after_commit",
        "sweep.after_judge",
        "sweep.after_lock",
        "sweep.after_queue",
        "sweep.after_update",
    ]


def test_the_busy_day_is_busy(stage: Stage) -> None:
    moves = [event for event in stage.picture["events"] if event[1] in {"certificate.suspended", "certificate.expired"}]
    assert (len(moves), len(stage.messages), len(stage.mails)) == (6, 42, 42)


@pytest.mark.parametrize("point", [point for point in POINTS if point.startswith("sweep.")])
def test_a_sweep_killed_anywhere_is_finished_by_the_next(stage: Stage, point: str) -> None:
    with twin(stage.installation, stage.template, "killed") as disturbed:
        disturbed.move_clock(BUSY_DAY)
        disturbed.story("run", "sweep", fault=f"{point}:2:kill", expect=KILLED)
        disturbed.story("run", "sweep", "deliver")
        assert disturbed.picture() == stage.picture
        assert disturbed.messages() == stage.messages
        assert set(disturbed.mails()) == stage.mails
        assert disturbed.rows("SELECT count(*) FROM records_sweeprun WHERE finished_at IS NULL") == [(1,)]


@pytest.mark.parametrize(("point", "doubled"), [("mail.after_claim", 0), ("mail.after_250", 1), ("mail.after_sent", 0)])
def test_a_delivery_killed_anywhere_loses_no_mail_and_doubles_one_at_most(
    stage: Stage, point: str, doubled: int
) -> None:
    with twin(stage.installation, stage.template, "killed") as disturbed:
        disturbed.move_clock(BUSY_DAY)
        disturbed.story("run", "sweep")
        disturbed.story("run", "deliver", fault=f"{point}:1:kill", expect=KILLED)
        waiting = disturbed.rows("SELECT count(*) FROM records_message WHERE state IN ('new', 'leased')")
        disturbed.story("run", "deliver")
        leased = disturbed.rows("SELECT count(*) FROM records_message WHERE state = 'leased'")
        assert (waiting[0][0] > 0, leased[0][0] > 0) == (True, True)
        disturbed.move_clock(BUSY_DAY + 1)
        disturbed.story("run", "deliver")
        mails = disturbed.mails()
        assert set(mails) == stage.mails
        assert sorted(mails.values())[-1] == 1 + doubled
        assert sum(mails.values()) == len(stage.mails) + doubled
        assert disturbed.picture() == stage.picture
        marked = disturbed.rows("SELECT count(*) FROM records_message WHERE maybe_twice")
        assert marked[0][0] >= doubled
        assert disturbed.messages() == stage.messages


def test_a_worker_that_froze_and_lost_its_lease_sends_nothing_when_it_wakes(stage: Stage) -> None:
    with twin(stage.installation, stage.template, "frozen") as disturbed:
        disturbed.move_clock(BUSY_DAY)
        disturbed.story("run", "sweep")
        frozen = disturbed.start("run", "deliver", fault="mail.after_claim:1:stop")
        assert eventually_stopped(frozen.pid)
        disturbed.move_clock(BUSY_DAY + 1)
        disturbed.story("run", "deliver")
        assert set(disturbed.mails()) == stage.mails
        frozen.send_signal(signal.SIGCONT)
        frozen.communicate(timeout=60)
        assert set(disturbed.mails().values()) == {1}
        assert disturbed.messages() == stage.messages


def test_three_sweeps_at_the_same_time_do_everything_once(stage: Stage) -> None:
    with twin(stage.installation, stage.template, "three") as disturbed:
        disturbed.move_clock(BUSY_DAY)
        together = [disturbed.start("run", "sweep", "deliver") for _ in range(3)]
        assert [process.wait(60) for process in together] == [0, 0, 0]
        disturbed.story("run", "sweep", "deliver")
        assert disturbed.picture() == stage.picture
        assert disturbed.messages() == stage.messages
        assert set(disturbed.mails().values()) == {1}
        assert set(disturbed.mails()) == stage.mails


# --- days without a scheduler ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def long_run(stage: Stage) -> Iterator[dict[int, tuple[dict[str, Any], list[tuple[Any, ...]]]]]:
    """What an undisturbed run with a sweep on every day left behind at two moments."""
    with twin(stage.installation, stage.template, "daily") as calm:
        left = {}
        first = 0
        for last in (93, 300):
            calm.story("days", str(first), str(last))
            left[last] = calm.picture(), calm.messages()
            first = last + 1
        assert set(calm.mails().values()) == {1}
        yield left


@pytest.mark.parametrize(("ran_until", "caught_up_on"), [(90, 93), (60, 300), (None, 300)])
def test_days_without_a_scheduler_are_caught_up_by_one_sweep(
    stage: Stage, long_run: dict[int, Any], ran_until: int | None, caught_up_on: int
) -> None:
    calm, calm_messages = long_run[caught_up_on]
    with twin(stage.installation, stage.template, "silent") as disturbed:
        if ran_until is not None:
            disturbed.story("days", "0", str(ran_until))
        told = {key for key, _, _ in disturbed.messages()}
        disturbed.move_clock(caught_up_on)
        disturbed.story("run", "sweep", "deliver")
        assert disturbed.picture() == calm
        messages = disturbed.messages()
        assert_told_as_in_time(messages, calm_messages, told)
        disturbed.story("run", "sweep", "deliver")
        assert disturbed.messages() == messages
        assert set(disturbed.mails().values()) == {1}


def assert_told_as_in_time(messages: list[tuple[Any, ...]], calm: list[tuple[Any, ...]], told_before: set[str]) -> None:
    """Nothing is told that the calm twin did not tell; of each deadline only its last word; every move is told."""
    keys, calm_keys = {key for key, _, _ in messages}, {key for key, _, _ in calm}
    assert keys <= calm_keys
    assert {key for key in keys if key.startswith("status:")} == {key for key in calm_keys if key.startswith("status:")}
    late = [key for key, is_late, state in messages if is_late and key not in told_before and state == "sent"]
    by_subject = {(key.split(":", 1)[0] == "status", *subject_and_reader(key)) for key in late}
    deadlines = [subject_and_reader(key) for key in late if not key.startswith("status:")]
    assert len(by_subject) > 0
    assert len(deadlines) == len(set(deadlines))


def subject_and_reader(key: str) -> tuple[str, str]:
    """Which record a message is about, and to whom: one late message each."""
    parts = key.split(":")
    return ":".join(parts[1:-3]), parts[-1]


def test_seven_months_are_two_moves_never_a_jump(long_run: dict[int, Any]) -> None:
    events = long_run[300][0]["events"]
    of_one = [(kind, rule) for label, kind, _, rule, *_ in events if label == "S0"]
    assert of_one == [("certificate.suspended", "nc.major.closure"), ("certificate.withdrawn", "suspension")]
