"""How long each way takes on the same rows, put back after every run."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from django.conf import settings
from django.db import connection

from accounts import clock, tenancy
from certifications.actions.judgement import judge_facts
from certifications.facts import books_for, facts_for, with_relations
from certifications.models import Certificate
from isotrack import jobs
from isotrack.bench import machine, reference
from lifecycle.forecast import forecast
from nonconformities.models import Nonconformity
from records import insert_only
from records.models import Event, Message, SweepRun

THREE_YEARS = timedelta(days=1096)


@dataclass(frozen=True)
class Goal:
    """One line of the result: a figure, its unit, and what it should be at most or at least."""

    name: str
    figure: float
    unit: str
    goal: float
    at_least: bool = False

    @property
    def met(self) -> bool:
        """Whether the figure is on the right side of the goal."""
        return self.figure >= self.goal if self.at_least else self.figure <= self.goal

    def __str__(self) -> str:
        return f"{self.name} {self.figure:.2f}{self.unit} goal {self.goal}{self.unit} {'ok' if self.met else 'missed'}"


class Rows:
    """The due certificates as they were before; every run starts from them."""

    def __init__(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "CREATE TABLE bench_before AS SELECT * FROM certifications_certificate WHERE next_due_on <= %s",
                [clock.today()],
            )
            cursor.execute("ALTER TABLE bench_before ADD PRIMARY KEY (id)")
        self.last_event = _last(Event)
        self.last_message = _last(Message)

    def put_back(self) -> None:
        """Undo what a run has written, and let the database tidy up behind it."""
        kept = ("status", "moves", "flags", "next_loss_on", "next_loss", "next_due_on", "confirmed_status")
        sets = ", ".join(f"{name} = before.{name}" for name in kept)
        insert_only.take_down()
        with connection.cursor() as cursor:
            cursor.execute(
                f"UPDATE certifications_certificate row SET {sets} FROM bench_before before WHERE row.id = before.id"
            )
            cursor.execute("DELETE FROM records_event WHERE id > %s", [self.last_event])
            cursor.execute("DELETE FROM records_message WHERE id > %s", [self.last_message])
            cursor.execute(
                "UPDATE records_eventcounter head SET last_number = event.number, last_hash = event.hash "
                "FROM records_event event WHERE event.organization_id = head.organization_id AND event.number = "
                "(SELECT max(number) FROM records_event last WHERE last.organization_id = head.organization_id)"
            )
            for table in ("certifications_certificate", "records_event", "records_message", "records_eventcounter"):
                cursor.execute(f"VACUUM {table}")
            cursor.execute("CHECKPOINT")
        insert_only.put_up()

    def seconds(self, run: Callable[[], int], expected: int, times: int = 3) -> float:
        """The median of some runs, each from the same rows and each doing the whole work."""
        taken = []
        for _ in range(times):
            self.put_back()
            begin = time.perf_counter()
            done = run()
            taken.append(time.perf_counter() - begin)
            assert done == expected, f"{done} instead of {expected}"
        return statistics.median(taken)


def _last(model: type[Event] | type[Message]) -> int:
    with tenancy.across_organizations():
        return int(model.objects.order_by("-pk").values_list("pk", flat=True).first() or 0)


def sweep() -> int:
    """The product's sweep; returns how many certificates moved."""
    return jobs.sweep(SweepRun.StartedBy.COMMAND, None, lambda line: None).moves


def sweep_with(workers: int) -> Callable[[], int]:
    """The sweep by so many processes that are ready and start together."""

    def run() -> int:
        moved = 0
        for process in processes:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        for process in processes:
            output, _ = process.communicate()
            moved += int(output.split()[-1])
        return moved

    processes = [_ready() for _ in range(workers)]
    return run


def _ready() -> subprocess.Popen[str]:
    """A process that has loaded everything and waits for a line."""
    command = [sys.executable, "manage.py", "bench", "--worker"]
    process = subprocess.Popen(command, cwd=settings.BASE_DIR, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def two_workers(rows: Rows, expected: int) -> float:
    """The median of three runs by two processes; starting them is not counted."""
    taken = []
    for _ in range(3):
        run = sweep_with(2)
        rows.put_back()
        begin = time.perf_counter()
        done = run()
        taken.append(time.perf_counter() - begin)
        assert done == expected, f"{done} instead of {expected}"
    return statistics.median(taken)


def statement() -> int:
    """The bare SQL statement; returns how many certificates moved."""
    return reference.run(clock.today(), clock.now().isoformat()) // 2


def library(limit: int) -> Callable[[], int]:
    """The state machine library on so many certificates."""

    def run() -> int:
        with tenancy.across_organizations():
            return machine.run(Nonconformity.objects.all(), clock.today(), limit)

    return run


@dataclass(frozen=True)
class Stages:
    """Seconds that the parts of judging 1,000 certificates take."""

    facts: float
    rules: float


def stages(count: int = 1000) -> Stages:
    """Where the time of a chunk goes before anything is written."""
    with tenancy.across_organizations():
        begin = time.perf_counter()
        rows = list(with_relations(Certificate.objects.filter(next_due_on__lte=clock.today()))[:count])
        facts, books = facts_for(rows), books_for(row.scheme for row in rows)
        read = time.perf_counter()
        for row in rows:
            judge_facts(row, facts[row.pk], books[row.scheme_id], clock.today())
        return Stages(read - begin, time.perf_counter() - read)


def forecasts(count: int, today: date) -> float:
    """Seconds to forecast so many certificates over three years; their facts are loaded."""
    with tenancy.across_organizations():
        rows = list(with_relations(Certificate.objects.filter(next_due_on__lte=today))[:count])
        facts, books = facts_for(rows), books_for(row.scheme for row in rows)
    begin = time.perf_counter()
    for row in rows:
        forecast(facts[row.pk], books[row.scheme_id], today, today + THREE_YEARS)
    return time.perf_counter() - begin
