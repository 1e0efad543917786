"""The Celery application: a message is only a wake-up, the database is the truth."""

import os
import sys
from importlib import import_module
from typing import Any

from celery import Celery
from celery.signals import beat_init, worker_init

from isotrack.queue import guard

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "isotrack.settings")

guard()
app = Celery("isotrack", task_cls="isotrack.queue:WakeUp")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_init.connect
@beat_init.connect
def refuse_unsafe_role(**_signal: Any) -> None:
    """A worker whose database role passes the walls does not start."""
    preflight = import_module("isotrack.preflight")  # it needs the settings, which Celery loads later than this file
    try:
        preflight.check_database_role()
    except preflight.CannotStartError as reason:
        sys.exit(f"isotrack: {reason}")


@beat_init.connect
def wake_at_once(**_signal: Any) -> None:
    """Each start of the scheduler checks all dates: one that restarts without its schedule would never get to it."""
    import_module("records.wake").wake("records.wake_up")
