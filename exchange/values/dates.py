"""Dates in the many forms people write them. What is not certain is told apart, never guessed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Literal

from exchange.cells import Cell
from exchange.readers.number_format import day_of_serial
from exchange.text import fold, visible
from exchange.words import months, phrases

Kind = Literal["date", "day_month", "month", "week", "serial", "year", "unclear", "out_of_range"]

FIRST, LAST = date(1990, 1, 1), date(2099, 12, 31)
_YEAR_FIRST = re.compile(r"^(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?:[T ]\d.*)?$")
_DOTTED = re.compile(r"^(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4}|\d{2})(?: \d{1,2}:.*)?$")
_SLASHED = re.compile(r"^(\d{1,2})\s?([-/])\s?(\d{1,2})\s?\2\s?(\d{4}|\d{2})(?:,? \d{1,2}:.*)?$")
_COMPACT = re.compile(r"^(\d{4})(\d{2})(\d{2})$")
_MONTH_YEAR = re.compile(r"^(\d{1,2})[-/.](\d{4})$|^(\d{4})[-/.](\d{1,2})$")
_SERIAL = re.compile(r"^\d{5}(?:[.,]\d+)?$")
_YEAR = re.compile(r"^(?:19|20)\d\d$")
_PARTS = re.compile(r"[^\W\d_]+|\d+")
_ORDINALS = re.compile(r"(?<=\d)(?:st|nd|rd|th|er|ro|ère|º|ª)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a cell says about a day.

    ``date``: exactly ``day``. ``day_month``: ``day`` when the day comes first, ``other`` when the month does.
    ``month``, ``week`` and ``year``: a period from ``day`` to ``other``. ``serial``: ``day`` in the file's own date
    system, ``other`` in the other one.
    """

    kind: Kind
    day: date | None = None
    other: date | None = None


UNCLEAR = Reading("unclear")
OUT_OF_RANGE = Reading("out_of_range")


def read_date(cell: Cell, date_system: int = 1900) -> Reading:
    """What a cell says about a day; civil dates between 1990 and 2099."""
    if cell.error:
        return UNCLEAR
    if isinstance(cell.value, date):
        return _typed(cell.value, cell.shows)
    if isinstance(cell.value, (int, float)):
        return _number(cell.value, date_system)
    return read_text(visible(cell.value), date_system)


@lru_cache(maxsize=20_000)
def read_text(text: str, date_system: int = 1900) -> Reading:
    """What text says about a day."""
    if len(text) > 60:
        return UNCLEAR
    text = " ".join(_ORDINALS.sub("", text).split()).strip(" '’,;")
    text = _without_weekday(text).removesuffix(" r.").removesuffix(" r").removesuffix(" Uhr")
    return _digits(text, date_system) or _quarter(text) or _with_words(text) or UNCLEAR


def _typed(day: date, shows: str) -> Reading:
    if not FIRST <= day <= LAST:
        return OUT_OF_RANGE
    if shows == "y":
        return _year(day.year)
    if "d" not in shows and "m" in shows and day.day == 1:
        return _month(day.year, day.month)
    return Reading("date", day)


def _number(value: float, date_system: int) -> Reading:
    if FIRST.year <= value <= LAST.year and value == int(value):
        return _year(int(value))
    text = str(int(value))
    if len(text) == 8:
        return _digits(text, date_system) or UNCLEAR
    day = day_of_serial(value, date_system) if value > 0 else None
    other = day_of_serial(value, 1904 if date_system == 1900 else 1900) if value > 0 else None
    if day is None or not 10_000 <= value < 100_000:
        return UNCLEAR
    return Reading("serial", day, other) if FIRST <= day <= LAST else OUT_OF_RANGE


def _digits(text: str, date_system: int) -> Reading | None:
    if match := _YEAR_FIRST.match(text):
        return _exact(int(match.group(1)), int(match.group(3)), int(match.group(4)))
    if match := _COMPACT.match(text):
        return _exact(*(int(part) for part in match.groups()))
    if match := _DOTTED.match(text):
        return _exact(_full_year(match.group(3)), int(match.group(2)), int(match.group(1)))
    if match := _SLASHED.match(text):
        return _either_order(int(match.group(1)), int(match.group(3)), _full_year(match.group(4)))
    if match := _MONTH_YEAR.match(text):
        month, year = (match.group(1), match.group(2)) if match.group(1) else (match.group(4), match.group(3))
        return _month(int(year), int(month))
    if _YEAR.match(text):
        return _year(int(text))
    if _SERIAL.match(text):
        return _number(float(text.replace(",", ".")), date_system)
    return None


def _exact(year: int, month: int, day: int) -> Reading:
    try:
        found = date(year, month, day)
    except ValueError:
        return UNCLEAR
    return Reading("date", found) if FIRST <= found <= LAST else OUT_OF_RANGE


