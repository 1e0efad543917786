"""Words with a fixed meaning: grades, kinds, statuses, sources, yes and no."""

from __future__ import annotations

import re
from functools import lru_cache

from django.utils.translation import gettext, gettext_noop

from exchange.text import fold
from exchange.words import meanings, phrases

_CLASS_WORDS = (
    "kat|cat|class|klasse|kategorie|category|level|niveau|nivel|categorie|categoria|kategoria|typ|type|tipo|grade"
)
_CODE = re.compile(rf"^(?:[a-z]{{1,3}} ?\d|\d|[a-z]|i{{1,3}}|iv|(?:{_CLASS_WORDS}) ?(?:[a-z]|\d|i{{1,3}}))$")
_STAGE = re.compile(r"^(?:(\d) )?(.+?)(?: (\d|i{1,3}|(?:19|20)\d\d))?$")
_LEGEND = re.compile(r"([^\W_][\w.\- ]{0,12}?)\s*(?:=|:|->|→)\s*([^\W\d_]{3,})")


GRADES: dict[str, str] = {
    "major": gettext_noop("Major"),
    "minor": gettext_noop("Minor"),
    "critical": gettext_noop("Critical"),
}


def grade_word(name: str) -> str:
    """A grade in the reader's language."""
    return gettext(GRADES[name]) if name in GRADES else name


@lru_cache(maxsize=5_000)
def grade(text: str) -> str | None:
    """The grade a word means; None when it means none, or two at once."""
    folded = fold(text)
    known = meanings("grades")
    if folded in known:
        return known[folded]
    parts = folded.split()
    if not parts or phrases("grade_blockers") & set(parts):
        return None
    named = {known[part] for part in parts if part in known and len(part) > 2}
    return named.pop() if len(named) == 1 else None


def is_grade_code(text: str) -> bool:
    """Whether a grade is a code of a form, such as ``NC1`` or ``Kat. A``, whose meaning only its readers know."""
    return bool(_CODE.match(fold(text)))


def legend(text: str) -> dict[str, str]:
    """What a note says about codes: ``NC1 = major, NC2 = minor`` → {nc1: major, nc2: minor}."""
    found = {}
    for code, word in _LEGEND.findall(text):
        key = fold(code).split()[-1:] or [""]
        meaning = grade(word)
        if meaning and grade(code) is None:
            found[fold(code) if is_grade_code(code) else key[0]] = meaning
    return found


@lru_cache(maxsize=5_000)
def audit_kind(text: str) -> str | None:
    """The kind of audit a phrase means; running numbers (``Überwachungsaudit 2``, ``SA1``) do not matter."""
    folded = re.sub(r"(?<=[a-z])(?=\d)", " ", fold(text))
    known = meanings("kinds")
    if folded in known:
        return known[folded]
    stage = _stage_in(folded)
    if stage:
        return stage
    match = _STAGE.match(folded)
    if match and match.group(2) in known:
        return known[match.group(2)]
    return _kind_inside(folded, known)


def _stage_in(folded: str) -> str | None:
    padded = f" {folded} "
    for kind in ("stage1", "stage2"):
        numbered = (phrase for phrase, meaning in meanings("kinds").items() if meaning == kind and phrase[-1:] in "12i")
        if any(f" {phrase} " in padded for phrase in numbered):
            return kind
    return None


def _kind_inside(folded: str, known: dict[str, str]) -> str | None:
    """The one kind whose phrase stands inside the text; none when there are two."""
    padded = f" {folded} "
    inside = [
        (len(phrase), meaning) for phrase, meaning in known.items() if len(phrase) > 3 and f" {phrase} " in padded
    ]
    kinds = {meaning for _, meaning in inside} - ({"stage2"} if len({m for _, m in inside}) > 1 else set())
    return kinds.pop() if len(kinds) == 1 else None


@lru_cache(maxsize=5_000)
def status(kind: str, text: str) -> str | None:
    """What a status word of a list of this kind means; words after the first may add a date or a reason."""
    folded = fold(text)
    known = meanings("statuses", kind)
    if folded in known:
        return known[folded]
    parts = folded.split()
    for length in range(min(3, len(parts)), 0, -1):
        start = " ".join(parts[:length])
        if start in known and _adds_only_a_date(parts[length:]):
            return known[start]
    return None


def _adds_only_a_date(parts: list[str]) -> bool:
    return all(part.isdecimal() or part in phrases("joining") for part in parts)


@lru_cache(maxsize=5_000)
def source(text: str) -> str | None:
    """Where a nonconformity came from; None when the words are not known."""
    folded = fold(text)
    known = meanings("sources")
    if folded in known:
        return known[folded]
    padded = f" {folded} "
    inside = {meaning for phrase, meaning in known.items() if len(phrase) > 4 and f" {phrase} " in padded}
    return inside.pop() if len(inside) == 1 else None


@lru_cache(maxsize=1_000)
def yes_or_no(text: str) -> bool | None:
    """True, False, or None when the words say neither."""
    meaning = meanings("answers").get(fold(text))
    return None if meaning is None else meaning == "true"
