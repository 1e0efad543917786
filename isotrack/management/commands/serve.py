"""`manage.py serve`: the whole product in one process. `make demo` is this with ISOTRACK_DEMO=1."""

from __future__ import annotations

import os
import signal
import sys
from argparse import ArgumentParser, ArgumentTypeError
from io import StringIO
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, call_command
from django.db import transaction

from accounts.models import Organization
from isotrack import preflight


class Command(BaseCommand):
    """Checks what usually goes wrong, one clear line each, and becomes the web server."""

    help = "Start web pages, worker and scheduler in one process."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The port on this machine; an address other machines can reach is set with ISOTRACK_WEB_BIND."""
        parser.add_argument("--port", type=port_number, help="the port at localhost, instead of ISOTRACK_WEB_BIND")

    def handle(self, *args: Any, port: int | None, **options: Any) -> None:
        """Checks, prepares the demonstration if this is one, and never returns: gunicorn takes this process over."""
        bind = f"127.0.0.1:{port}" if port else settings.WEB_BIND
        signal.signal(signal.SIGINT, stopped)
        try:
            preflight.check(bind)
            if settings.DEMO:
                self.prepare_demo()
            preflight.check_database_role()
            preflight.check_schema()
        except preflight.CannotStartError as reason:
            sys.exit(f"isotrack: {reason}")
        if port:
            os.environ["ISOTRACK_BASE_URL"] = f"http://localhost:{port}"
        os.environ |= {"ISOTRACK_WEB_BIND": bind, "ISOTRACK_EMBEDDED": "1"}
        os.chdir(settings.BASE_DIR)
        os.execv(sys.executable, [sys.executable, "-m", "gunicorn", "isotrack.wsgi"])

    def prepare_demo(self) -> None:
        """Brings the database to this version and makes the demonstration organization, wholly or not at all."""
        with preflight.database_refusals():
            call_command("migrate", verbosity=0)
        if not Organization.objects.exists():
            self.stdout.write("isotrack: making the demonstration, this takes some seconds")
            self.stdout.flush()
        with transaction.atomic():
            call_command("demo", stdout=StringIO())  # the sign-ins are shown when the pages answer


def stopped(_signal: int, _frame: object) -> None:
    """Ctrl-C before it is ready: ends at once, the database takes back what was not finished.

    An exception would be lost where Python raises it inside a finalizer, and the start would go on.
    """
    sys.stderr.write("\nisotrack: stopped before it was ready; nothing half-made was kept\n")
    sys.stderr.flush()
    os._exit(1)


def port_number(text: str) -> int:
    """A port from 1 to 65535."""
    if not (text.isascii() and text.isdecimal()) or not 1 <= int(text) <= 65535:
        raise ArgumentTypeError(f"{text!r} is no port; a port is a number from 1 to 65535, e.g. PORT=8123 make demo")
    return int(text)
