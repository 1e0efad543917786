"""The virus scanner is asked in its own protocol, and nothing passes when it objects, is gone or talks nonsense."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from evidence.content import FileRefused
from evidence.models import Evidence
from tests.evidence.conftest import attached
from tests.evidence.files import PDF

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


@contextmanager
def clamd(answer: Callable[[bytes], bytes], family: int, address: Any) -> Iterator[Any]:
    """A scanner for one conversation: reads INSTREAM chunk by chunk, and answers about what it got."""
    listener = socket.socket(family)
    listener.bind(address)
    listener.listen(1)

    def serve() -> None:
        with listener.accept()[0] as peer, peer.makefile("rb") as stream:
            assert stream.read(10) == b"zINSTREAM\0"
            content = b""
            while size := struct.unpack(">I", stream.read(4))[0]:
                content += stream.read(size)
            peer.sendall(answer(content) + b"\0")

    thread = threading.Thread(target=serve)
    thread.start()
    yield listener.getsockname()
    thread.join()
    listener.close()


def judge(content: bytes) -> bytes:
    return b"stream: Eicar-Test-Signature FOUND" if EICAR in content else b"stream: OK"


def test_a_clean_file_passes(nc, settings):
    with clamd(judge, socket.AF_INET, ("127.0.0.1", 0)) as (host, port):
        settings.CLAMD = f"{host}:{port}"
        assert attached(nc, content=PDF + b"x" * 200_000).current.number == 1


def test_a_virus_is_named_and_refused(nc, settings, tmp_path):
    path = str(tmp_path / "clamd.sock")
    with clamd(judge, socket.AF_UNIX, path):
        settings.CLAMD = f"unix:{path}"
        with pytest.raises(FileRefused, match=r"objects to this file \(Eicar-Test-Signature\)"):
            attached(nc, content=PDF + EICAR)
    assert Evidence.objects.count() == 0


def test_an_answer_that_says_neither_is_a_refusal(nc, settings):
    def broken(content: bytes) -> bytes:
        return b"INSTREAM size limit exceeded. ERROR"

    with clamd(broken, socket.AF_INET, ("127.0.0.1", 0)) as (host, port):
        settings.CLAMD = f"{host}:{port}"
        with pytest.raises(FileRefused, match="could not read this file"):
            attached(nc)


def test_without_an_answer_nothing_is_taken(nc, settings):
    settings.CLAMD = "127.0.0.1:1"
    with pytest.raises(FileRefused, match="cannot be checked for viruses"):
        attached(nc)
    assert Evidence.objects.count() == 0
