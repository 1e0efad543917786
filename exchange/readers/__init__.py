"""Files in, rows of cells out."""

from __future__ import annotations

from typing import BinaryIO

from exchange.readers.csv_file import CsvFile
from exchange.readers.errors import Unreadable
from exchange.readers.sniff import sniff
from exchange.readers.xlsx_file import SheetInfo, XlsxFile

__all__ = ["CsvFile", "SheetInfo", "Source", "Unreadable", "XlsxFile", "open_source"]

Source = CsvFile | XlsxFile


def open_source(stream: BinaryIO, encoding: str | None = None) -> Source:
    """A reader for an uploaded file; ``Unreadable`` says in one sentence why there is none."""
    stream.seek(0)
    head = stream.read(65_536)
    whole = None
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        whole = head + stream.read(32 * 1024 * 1024)
    return XlsxFile(stream) if sniff(head, whole) == "xlsx" else CsvFile(stream, encoding)
