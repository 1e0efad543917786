"""Two runs of the same story, one undisturbed: what they leave behind is compared."""

from __future__ import annotations

import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg2

from tests.architecture.source import ROOT
from tests.faults.processes import Installation, as_application, run_on_server

CERTIFICATES = """SELECT number, status, confirmed_status, moves::text, next_due_on, next_loss_on, failure
    FROM certifications_certificate ORDER BY number"""
NONCONFORMITIES = """SELECT number, state, due::text, next_due_on, failure
    FROM nonconformities_nonconformity ORDER BY number"""
EVENTS = """SELECT subject_label, kind, effective_on, rule, reason, before::text, after::text, because::text
    FROM records_event WHERE actor_kind = 'rule' ORDER BY effective_on, subject_label, kind"""
NUMBERS = "SELECT number FROM records_event ORDER BY number"
MESSAGES = "SELECT key, late, state FROM records_message ORDER BY key"


@dataclass
class Twin:
    """One run of the story on a database of its own."""

    installation: Installation
    database: str

    def story(self, *arguments: str, fault: str = "", expect: int = 0) -> None:
        """Run a part of the story in a process of its own, broken by ``fault``, and expect how it ends."""
        process = self.start(*arguments, fault=fault)
        _, errors = process.communicate(timeout=120)
        assert process.returncode == expect, errors.decode()

    def start(self, *arguments: str, fault: str = "") -> subprocess.Popen[bytes]:
        """The same, and go on while it runs."""
        environment = {**self.environment, **({"ISOTRACK_FAULT": fault} if fault else {})}
        command = [sys.executable, "-m", "tests.faults.story", *arguments]
        return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)

    @property
    def environment(self) -> dict[str, str]:
        """The installation's, with this database."""
        return {**self.installation.environment, "ISOTRACK_DATABASE_URL": as_application(self.database)}

    def move_clock(self, days: int) -> None:
        """It is so many days after the beginning."""
        self.installation.move_clock(days)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """The answer of this database."""
        connection = psycopg2.connect(self.database)
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(sql)
                return cursor.fetchall()
        finally:
            connection.close()

    def picture(self) -> dict[str, list[tuple[Any, ...]]]:
        """Certificates, nonconformities and events as they stand; events must be numbered without a gap."""
        numbers = [number for (number,) in self.rows(NUMBERS)]
        assert numbers == list(range(1, len(numbers) + 1))
        return {
            "certificates": self.rows(CERTIFICATES),
            "nonconformities": self.rows(NONCONFORMITIES),
            "events": self.rows(EVENTS),
        }

    def messages(self) -> list[tuple[Any, ...]]:
        """Key, lateness and state of every message."""
        return self.rows(MESSAGES)

    def mails(self) -> Counter[str]:
        """How often each Message-ID was received."""
        return Counter(str(mail["Message-ID"]).strip() for mail in self.installation.mailbox.received)


@contextmanager
def twin(installation: Installation, template: str, name: str) -> Iterator[Twin]:
    """A fresh copy of the story with an empty mailbox on its first day."""
    parts = urlsplit(installation.database)
    database = f"{parts.path.lstrip('/')}_{name}"
    run_on_server(f'DROP DATABASE IF EXISTS "{database}"', f'CREATE DATABASE "{database}" TEMPLATE "{template}"')
    installation.mailbox.received.clear()
    installation.move_clock(0)
    Path(installation.directory / "clock").write_text("0")
    try:
        yield Twin(installation, urlunsplit(parts._replace(path=f"/{database}")))
    finally:
        run_on_server(f'DROP DATABASE "{database}" WITH (FORCE)')


def eventually_stopped(pid: int) -> bool:
    """True as soon as the process has frozen itself."""
    end = time.monotonic() + 30
    while time.monotonic() < end:
        with open(f"/proc/{pid}/stat") as stat:  # noqa: PTH123  not a file of the project
            if stat.read().rpartition(")")[2].split()[0] == "T":
                return True
        time.sleep(0.05)
    return False
