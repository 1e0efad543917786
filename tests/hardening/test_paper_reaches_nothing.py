"""Whatever stands in a paper, making it opens no connection and reads no file."""

from __future__ import annotations

import socket
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from records.pdf import PdfFailed, render

SECRET = "canary-of-a-file-7f3a"


@pytest.fixture
def trap() -> Iterator[tuple[int, list[str]]]:
    """A server that counts who comes."""
    came: list[str] = []
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(0.2)
    end = threading.Event()

    def serve() -> None:
        while not end.is_set():
            try:
                peer, address = listener.accept()
            except TimeoutError:
                continue
            came.append(str(address))
            peer.close()

    thread = threading.Thread(target=serve)
    thread.start()
    yield listener.getsockname()[1], came
    end.set()
    thread.join()
    listener.close()


def payloads(port: int, file: Path) -> list[str]:
    web, local = f"http://127.0.0.1:{port}", f"file://{file}"
    targets = [web, local, f"//127.0.0.1:{port}", f"http://[::ffff:127.0.0.1]:{port}", f"HTTP://localhost:{port}"]
    shapes = [
        "<img src='{0}/a.png'>",
        "<img srcset='{0}/b.png 2x' src=x>",
        "<link rel=stylesheet href='{0}/c.css'>",
        "<link rel=attachment href='{0}'>",
        "<a rel=attachment href='{0}'>x</a>",
        "<style>@import url('{0}/d.css');</style>",
        "<div style=\"background:url('{0}/e.png')\">x</div>",
        "<style>@font-face{{font-family:x;src:url('{0}/f.woff')}} p{{font-family:x}}</style><p>x</p>",
        "<object data='{0}/g.svg'></object><embed src='{0}/h.svg'>",
    ]
    found = [shape.format(target) for shape in shapes for target in targets]
    names = "xmlns='http://www.w3.org/2000/svg' xmlns:xlink='http://www.w3.org/1999/xlink'"
    svg = f"<svg {names}><image xlink:href='{web}/i.png' width='9' height='9'/><use href='{web}/j.svg#x'/></svg>"
    inside = svg.replace("#", "%23")
    return [
        *found,
        svg,
        f'<img src="data:image/svg+xml,{inside}">',
        f"<ul style=\"list-style-image:url('{local}')\"><li>x</ul>",
    ]


def test_there_are_forty(tmp_path):
    assert len(payloads(1, tmp_path)) >= 40


def test_no_connection_and_no_file(trap, tmp_path):
    port, came = trap
    file = tmp_path / "secret.txt"
    file.write_text(SECRET)
    body = "".join(f"<section>{payload}</section>" for payload in payloads(port, file))
    try:
        pdf = render(f"<!doctype html><html lang=en><head><title>x</title></head><body>{body}<p>END</p></body></html>")
    except PdfFailed:
        pdf = b""  # to refuse the whole paper is as good
    assert came == []
    assert SECRET.encode() not in pdf
    if pdf:
        path = tmp_path / "paper.pdf"
        path.write_bytes(pdf)
        attached = subprocess.run(["pdfdetach", "-list", str(path)], capture_output=True, text=True, check=False)
        assert attached.stdout.startswith("0 embedded files")
        text = subprocess.run(["pdftotext", str(path), "-"], capture_output=True, text=True, check=True).stdout
        assert SECRET not in text
        assert "END" in text
