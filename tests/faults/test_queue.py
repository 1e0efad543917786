"""A queue that is gone, that redelivers, or that holds what nobody of ours has sent."""

from __future__ import annotations

import base64
import json
import pickle
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
import redis
from celery import Celery

from accounts import clock, tenancy
from accounts.models import Organization, User
from exchange.models import ImportRun
from isotrack.celery import app
from nonconformities.models import Nonconformity
from records import wake
from records.models import Message
from tests.factories import planned
from tests.faults.processes import QUEUE_URL, Installation, eventually, installation
from tests.records.rows import fates, history, message_keys, standing, sweep_on

SUSPENDED_ON = date(2026, 6, 9)
app.loader.import_default_modules()
OURS = sorted(name for name in app.tasks if not name.startswith("celery."))


@pytest.mark.long
def test_without_a_broker_what_a_person_does_is_saved_and_only_told_later(
    organization: Organization, officer: User, monkeypatch: Any, django_capture_on_commit_callbacks: Any
) -> None:
    """J11: the row is the truth, so a wake-up that cannot be sent is noted and the door answers as always."""
    monkeypatch.setattr(wake, "current_app", Celery(broker="redis://127.0.0.1:1/0", set_as_current=False))
    fates(organization)
    day = date(2026, 5, 1)
    with tenancy.acting_in(organization), clock.at(day), django_capture_on_commit_callbacks(execute=True) as callbacks:
        planned(Nonconformity.objects.get(number="N0"), "The form was changed", day)
        sweep_on(day + timedelta(days=2))
    assert len(callbacks) > 0
    with tenancy.acting_in(organization):
        assert Nonconformity.objects.get(number="N0").plan_submitted_on == day
        waiting = Message.objects.filter(state="new").count()
        assert waiting == Message.objects.exclude(state="cancelled").count() > 0


@pytest.mark.parametrize("name", OURS)
def test_a_task_that_comes_twice_does_nothing_the_second_time(
    organization: Organization, officer: User, name: str
) -> None:
    """J13: a queue may deliver again what a slow worker has not acknowledged."""
    fates(organization)
    arguments = (finished_import(organization, officer),) if name == "exchange.carry_on" else ()
    with clock.at(SUSPENDED_ON):
        app.tasks["records.sweep"].run()
        app.tasks["alerts.deliver"].run()
        app.tasks[name].run(*arguments)
        left = standing(), history(), message_keys(state="sent")
        app.tasks[name].run(*arguments)
    assert (standing(), history(), message_keys(state="sent")) == left


def finished_import(organization: Organization, officer: User) -> int:
    """An import that was carried out already."""
    with tenancy.acting_in(organization):
        done = {"kind": "certificates", "state": ImportRun.State.DONE, "started_by": officer, "file_name": "list.csv"}
        return int(ImportRun.objects.create(organization=organization, **done).pk)


class Ran:
    """What a pickle would run where it is read."""

    def __init__(self, path: str) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, tuple[str, str]]:
        return open, (self.path, "w")


@pytest.fixture(scope="module")
def working(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """One worker, ready."""
    with installation(tmp_path_factory.mktemp("queue")) as started:
        started.start_worker("only")
        assert eventually(lambda: " ready." in started.log("only"))
        yield started


def envelope(task: str, body: bytes, content_type: str = "application/json") -> str:
    """A message as the queue keeps it."""
    name = str(uuid4())
    delivery = {"exchange": "", "routing_key": "celery"}
    return json.dumps(
        {
            "body": base64.b64encode(body).decode(),
            "content-encoding": "utf-8" if content_type.endswith("json") else "binary",
            "content-type": content_type,
            "headers": {"lang": "py", "task": task, "id": name, "root_id": name, "argsrepr": "()", "kwargsrepr": "{}"},
            "properties": {
                "correlation_id": name,
                "delivery_mode": 2,
                "delivery_info": delivery,
                "priority": 0,
                "body_encoding": "base64",
                "delivery_tag": str(uuid4()),
            },
        }
    )


NOTHING = json.dumps([[], {}, {}]).encode()


@pytest.mark.postgres
@pytest.mark.redis
@pytest.mark.timeout(300)
@pytest.mark.parametrize("what", ["unknown task", "pickle", "no arguments at all", "body that is no JSON", "no JSON"])
def test_a_poisoned_message_is_refused_and_the_worker_lives(working: Installation, what: str) -> None:
    """J14: what is not ours is refused and logged; the next of ours is done."""
    trap = working.directory / "trap"
    poison = {
        "unknown task": envelope("evil.task", NOTHING),
        "pickle": envelope("records.sweep", pickle.dumps(([], {}, Ran(str(trap)))), "application/x-python-serialize"),
        "no arguments at all": envelope("records.sweep", b"{}"),
        "body that is no JSON": envelope("records.sweep", b"\xff\xfe{"),
        "no JSON": "not even json",
    }[what]
    queue = redis.Redis.from_url(QUEUE_URL)
    before = working.rows("SELECT count(*) FROM records_sweeprun")[0][0]
    queue.lpush("celery", poison)
    queue.lpush("celery", envelope("records.sweep", NOTHING))
    done = eventually(lambda: working.rows("SELECT count(*) FROM records_sweeprun")[0][0] > before)
    assert done, working.log("only")[-2000:]
    assert working.running["only"].poll() is None
    assert not trap.exists()
