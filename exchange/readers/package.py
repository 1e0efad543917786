"""The container of a workbook: checked before anything in it is opened, and counted while it is read."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import BinaryIO
from xml.parsers import expat

from django.utils.translation import gettext, gettext_noop

from exchange.readers.errors import Unreadable

MAX_PARTS = 2_000
MAX_UNPACKED = 256 * 1024 * 1024
MAX_PART = 200 * 1024 * 1024
MAX_RATIO = 120
_FREE_OF_RATIO = 4 * 1024 * 1024
_CHUNK = 65_536


def damaged(why: str, **values: object) -> Unreadable:
    """The workbook is damaged; ``why`` says how, as it stands in the catalogs."""
    text = gettext(
        "The workbook is damaged (%(why)s). Open it in a spreadsheet program, save it again and upload that file."
    )
    return Unreadable("damaged", text % {"why": gettext(why) % values})


class Package:
    """The parts of an .xlsx file by name."""

    def __init__(self, stream: BinaryIO) -> None:
        stream.seek(0)
        try:
            self._zip = zipfile.ZipFile(stream)
        except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError):
            why = gettext_noop("its table of contents is missing; probably the transfer broke off")
            raise damaged(why) from None
        self._parts = {info.filename.replace("\\", "/").lstrip("/").lower(): info for info in self._zip.infolist()}
        self._check_directory()

    def _check_directory(self) -> None:
        infos = list(self._parts.values())
        if any(info.flag_bits & 1 for info in infos):
            text = gettext("The workbook is protected by a password. Remove the password, save it and upload it again.")
            raise Unreadable("password", text)
        if len(self._zip.infolist()) > MAX_PARTS:
            text = gettext("The workbook has %(parts)s parts; at most %(most)s are read.")
            raise Unreadable("too_large", text % {"parts": len(infos), "most": MAX_PARTS})
        for info in infos:
            ratio = info.file_size / max(info.compress_size, 1)
            if info.file_size > MAX_PART or (info.file_size > _FREE_OF_RATIO and ratio > MAX_RATIO):
                raise _unpacks_too_large()
        if sum(info.file_size for info in infos) > MAX_UNPACKED:
            raise _unpacks_too_large()

    def has(self, name: str) -> bool:
        """Whether there is a part of this name."""
        return name.lower() in self._parts

    def names(self) -> Iterator[str]:
        """Names of all parts."""
        yield from self._parts

    def parse(self, name: str, handler: Handler) -> None:
        """Feed one part to a handler; bytes are counted, entities refused, damage is named."""
        for _ in self.parse_stepwise(name, handler):
            pass

    def parse_stepwise(self, name: str, handler: Handler) -> Iterator[None]:
        """Like ``parse``, but yields after each 64 kB so that what was read can be taken away."""
        info = self._parts.get(name.lower())
        if info is None:
            raise damaged(gettext_noop("its part “%(part)s” is missing"), part=PurePosixPath(name).name)
        parser = _parser(handler)
        read = 0
        try:
            with self._zip.open(info) as part:
                while chunk := part.read(_CHUNK):
                    read += len(chunk)
                    if read > min(MAX_PART, info.file_size + _CHUNK):
                        raise _unpacks_too_large()
                    parser.Parse(chunk, False)
                    yield
                parser.Parse(b"", True)
        except (expat.ExpatError, ValueError, OverflowError):
            why = gettext_noop("its part “%(part)s” breaks off or is not what a spreadsheet program writes")
            raise damaged(why, part=PurePosixPath(name).name) from None
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError):
            why = gettext_noop("its part “%(part)s” does not match its checksum")
            raise damaged(why, part=PurePosixPath(name).name) from None
        yield


class Handler:
    """What happens at elements and text of one part; names come without their namespace."""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element opens."""

    def end(self, name: str) -> None:
        """An element closes."""

    def text(self, data: str) -> None:
        """Text inside the innermost element."""


def _parser(handler: Handler) -> expat.XMLParserType:
    parser = expat.ParserCreate(namespace_separator=None)
    parser.buffer_text = True
    start, end = handler.start, handler.end
    parser.StartElementHandler = lambda name, attributes: start(name.rpartition(":")[2], attributes)
    parser.EndElementHandler = lambda name: end(name.rpartition(":")[2])
    parser.CharacterDataHandler = handler.text
    parser.StartDoctypeDeclHandler = _refuse_declarations
    return parser


def _refuse_declarations(*_: object) -> None:
    raise Unreadable(
        "not_allowed",
        gettext(
            "The workbook declares its own XML entities, which no spreadsheet program does. "
            "It is not opened for safety."
        ),
    )


def _unpacks_too_large() -> Unreadable:
    text = gettext(
        "The workbook unpacks to far more than its size promises (more than %(most)s MB or %(times)s times its packed "
        "size). It is not opened for safety; save the list as CSV."
    )
    return Unreadable("too_large", text % {"most": MAX_PART // 1024 // 1024, "times": MAX_RATIO})
