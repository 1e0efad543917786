"""A Redis that belongs to one test, so that it may stop, restart and choke it."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import redis

from tests.faults.processes import eventually, free_port


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
