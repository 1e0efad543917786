"""Standards and their editions as they are written: ``DIN EN ISO 9001:2015-11``, ``ISO9001``, ``27001``."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from exchange.text import fold, without_accents
from exchange.words import words

_NUMBERS = re.compile(r"(?<![\d.])(\d{3,5})(?:-(\d{1,2}))?(?!\d)")
_VERSION = re.compile(
    r"(?:\bv|version|edition|issue|\bed|ausgabe|rules|rev)\W{0,2}(\d{1,2}(?:\.\d)?)\b|\b(\d)(?:st|nd|rd|th|\.) ed",
    re.IGNORECASE,
)


_REVISION = re.compile(r"\d{4}([A-E])\b|\brev(?:ision)?\W{0,2}([A-E])\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class StandardRead:
    """A standard by its usual name, with the edition where one is written."""

    name: str
    edition: str | None


class Catalog:
    """The standards that are known, by number and by name."""

    def __init__(self, known: Iterable[str] = ()) -> None:
        self._by_number: dict[str, list[str]] = {}
        self._by_word: dict[str, str] = {}
        self._read: dict[str, tuple[StandardRead, ...]] = {}
        for name in dict.fromkeys((*words()["standards"], *known)):
            digits = re.search(r"\d{3,5}(?:-\d{1,2})?", name)
            if digits:
                self._by_number.setdefault(digits.group(), []).append(name)
            else:
                self._by_word[fold(name)] = name

    def read(self, text: str) -> tuple[StandardRead, ...]:
        """The standards named in the text in their order; none when any number in it is unknown."""
        if text not in self._read:
            self._read[text] = self._understand(text)
        return self._read[text]

    def _understand(self, text: str) -> tuple[StandardRead, ...]:
        found: list[StandardRead] = []
        end = 0
        for match in _NUMBERS.finditer(text):
            number, between = match.group(1), text[end : match.start()]
            names = self._by_number.get(f"{number}-{match.group(2)}") or self._by_number.get(number)
            is_year = 1980 <= int(number) <= 2099
            awaits_edition = bool(found) and found[-1].edition is None
            if names and not (awaits_edition and is_year and between.strip() in {":", "-", "v", "("}):
                found.append(StandardRead(_best_name(names, between), None))
            elif awaits_edition and is_year:
                found[-1] = StandardRead(found[-1].name, number)
            elif not (found and is_year):
                return ()
            end = match.end()
        return tuple(_with_version(found, text)) if found else self._by_words(text)

    def _by_words(self, text: str) -> tuple[StandardRead, ...]:
        folded = f" {fold(text)} "
        named = [name for word, name in self._by_word.items() if f" {word} " in folded]
        return tuple(_with_version([StandardRead(name, None) for name in named], text)) if len(named) == 1 else ()


def _best_name(names: list[str], before: str) -> str:
    """Among names with one number the one whose letters are written in front of it."""
    if len(names) == 1:
        return names[0]
    written = set(re.findall(r"[a-z]+", without_accents(before)))
    return max(names, key=lambda name: len(written & set(re.findall(r"[a-z]+", name.lower()))) * 10 - names.index(name))


def _with_version(found: list[StandardRead], text: str) -> list[StandardRead]:
    """``FSSC 22000 v6``: a version number counts as the edition of a standard without a year."""
    version = _VERSION.search(text) or _REVISION.search(text)
    if version and len(found) == 1 and found[0].edition is None:
        return [StandardRead(found[0].name, next(group for group in version.groups() if group))]
    return found
