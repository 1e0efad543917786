"""The generic loop over what is due: chunk by chunk, under locks that skip what another worker holds."""

from __future__ import annotations

import gc
import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db import OperationalError, ProgrammingError, connection, models, transaction

from accounts import clock
from accounts.models import Organization
from records.bulk import lock
from records.faults import faultpoint
from records.models import SweepRun

CHUNK = 1000
KEEP_RUNS = timedelta(days=90)
Today = Callable[[Organization], date]
Place = tuple[date, int]
log = logging.getLogger(__name__)


@dataclass(slots=True)
class Swept:
    """What a sweep did, for the run's row and for people; ``lines`` say what moved and why."""

    subjects: int = 0
    moves: int = 0
    messages: int = 0
    failures: int = 0
    lines: list[str] = field(default_factory=list)

    def add(self, other: Swept) -> None:
        """Count another chunk in."""
        self.subjects += other.subjects
        self.moves += other.moves
        self.messages += other.messages
        self.failures += other.failures
        self.lines += other.lines


@dataclass(frozen=True, slots=True)
class Source:
    """Rows with a ``next_due_on``.

    ``judge`` recomputes a locked chunk of them and must give each a later ``next_due_on`` (or none).
    ``set_aside`` marks the row with this id as failed and due tomorrow, without reading more of it than its name.
    ``expected`` says what each row should hold today; nothing is written.
    """

    name: str
    rows: Callable[[], models.QuerySet[Any]]
    judge: Callable[[Sequence[Any], Today], Swept]
    set_aside: Callable[[int, Exception, Today], None]
    expected: Callable[[Sequence[Any], Today], list[tuple[Any, dict[str, Any]]]]


class Days:
    """The day each organization is in; ``on`` fixes one day for all (``manage.py sweep --on``)."""

    def __init__(self, on: date | None = None) -> None:
        zones = Organization.objects.values_list("time_zone", flat=True).distinct()
        self._by_zone = {zone: on or clock.today(Organization(time_zone=zone)) for zone in zones}

    def today(self, organization: Organization) -> date:
        """The civil date in the organization."""
        return self._by_zone[organization.time_zone]

    def is_due(self, row: Any) -> bool:
        """True when the sweep has still to judge this row today."""
        return row.next_due_on is not None and row.next_due_on <= self.today(row.organization)

    def due(self, rows: models.QuerySet[Any]) -> models.QuerySet[Any]:
        """Rows whose ``next_due_on`` is today or past where their organization is, the longest due first."""
        days = self._by_zone.values()
        if not days:
            return rows.none()
        earliest, latest = min(days), max(days)
        rows = rows.filter(next_due_on__lte=latest).order_by("next_due_on", "pk")
        if earliest == latest:
            return rows
        ahead = [zone for zone, day in self._by_zone.items() if day > earliest]
        return rows.filter(models.Q(next_due_on__lte=earliest) | models.Q(organization__time_zone__in=ahead))


def run_sweep(
    sources: Iterable[Source],
    started_by: SweepRun.StartedBy,
    on: date | None,
    tell: Callable[[str], object],
) -> SweepRun:
    """Judge everything due or past and keep how it went; a later run does what this one could not finish.

    Raises ``clock.ClockJumped`` before anything moves when this machine's clock is not the database's.
    """
    run = SweepRun.objects.create(started_at=clock.now(), on=on or clock.today(), started_by=started_by)
    total = Swept()
    gc.freeze()  # what is loaded already need not be looked through while many rows come and go
    try:
        clock.compare_with_database()
        for source in sources:
            for swept in sweep_source(source, on):
                total.add(swept)
                for line in swept.lines:
                    tell(line)
                total.lines.clear()
        run.finished_at = clock.now()
    except BaseException as error:  # whatever ends the run early is kept on its row and raised again
        run.error = f"{type(error).__name__}: {error}"
        raise
    finally:
        run.subjects, run.moves = total.subjects, total.moves
        run.messages, run.failures = total.messages, total.failures
        run.save()
        gc.unfreeze()
    return run


def rehearse_sweep(sources: Iterable[Source], on: date | None, tell: Callable[[str], object]) -> Swept:
    """Say what a sweep would do; every chunk is rolled back, so nothing is kept."""
    total = Swept()
    for source in sources:
        for swept in sweep_source(source, on, keep=False):
            total.add(swept)
            for line in swept.lines:
                tell(line)
            total.lines.clear()
    return total


def forget_old_runs() -> int:
    """Delete runs older than 90 days in which nothing happened; returns how many."""
    old = SweepRun.objects.filter(started_at__lt=clock.now() - KEEP_RUNS, moves=0, failures=0, error="")
    return old.delete()[0]


