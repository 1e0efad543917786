"""What a file is, told from its first bytes and not from its name."""

from __future__ import annotations

import re
from typing import Literal

from exchange.readers.errors import Unreadable

Format = Literal["xlsx", "csv"]

_SAVE_AS = "Open it in a spreadsheet program and save it as .xlsx or .csv."
_OTHERS: tuple[tuple[bytes, str], ...] = (
    (b"%PDF", "a PDF"),
    (b"\x89PNG", "a picture (PNG)"),
    (b"\xff\xd8\xff", "a picture (JPEG)"),
    (b"GIF8", "a picture (GIF)"),
    (b"BM", "a picture (BMP)"),
    (b"II*\x00", "a picture (TIFF)"),
    (b"MM\x00*", "a picture (TIFF)"),
    (b"{\\rtf", "a text document (RTF)"),
    (b"\x1f\x8b", "a compressed file (gzip)"),
    (b"7z\xbc\xaf", "a compressed file (7z)"),
    (b"Rar!", "a compressed file (RAR)"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
    (b"SQLite format 3", "a database"),
)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_BOOKS = ("Workbook".encode("utf-16-le"), "Book".encode("utf-16-le"))
_WEB = re.compile(rb"<(!doctype\s+html|html|head|body|table|meta)\b", re.IGNORECASE)
_XML_SHEET = b"urn:schemas-microsoft-com:office:spreadsheet"
_TEXT_CONTROLS = frozenset(b"\t\n\r\f\x1b\x1a\x0b\x00")


def sniff(head: bytes, whole: bytes | None = None) -> Format:
    """The format of a file from its first 64 kB (``whole`` for containers whose parts lie further back)."""
    if not head:
        raise Unreadable("empty", "The file is empty (0 bytes).")
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return "xlsx"
    if head.startswith(_OLE):
        raise _old_container(whole or head)
    for start, name in _OTHERS:
        if head.startswith(start) and not _reads_as_text(head, start):
            raise Unreadable("wrong_type", f"This is {name}, not a spreadsheet, whatever its name says.")
    _refuse_markup(head.lstrip(b"\xef\xbb\xbf \t\r\n"))
    if _is_binary(head):
        raise Unreadable("wrong_type", f"This is neither a spreadsheet nor text. {_SAVE_AS}")
    return "csv"


def _reads_as_text(head: bytes, start: bytes) -> bool:
    """``BM;MZ;...`` may begin a list; a picture or program has bytes that no text has."""
    return start in {b"BM", b"MZ"} and not _is_binary(head) and b"\x00" not in head


def _old_container(content: bytes) -> Unreadable:
    if _ENCRYPTED in content:
        return Unreadable(
            "password",
            "The workbook is protected by a password. Open it, remove the password, save it and upload it again.",
        )
    if any(name in content for name in _BOOKS):
        return Unreadable(
            "old_format",
            "This is an Excel 97-2003 workbook (.xls). Open it, choose “Save as”, “Excel workbook (*.xlsx)”, "
            "and upload that file.",
        )
    return Unreadable("wrong_type", f"This is an old office document, not a workbook. {_SAVE_AS}")


def _refuse_markup(head: bytes) -> None:
    if _XML_SHEET in head:
        raise Unreadable("old_format", f"This is an “XML spreadsheet 2003”. {_SAVE_AS}")
    if head.startswith(b"<") and _WEB.search(head[:2000]):
        raise Unreadable("wrong_type", f"This is a web page that calls itself a spreadsheet. {_SAVE_AS}")
    if head.startswith((b"<?xml", b"<svg")):
        raise Unreadable("wrong_type", f"This is an XML file, not a spreadsheet. {_SAVE_AS}")


def _is_binary(head: bytes) -> bool:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return False
    sample = head[:4096]
    controls = sum(1 for byte in sample if byte < 32 and byte not in _TEXT_CONTROLS)
    nuls = sample.count(0)
    wide = nuls > len(sample) * 0.3 and max(sample[0::2].count(0), sample[1::2].count(0)) > nuls * 0.95
    return not wide and (controls > len(sample) * 0.05 or nuls > len(sample) * 0.2)
