"""Keeps a worker alive when its queue holds what nobody of ours has sent.

A message that cannot be taken apart ends a worker of the library, which then starts on the same message again. Here it
is written to the log and dropped: what must be done is in the database.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from celery import Task
from celery.exceptions import InvalidTaskError
from celery.worker.strategy import default
from kombu.transport import TRANSPORT_ALIASES, redis

log = logging.getLogger(__name__)


class Channel(redis.Channel):
    """Reads the queue in Redis; an entry without an envelope is dropped."""

    def _brpop_read(self, **options: Any) -> bool:
        try:
            return bool(super()._brpop_read(**options))
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            log.error("the queue held what is no message of ours; it is dropped: %r", error)
            return True


class Transport(redis.Transport):
    """The library's, with our channel."""

    Channel = Channel


class WakeUp(Task):
    """A task of ours; a message for it without arguments of the agreed form is refused."""

    Strategy = "isotrack.queue:careful"


def careful(task: Task, app: Any, consumer: Any, **options: Any) -> Callable[..., Any]:
    """The library's way to start a task; what it cannot unpack becomes a refusal that it knows."""
    start = default(task, app, consumer, **options)

    def start_or_refuse(*arguments: Any, **more: Any) -> Any:
        try:
            return start(*arguments, **more)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise InvalidTaskError(f"no arguments of the agreed form: {error}") from error

    return start_or_refuse


def guard() -> None:
    """Use this reader for every connection to Redis."""
    TRANSPORT_ALIASES.update(redis="isotrack.queue:Transport", rediss="isotrack.queue:Transport")
