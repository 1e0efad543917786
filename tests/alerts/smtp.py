"""Mail servers that really talk SMTP: one that takes everything, and one that does what its script says."""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from django.conf import settings
from django.test import override_settings

logging.getLogger("mail.log").setLevel(logging.WARNING)


class Mailbox:
    """Keeps what an aiosmtpd server receives."""

    def __init__(self) -> None:
        self.received: list[EmailMessage] = []

    async def handle_DATA(self, server: object, session: object, envelope: Any) -> str:  # noqa: N802  name given by aiosmtpd
        """Accept every mail."""
        self.received.append(read(envelope.content))
        return "250 accepted"


def read(content: bytes) -> EmailMessage:
    """A mail as its reader's program takes it apart."""
    return message_from_bytes(content, policy=policy.default)  # type: ignore[return-value]


@contextmanager
def mail_server() -> Iterator[Mailbox]:
    """A server that takes everything; the product sends to it inside the block."""
    mailbox = Mailbox()
    controller = Controller(mailbox, hostname="127.0.0.1", port=free_port())
    controller.start()
    try:
        with sending_to(controller.port):
            yield mailbox
    finally:
        controller.stop()


class ScriptedServer:
    """Answers each mail by the next word of its script; after the script it takes everything.

    ``ok``, ``450`` / ``550`` / ``421`` to the recipient, ``451 data`` / ``554 data`` to the content, ``drop rcpt``
    before the content, ``drop data`` after the whole content and before the answer, ``silent`` no answer at all.
    """

    def __init__(self, *script: str) -> None:
        self.script = list(script)
        self.received: list[EmailMessage] = []
        self.connections = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """No connection is taken any more."""
        self._listener.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            with connection, connection.makefile("rwb") as stream:
                try:
                    self._talk(stream)
                except OSError:
                    continue

    def _talk(self, stream: Any) -> None:
        self._say(stream, "220 scripted")
        act = ""
        for line in stream:
            verb = line.decode().split(":")[0].strip().upper()
            if verb.startswith(("EHLO", "HELO", "RSET", "NOOP")):
                self._say(stream, "250 scripted")
            elif verb == "MAIL FROM":
                act = self.script.pop(0) if self.script else "ok"
                self._say(stream, "250 sender")
            elif verb == "RCPT TO":
                if not self._recipient(stream, act):
                    return
            elif verb == "DATA":
                if not self._content(stream, act):
                    return
            else:
                self._say(stream, "221 bye")
                return

    def _recipient(self, stream: Any, act: str) -> bool:
        if act == "drop rcpt":
            return False
        refusals = {"450": "450 busy", "550": "550 no such person", "421": "421 closing"}
        self._say(stream, refusals.get(act, "250 recipient"))
        return act != "421"

    def _content(self, stream: Any, act: str) -> bool:
        self._say(stream, "354 go on")
        content = b""
        for line in stream:
            if line == b".\r\n":
                break
            content += line
        if act == "silent":
            threading.Event().wait(2)
            return False
        if act.endswith(" data") and act[0] in "45":
            self._say(stream, f"{act[:3]} content")
            return True
        self.received.append(read(content))
        if act == "drop data":
            return False
        self._say(stream, "250 taken")
        return True

    @staticmethod
    def _say(stream: Any, text: str) -> None:
        stream.write(f"{text}\r\n".encode())
        stream.flush()


@contextmanager
def scripted(*script: str) -> Iterator[ScriptedServer]:
    """A server that follows the script; the product sends to it inside the block."""
    server = ScriptedServer(*script)
    try:
        with sending_to(server.port):
            yield server
    finally:
        server.close()


@contextmanager
def sending_to(port: int) -> Iterator[None]:
    """The product's own way of sending, to this port."""
    with override_settings(
        EMAIL_BACKEND="django.core.mail.backends.smtp.EmailBackend",
        EMAIL_HOST="127.0.0.1",
        EMAIL_PORT=port,
        EMAIL_TIMEOUT=min(settings.EMAIL_TIMEOUT, 1),
    ):
        yield


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
