"""Files as people have them, and files that somebody made to do harm; all made here."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

PDF = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def png(width: int = 40, height: int = 30, body: bytes = b"") -> bytes:
    """A PNG whose header tells this size."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(body)) + chunk(b"IEND", b"")


def jpeg(width: int = 40, height: int = 30) -> bytes:
    """A JPEG whose frame header tells this size."""
    app0 = b"\xff\xe0" + struct.pack(">H", 16) + b"JFIF\0\1\1\0\0\1\0\1\0\0"
    frame = b"\xff\xc0" + struct.pack(">HBHHB", 11, 8, height, width, 1) + b"\1\x11\0"
    return b"\xff\xd8" + app0 + frame + b"\xff\xd9"


def office(main: str, parts: dict[str, bytes] | None = None) -> bytes:
    """A zip with the parts of an office document."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("[Content_Types].xml", '<?xml version="1.0"?><Types/>')
        package.writestr(main, '<?xml version="1.0"?><document/>')
        for name, content in (parts or {}).items():
            package.writestr(name, content)
    return stream.getvalue()


DOCX, XLSX = office("word/document.xml"), office("xl/workbook.xml")
