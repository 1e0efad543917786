"""Clients that send a byte now and then, in front of the proxy that docs/howto/proxy.md asks for."""

from __future__ import annotations

import http.client
import re
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.architecture.source import ROOT
from tests.faults.processes import eventually, free_port, installation
from tests.faults.servers import own_redis
from tests.services import nginx_program

pytestmark = [pytest.mark.servers, pytest.mark.long, pytest.mark.timeout(300)]
HEAD = b"POST /sign-in/ HTTP/1.1\r\nHost: localhost\r\n"
BODY = HEAD + b"Content-Length: 5000\r\nContent-Type: application/x-www-form-urlencoded\r\n\r\n"
PATIENCE = 10  # seconds that the proxy waits for a head


@contextmanager
def proxy(directory: Path, behind: int) -> Iterator[int]:
    """The proxy of the documentation without TLS; its port."""
    port = free_port()
    server = (ROOT / "docs/howto/nginx.conf").read_text(encoding="utf-8")
    server = re.sub(r"^ *ssl_.*$", "", server, flags=re.M).replace("443 ssl", f"127.0.0.1:{port}")
    server = server.replace("127.0.0.1:8000", f"127.0.0.1:{behind}")
    places = "".join(
        f"{kind}_temp_path {directory}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (directory / "nginx.conf").write_text(
        f"daemon off; pid {directory}/pid; error_log {directory}/error.log; events {{}}\n"
        f"http {{ access_log off; {places}\n{server} }}"
    )
    process = subprocess.Popen([nginx_program(), "-e", f"{directory}/error.log", "-c", f"{directory}/nginx.conf"])
    try:
        assert eventually(lambda: socket.socket().connect_ex(("127.0.0.1", port)) == 0, 20)
        yield port
    finally:
        process.terminate()
        process.wait(20)


def seconds_of(port: int, path: str) -> float:
    """How long a page takes that answers 200."""
    start = time.monotonic()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", path, headers={"Host": "localhost"})
    assert connection.getresponse().status == 200
    connection.close()
    return time.monotonic() - start


def test_200_slow_clients_take_nobodys_place(tmp_path: Path) -> None:
    """S24: pages answer as before, and whoever is slow is let go."""
    with own_redis() as queue, installation(tmp_path, queue_url=queue.url) as started, ExitStack() as held:
        started.start_web()
        assert eventually(lambda: started.status("/sign-in/") == 200)
        port = held.enter_context(proxy(tmp_path, started.port))
        slow = [held.enter_context(socket.create_connection(("127.0.0.1", port))) for _ in range(200)]
        for number, client in enumerate(slow):
            client.sendall(BODY if number % 2 else HEAD)
        for _ in range(5):
            for client in slow:
                client.sendall(b"a")
            assert seconds_of(port, "/sign-in/") < PATIENCE / 2
        for client in slow[::2]:
            client.settimeout(3 * PATIENCE)
            assert client.recv(100)[:12] in {b"HTTP/1.1 408", b""}
        assert seconds_of(port, "/sign-in/") < PATIENCE / 2
