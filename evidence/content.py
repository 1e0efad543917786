"""What a file may be: an allow-list by ending and by content. What could explode is refused before it is unpacked."""

from __future__ import annotations

import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import BinaryIO

import filetype
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

LONGEST_NAME = 150
MOST_PIXELS = 120_000_000
MOST_PARTS = 2_000
MOST_UNPACKED = 512 * 1024 * 1024
MOST_RATIO = 200
FREE_OF_RATIO = 8 * 1024 * 1024
HEAD = 4096
Check = Callable[[BinaryIO], None]


class FileRefused(ValidationError):
    """The file is not taken; the message says why and what to do."""


def checked(file_name: str, stream: BinaryIO) -> str:
    """The media type of a file whose content is what its ending says; ``FileRefused`` otherwise."""
    ending = ending_of(file_name)
    if ending not in TYPES:
        known = ", ".join(sorted(TYPES))
        raise FileRefused(_("Files of this kind are not taken. Save it as one of: %(known)s.") % {"known": known})
    stream.seek(0)
    if not stream.read(1):
        raise FileRefused(_("The file is empty. Choose it again; if it stays empty, save it anew."))
    stream.seek(0)
    TYPES[ending].check(stream)
    return TYPES[ending].media_type


def ending_of(file_name: str) -> str:
    """The last ending of a name in small letters, without its point."""
    return PurePosixPath(file_name).suffix.lower().removeprefix(".")


def shown_name(given: str) -> str:
    """The name under which a file is shown and handed out: no folders, nothing invisible, at most 150 characters."""
    last = given.replace("\\", "/").rpartition("/")[2]
    seen = "".join(c if unicodedata.category(c)[0] not in "CZ" else " " for c in unicodedata.normalize("NFC", last))
    name = " ".join(seen.split()).strip(". ") or "file"
    ending = PurePosixPath(name).suffix
    return name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - len(ending)] + ending


def _is(*endings: str) -> Check:
    """Its first bytes are those of one of these kinds."""

    def check(stream: BinaryIO) -> None:
        found = filetype.guess(stream.read(HEAD))
        if found is None or found.extension not in endings:
            raise _mismatch()

    return check


def _mismatch() -> FileRefused:
    return FileRefused(_("The content is not what the name says. Open the file, save it anew and choose that one."))


def _image(*endings: str) -> Check:
    def check(stream: BinaryIO) -> None:
        _is(*endings)(stream)
        stream.seek(0)
        width, height = dimensions(stream)
        if not 0 < width * height <= MOST_PIXELS:
            raise FileRefused(_("The image has too many pixels. Save it smaller, at most 120 million pixels."))

    return check


def dimensions(stream: BinaryIO) -> tuple[int, int]:
    """Width and height as the header of a PNG or JPEG tells; nothing is decoded."""
    head = stream.read(24)
    if head.startswith(b"\x89PNG"):
        if len(head) < 24 or head[12:16] != b"IHDR":
            raise _mismatch()
        width, height = struct.unpack(">II", head[16:24])
        return width, height
    stream.seek(2)
    return _jpeg_dimensions(stream)


def _jpeg_dimensions(stream: BinaryIO) -> tuple[int, int]:
    """Walk from marker to marker until the one that holds the size (SOF0 to SOF15)."""
    while (marker := stream.read(2)) and marker[0] == 0xFF and len(marker) == 2:
        if marker[1] == 0xFF:
            stream.seek(-1, 1)
            continue
        length = stream.read(2)
        if len(length) < 2:
            break
        if 0xC0 <= marker[1] <= 0xCF and marker[1] not in (0xC4, 0xC8, 0xCC):
            frame = stream.read(5)
            if len(frame) == 5:
                _precision, height, width = struct.unpack(">BHH", frame)
                return width, height
            break
        stream.seek(struct.unpack(">H", length)[0] - 2, 1)
    raise _mismatch()


def _office(*mains: str) -> Check:
    """A zip of an office program whose directory stays within limits and which holds its main part."""

    def check(stream: BinaryIO) -> None:
        try:
            with zipfile.ZipFile(stream) as package:
                check_directory(package.infolist())
                names = {info.filename.lower() for info in package.infolist()}
                if not names & set(mains):
                    raise _mismatch()
                if any(name.endswith("vbaproject.bin") for name in names):
                    raise FileRefused(_("The file holds macros. Save it without macros and choose that one."))
                _refuse_declarations(package)
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, OSError) as error:
            raise _mismatch() from error

    return check


def check_directory(infos: list[zipfile.ZipInfo]) -> None:
    """Refuse a zip that would unpack to far more than it is; only its table of contents is read."""
    unpacked = sum(info.file_size for info in infos)
    steep = any(
        info.file_size > FREE_OF_RATIO and info.file_size > MOST_RATIO * max(info.compress_size, 1) for info in infos
    )
    if len(infos) > MOST_PARTS or unpacked > MOST_UNPACKED or steep:
        raise FileRefused(_("The file unpacks to far more than its size promises. Save it as PDF and choose that one."))
    if any(info.flag_bits & 1 for info in infos):
        raise FileRefused(_("The file is protected by a password. Save it without one and choose that one."))


def _refuse_declarations(package: zipfile.ZipFile) -> None:
    """No office program writes a document type or entities; those come before everything else of a part."""
    for info in package.infolist():
        if info.filename.lower().endswith((".xml", ".rels")):
            with package.open(info) as part:
                head = part.read(HEAD)
            if b"<!DOCTYPE" in head.upper() or b"<!ENTITY" in head.upper():
                raise FileRefused(_("The file declares its own XML entities, which no office program does."))


def _text(stream: BinaryIO) -> None:
    """Text: no NUL, and none of the kinds that have a signature; of which alphabet does not matter."""
    head = stream.read(HEAD)
    if filetype.guess(head) is not None:
        raise _mismatch()
    stream.seek(0)
    sixteen = head.startswith((b"\xff\xfe", b"\xfe\xff"))
    while chunk := stream.read(1 << 20):
        if b"\0" in chunk and not sixteen:
            raise _mismatch()


@dataclass(frozen=True, slots=True)
class FileType:
    """A kind of file that is taken: how it is handed out, and what its content must be."""

    media_type: str
    check: Check


_OPEN_XML = "application/vnd.openxmlformats-officedocument"
_OPEN_DOCUMENT = "application/vnd.oasis.opendocument"
TYPES: dict[str, FileType] = {
    "pdf": FileType("application/pdf", _is("pdf")),
    "png": FileType("image/png", _image("png")),
    "jpg": FileType("image/jpeg", _image("jpg")),
    "jpeg": FileType("image/jpeg", _image("jpg")),
    "docx": FileType(f"{_OPEN_XML}.wordprocessingml.document", _office("word/document.xml")),
    "xlsx": FileType(f"{_OPEN_XML}.spreadsheetml.sheet", _office("xl/workbook.xml", "xl/workbook.bin")),
    "pptx": FileType(f"{_OPEN_XML}.presentationml.presentation", _office("ppt/presentation.xml")),
    "odt": FileType(f"{_OPEN_DOCUMENT}.text", _office("content.xml")),
    "ods": FileType(f"{_OPEN_DOCUMENT}.spreadsheet", _office("content.xml")),
    "csv": FileType("text/csv", _text),
    "txt": FileType("text/plain", _text),
}
ACCEPT = "image/jpeg,image/png," + ",".join(f".{ending}" for ending in TYPES)
