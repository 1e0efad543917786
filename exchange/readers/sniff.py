"""What a file is, told from its first bytes and not from its name."""

from __future__ import annotations

import re
from typing import Literal

from django.utils.translation import gettext, gettext_noop

from exchange.readers.errors import Unreadable

Format = Literal["xlsx", "csv"]

_SAVE_AS = gettext_noop("Open it in a spreadsheet program and save it as .xlsx or .csv.")
_OTHERS: tuple[tuple[bytes, str], ...] = (
    (b"%PDF", gettext_noop("This is a PDF, not a spreadsheet, whatever its name says.")),
    (b"\x89PNG", gettext_noop("This is a picture (PNG), not a spreadsheet, whatever its name says.")),
    (b"\xff\xd8\xff", gettext_noop("This is a picture (JPEG), not a spreadsheet, whatever its name says.")),
    (b"GIF8", gettext_noop("This is a picture (GIF), not a spreadsheet, whatever its name says.")),
    (b"BM", gettext_noop("This is a picture (BMP), not a spreadsheet, whatever its name says.")),
    (b"II*\x00", gettext_noop("This is a picture (TIFF), not a spreadsheet, whatever its name says.")),
    (b"MM\x00*", gettext_noop("This is a picture (TIFF), not a spreadsheet, whatever its name says.")),
    (b"{\\rtf", gettext_noop("This is a text document (RTF), not a spreadsheet, whatever its name says.")),
    (b"\x1f\x8b", gettext_noop("This is a compressed file (gzip), not a spreadsheet, whatever its name says.")),
    (b"7z\xbc\xaf", gettext_noop("This is a compressed file (7z), not a spreadsheet, whatever its name says.")),
    (b"Rar!", gettext_noop("This is a compressed file (RAR), not a spreadsheet, whatever its name says.")),
    (b"\x7fELF", gettext_noop("This is a program, not a spreadsheet, whatever its name says.")),
    (b"MZ", gettext_noop("This is a program, not a spreadsheet, whatever its name says.")),
    (b"SQLite format 3", gettext_noop("This is a database, not a spreadsheet, whatever its name says.")),
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
        raise Unreadable("empty", gettext("The file is empty (0 bytes)."))
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return "xlsx"
    if head.startswith(_OLE):
        raise _old_container(whole or head)
    for start, told in _OTHERS:
        if head.startswith(start) and not _reads_as_text(head, start):
            raise Unreadable("wrong_type", gettext(told))
    _refuse_markup(head.lstrip(b"\xef\xbb\xbf \t\r\n"))
    if _is_binary(head):
        raise _save_anew("wrong_type", gettext("This is neither a spreadsheet nor text."))
    return "csv"


def _save_anew(reason: str, what: str) -> Unreadable:
    """What the file is, and how a person makes a list of it."""
    return Unreadable(reason, f"{what} {gettext(_SAVE_AS)}")


def _reads_as_text(head: bytes, start: bytes) -> bool:
    """``BM;MZ;...`` may begin a list; a picture or program has bytes that no text has."""
    return start in {b"BM", b"MZ"} and not _is_binary(head) and b"\x00" not in head


def _old_container(content: bytes) -> Unreadable:
    if _ENCRYPTED in content:
        return Unreadable(
            "password",
            gettext(
                "The workbook is protected by a password. Open it, remove the password, save it and upload it again."
            ),
        )
    if any(name in content for name in _BOOKS):
        return Unreadable(
            "old_format",
            gettext(
                "This is an Excel 97-2003 workbook (.xls). Open it, choose “Save as”, “Excel workbook (*.xlsx)”, "
                "and upload that file."
            ),
        )
    return _save_anew("wrong_type", gettext("This is an old office document, not a workbook."))


def _refuse_markup(head: bytes) -> None:
    if _XML_SHEET in head:
        raise _save_anew("old_format", gettext("This is an “XML spreadsheet 2003”."))
    if head.startswith(b"<") and _WEB.search(head[:2000]):
        raise _save_anew("wrong_type", gettext("This is a web page that calls itself a spreadsheet."))
    if head.startswith((b"<?xml", b"<svg")):
        raise _save_anew("wrong_type", gettext("This is an XML file, not a spreadsheet."))


def _is_binary(head: bytes) -> bool:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return False
    sample = head[:4096]
    controls = sum(1 for byte in sample if byte < 32 and byte not in _TEXT_CONTROLS)
    nuls = sample.count(0)
    wide = nuls > len(sample) * 0.3 and max(sample[0::2].count(0), sample[1::2].count(0)) > nuls * 0.95
    return not wide and (controls > len(sample) * 0.05 or nuls > len(sample) * 0.2)
