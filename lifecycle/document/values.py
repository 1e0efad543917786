"""Reading single values of a document: text, dates, moments, numbers, lists and records.

Every reader takes the value, its path and the reading in progress. A wrong value is noted as an error at
its path and read as None; nobody looks at what was read once an error was noted.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, tzinfo
from difflib import get_close_matches
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from lifecycle.document.errors import ErrorList

FIRST_DAY = date(1990, 1, 1)
LAST_DAY = date(2099, 12, 31)
LONGEST_LIST = 10_000

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:[0-9]{2})"
)
_MONTH = re.compile(r"([0-9]{4})-([0-9]{2})")
_DATE_RANGE = f"a date YYYY-MM-DD from {FIRST_DAY} to {LAST_DAY}"
_LARGE = 10**18


@dataclass
class Reading:
    """One document being read: the errors so far and the time zone that turns moments into dates (C1)."""

    errors: ErrorList = field(default_factory=ErrorList)
    zone: tzinfo = UTC

    def wrong(self, path: str, value: object, allowed: str) -> None:
        """Note that ``value`` is not what is allowed at ``path``."""
        if value is None:
            self.errors.add(path, f"null is not allowed: leave the field out, or give {allowed}")
        else:
            self.errors.add(path, f"{shown(value)} is not {allowed}")


Reader = Callable[[object, str, Reading], Any]


def shown(value: object) -> str:
    """A value as an error message shows it: short, printable and never failing."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, str):
        return f'"{printable(value[:60])}{"..." if len(value) > 60 else ""}"'
    if isinstance(value, int):
        return f"the number {value}" if abs(value) < _LARGE else "a very large number"
    if isinstance(value, float):
        return f"the number {value}"
    if isinstance(value, Mapping):
        return "a mapping"
    return "a list" if isinstance(value, list) else f"a value of type {type(value).__name__}"


def printable(text: str) -> str:
    """Text without line breaks, control characters and broken Unicode, for messages and paths."""
    return "".join(letter if letter.isprintable() else letter.encode("unicode_escape").decode() for letter in text)


def key_name(key: object) -> str:
    """A field name as a path shows it; YAML allows names that are not text."""
    return printable(key) if isinstance(key, str) else shown(key).removeprefix("the number ")


def inside(path: str, key: object) -> str:
    """The path of a field of the record at ``path``."""
    return f"{path}.{key_name(key)}" if path else key_name(key)


def read_text(value: object, path: str, reading: Reading) -> str | None:
    """Text; digits need quotes in YAML (``clause: "9.10"``)."""
    if not isinstance(value, str):
        reading.wrong(path, value, "text (put quotes around digits, yes and no)")
        return None
    if any(letter == "\0" or "\ud800" <= letter <= "\udfff" for letter in value):
        reading.wrong(path, value, "text without NUL and without halves of surrogate pairs")
    return value


def read_id(value: object, path: str, reading: Reading) -> str | None:
    """The id of a record: text that is not blank."""
    text = read_text(value, path, reading)
    if text is not None and not text.strip():
        reading.wrong(path, value, "an id: an id is not blank")
    return text


def read_date(value: object, path: str, reading: Reading) -> date | None:
    """A civil date that exists, within the range of the contract (section 1)."""
    day = _parsed_date(value)
    if day is None or not FIRST_DAY <= day <= LAST_DAY:
        reading.wrong(path, value, _DATE_RANGE)
        return None
    return day


def _parsed_date(value: object) -> date | None:
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def read_moment(value: object, path: str, reading: Reading) -> date | None:
    """A time stamp with offset, read as the civil date in the document's time zone (C1)."""
    moment = _parsed_moment(value)
    near = moment is not None and FIRST_DAY.year - 1 <= moment.year <= LAST_DAY.year + 1
    day = moment.astimezone(reading.zone).date() if moment and near else None
    if day is None or not FIRST_DAY <= day <= LAST_DAY:
        reading.wrong(path, value, f"a time stamp with offset (2026-06-09T06:30:00Z) from {FIRST_DAY} to {LAST_DAY}")
        return None
    return day


def _parsed_moment(value: object) -> datetime | None:
    if not isinstance(value, str) or not _MOMENT.fullmatch(value):
        return None
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        return None


def read_month(value: object, path: str, reading: Reading) -> date | None:
    """A calendar month ``YYYY-MM``, read as its first day."""
    match = _MONTH.fullmatch(value) if isinstance(value, str) else None
    if match and FIRST_DAY.year <= int(match[1]) <= LAST_DAY.year and 1 <= int(match[2]) <= 12:
        return date(int(match[1]), int(match[2]), 1)
    reading.wrong(path, value, f"a month YYYY-MM from {FIRST_DAY:%Y-%m} to {LAST_DAY:%Y-%m}")
    return None


