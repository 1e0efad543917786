"""Worker and scheduler as threads of the web process: the whole product in one process, nothing else to install.

The transport is the process's own memory. What waits there is lost when the process ends, and that is harmless:
a message is only a wake-up, the work itself is rows of the database, and every start begins with a wake-up.
"""

from __future__ import annotations

import http.client
import logging
import os
import sys
import threading
import time
from collections.abc import Callable
from typing import Any, ClassVar
from urllib.parse import urlsplit

from celery.beat import Scheduler, Service
from celery.worker import WorkController
from django.conf import settings
from django.core.management import call_command
from django.shortcuts import resolve_url

from isotrack.celery import app

GRACE_SECONDS = 5.0
logger = logging.getLogger(__name__)


class Embedded:
    """The Celery worker (two threads) and the scheduler of this process."""

    of_process: ClassVar[Embedded | None] = None

    def __init__(self) -> None:
        quiet = {"without_heartbeat": True, "without_mingle": True, "without_gossip": True}
        self.worker = WorkController(app, pool_cls="threads", concurrency=2, hostname="embedded@localhost", **quiet)
        self.scheduler = Service(app, scheduler_cls=Scheduler)

    def start(self) -> None:
        """Starts both; the scheduler wakes up the work that came due while nothing ran."""
        start_thread("worker", self.worker.start)
        start_thread("scheduler", self.scheduler.start)

    def stop(self) -> bool:
        """Ends both; False when a job was still running after the grace, which its row lets another start repeat."""
        self.scheduler.stop(wait=False)
        closing = start_thread("closing", self.worker.stop)
        closing.join(GRACE_SECONDS)
        return not closing.is_alive()


def start(_web_worker: object) -> None:
    """gunicorn's ``post_worker_init``: the application is loaded, requests come next."""
    Embedded.of_process = Embedded()
    Embedded.of_process.start()
    start_thread("announcement", announce)


def stop(_server: object, _web_worker: object) -> None:
    """gunicorn's ``worker_exit``: the last request was answered."""
    if Embedded.of_process is not None and not Embedded.of_process.stop():
        logger.warning("a job was still running; it is taken up again at the next start")
        os._exit(0)  # a normal exit would wait for the job's thread


def start_thread(name: str, run: Callable[[], Any]) -> threading.Thread:
    """A started thread that does not keep the process alive."""
    thread = threading.Thread(target=run, name=f"embedded-{name}", daemon=True)
    thread.start()
    return thread


def announce() -> None:
    """Says that the product is ready once a page of it was answered, and in the demonstration who can sign in."""
    if not answers_within(30.0):
        logger.error("isotrack started but does not answer; the reason stands above")
        return
    sys.stdout.write(f"isotrack is ready at {settings.BASE_URL} (Ctrl-C ends it)\n")
    sys.stdout.flush()
    if settings.DEMO:
        call_command("demo")


def answers_within(seconds: float) -> bool:
    """Whether our sign-in page is answered without an error of ours within that time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            return answer_status() < 500
        except OSError:
            time.sleep(0.05)
    return False


def answer_status() -> int:
    """The HTTP status of our sign-in page, asked for under the name people use."""
    host, _, port = settings.WEB_BIND.replace("0.0.0.0", "127.0.0.1").rpartition(":")
    connection = http.client.HTTPConnection(host.strip("[]"), int(port), timeout=30)
    connection.request("GET", resolve_url(settings.LOGIN_URL), headers={"Host": urlsplit(settings.BASE_URL).netloc})
    return connection.getresponse().status
