"""How `gunicorn isotrack.wsgi` serves: gunicorn reads this file from the directory it is started in."""

import signal
import sys

import django
from django.conf import settings
from django.db import connections

from isotrack import embedded, preflight

try:
    preflight.check_configuration()
except preflight.CannotStartError as reason:
    sys.exit(f"isotrack: {reason}")
if not settings.EMBEDDED:
    preflight.limit_statements()

bind = settings.WEB_BIND
worker_class = "gthread"
workers = 1 if settings.EMBEDDED else settings.WEB_PROCESSES
threads = 8
timeout = 60
graceful_timeout = 10
control_socket_disable = True  # it would be opened in the home directory, which a container may not have
loglevel = settings.LOG_LEVEL.lower()


def on_starting(_server: object) -> None:
    """Refuse a database role that would see every organization's rows, and single sign-on that cannot work."""
    django.setup()
    try:
        preflight.check_sign_on()
        preflight.check_database_role()
    except preflight.CannotStartError as reason:
        sys.exit(f"isotrack: {reason}")
    finally:
        connections.close_all()


def post_worker_init(web_worker: object) -> None:
    """Ctrl-C reaches every process of the terminal. A web worker waits for the word of its parent instead.

    Hearing both at the same moment can lock it up (both handlers want the lock of the same thread pool).
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if settings.EMBEDDED:
        embedded.start(web_worker)


if settings.EMBEDDED:
    worker_exit = embedded.stop
