"""Wake a worker. A lost message loses nothing: the next wake-up finds the work in the database."""

from __future__ import annotations

import logging

from celery import current_app
from kombu.exceptions import OperationalError

log = logging.getLogger(__name__)


def wake(task: str) -> None:
    """Send a task without arguments; a broker that cannot be reached is noted, never raised to the person."""
    try:
        current_app.send_task(task, retry=False)
    except OperationalError as error:
        log.warning("no worker could be woken for %s: %s", task, error)
