"""`manage.py bench`: the sweep beside a bare SQL statement and a library, pages, history and restore."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import tempfile
from argparse import SUPPRESS, ArgumentParser
from io import StringIO
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg2
from django.conf import settings
from django.core.management import BaseCommand, CommandError, call_command

from accounts import clock
from accounts.models import Organization
from isotrack.bench import keeping, looking, measuring, seeding
from isotrack.bench.measuring import Goal, Rows

SERVER = "postgres://postgres@127.0.0.1:5432/"
LIBRARY_ROWS = 500
EVENTS, NONCONFORMITIES, MEGABYTES = 1_000_000, 100_000, 5_000
FEW, CERTIFICATES, MANY = 34, 667, 33_334  # certificates with three nonconformities each


class Command(BaseCommand):
    """Makes a database of its own, measures, and removes it; one line for each goal."""

    help = "Measure what docs/benchmarks.md tells: the sweep; --pages: pages; --kept: a long history and a restore."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The server is that of ISOTRACK_TEST_DATABASE_URL or ISOTRACK_DATABASE_URL, else the local one."""
        parser.add_argument("--quick", action="store_true", help="a hundredth or so of the rows, for a first look")
        parser.add_argument("--pages", action="store_true", help="pages of 667 certificates, a list of 100,000")
        parser.add_argument("--kept", action="store_true", help="verify 1,000,000 events, put 5 GB of files back")
        parser.add_argument("--here", action="store_true", help=SUPPRESS)
        parser.add_argument("--worker", action="store_true", help=SUPPRESS)

    def handle(
        self, *args: Any, quick: bool, kept: bool, pages: bool, here: bool, worker: bool, **options: Any
    ) -> None:
        """Goes on in a process that uses the new database."""
        if worker:
            self.stdout.write("ready")
            self.stdout.flush()
            sys.stdin.readline()
            self.stdout.write(str(measuring.sweep()))
        elif here and kept:
            self.measure_kept(100 if quick else 1)
        elif here and pages:
            self.measure_pages(MANY // 20 if quick else MANY)
        elif here:
            self.measure(*((1_000, (10_000,)) if quick else (10_000, (100_000, 1_000_000))))
        else:
            self.in_own_database([*["--quick"] * quick, *["--kept"] * kept, *["--pages"] * pages])

    def in_own_database(self, arguments: list[str]) -> None:
        """Starts this command again with a fresh database and removes it afterwards."""
        name = f"isotrack_bench_{os.getpid()}"
        server = _server()
        try:
            _run_on(server, f'CREATE DATABASE "{name}"')
        except psycopg2.OperationalError as error:
            raise CommandError(f"PostgreSQL is needed and does not answer: {str(error).splitlines()[0]}") from error
        address = urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
        command = [sys.executable, "manage.py", "bench", "--here", *arguments]
        try:
            with tempfile.TemporaryDirectory(prefix="isotrack-bench-") as place:
                environment = {**os.environ, "ISOTRACK_DATABASE_URL": address, "ISOTRACK_VAR_DIR": place}
                subprocess.run(command, cwd=settings.BASE_DIR, env=environment, check=True)
        except subprocess.CalledProcessError as error:
            raise CommandError("the measurement ended early") from error
        finally:
            _run_on(server, f'DROP DATABASE "{name}" WITH (FORCE)')

    def measure(self, due: int, sizes: tuple[int, ...]) -> None:
        """Fills the database step by step and prints the figures of each size, then the goals."""
        call_command("migrate", verbosity=0)
        self.stdout.write(f"{clock.today()}, {os.cpu_count()} cores, {platform.machine()}, {due:,} due")
        today = seeding.seed(sizes[0], due)
        rows = Rows()
        taken: dict[int, dict[str, float]] = {}
        for size in sizes:
            if size != sizes[0]:
                rows.put_back()
                seeding.grow(size)
            taken[size] = self.one_size(rows, size, due)
        library = rows.seconds(measuring.library(LIBRARY_ROWS), LIBRARY_ROWS, times=1) * due / LIBRARY_ROWS
        rows.put_back()
        stages = measuring.stages()
        self.stdout.write(f"1,000 rows: facts {stages.facts:.3f} s, rules {stages.rules:.3f} s")
        one, many = measuring.forecasts(500, today) / 500, measuring.forecasts(500, today)
        self.stdout.write(f"state machine library: {library:.1f} s for {due:,} (from {LIBRARY_ROWS})")
        for goal in goals(taken, library, one, many):
            self.stdout.write(str(goal))

    def measure_kept(self, part: int) -> None:
        """Fills history and vault to a part of their size, then verifies, backs up and puts back."""
        call_command("migrate", verbosity=0)
        self.stdout.write(f"{clock.today()}, {os.cpu_count()} cores, {platform.machine()}")
        seeding.seed(NONCONFORMITIES // 3 // part, seeding.ORGANIZATIONS)
        organization = Organization.objects.order_by("pk")[0]
        keeping.write_history(organization, EVENTS // part)
        keeping.fill_vault(organization, MEGABYTES // part)
        seconds = keeping.verified(organization)
        folder, backup = keeping.backed_up(Path(settings.VAR_DIR) / "backups", self.stdout.write)
        minutes = keeping.put_back(folder, self.stdout.write)
        self.stdout.write(f"backup made in {backup / 60:.1f} minutes")
        for goal in (Goal("G9", seconds, " s", 30), Goal("G11", minutes, " min", 15)):
            self.stdout.write(str(goal))

    def measure_pages(self, many: int) -> None:
        """Pages of one organization, then its longest list as it grows."""
        call_command("migrate", verbosity=0)
        call_command("collectstatic", interactive=False, verbosity=0)
        self.stdout.write(f"{clock.today()}, {os.cpu_count()} cores, {platform.machine()}")
        seeding.seed(FEW, 1, organizations=1)
        few = looking.seconds(looking.LIST)
        seeding.grow(CERTIFICATES)
        call_command("sweep", stdout=StringIO())  # pages show what it last found
        for look in looking.looks():
            self.stdout.write(str(look))
        portfolio, trivial = looking.look("/"), looking.seconds("/healthz")
        seeding.grow(many)
        first, deep = looking.seconds(looking.LIST), looking.seconds(looking.deep_page())
        for goal in (
            Goal(f"P4 list of {3 * many:,} against {3 * FEW}", first / few, "x", 1.3),
            Goal("P4 page in the middle against the first", deep / first, "x", 1.3),
            Goal("P5 queries", portfolio.queries, "", 11),
            Goal("P5 kB", portfolio.kilobytes, " kB", 150),
            Goal("P5 against a trivial view", portfolio.seconds / trivial, "x", 30),
        ):
            self.stdout.write(str(goal))

    def one_size(self, rows: Rows, size: int, due: int) -> dict[str, float]:
        """Seconds of the statement, the sweep and the sweep by two workers among so many certificates."""
        taken = {
            "statement": rows.seconds(measuring.statement, due),
            "sweep": rows.seconds(measuring.sweep, due),
            "two workers": measuring.two_workers(rows, due),
        }
        figures = ", ".join(f"{name} {seconds:.2f} s" for name, seconds in taken.items())
        self.stdout.write(f"among {size:,}: {figures}")
        return taken


def goals(taken: dict[int, dict[str, float]], library: float, one: float, many: float) -> list[Goal]:
    """The figures of performance goals, in their order."""
    first, last = taken[min(taken)], taken[max(taken)]
    found = [
        Goal("P1", last["sweep"] / last["statement"], "x", 2.0),
        Goal("P1 two workers", last["two workers"] / last["statement"], "x", 2.0),
        Goal("P3", library / last["sweep"], "x", 25, at_least=True),
        Goal("P9 one", one * 1000, " ms", 1.0),
        Goal("P9 500", many, " s", 0.2),
    ]
    if len(taken) > 1:
        found.insert(2, Goal("P2", last["sweep"] / first["sweep"], "x", 1.2))
    return found


def _server() -> str:
    """The server that the environment names, else the local one."""
    named = os.environ.get("ISOTRACK_TEST_DATABASE_URL") or os.environ.get("ISOTRACK_DATABASE_URL", "")
    return named if named.startswith("postgres") else SERVER


def _run_on(server: str, statement: str) -> None:
    connection = psycopg2.connect(urlunsplit(urlsplit(server)._replace(path="/postgres")), connect_timeout=3)
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement)
    finally:
        connection.close()