def read_yes_no(value: object, path: str, reading: Reading) -> bool | None:
    """True or false, unquoted."""
    if isinstance(value, bool):
        return value
    reading.wrong(path, value, "true or false")
    return None


def read_zone(value: object, path: str, reading: Reading) -> str | None:
    """The IANA name of a time zone."""
    if zone_named(value) is None:
        reading.wrong(path, value, "an IANA time zone such as Europe/Warsaw or UTC")
        return None
    return str(value)


def zone_named(value: object) -> tzinfo | None:
    """The time zone of that IANA name, None when there is none."""
    if value == "UTC":
        return UTC
    return ZoneInfo(value) if isinstance(value, str) and value in _zone_names() else None


@lru_cache(maxsize=1)
def _zone_names() -> frozenset[str]:
    return frozenset(available_timezones())


def number(low: int, high: int, *, whole: bool = True) -> Reader:
    """A reader of numbers from ``low`` to ``high``; true and false are not numbers."""
    kinds = (int,) if whole else (int, float)
    allowed = f"a {'whole ' if whole else ''}number from {low} to {high}"

    def read(value: object, path: str, reading: Reading) -> int | float | None:
        if isinstance(value, kinds) and not isinstance(value, bool) and low <= value <= high:
            return value
        reading.wrong(path, value, allowed)
        return None

    return read


def one_of(words: Collection[str]) -> Reader:
    """A reader of one word of a vocabulary."""
    allowed = "one of: " + ", ".join(words)

    def read(value: object, path: str, reading: Reading) -> str | None:
        if isinstance(value, str) and value in words:
            return value
        reading.wrong(path, value, allowed)
        return None

    return read


def list_of(read_entry: Reader) -> Reader:
    """A reader of lists; each entry is read on its own."""

    def read(value: object, path: str, reading: Reading) -> tuple[Any, ...]:
        if not isinstance(value, list):
            reading.wrong(path, value, "a list")
            return ()
        if len(value) > LONGEST_LIST:
            reading.errors.add(path, f"{len(value)} entries; at most {LONGEST_LIST} are allowed")
            return ()
        return tuple(read_entry(entry, f"{path}[{index}]", reading) for index, entry in enumerate(value))

    return read


def read_anything(value: object, path: str, reading: Reading) -> object:
    """Any value; a later stage looks at it."""
    return value


@dataclass(frozen=True)
class Record:
    """A reader of mappings with known fields.

    ``dated`` records happen on a day: they have ``date``, or ``at`` in its place (section 2).
    ``nullable`` fields may be null, which for every other field is refused.
    """

    fields: Mapping[str, Reader]
    required: Collection[str] = ()
    nullable: Collection[str] = ()
    dated: bool = False

    def __call__(self, value: object, path: str, reading: Reading) -> dict[str, Any]:
        if not isinstance(value, dict):
            reading.wrong(path, value, f"a mapping with the fields {', '.join(self._names())}")
            return {}
        self._note_missing(value, path, reading)
        found: dict[str, Any] = {}
        for key, entry in value.items():
            self._read_field(found, key, entry, inside(path, key), reading)
        return found

    def read_all(self, document: object, reading: Reading) -> dict[str, Any]:
        """Read a whole document; ``DocumentErrors`` names everything that is wrong with its shape."""
        found = self(document, "", reading)
        reading.errors.refuse_if_any()
        return found

    def _names(self) -> list[str]:
        return ["date", "at", *self.fields] if self.dated else list(self.fields)

    def _note_missing(self, value: Mapping[object, object], path: str, reading: Reading) -> None:
        for name in self.required:
            if name not in value:
                reading.errors.add(inside(path, name), "missing; this field is required")
        if self.dated and "date" not in value and "at" not in value:
            reading.errors.add(inside(path, "date"), "missing; give date (or at, a time stamp with offset)")
        if self.dated and "date" in value and "at" in value:
            reading.errors.add(inside(path, "at"), "not allowed beside date; give one of the two")

    def _read_field(self, found: dict[str, Any], key: object, entry: object, path: str, reading: Reading) -> None:
        if not isinstance(key, str) or key not in self._names():
            reading.errors.add(path, self._unknown(key))
        elif entry is None and key in self.nullable:
            found[key] = None
        elif self.dated and key in ("date", "at"):
            found["date"] = (read_date if key == "date" else read_moment)(entry, path, reading)
        else:
            found[key] = self.fields[key](entry, path, reading)

    def _unknown(self, key: object) -> str:
        names = self._names()
        near = get_close_matches(key[:60], names, n=1) if isinstance(key, str) else []
        hint = f" (did you mean {near[0]}?)" if near else ""
        return f"unknown field{hint}; allowed here: {', '.join(names) or 'none'}"
