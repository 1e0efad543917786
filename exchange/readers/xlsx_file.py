"""Workbooks (.xlsx): sheets with what is stored and what is shown, read part by part."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from django.utils.translation import gettext, gettext_noop

from exchange.cells import Row
from exchange.readers.errors import Unreadable
from exchange.readers.number_format import BUILT_IN
from exchange.readers.package import Handler, Package, damaged
from exchange.readers.sheet import SheetHandler
from exchange.text import unescape

MAX_SHARED_TEXT = 60 * 1024 * 1024
_BINARY = gettext_noop(
    "This is a binary workbook (.xlsb), not an Excel workbook (.xlsx). Save the list as .xlsx or .csv."
)
_OTHERS: dict[str, str] = {
    "xl/workbook.bin": _BINARY,
    "word/": gettext_noop(
        "This is a text document (Word), not an Excel workbook (.xlsx). Save the list as .xlsx or .csv."
    ),
    "ppt/": gettext_noop("This is a presentation, not an Excel workbook (.xlsx). Save the list as .xlsx or .csv."),
    "content.xml": gettext_noop(
        "This is an OpenDocument file, not an Excel workbook (.xlsx). Save the list as .xlsx or .csv."
    ),
    "index/": gettext_noop(
        "This is a Numbers or Pages document, not an Excel workbook (.xlsx). Save the list as .xlsx or .csv."
    ),
}


@dataclass(slots=True)
class SheetInfo:
    """A sheet of the workbook, and what is known of it after it was read once."""

    name: str
    path: str
    hidden: bool
    hidden_columns: set[int] = field(default_factory=set)
    colored_rows: set[int] = field(default_factory=set)
    merged_down: list[tuple[int, int, int]] = field(default_factory=list)


class XlsxFile:
    """A workbook; nothing of a sheet is kept in memory but the row being read."""

    format = "xlsx"
    encoding: str | None = None
    delimiter: str | None = None

    def __init__(self, stream: BinaryIO) -> None:
        self._package = Package(stream)
        root = self._workbook_part()
        book = _Workbook()
        self._package.parse(root, book)
        self.date_system = 1904 if book.date_1904 else 1900
        relations = _Relations(posixpath.dirname(root))
        self._package.parse(_relations_of(root), relations)
        self.sheets = [
            SheetInfo(name, relations.targets.get(key, ""), hidden)
            for name, key, hidden in book.sheets
            if "worksheet" in relations.types.get(key, "worksheet")
        ]
        if not self.sheets:
            raise Unreadable("no_rows", gettext("The workbook has no sheet with cells."))
        for sheet in self.sheets:
            if not self._package.has(sheet.path):
                raise damaged(gettext_noop("the sheet “%(sheet)s” is not in the file"), sheet=sheet.name)
        self._texts = self._shared_texts(relations)
        self._styles = self._cell_styles(relations)

    def rows(self, sheet: SheetInfo) -> Iterator[tuple[int, Row]]:
        """Rows with their numbers as the program shows them; rows left out in the file come as empty ones."""
        handler = SheetHandler(self._texts, self._styles, self.date_system, sheet.merged_down)
        expected = 1
        for _ in self._package.parse_stepwise(sheet.path, handler):
            for number, row in handler.take_rows():
                for missing in range(expected, min(number, expected + 10_000)):
                    yield missing, []
                expected = number + 1
                yield number, row
        sheet.hidden_columns = handler.hidden_columns
        sheet.colored_rows = handler.colored_rows
        sheet.merged_down = handler.merged_down

    def _workbook_part(self) -> str:
        if self._package.has("_rels/.rels"):
            relations = _Relations("")
            self._package.parse("_rels/.rels", relations)
            for key, kind in relations.types.items():
                if kind == "officeDocument" and self._package.has(relations.targets[key]):
                    path = relations.targets[key]
                    if path.lower().endswith("workbook.xml") or "xl/" in path.lower():
                        return _refuse_binary(path)
        if self._package.has("xl/workbook.xml"):
            return "xl/workbook.xml"
        raise self._other_container()

    def _other_container(self) -> Unreadable:
        names = list(self._package.names())
        for start, told in _OTHERS.items():
            if any(name.startswith(start) for name in names):
                return Unreadable("wrong_type", gettext(told))
        text = gettext("This is a ZIP archive without a workbook in it. Upload the .xlsx or .csv file itself.")
        return Unreadable("wrong_type", text)

    def _shared_texts(self, relations: _Relations) -> list[str]:
        handler = _Texts()
        path = relations.of_kind("sharedStrings")
        if path and self._package.has(path):
            self._package.parse(path, handler)
        return handler.texts

    def _cell_styles(self, relations: _Relations) -> list[tuple[str, bool]]:
        handler = _Styles()
        path = relations.of_kind("styles")
        if path and self._package.has(path):
            self._package.parse(path, handler)
        return handler.cell_styles()


def _refuse_binary(path: str) -> str:
    if path.lower().endswith(".bin"):
        raise Unreadable("wrong_type", gettext(_BINARY))
    return path


def _relations_of(path: str) -> str:
    folder, name = posixpath.split(path)
    return posixpath.join(folder, "_rels", name + ".rels")


class _Workbook(Handler):
    def __init__(self) -> None:
        self.sheets: list[tuple[str, str, bool]] = []
        self.date_1904 = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "sheet":
            key = next((value for key, value in attributes.items() if key.rpartition(":")[2] == "id"), "")
            hidden = attributes.get("state", "visible") != "visible"
            self.sheets.append((attributes.get("name", ""), key, hidden))
        elif name == "workbookPr":
            self.date_1904 = attributes.get("date1904", "0").lower() in {"1", "true"}


class _Relations(Handler):
    def __init__(self, folder: str) -> None:
        self.folder = folder
        self.targets: dict[str, str] = {}
        self.types: dict[str, str] = {}

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "Relationship" and attributes.get("TargetMode") != "External":
            target = attributes.get("Target", "").replace("\\", "/")
            path = (
                target.lstrip("/")
                if target.startswith("/")
                else posixpath.normpath(posixpath.join(self.folder, target))
            )
            self.targets[attributes.get("Id", "")] = path
            self.types[attributes.get("Id", "")] = attributes.get("Type", "").rpartition("/")[2]

    def of_kind(self, kind: str) -> str:
        """Path of the first part of a kind, or nothing."""
        return next((self.targets[key] for key, found in self.types.items() if found == kind), "")


class _Texts(Handler):
    """Shared texts; runs of rich text are joined, phonetic guides left out."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self._parts: list[str] = []
        self._inside = False
        self._phonetic = False
        self._length = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "si":
            self._parts = []
        elif name == "rPh":
            self._phonetic = True
        elif name == "t":
            self._inside = not self._phonetic

    def end(self, name: str) -> None:
        if name == "t":
            self._inside = False
        elif name == "rPh":
            self._phonetic = False
        elif name == "si":
            self.texts.append(unescape("".join(self._parts)))

    def text(self, data: str) -> None:
        if self._inside:
            self._length += len(data)
            if self._length > MAX_SHARED_TEXT:
                told = gettext("The workbook holds more than 60 MB of text. Save the list alone as CSV.")
                raise Unreadable("too_large", told)
            self._parts.append(data)


class _Styles(Handler):
    """Number format and fill of each cell style."""

    def __init__(self) -> None:
        self._formats: dict[int, str] = {}
        self._fills: list[bool] = []
        self._styles: list[tuple[int, int]] = []
        self._in_cells = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "numFmt":
            self._formats[int(attributes.get("numFmtId", "0"))] = attributes.get("formatCode", "")
        elif name == "patternFill":
            self._fills.append(attributes.get("patternType", "none") not in {"none", "gray125"})
        elif name == "gradientFill":
            self._fills.append(True)
        elif name == "cellXfs":
            self._in_cells = True
        elif name == "xf" and self._in_cells:
            self._styles.append((int(attributes.get("numFmtId", "0")), int(attributes.get("fillId", "0"))))

    def end(self, name: str) -> None:
        if name == "cellXfs":
            self._in_cells = False

    def cell_styles(self) -> list[tuple[str, bool]]:
        """For each style its number format and whether it colors the cell."""
        colored = dict(enumerate(self._fills))
        return [
            (self._formats.get(number) or BUILT_IN.get(number, ""), colored.get(fill, False))
            for number, fill in self._styles
        ]
