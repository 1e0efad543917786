"""Places: one cell may hold a company, several sites, or words for all of them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from exchange.text import fold, spelled_out
from exchange.words import phrases

_LINES = re.compile(r"[\n;|]|\s+[+&/]\s+|\s/|/\s")
_POSTAL = re.compile(r"^(?:[A-Z]{1,2}-)?\d{4,6}\s+")
_BRACKETED = re.compile(r"\s*\([^)]*\)$")
_COUNTED = re.compile(r"^(?:all |alle |tous |todas? |todos |les |las |los )?\d+ (\w+)$")


@dataclass(slots=True)
class SitesRead:
    """All sites in their order by their usual name; ``respelled`` was written otherwise, ``new`` is not known."""

    sites: list[str] = field(default_factory=list)
    respelled: list[str] = field(default_factory=list)
    new: list[str] = field(default_factory=list)
    companies: list[str] = field(default_factory=list)


class Places:
    """The sites that are known, found again however their accents are written."""

    def __init__(self, names: Iterable[str]) -> None:
        self.names: list[str] = []
        self._exact: dict[str, str] = {}
        self._alike: dict[str, str] = {}
        for name in names:
            self.add(name)

    def add(self, name: str) -> None:
        """Know one more site; a second spelling of a known one is not a new site."""
        name = " ".join(name.split())
        if not name or self.find(name):
            return
        self.names.append(name)
        self._exact[name] = name
        for key in (fold(name), spelled_out(name)):
            self._alike.setdefault(key, name)

    def find(self, text: str) -> str | None:
        """The known site that the text names, also without accents, postal code or an addition in brackets."""
        text = " ".join(text.split())
        if text in self._exact:
            return text
        for form in (text, _POSTAL.sub("", text), _BRACKETED.sub("", text)):
            found = self._alike.get(fold(form)) or self._alike.get(spelled_out(form))
            if found:
                return found
        return None

    def read(self, text: str) -> SitesRead:
        """All sites named in a cell."""
        read = SitesRead()
        whole = self.find(text)
        if whole:
            _take(read, text, whole)
            return read
        for line in _LINES.split(text):
            self._read_line(line.strip(" ,"), read)
        if not read.sites and read.companies:
            _take_new(read, " ".join(text.split()))
        return read

    def _read_line(self, line: str, read: SitesRead) -> None:
        if not line:
            return
        known = self.find(line)
        if known:
            _take(read, line, known)
            return
        pieces = [piece.strip() for piece in line.split(",") if piece.strip()]
        for piece in pieces:
            found = self.find(piece)
            if found:
                _take(read, piece, found)
            elif is_company(piece):
                read.companies.append(piece)
            elif not _is_address_beside(piece, pieces):
                _take_new(read, _POSTAL.sub("", piece))


def _take(read: SitesRead, written: str, site: str) -> None:
    if " ".join(written.split()) != site:
        read.respelled.append(written.strip())
    if site not in read.sites:
        read.sites.append(site)


def _take_new(read: SitesRead, site: str) -> None:
    if site not in read.sites:
        read.sites.append(site)
        read.new.append(site)


def _is_address_beside(piece: str, pieces: list[str]) -> bool:
    """A street with a house number beside a town."""
    return len(pieces) > 1 and bool(re.search(r"\D\s?\d", piece)) and not _POSTAL.match(piece)


def is_company(text: str) -> bool:
    """Whether a name carries a legal form such as GmbH, Ltd or S.A."""
    parts = fold(text.replace(".", "")).split()
    spaced = fold(text).split()
    forms = phrases("legal_forms")
    if len(parts) < 2:
        return False
    return (
        parts[-1] in forms or any(part in forms and len(part) > 2 for part in parts[1:]) or _spelled_form(spaced, forms)
    )


def _spelled_form(parts: list[str], forms: frozenset[str]) -> bool:
    """``Sp. z o.o.`` and ``S. A.``: a legal form in single letters."""
    joined = ["".join(parts[i:]) for i in range(1, len(parts))]
    return any(tail in forms or tail in {"spzoo", "spj", "ska"} for tail in joined)


def in_words(text: str) -> bool:
    """Whether words stand for several sites without naming them: ``all sites``, ``9 locations``, ``see annex``."""
    folded = fold(text)
    if folded in phrases("all_sites") or folded in phrases("some_sites"):
        return True
    counted = _COUNTED.match(folded)
    return counted is not None and counted.group(1) in phrases("site_counters")


def means_all(text: str) -> bool:
    """Whether the words stand for every site."""
    return fold(text) in phrases("all_sites")


def body_key(name: str) -> str:
    """A certification body's name without its legal form."""
    words = fold(name).split()
    if is_company(name):
        words = [word for word in words if word not in phrases("legal_forms")] or words
    return " ".join(words)
