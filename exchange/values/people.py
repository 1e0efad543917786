"""Owners: a name, ``surname, first name`` or a mail address mean the same person."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from exchange.text import fold, without_accents
from exchange.words import phrases

_SEVERAL = re.compile(r"\s*[/;&+\n|]\s*|\s+(?:and|und|et|y|i|u\.)\s+")
_MAIL = re.compile(r"^[^@\s]+@[^@\s]+\.[^@\s]+$")
_NAME = re.compile(r"^(?:[^\W\d_]\.?|[^\W\d_][^\W\d_'’.\-]+)(?:[ ,\-][^\W\d_'’.\-]+\.?){1,4}$")
_TITLES = frozenset(
    {"dr", "prof", "mr", "mrs", "ms", "herr", "frau", "mme", "m", "sr", "sra", "pan", "pani", "dipl", "ing"}
)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who may own a record."""

    name: str
    mail: str = ""


@dataclass(frozen=True, slots=True)
class OwnerRead:
    """Who is meant; ``known`` without a person means that the text looks like a name and is kept as text."""

    kind: Literal["known", "name", "several", "unknown"]
    person: Person | None = None


class People:
    """Those who are known, found by mail, by name in either order, and by initial and surname.

    ``closed`` says that the list is complete (the workbook brings its own): a name that is not in it is not known.
    """

    def __init__(self, people: Iterable[Person], closed: bool = False) -> None:
        self._closed = closed
        self._by_key: dict[str, Person | None] = {}
        self._read: dict[str, OwnerRead] = {}
        for person in people:
            for key in _keys(person):
                same = self._by_key.get(key, person)
                self._by_key[key] = person if same == person else None

    def read(self, text: str) -> OwnerRead:
        """Who the text names."""
        if text not in self._read:
            self._read[text] = self._understand(text.strip())
        return self._read[text]

    def _understand(self, text: str) -> OwnerRead:
        found = self._find(text)
        if found:
            return OwnerRead("known", found)
        parts = [part for part in _SEVERAL.split(text) if part]
        if len(parts) == 1 and text.count(",") and all(" " in part.strip() for part in text.split(",")):
            parts = [part.strip() for part in text.split(",")]
        if len(parts) > 1:
            return OwnerRead("several", next((p for p in map(self._find, parts) if p), None))
        if not self._closed and looks_like_person(text):
            return OwnerRead("name")
        return OwnerRead("unknown")

    def _find(self, text: str) -> Person | None:
        if _MAIL.match(text):
            return self._by_key.get(text.lower())
        if "@" in text:
            return None
        return self._by_key.get(_name_key(text))


def _keys(person: Person) -> list[str]:
    parts = [part for part in fold(person.name).split() if part not in _TITLES]
    keys = [" ".join(sorted(parts))] if parts else []
    if len(parts) > 1:
        keys.append(" ".join(sorted([parts[0][0], *parts[1:]])))
    if person.mail:
        keys.append(person.mail.lower())
    return keys


def _name_key(text: str) -> str:
    return " ".join(sorted(part for part in fold(text).split() if part not in _TITLES))


def looks_like_person(text: str) -> bool:
    """A mail address, or two to five capitalized words none of which is a department."""
    if _MAIL.match(text):
        return True
    plain = text.replace(", ", " ")
    if not _NAME.match(plain) or phrases("departments") & set(fold(text).split()):
        return False
    return without_accents(plain[:1]) != plain[:1] and sum(word[:1].isupper() for word in plain.split()) >= 2
