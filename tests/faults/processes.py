"""An installation of several real processes with a database, a queue and a mail server of its own."""

from __future__ import annotations

import http.client
import logging
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg2
import redis
from aiosmtpd.controller import Controller

from tests.application_role import PASSWORD, ROLE
from tests.architecture.source import ROOT
from tests.services import POSTGRES_URL, REDIS_URL

logging.getLogger("mail.log").setLevel(logging.WARNING)
RUNNER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
QUEUE_URL = f"{REDIS_URL.rpartition('/')[0]}/{10 + RUNNER}"


class Mailbox:
    """Keeps what a real SMTP server receives."""

    def __init__(self) -> None:
        self.received: list[EmailMessage] = []

    async def handle_DATA(self, server: object, session: object, envelope: Any) -> str:  # noqa: N802  name given by aiosmtpd
        """Accept every mail."""
        self.received.append(message_from_bytes(envelope.content, policy=policy.default))  # type: ignore[arg-type]
        return "250 accepted"


@dataclass
class Installation:
    """Processes by name, and the places they share."""

    directory: Path
    database: str
    mailbox: Mailbox
    environment: dict[str, str]
    port: int
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def manage(self, *arguments: str) -> str:
        """What a management command printed; a failing one fails the test."""
        command = [sys.executable, "manage.py", *arguments]
        result = subprocess.run(
            command, cwd=ROOT, env=self.environment, capture_output=True, text=True, timeout=120, check=False
        )
        assert result.returncode == 0, result.stderr
        return result.stdout

    def start(self, name: str, *command: str) -> subprocess.Popen[bytes]:
        """A program of the environment, its output kept in a file of its name."""
        program = str(Path(sys.executable).with_name(command[0]))
        with (self.directory / f"{name}.log").open("ab") as log:
            self.running[name] = subprocess.Popen(
                [program, *command[1:]], cwd=ROOT, env=self.environment, stdout=log, stderr=log, start_new_session=True
            )
        return self.running[name]

    def start_worker(self, name: str) -> subprocess.Popen[bytes]:
        """A worker with one child process."""
        options = ["--hostname", f"{name}@isotrack", "--concurrency", "1", "--loglevel", "INFO"]
        return self.start(name, "celery", "-A", "isotrack", "worker", *options)

    def start_beat(self) -> subprocess.Popen[bytes]:
        """The scheduler."""
        return self.start("beat", "celery", "-A", "isotrack", "beat", "--loglevel", "INFO")

    def start_web(self) -> subprocess.Popen[bytes]:
        """The web server."""
        return self.start("web", "gunicorn", "isotrack.wsgi")

    def log(self, name: str) -> str:
        """What a process wrote so far."""
        return (self.directory / f"{name}.log").read_text()

    def move_clock(self, days: int) -> None:
        """Every process believes it is so many days later."""
        (self.directory / "clock").write_text(str(days))

    def execute(self, *statements: str) -> None:
        """Statements of the owner of the tables, in one transaction."""
        connection = psycopg2.connect(self.database)
        try:
            with connection, connection.cursor() as cursor:
                for statement in statements:
                    cursor.execute(statement)
        finally:
            connection.close()

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """The answer of the processes' database."""
        connection = psycopg2.connect(self.database)
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(sql)
                return cursor.fetchall()
        finally:
            connection.close()

    def status(self, path: str) -> int | None:
        """The HTTP status of a page, none while nothing answers."""
        try:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
            connection.request("GET", path)
            return connection.getresponse().status
        except OSError:
            return None

    def stop(self, name: str, number: int = signal.SIGTERM) -> int:
        """The return code of a process that was asked to end."""
        process = self.running.pop(name)
        process.send_signal(number)
        return process.wait(20)

    def kill(self) -> None:
        """Ends what still runs, by process id."""
        for process in self.running.values():
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait(10)


def eventually(ask: Callable[[], Any], seconds: float = 60.0) -> Any:
    """The first true answer within that time, or the last one."""
    end = time.monotonic() + seconds
    while not (answer := ask()) and time.monotonic() < end:
        time.sleep(0.1)
    return answer


@contextmanager
def installation(
    directory: Path, queue_url: str = QUEUE_URL, database_server: str = POSTGRES_URL, **more: str
) -> Iterator[Installation]:
    """An empty, migrated installation without any process yet; everything it made is removed."""
    mailbox = Mailbox()
    server = Controller(mailbox, hostname="127.0.0.1", port=free_port())
    server.start()
    redis.Redis.from_url(queue_url).flushdb()
    with own_database(database_server) as database:
        port = free_port()
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("ISOTRACK_", "DJANGO_"))}
        settings = {
            "ISOTRACK_ENV_FILE": os.devnull,
            "ISOTRACK_DEBUG": "1",
            "ISOTRACK_SECRET_KEY": "a key for this test alone",
            "ISOTRACK_VAR_DIR": str(directory),
            "ISOTRACK_DATABASE_URL": as_application(database),
            "ISOTRACK_OWNER_DATABASE_URL": database,
            "ISOTRACK_BROKER_URL": queue_url,
            "ISOTRACK_EMAIL_URL": f"smtp://127.0.0.1:{server.port}",
            "ISOTRACK_CLOCK_FILE": str(directory / "clock"),
            "ISOTRACK_SWEEP_PERIOD_SECONDS": "1",
            "ISOTRACK_WEB_BIND": f"127.0.0.1:{port}",
            "ISOTRACK_WEB_PROCESSES": "1",
        }
        started = Installation(directory, database, mailbox, kept | settings | more, port)
        try:
            started.manage("migrate", "-v0")
            yield started
        finally:
            started.kill()
            server.stop()
            redis.Redis.from_url(queue_url).flushdb()


@contextmanager
def own_database(server: str) -> Iterator[str]:
    """The address of a database that exists for the length of the block."""
    parts = urlsplit(server)
    name = f"isotrack_processes_{os.getpid()}"
    run_on_server(f'DROP DATABASE IF EXISTS "{name}"', f'CREATE DATABASE "{name}"', server=server)
    try:
        yield urlunsplit(parts._replace(path=f"/{name}"))
    finally:
        run_on_server(f'DROP DATABASE "{name}" WITH (FORCE)', server=server)


def as_application(address: str) -> str:
    """The same database for the role of pages and workers, which owns nothing; ``migrate`` makes it."""
    parts = urlsplit(address)
    return urlunsplit(parts._replace(netloc=f"{ROLE}:{PASSWORD}@{parts.netloc.rpartition('@')[2]}"))


def run_on_server(*statements: str, server: str = POSTGRES_URL) -> None:
    """Statements that belong to no database."""
    connection = psycopg2.connect(urlunsplit(urlsplit(server)._replace(path="/postgres")))
    connection.autocommit = True
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
    connection.close()


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
