"""A queue that is full or restarts."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.faults.clients import get, make_key, raise_one
from tests.faults.processes import Installation, eventually, installation
from tests.faults.servers import own_redis

pytestmark = [pytest.mark.servers, pytest.mark.long, pytest.mark.timeout(300)]
BUSY_DAY = 91
FINISHED = "SELECT count(*) FROM records_sweeprun WHERE finished_at IS NOT NULL"
LEFT = "SELECT count(*) FROM records_message WHERE state IN ('new', 'leased')"


def sweeps_go_on(started: Installation) -> bool:
    """Whether the scheduler reaches the worker."""
    before = started.rows(FINISHED)[0][0]
    return bool(eventually(lambda: started.rows(FINISHED)[0][0] > before + 1, 90))


def test_a_queue_that_is_full_or_restarts_costs_time_alone(tmp_path: Path) -> None:
    """J12: what people do is saved and answered, the instance says it is not whole, and the work is done afterwards."""
    with own_redis() as queue, installation(tmp_path, queue_url=queue.url) as started:
        key = make_key(started)
        started.start_web()
        started.start_worker("worker")
        started.start_beat()
        assert sweeps_go_on(started)
        queue.client.config_set("maxmemory", 1)
        assert raise_one(started, key, "Full-1") == 201
        assert get(started, key, "/api/v1/nonconformities/") == 200
        assert started.status("/readyz") == 503
        time.sleep(3)
        queue.client.config_set("maxmemory", 0)
        assert sweeps_go_on(started), started.log("worker")[-3000:] + started.log("beat")[-3000:]
        queue.stop()
        assert raise_one(started, key, "Away-1") == 201
        assert started.status("/readyz") == 503
        queue.start()
        assert sweeps_go_on(started), started.log("worker")[-3000:] + started.log("beat")[-3000:]
        assert eventually(lambda: started.rows(LEFT) == [(0,)], 60)
        assert started.status("/readyz") == 200
