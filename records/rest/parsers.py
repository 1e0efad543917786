"""Reading a JSON body: strictly, within limits, and only text that a database can keep."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from typing import IO, Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser

from records.rest.errors import TooLarge, Unkeepable

LARGEST_BODY = 1_000_000
DEEPEST_NESTING = 20


class StrictJSON(BaseParser):
    """UTF-8 JSON as RFC 8259 has it: no NaN, no field given twice, at most 20 levels and a million bytes."""

    media_type = "application/json"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        """The body's value; ``ParseError`` says what is wrong with it."""
        found = load(read(stream, LARGEST_BODY))
        wrong = [pointer for pointer, text in texts(found) if not keepable(text)]
        if wrong:
            raise Unkeepable(wrong)
        return found


def read(stream: IO[Any], largest: int) -> bytes:
    """The whole body, refused before more than ``largest`` bytes are in memory."""
    raw: bytes = stream.read(largest + 1)
    if len(raw) > largest:
        raise TooLarge(f"The body is larger than {largest:,} bytes.")
    return raw


def load(raw: bytes) -> Any:
    """The value of JSON text in UTF-8."""
    try:
        text = raw.decode("utf-8")
        found = json.loads(text, object_pairs_hook=_once, parse_constant=_no_number, parse_float=_finite)
        deep = depth(found) > DEEPEST_NESTING
    except UnicodeDecodeError as error:
        raise ParseError(f"The body is not UTF-8 (byte {error.start + 1}).") from error
    except RecursionError:
        deep = True
    except ValueError as error:
        raise ParseError(f"The body is not JSON: {error}") from error
    if deep:
        raise ParseError(f"The body is nested more than {DEEPEST_NESTING} levels deep.")
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a field is given twice")
    return found


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is not a JSON number")


def _finite(digits: str) -> float:
    if math.isinf(number := float(digits)):
        raise ValueError("a number is too large")
    return number


def depth(value: Any) -> int:
    """How many lists and mappings stand inside each other; may raise ``RecursionError``."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + max(map(depth, inner), default=0) if isinstance(value, dict | list) else 0


def texts(value: Any, pointer: str = "") -> Iterator[tuple[str, str]]:
    """Every text in a value, field names included, with the JSON pointer of its place."""
    if isinstance(value, str):
        yield pointer, value
    elif isinstance(value, dict):
        for name, inner in value.items():
            if not keepable(name):
                yield pointer, name
            else:
                yield from texts(inner, f"{pointer}/{escape(name)}")
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from texts(inner, f"{pointer}/{index}")


def escape(name: str) -> str:
    """A field's name as part of a JSON pointer (RFC 6901)."""
    return name.replace("~", "~0").replace("/", "~1")


def keepable(text: str) -> bool:
    """Whether databases and answers can hold the text: no NUL, no half of a surrogate pair."""
    return "\0" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)
