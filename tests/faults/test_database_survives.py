"""Connections that end in the middle of work, and a database that takes no changes for a while."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.faults.clients import get, make_key, raise_one, until_raised
from tests.faults.processes import Installation, eventually, installation, run_on_server

pytestmark = [pytest.mark.postgres, pytest.mark.redis, pytest.mark.timeout(300)]
RAISED = "SELECT count(*), count(DISTINCT title) FROM nonconformities_nonconformity WHERE title LIKE 'Load-%'"
NUMBERS = "SELECT number FROM records_event ORDER BY number"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Installation, str]]:
    """A web server, a worker and the scheduler, and a key that may write."""
    with installation(tmp_path_factory.mktemp("database"), ISOTRACK_WEB_PROCESSES="2") as started:
        key = make_key(started)
        started.start_web()
        started.start_worker("worker")
        started.start_beat()
        assert eventually(lambda: started.status("/sign-in/") == 200)
        yield started, key


def end_connections(started: Installation) -> None:
    """End every connection to the database of the installation."""
    name = started.database.rpartition("/")[2]
    run_on_server(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")


def test_every_connection_ended_once_a_second_loses_and_doubles_nothing(running: tuple[Installation, str]) -> None:
    """J17."""
    started, key = running
    over = threading.Event()

    def disturb() -> None:
        while not over.wait(1):
            end_connections(started)

    disturber = threading.Thread(target=disturb)
    disturber.start()
    try:
        with ThreadPoolExecutor(6) as clients:
            answers = list(clients.map(lambda i: until_raised(started, key, f"Load-{i}"), range(60)))
    finally:
        over.set()
        disturber.join()
    told = Counter(answer for each in answers for answer in each)
    assert [each[-1] for each in answers] == [201] * 60
    assert set(told) <= {201, 409, 429, 503, None}, told
    assert told[503] + told[None] > 0, "nothing was disturbed"
    assert started.rows(RAISED) == [(60, 60)]
    assert [number for (number,) in started.rows(NUMBERS)] == list(range(1, len(started.rows(NUMBERS)) + 1))
    finished = "SELECT count(*) FROM records_sweeprun WHERE finished_at IS NOT NULL"
    before = started.rows(finished)
    assert eventually(lambda: started.rows(finished) > before), "the worker sweeps no more"


def test_a_database_that_only_reads_is_told_with_503_and_the_change_is_made_later(
    running: tuple[Installation, str],
) -> None:
    """J16: what a client sees of a failover."""
    started, key = running
    name = started.database.rpartition("/")[2]
    run_on_server(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on')
    try:
        end_connections(started)
        answers = [raise_one(started, key, "Later-1") for _ in range(10)]
        assert set(answers) == {503}
        assert started.status("/sign-in/") == 200
    finally:
        run_on_server(f'ALTER DATABASE "{name}" RESET default_transaction_read_only')
        end_connections(started)
    assert until_raised(started, key, "Later-1")[-1] == 201
    assert started.rows("SELECT count(*) FROM nonconformities_nonconformity WHERE title = 'Later-1'") == [(1,)]


@pytest.mark.parametrize("table", ["records_event", "nonconformities_nonconformity"])
def test_a_full_disk_is_told_with_503_and_the_history_has_no_gap(running: tuple[Installation, str], table: str) -> None:
    """J40: pages are still read; what was refused is made once there is room."""
    started, key = running
    raised = "BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100'; END"
    started.execute(
        f"CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS $$ {raised} $$",
        f"CREATE TRIGGER no_room AFTER INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION no_room()",
    )
    title = f"Full-{table}"
    try:
        assert {raise_one(started, key, title) for _ in range(5)} == {503}
        assert started.status("/sign-in/") == 200
        assert get(started, key, "/api/v1/nonconformities/") == 200
    finally:
        started.execute(f"DROP TRIGGER no_room ON {table}", "DROP FUNCTION no_room()")
    assert until_raised(started, key, title)[-1] == 201
    assert started.rows(f"SELECT count(*) FROM nonconformities_nonconformity WHERE title = '{title}'") == [(1,)]
    assert ": verified to entry " in started.manage("history", "verify")
