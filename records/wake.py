"""Wake a worker. A lost message loses nothing: the next wake-up finds the work in the database."""

from __future__ import annotations

import logging

from celery import current_app
from kombu.exceptions import OperationalError

log = logging.getLogger(__name__)


def wake(task: str, *arguments: int) -> None:
    """Send a task; a broker that cannot be reached, or has no room, is noted and never raised to the person."""
    try:
        current_app.send_task(task, arguments, retry=False)
    except OperationalError as error:
        log.warning("no worker could be woken for %s: %s", task, error)
