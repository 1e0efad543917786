"""A receiver of webhooks that answers as it is told, and keeps what it got."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Receiver(ThreadingHTTPServer):
    """Answers with ``codes`` in turn (the last one again and again)."""

    daemon_threads = True

    def __init__(self, *codes: int, stall: float = 0, endless: bool = False, location: str = "") -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.codes, self.stall, self.endless, self.location = list(codes or (200,)), stall, endless, location
        self.got: list[tuple[dict[str, str], str]] = []

    @property
    def place(self) -> str:
        """Host and port, as an operator names a trusted receiver."""
        return f"127.0.0.1:{self.server_address[1]}"

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://{self.place}/hook?of=isotrack"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller that hangs up is no error."""


class _Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.got.append(({name.lower(): value for name, value in self.headers.items()}, body))
        time.sleep(self.server.stall)
        self.send_response(self.server.codes.pop(0) if len(self.server.codes) > 1 else self.server.codes[0])
        if self.server.location:
            self.send_header("Location", self.server.location)
        self.end_headers()
        self.wfile.write(b"thank you")
        while self.server.endless:
            self.wfile.write(b"." * 4096)

    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing."""


@contextmanager
def receiving(*codes: int, **how: Any) -> Iterator[Receiver]:
    """A receiver that listens while the block runs."""
    server = Receiver(*codes, **how)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.endless = False
        server.shutdown()
        server.server_close()
        thread.join()