def differences(source: Source, tell: Callable[[str], object], chunk: int = CHUNK) -> int:
    """Compare every row that is not due with what the engine says today; returns how many rows differ."""
    days = Days()
    rows = source.rows().order_by("pk")
    last, found = 0, 0
    while some := list(rows.filter(pk__gt=last)[:chunk]):
        last = some[-1].pk
        for row, values in source.expected([row for row in some if not days.is_due(row)], days.today):
            wrong = {name: (getattr(row, name), value) for name, value in values.items() if getattr(row, name) != value}
            found += bool(wrong)
            for name, (stored, said) in wrong.items():
                tell(f"{source.name} {row} (id {row.pk}): {name} is {stored!r}, the rules say {said!r}")
    return found


def sweep_source(
    source: Source, on: date | None = None, chunk: int | None = None, keep: bool = True
) -> Iterator[Swept]:
    """Judge everything due or past, one transaction per chunk.

    It walks forward only and so ends, even if a row could not be given a later day. Rows that another worker
    holds are that worker's.
    """
    days = Days(on)
    place: Place | None = None
    while True:
        swept, place = _next_chunk(_Sweep(source, days, keep), place, chunk or CHUNK)
        if place is None:
            return
        yield swept


@dataclass(frozen=True, slots=True)
class _Sweep:
    """One way through one source."""

    source: Source
    days: Days
    keep: bool

    def due(self, beyond: Place | None) -> models.QuerySet[Any]:
        rows = self.days.due(self.source.rows())
        if beyond is None:
            return rows
        day, pk = beyond
        return rows.filter(models.Q(next_due_on__gt=day) | models.Q(pk__gt=pk), next_due_on__gte=day)

    def judge(self, rows: models.QuerySet[Any], limit: int, places: list[Place]) -> Swept:
        """Lock and judge rows in one transaction; ``places`` learns which, even if it fails."""
        with transaction.atomic():
            _give_way_to_people()
            found = lock(rows, limit)
            places += [(row.next_due_on, row.pk) for row in found]
            faultpoint("sweep.after_lock")
            swept = self.source.judge(found, self.days.today) if found else Swept()
            faultpoint("sweep.after_judge")
            if not self.keep:
                transaction.set_rollback(True)
        faultpoint("sweep.after_commit")
        return swept


def _next_chunk(sweep: _Sweep, beyond: Place | None, limit: int) -> tuple[Swept, Place | None]:
    places: list[Place] = []
    try:
        swept = sweep.judge(sweep.due(beyond), limit, places)
    except Exception as error:  # one bad row must not stop the others: the chunk is halved until it stands alone
        if _is_no_rows_fault(error):
            raise
        log.exception("a chunk of %s could not be judged as a whole", sweep.source.name)
        places = places or list(sweep.due(beyond).values_list("next_due_on", "pk")[:limit])
        swept = _judge_apart(sweep, [pk for _, pk in places])
    return swept, (places[-1] if places else None)


def _judge_apart(sweep: _Sweep, ids: Sequence[int]) -> Swept:
    """Judge halves of a chunk, each in a transaction of its own, down to the row that fails."""
    total = Swept()
    for half in (ids[: len(ids) // 2], ids[len(ids) // 2 :]):
        if not half:
            continue
        try:
            total.add(sweep.judge(sweep.due(None).filter(pk__in=half), len(half), []))
        except Exception as error:  # the reason is kept on the row and shown to people
            if _is_no_rows_fault(error):
                raise
            total.add(_judge_apart(sweep, half) if len(half) > 1 else _set_aside(sweep, half[0], error))
    return total


def _set_aside(sweep: _Sweep, pk: int, error: Exception) -> Swept:
    line = f"{sweep.source.name} {pk} could not be judged: {error}"
    if isinstance(error, OperationalError):
        log.warning("%s; left to the next sweep", line)
    else:
        with transaction.atomic():
            sweep.source.set_aside(pk, error, sweep.days.today)
            if not sweep.keep:
                transaction.set_rollback(True)
    return Swept(subjects=1, failures=1, lines=[line])


def _is_no_rows_fault(error: Exception) -> bool:
    """True when the tables are not those of this version, or the connection is gone; the next use opens a new one."""
    if isinstance(error, ProgrammingError):
        return True
    if connection.in_atomic_block or connection.is_usable():
        return False
    connection.close()
    return True


def _give_way_to_people() -> None:
    """The sweep gives up sooner than PostgreSQL looks for a deadlock, so that it is never a person who loses."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '500ms'")