def _either_order(first: int, second: int, year: int) -> Reading:
    """Both parts up to 12 and different: nobody can tell which is the month."""
    if first <= 12 and second <= 12 and first != second and first and second:
        day_first, month_first = _exact(year, second, first), _exact(year, first, second)
        return (
            Reading("day_month", day_first.day, month_first.day) if day_first.day and month_first.day else OUT_OF_RANGE
        )
    return _exact(year, second, first) if second <= 12 else _exact(year, first, second)


def _full_year(text: str) -> int:
    """Two digits mean 1990 to 2089."""
    year = int(text)
    if len(text) == 4:
        return year
    return 1900 + year if year >= 90 else 2000 + year


def _month(year: int, month: int) -> Reading:
    if not 1 <= month <= 12 or not FIRST.year <= year <= LAST.year:
        return UNCLEAR
    return Reading("month", date(year, month, 1), _last_of_month(year, month))


def _last_of_month(year: int, month: int) -> date:
    return date(year, month, 31) if month == 12 else date(year, month + 1, 1) - timedelta(days=1)


def _year(year: int) -> Reading:
    if not FIRST.year <= year <= LAST.year:
        return OUT_OF_RANGE
    return Reading("year", date(year, 1, 1), date(year, 12, 31))


def _week(year: int, week: int) -> Reading:
    """Monday to Friday of a week as ISO 8601 counts them."""
    try:
        monday = date.fromisocalendar(year, week, 1)
    except ValueError:
        return UNCLEAR
    return Reading("week", monday, monday + timedelta(days=4)) if FIRST <= monday <= LAST else OUT_OF_RANGE


def _without_weekday(text: str) -> str:
    head, _, rest = text.partition(" ")
    if rest and any(c.isdecimal() for c in rest) and fold(head) in phrases("weekdays"):
        return rest.strip()
    return text


def _with_words(text: str) -> Reading | None:
    """Forms with month names, weeks and quarters; any word that is none of these makes the text unclear."""
    fillers = phrases("date_fillers")
    parts = [part for part in _PARTS.findall(fold(text)) if part not in fillers]
    period = [part for part in parts if part not in phrases("period_fillers")]
    if len(period) == 3 and len(parts) == 3:
        return _day_month_year(period)
    if len(period) == 2:
        return _month_and_year(period)
    if len(period) == 3:
        return _month_and_year([part for part in period if part not in phrases("week_words")])
    return None


def _day_month_year(parts: list[str]) -> Reading | None:
    a, b, c = parts
    named = months()
    if b in named and a.isdecimal() and c.isdecimal():
        if len(a) == 4:
            return _exact(int(a), named[b], int(c))
        return _exact(_full_year(c), named[b], int(a)) if len(c) in {2, 4} else None
    if a in named and b.isdecimal() and c.isdecimal() and len(c) == 4:
        return _exact(int(c), named[a], int(b))
    if a in phrases("week_words") and b.isdecimal() and c.isdecimal():
        return _numbered(a, b, c)
    if b in phrases("week_words") and a.isdecimal() and c.isdecimal():
        return _numbered(b, c, a)
    return None


def _numbered(word: str, number: str, year: str) -> Reading | None:
    if len(year) not in {2, 4} and len(number) == 4:
        number, year = year, number
    if len(year) not in {2, 4}:
        return None
    return _week(_full_year(year), int(number))


def _month_and_year(parts: list[str]) -> Reading | None:
    if len(parts) != 2:
        return None
    a, b = parts
    named = months()
    if a in named and b.isdecimal() and len(b) in {2, 4}:
        return _month(_full_year(b), named[a])
    if b in named and a.isdecimal() and len(a) == 4:
        return _month(int(a), named[b])
    return None


def _quarter(text: str) -> Reading | None:
    """``Q2 2027`` or ``2. Quartal 2027`` as the period of three months."""
    parts = _PARTS.findall(fold(text))
    years = [p for p in parts if len(p) == 4 and p.isdecimal()]
    numbers = [p for p in parts if p in {"1", "2", "3", "4"}]
    named = [p for p in parts if p in phrases("quarter_words")]
    if len(parts) != 3 or not (years and numbers and named):
        return None
    year, first = int(years[0]), 3 * int(numbers[0]) - 2
    return Reading("month", date(year, first, 1), _last_of_month(year, first + 2))


def day_order(text: str) -> Literal["day_first", "month_first"] | None:
    """Which order a date with slashes or dashes proves: one part above 12 tells."""
    match = _SLASHED.match(" ".join(visible(text).split()))
    if not match:
        return None
    first, second = int(match.group(1)), int(match.group(3))
    if first > 12 >= second >= 1:
        return "day_first"
    if second > 12 >= first >= 1:
        return "month_first"
    return None


def date_inside(text: str) -> str | None:
    """The date written inside a sentence such as ``suspended since 14/09/2026``."""
    match = re.search(r"\d{4}-\d{1,2}-\d{1,2}|\d{1,2}[./-]\s?\d{1,2}[./-]\s?\d{2,4}", text)
    return match.group() if match else None
