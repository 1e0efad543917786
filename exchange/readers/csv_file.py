"""Text files with separators, read record by record."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any, BinaryIO

from django.utils.translation import gettext

from exchange.cells import Cell, Row, text_cell
from exchange.readers.encoding import codec, detect
from exchange.readers.errors import Unreadable

MAX_COLUMNS = 500
MAX_FIELD = 131_072
_DELIMITERS = (";", ",", "\t", "|")
_SEP_LINE = re.compile(r'^"?sep=(.)"?\r?\n?$', re.IGNORECASE)
_ESCAPED = re.compile(r"^'+[\s\u00a0]*[=+\-@\t\r＝＋－＠]")


class CsvFile:
    """A CSV file whose encoding and separator were told from its content (or chosen by a person)."""

    format = "csv"
    date_system: int | None = None

    def __init__(self, stream: BinaryIO, encoding: str | None = None) -> None:
        self._stream = stream
        self.encoding = encoding or detect(stream)
        self.delimiter = self._find_delimiter()

    def rows(self) -> Iterator[tuple[int, Row]]:
        """Records with their numbers as a spreadsheet program counts them, the ``sep=`` line included."""
        csv.field_size_limit(MAX_FIELD)
        lines = _Lines(self._text())
        records = csv.reader(lines, delimiter=self.delimiter)
        number = 0
        while True:
            lines.start_record()
            try:
                values = next(records)
            except StopIteration:
                return
            except csv.Error as error:
                raise self._too_long(lines.record_starts, error) from None
            except UnicodeDecodeError:
                text = gettext("After line %(line)s there are bytes that can not be read as %(encoding)s.")
                raise Unreadable("damaged", text % {"line": lines.count, "encoding": self.encoding}) from None
            number += 1
            lines.refuse_open_quote(self.delimiter)
            yield number, self._row(number, values)

    def _row(self, number: int, values: list[str]) -> Row:
        if number == 1 and len(values) <= 2 and _SEP_LINE.match(self.delimiter.join(values)):
            return []
        while values and not values[-1].strip():
            values.pop()
        if len(values) > MAX_COLUMNS:
            text = gettext("Row %(row)s has %(columns)s columns; at most %(most)s are read.")
            raise Unreadable("too_large", text % {"row": number, "columns": len(values), "most": MAX_COLUMNS})
        return [_cell(value) for value in values]

    def _text(self) -> io.TextIOWrapper:
        self._stream.seek(0)
        return io.TextIOWrapper(io.BufferedReader(_Borrowed(self._stream)), encoding=codec(self.encoding), newline="")

    def _too_long(self, line: int, error: csv.Error) -> Unreadable:
        if "field larger" in str(error):
            text = gettext(
                "A value in the record that starts on line %(line)s is longer than %(most)s characters; "
                "probably a quotation mark is never closed."
            )
            return Unreadable("damaged", text % {"line": line, "most": MAX_FIELD})
        return Unreadable("damaged", gettext("Line %(line)s can not be read: %(why)s.") % {"line": line, "why": error})

    def _find_delimiter(self) -> str:
        text = self._text()
        try:
            head = text.read(65_536)
        except UnicodeDecodeError:
            told = gettext("The text can not be read as %(encoding)s.") % {"encoding": self.encoding}
            raise Unreadable("damaged", told) from None
        named = _SEP_LINE.match(head.splitlines()[0]) if head.splitlines() else None
        if named:
            return named.group(1)
        return max(_DELIMITERS, key=lambda delimiter: _regularity(head, delimiter))


def _regularity(head: str, delimiter: str) -> tuple[float, int]:
    """How well a separator cuts the text into records of one width (above one)."""
    widths = Counter[int]()
    try:
        for count, record in enumerate(csv.reader(io.StringIO(head, newline=""), delimiter=delimiter)):
            if count == 200:
                break
            if len(record) > 1:
                widths[len(record)] += 1
    except csv.Error:
        return (0.0, 0)
    if not widths:
        return (0.0, 0)
    width, often = widths.most_common(1)[0]
    return (often * min(width - 1, 5) / 5, width)


def _cell(value: str) -> Cell | None:
    """A value as written; the apostrophe that protects an exported formula is taken off again."""
    if not value or value.isspace():
        return None
    if value[0] == "'" and _ESCAPED.match(value):
        value = value[1:]
    return text_cell(value)


class _Lines:
    """Lines of the file, remembering those of the record being read, so that an open quote can be named."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text
        self.count = 0
        self.record_starts = 1
        self._record: list[str] = []

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._text.readline(4 * MAX_FIELD)
        if not line:
            raise StopIteration
        self.count += 1
        if len(line) == 4 * MAX_FIELD:
            text = gettext("Line %(line)s is longer than %(most)s characters.")
            raise Unreadable("too_large", text % {"line": self.count, "most": 4 * MAX_FIELD})
        self._record.append(line)
        return line

    def start_record(self) -> None:
        self._record.clear()
        self.record_starts = self.count + 1

    def refuse_open_quote(self, delimiter: str) -> None:
        """The reader takes the end of the file for a closing quote; a person did not mean that."""
        odd = len(self._record) > 1 or (self._record and self._record[-1].count('"') % 2)
        if odd and _ends_in_quotes("".join(self._record), delimiter):
            text = gettext(
                "A quotation mark that opens on line %(line)s is never closed. "
                "Close it and upload the file again; nothing was imported."
            )
            raise Unreadable("damaged", text % {"line": self.record_starts})


def _ends_in_quotes(text: str, delimiter: str) -> bool:
    quoted = False
    at_start = True
    position = 0
    while position < len(text):
        character = text[position]
        if quoted and character == '"':
            if text[position + 1 : position + 2] == '"':
                position += 1
            else:
                quoted = False
        elif not quoted and character == '"' and at_start:
            quoted = True
        at_start = not quoted and character == delimiter
        position += 1
    return quoted


class _Borrowed(io.RawIOBase):
    """Another's stream: the text layer above it may go without closing it."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        read = self._stream.read(len(buffer))
        buffer[: len(read)] = read
        return len(read)
