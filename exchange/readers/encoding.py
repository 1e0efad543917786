"""In which encoding a text file was written. A wrong guess would change names silently, so guesses are scored."""

from __future__ import annotations

import codecs
from itertools import pairwise
from typing import BinaryIO

from django.utils.translation import gettext

from exchange.readers.errors import Unreadable

CHOICES = (
    "utf-8",
    "utf-16",
    "windows-1252",
    "windows-1250",
    "iso-8859-15",
    "iso-8859-2",
    "windows-1251",
    "mac-roman",
    "cp850",
    "shift_jis",
)
_CODECS = {"windows-1252": "cp1252", "windows-1250": "cp1250", "windows-1251": "cp1251", "mac-roman": "mac_roman"}
_SINGLE_BYTE = ("windows-1252", "windows-1250", "iso-8859-15", "iso-8859-2", "cp850", "mac-roman")
_WESTERN = frozenset("äöüÄÖÜßéèêëàâçîïôùûœÉÈÀÇñáíóúÑÁÍÓÚåÅøØæÆãõ¿¡")
_CENTRAL = frozenset("ąćęłńśźżĄĆĘŁŃŚŹŻčšžřěůťďňČŠŽŘőűŐŰ")
_FREE = frozenset("–—‘’“”„…•€§°·«»\u00a0©®™²³µ±½¼¹")


def detect(stream: BinaryIO) -> str:
    """The encoding of the text: a Unicode one where it fits, otherwise the 8-bit one that reads best."""
    stream.seek(0)
    head = stream.read(4000)
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    wide = _wide_without_mark(head)
    if wide:
        return wide
    broken = _first_line_not_utf8(stream)
    if broken is None:
        return "utf-8"
    sample = _lines_beyond_ascii(stream)
    if _mostly_utf8(sample):
        text = gettext(
            "Line %(line)s, character %(character)s can not be read as UTF-8. Save the file again as “CSV UTF-8”."
        )
        raise Unreadable("damaged", text % {"line": broken[0], "character": broken[1]})
    return _best_of_eight_bit(sample)


def codec(encoding: str) -> str:
    """The name under which Python knows an encoding of ``CHOICES``."""
    return _CODECS.get(encoding, encoding)


def _first_line_not_utf8(stream: BinaryIO) -> tuple[int, int] | None:
    """The line and the character in it, counted from 1."""
    stream.seek(0)
    for number, line in enumerate(stream, start=1):
        try:
            line.decode("utf-8")
        except UnicodeDecodeError as error:
            return number, error.start + 1
    return None


def _lines_beyond_ascii(stream: BinaryIO, limit: int = 65_536) -> bytes:
    """Lines in which the encoding shows, enough of them to judge it."""
    stream.seek(0)
    found = bytearray()
    for line in stream:
        if not line.isascii():
            found += line
        if len(found) > limit:
            break
    return bytes(found[: limit * 2])


def _wide_without_mark(sample: bytes) -> str | None:
    if len(sample) < 4 or sample.count(0) < len(sample) * 0.3:
        return None
    return "utf-16-le" if sample[1::2].count(0) > sample[0::2].count(0) else "utf-16-be"


def _mostly_utf8(content: bytes) -> bool:
    """True when hardly any sequence is broken: then the file is damaged UTF-8 and not another encoding."""
    text = content.decode("utf-8", errors="replace")
    good = sum(1 for c in text if ord(c) > 127 and c != "\ufffd")
    return good >= 5 * text.count("\ufffd")


def _best_of_eight_bit(content: bytes) -> str:
    japanese = _decoded(content, "shift_jis")
    if japanese is not None and _share_of_japanese(japanese) > 0.8:
        return "shift_jis"
    scores = {name: _score(text) for name in _SINGLE_BYTE if (text := _decoded(content, codec(name))) is not None}
    cyrillic = _decoded(content, "cp1251")
    if cyrillic is not None and _runs_of_cyrillic(cyrillic):
        return "windows-1251"
    return max(scores, key=lambda name: scores[name]) if scores else "iso-8859-15"


def _decoded(content: bytes, encoding: str) -> str | None:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        return None


def _score(text: str) -> float:
    """Letters of our languages speak for an encoding, signs inside words and controls against it."""
    total = 0.0
    for position, character in enumerate(text):
        if character.isascii():
            continue
        inside = text[max(position - 1, 0)].isalpha() and text[min(position + 1, len(text) - 1)].isalpha()
        if character in _WESTERN or character in _CENTRAL:
            total += -2 if _capital_in_word(text, position) else 1
        elif 0x80 <= ord(character) < 0xA0:
            total -= 5
        elif not character.isalpha():
            total -= 2 if inside or character not in _FREE else 0
    return total


def _capital_in_word(text: str, position: int) -> bool:
    return text[position].isupper() and position > 0 and text[position - 1].islower()


def _share_of_japanese(text: str) -> float:
    wide = [c for c in text if not c.isascii()]
    return sum(1 for c in wide if "\u3040" <= c <= "\u9fff" or "\uff01" <= c <= "\uff60") / max(len(wide), 1)


def _runs_of_cyrillic(text: str) -> bool:
    letters = [c for c in text if c.isalpha()]
    cyrillic = [c for c in letters if "\u0400" <= c <= "\u04ff"]
    pairs = sum(1 for a, b in pairwise(text) if "а" <= a <= "я" and "а" <= b <= "я")
    return len(cyrillic) > 0.3 * len(letters) and pairs > 0.5 * len(cyrillic)
