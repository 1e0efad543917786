"""A PostgreSQL and a Redis that belong to one test, so that it may stop, restart and choke them."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import redis

from tests.faults.processes import eventually, free_port
from tests.services import postgres_program


@dataclass
class OwnRedis:
    """A Redis that keeps nothing on disk."""

    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Its address."""
        return f"redis://127.0.0.1:{self.port}/0"

    @property
    def client(self) -> redis.Redis:
        """A connection to it."""
        return redis.Redis.from_url(self.url)

    def start(self) -> None:
        """Start, and wait until it answers."""
        options = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--maxmemory-policy", "noeviction"]
        self.process = subprocess.Popen(["redis-server", *options], stdout=subprocess.DEVNULL)
        assert eventually(self.answers, 20)

    def answers(self) -> bool:
        """Whether it takes connections."""
        try:
            return bool(self.client.ping())
        except redis.ConnectionError:
            return False

    def stop(self) -> None:
        """End it, as whoever updates the machine does."""
        assert self.process is not None
        self.process.terminate()
        self.process.wait(20)


@contextmanager
def own_redis() -> Iterator[OwnRedis]:
    """A Redis that runs, and is gone afterwards."""
    made = OwnRedis()
    made.start()
    try:
        yield made
    finally:
        made.stop()


@dataclass
class OwnPostgres:
    """A PostgreSQL in a directory of its own; root lends it to the account that may run one."""

    directory: Path
    port: int = field(default_factory=free_port)

    @property
    def url(self) -> str:
        """Its address."""
        return f"postgres://postgres@127.0.0.1:{self.port}/postgres"

    def make(self) -> None:
        """Files of a new cluster."""
        if os.geteuid() == 0:
            shutil.chown(self.directory, "postgres")
        self._run("initdb", "--username", "postgres", "--auth", "trust", "--no-sync")

    def start(self) -> None:
        """Start, and wait until it answers."""
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories="
        self._run("pg_ctl", "start", "--wait", "--log", str(self.directory / "log"), "--options", options)

    def stop(self) -> None:
        """End it at once, as a machine without power does: nothing is written that is not yet on the disk."""
        self._run("pg_ctl", "stop", "--mode", "immediate")

    def _run(self, program: str, *arguments: str) -> None:
        lent = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        command = [*lent, postgres_program(program), "-D", str(self.directory / "data"), *arguments]
        subprocess.run(command, stdout=subprocess.DEVNULL, cwd=self.directory, check=True)


@contextmanager
def own_postgres() -> Iterator[OwnPostgres]:
    """A PostgreSQL that runs, and is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="isotrack-postgres-") as directory:
        made = OwnPostgres(Path(directory))
        made.make()
        made.start()
        try:
            yield made
        finally:
            made.stop()
