"""A queue that is full or restarts, and a database that loses its power."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg2
import pytest

from tests.faults.clients import get, make_key, raise_one, until_raised
from tests.faults.processes import Installation, eventually, installation
from tests.faults.servers import own_postgres, own_redis

pytestmark = [pytest.mark.servers, pytest.mark.long, pytest.mark.timeout(300)]
BUSY_DAY = 91
FINISHED = "SELECT count(*) FROM records_sweeprun WHERE finished_at IS NOT NULL"
SUSPENSIONS = "SELECT subject_id, count(*) FROM records_event WHERE kind = 'certificate.suspended' GROUP BY subject_id"
RAISED = "SELECT count(*), count(DISTINCT title) FROM nonconformities_nonconformity WHERE title LIKE 'Load-%'"
IN_MID_SWEEP = """
    SELECT 1 FROM pg_stat_activity
    WHERE pid <> pg_backend_pid() AND wait_event_type = 'Lock' AND query LIKE '%INSERT INTO "records_message"%'
"""
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


def test_a_database_that_loses_its_power_in_mid_sweep_loses_and_doubles_nothing(tmp_path: Path) -> None:
    """J15: events are written and messages are not when it ends; ten seconds later everybody goes on by themselves."""
    with (
        own_postgres() as server,
        own_redis() as queue,
        installation(tmp_path, queue_url=queue.url, database_server=server.url) as started,
    ):
        key = make_key(started)
        started.start_web()
        started.start_worker("worker")
        started.start_beat()
        assert sweeps_go_on(started)
        holder = psycopg2.connect(started.database)
        holder.cursor().execute("LOCK TABLE records_message IN SHARE MODE")  # nobody adds a message until it ends
        started.move_clock(BUSY_DAY)
        assert eventually(lambda: started.rows(IN_MID_SWEEP), 60), started.log("worker")[-3000:]
        with ThreadPoolExecutor(4) as clients:
            server.stop()
            raising = [clients.submit(until_raised, started, key, f"Load-{i}") for i in range(12)]
            time.sleep(10)
            server.start()
            answers = [raised.result() for raised in raising]
        assert [each[-1] for each in answers] == [201] * 12
        assert sweeps_go_on(started), started.log("worker")[-3000:] + started.log("beat")[-3000:]
        assert [times for _, times in started.rows(SUSPENSIONS)] == [1]
        assert started.rows(RAISED) == [(12, 12)]
        started.move_clock(BUSY_DAY + 1)  # what was being sent when it ended is free again after its lease
        assert eventually(lambda: started.rows(LEFT) == [(0,)], 60)
        assert ": verified to entry " in started.manage("history", "verify")
        assert started.status("/readyz") == 200
