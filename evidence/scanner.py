"""A virus scanner that listens (clamd, protocol INSTREAM): optional, and if it is set nothing passes without it."""

from __future__ import annotations

import socket
import struct
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from evidence.content import FileRefused

SECONDS = 30
CHUNK = 64 * 1024


def scan(path: Path) -> None:
    """Ask the scanner of ``ISOTRACK_CLAMD`` about a file; ``FileRefused`` when it objects or cannot be asked."""
    if not settings.CLAMD:
        return
    try:
        answer = _ask(path)
    except OSError as error:
        raise FileRefused(_("Files cannot be checked for viruses at the moment. Try again in some minutes.")) from error
    if answer.endswith("FOUND"):
        name = answer.removesuffix("FOUND").rpartition(":")[2].strip()
        raise FileRefused(_("The virus scanner objects to this file (%(name)s).") % {"name": name[:80]})
    if not answer.endswith("OK"):
        raise FileRefused(_("The virus scanner could not read this file (%(answer)s).") % {"answer": answer[:80]})


def _ask(path: Path) -> str:
    with _connected() as scanner, path.open("rb") as file:
        scanner.sendall(b"zINSTREAM\0")
        while chunk := file.read(CHUNK):
            scanner.sendall(struct.pack(">I", len(chunk)) + chunk)
        scanner.sendall(struct.pack(">I", 0))
        answer = b""
        while not answer.endswith(b"\0") and (some := scanner.recv(4096)):
            answer += some
    return answer.rstrip(b"\0\n").decode("utf-8", "replace")


def _connected() -> socket.socket:
    """``unix:/run/clamd.sock`` or ``host:port``."""
    if settings.CLAMD.startswith("unix:"):
        scanner = socket.socket(socket.AF_UNIX)
        scanner.settimeout(SECONDS)
        scanner.connect(settings.CLAMD.removeprefix("unix:"))
        return scanner
    host, _colon, port = settings.CLAMD.rpartition(":")
    return socket.create_connection((host, int(port)), timeout=SECONDS)
