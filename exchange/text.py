"""Comparing text as a careful reader does: without case, accents, punctuation and characters nobody sees."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_PLAIN = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ß": "ss", "æ": "ae", "œ": "oe", "ı": "i", "þ": "th", "ð": "d"})
_SPELLED_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"})
_NUMBER_SIGNS = re.compile(r"[#№]|\bn\s?[°º]|[°º]")
_OPTIONAL_ENDINGS = re.compile(r"(?<=\w)\((?:s|es|e|en|n|a|r|in|innen|y|i)\)|(?<=\w)[/:*]in(?:nen)?\b|(?<=\w)[/:*]r\b")
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_WORDS = re.compile(r"[^\W_]+")

INVISIBLE = frozenset(
    "\u00ad\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff"
)
_JOINERS = frozenset("\u200c\u200d")
_CONTROLS = frozenset(chr(code) for code in range(1, 32) if chr(code) not in "\t\n\r") | {"\x7f"}


@lru_cache(maxsize=20_000)
def fold(text: str) -> str:
    """Lower-case words without accents and punctuation, one space between: ``Zertifikat-Nr.`` → ``zertifikat nr``."""
    return " ".join(_WORDS.findall(without_accents(text)))


def fold_heading(text: str) -> str:
    """``fold`` for headings: number signs become words, optional endings such as ``(s)`` and ``/in`` go."""
    lowered = _NUMBER_SIGNS.sub(" no ", text.lower().replace("\u00a0", " "))
    return fold(_OPTIONAL_ENDINGS.sub("", lowered))


@lru_cache(maxsize=20_000)
def without_accents(text: str) -> str:
    """Lower-case text with its accents taken off: ``Wrocław`` → ``wroclaw``."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.lower().translate(_PLAIN))
    return "".join(c for c in decomposed if not unicodedata.combining(c) and c not in INVISIBLE)


def spelled_out(text: str) -> str:
    """``fold`` with umlauts written as two letters: ``Lüneburg`` → ``lueneburg``."""
    return fold(text.lower().translate(_SPELLED_OUT))


def number_key(number: str) -> str:
    """How numbers are compared: without case, spaces and invisible characters; leading zeros count."""
    kept = (c for c in unicodedata.normalize("NFKC", number) if not c.isspace() and c not in INVISIBLE)
    return "".join(kept).casefold()


def tidy(text: str) -> str:
    """Text without outer spaces and with one kind of line end; nothing inside is changed."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip(" \t\n\u00a0\u202f")


def unescape(text: str) -> str:
    """Text of a workbook, in which control characters are written as ``_x000D_``."""
    return _ESCAPED.sub(lambda match: chr(int(match.group(1), 16)), text) if "_x" in text else text


def one_line(text: str) -> str:
    """Text on one line, as headings are shown and compared."""
    return " ".join(text.split())


def invisible_in(text: str) -> tuple[str, ...]:
    """Code points of characters that nobody sees, each once; those that join letters or emoji are in their place."""
    if text.isascii() and text.isprintable():
        return ()
    found: dict[str, None] = {}
    for position, character in enumerate(text):
        if character in _CONTROLS or (character in INVISIBLE and not _joins(text, position)):
            found[f"U+{ord(character):04X}"] = None
    return tuple(found)


def visible(text: str) -> str:
    """Text without the characters that nobody sees."""
    return text if text.isascii() else "".join(c for c in text if c not in INVISIBLE)


def _joins(text: str, position: int) -> bool:
    if text[position] not in _JOINERS or not 0 < position < len(text) - 1:
        return False
    return not text[position - 1].isascii() and not text[position + 1].isascii()


def shape(text: str) -> str:
    """The build of an identifier: runs of digits, capitals and small letters; ``NC-2024-01`` → ``A-9-9``."""
    return re.sub(r"[^\W\d_]+", _letters, re.sub(r"\d+", "9", text.strip()))


def _letters(run: re.Match[str]) -> str:
    return "A" if run.group().isupper() else "a"


def column_letter(index: int) -> str:
    """The letter of a column, counted from 0: 0 → A, 26 → AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
