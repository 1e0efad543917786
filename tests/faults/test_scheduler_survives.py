"""Real workers and schedulers on a bad day: two of each, a queue that forgets, a schedule that is garbage."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from tests.faults.processes import QUEUE_URL, Installation, as_application, eventually, installation
from tests.faults.twins import Twin, twin

pytestmark = [pytest.mark.postgres, pytest.mark.redis, pytest.mark.timeout(300)]
BUSY_DAY = 91
LEFT = "SELECT count(*) FROM records_message WHERE state IN ('new', 'leased')"
FINISHED = "SELECT count(*) FROM records_sweeprun WHERE finished_at IS NOT NULL"


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """The story, and no process yet."""
    with installation(tmp_path_factory.mktemp("scheduler")) as made:
        Twin(made, made.database).story("make")
        yield made


def count(run: Twin, sql: str) -> int:
    return int(run.rows(sql)[0][0])


def test_two_schedulers_two_workers_and_a_forgetful_queue_end_like_the_calm_twin(started: Installation) -> None:
    template = started.database.rpartition("/")[2]
    with twin(started, template, "calm") as calm:
        calm.move_clock(BUSY_DAY)
        calm.story("run", "sweep", "deliver")
        picture, messages, mails = calm.picture(), calm.messages(), set(calm.mails())
    with twin(started, template, "bad") as bad:
        started.environment["ISOTRACK_DATABASE_URL"] = as_application(bad.database)
        bad.move_clock(BUSY_DAY)
        queue = redis.Redis.from_url(QUEUE_URL)
        start_all(started)
        for _ in range(20):
            queue.flushdb()
            time.sleep(0.1)
        assert eventually(lambda: count(bad, FINISHED) > 2 and count(bad, LEFT) == 0, 60)
        broken_schedule(started, bad)
        stop_one_worker(started, bad)
        assert bad.picture() == picture
        assert bad.messages() == messages
        assert set(bad.mails()) == mails
        assert set(bad.mails().values()) == {1}
        started.kill()


def start_all(started: Installation) -> None:
    """Two workers, and two schedulers that know nothing of each other."""
    for name in ("first", "second"):
        started.start_worker(name)
    for name in ("beat", "other-beat"):
        schedule = str(started.directory / f"{name}-schedule")
        started.start(name, "celery", "-A", "isotrack", "beat", "--schedule", schedule, "--loglevel", "INFO")


def broken_schedule(started: Installation, run: Twin) -> None:
    """Both schedulers die, the file of one is garbage; it starts again and the sweeps go on."""
    for name in ("beat", "other-beat"):
        started.stop(name, signal.SIGKILL)
    for file in Path(started.directory).glob("beat-schedule*"):
        file.write_bytes(b"garbage")
    before = count(run, FINISHED)
    schedule = str(started.directory / "beat-schedule")
    started.start("beat", "celery", "-A", "isotrack", "beat", "--schedule", schedule, "--loglevel", "INFO")
    assert eventually(lambda: count(run, FINISHED) > before + 1, 60)


def stop_one_worker(started: Installation, run: Twin) -> None:
    """A worker that is asked to end finishes what it does; the other goes on."""
    assert started.stop("first", signal.SIGTERM) == 0
    before = count(run, FINISHED)
    assert eventually(lambda: count(run, FINISHED) > before, 60)
