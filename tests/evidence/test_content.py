"""What is taken and what is refused: names, contents that lie, and what would explode."""

from __future__ import annotations

import contextlib
import io
import struct
import time
import zipfile

import pytest

from evidence.content import FileRefused, checked, shown_name
from tests.evidence.files import DOCX, PDF, XLSX, jpeg, office, png

OPEN_DOCUMENT = office("content.xml")
ZIP = office("notes/readme.txt")
TAKEN = {
    "a.pdf": (PDF, "application/pdf"),
    "A.PDF": (PDF, "application/pdf"),
    "a.png": (png(), "image/png"),
    "a.jpg": (jpeg(), "image/jpeg"),
    "a.jpeg": (jpeg(12_000, 9_000), "image/jpeg"),
    "a.docx": (DOCX, "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    "a.xlsx": (XLSX, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "a.pptx": (
        office("ppt/presentation.xml"),
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ),
    "a.odt": (OPEN_DOCUMENT, "application/vnd.oasis.opendocument.text"),
    "a.ods": (OPEN_DOCUMENT, "application/vnd.oasis.opendocument.spreadsheet"),
    "a.csv": (b"Nummer;Norm\r\nC1;ISO 9001\r\n", "text/csv"),
    "a.txt": ("Prüfung".encode("cp1252"), "text/plain"),
    "u.txt": ("Prüfung".encode("utf-16"), "text/plain"),
}


@pytest.mark.parametrize("name", TAKEN)
def test_taken(name):
    content, media_type = TAKEN[name]
    assert checked(name, io.BytesIO(content)) == media_type


def bomb(ratio: int) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as package:
        package.writestr("word/document.xml", b"0" * (ratio * 100_000))
    return stream.getvalue()


def many_parts(count: int) -> bytes:
    return office("word/document.xml", {f"word/{number}.xml": b"" for number in range(count)})


def lying() -> bytes:
    """A directory that promises eight bytes for a part that holds a megabyte."""
    raw = bytearray(office("word/document.xml", {"word/big.xml": b"0" * 1_000_000}))
    start = raw.rindex(b"PK\x01\x02")
    raw[start + 24 : start + 28] = struct.pack("<I", 8)
    return bytes(raw)


def protected() -> bytes:
    raw = bytearray(DOCX)
    for mark, offset in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        place = raw.index(mark) + offset
        raw[place] |= 1
    return bytes(raw)


DECLARES = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "%s">]><x>&a;</x>'
NOT_TAKEN = {
    "a.exe": b"MZ\x90\0",
    "a.pdf.exe": PDF,
    "a.svg": b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
    "a.html": b"<script>alert(1)</script>",
    "a.zip": ZIP,
    "a.docm": DOCX,
    "a": PDF,
    ".pdf": PDF,
    "a.pdf ": PDF,
    "a.pdf": b"<html><script>alert(1)</script></html>",
    "b.pdf": b"",
    "c.pdf": b"MZ\x90\0" + PDF,
    "d.pdf": ZIP,
    "a.png": b"<svg onload=alert(1)>",
    "b.png": jpeg(),
    "c.png": png()[:20],
    "a.jpg": png(),
    "b.jpg": b"\xff\xd8\xff\xe0",
    "c.jpg": b"\xff\xd8\xff\xe0\0\x04ab<script>",
    "flood.png": png(60_000, 60_000),
    "flood.jpg": jpeg(65_000, 65_000),
    "zero.png": png(0, 10),
    "a.docx": b"PK\x03\x04" + b"\0" * 60,
    "b.docx": XLSX,
    "c.docx": ZIP,
    "d.docx": bomb(412),
    "e.docx": bomb(1000),
    "f.docx": many_parts(2_000),
    "g.docx": DOCX[:-30],
    "h.docx": office("word/document.xml", {"word/vbaProject.bin": b"x"}),
    "i.docx": office("word/document.xml", {"word/a.xml": DECLARES % (b"lol" * 1000)}),
    "j.xlsx": office("xl/workbook.xml", {"xl/a.xml": DECLARES.replace(b'"%s"', b'SYSTEM "file:///etc/passwd"')}),
    "k.xlsx": office("xl/workbook.xml", {"xl/_rels/a.rels": DECLARES.replace(b'"%s"', b'SYSTEM "http://127.0.0.1"')}),
    "l.docx": protected(),
    "m.docx": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600,
    "a.txt": PDF,
    "b.txt": b"MZ\x90\0\3",
    "c.csv": b"a;b\0;c",
    "d.csv": ZIP,
}


@pytest.mark.parametrize("name", NOT_TAKEN)
def test_not_taken(name):
    started = time.process_time()
    with pytest.raises(FileRefused):
        checked(name, io.BytesIO(NOT_TAKEN[name]))
    assert time.process_time() - started < 1


def test_a_directory_that_lies_costs_nothing():
    """Nothing is unpacked beyond the first bytes of each part, so a wrong size does no harm."""
    started = time.process_time()
    with contextlib.suppress(FileRefused):
        checked("a.docx", io.BytesIO(lying()))
    assert time.process_time() - started < 1


NAMES = {
    "report.pdf": "report.pdf",
    "../../etc/passwd": "passwd",
    "..\\..\\boot.ini": "boot.ini",
    "a\r\nSet-Cookie: x=1.pdf": "a Set-Cookie: x=1.pdf",
    "\u202efdp.exe.pdf": "fdp.exe.pdf",
    "a\0b.pdf": "a b.pdf",
    "Prüfbericht  Nr. 4.pdf": "Prüfbericht Nr. 4.pdf",
    "": "file",
    "...": "file",
    "/": "file",
    "\ud800.pdf": "pdf",
    "x" * 5000 + ".pdf": "x" * 146 + ".pdf",
    "con.txt": "con.txt",
}


@pytest.mark.parametrize("given", NAMES)
def test_shown_names(given):
    assert shown_name(given) == NAMES[given]
