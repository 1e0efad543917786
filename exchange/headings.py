"""Which column is which field, told from the heading's words and confirmed by the values below it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache
from itertools import pairwise

from exchange.cells import Cell
from exchange.fields import FIELDS, NOTE, Kind
from exchange.text import fold_heading
from exchange.values.dates import read_date
from exchange.words import phrases, words

LEFT_OUT = ""
SURE = 1.0
_NEVER_DATES = frozenset({"status", "source", "grade", "kind", "description", "site", "sites"})
_FALLBACK = _THRESHOLD = 0.3
_STRENGTHS = {"": SURE, "weak": 0.6, "weaker": 0.5}


@dataclass(frozen=True, slots=True)
class Guess:
    """A field that a heading may mean (``LEFT_OUT``: one that is not imported), and how sure that is (0 to 1)."""

    field: str
    score: float


def guesses(kind: Kind, heading: str, values: Sequence[Cell]) -> list[Guess]:
    """All fields that a column may hold."""
    folded = fold_heading(heading)
    if not folded:
        return []
    if folded in phrases("headings", "counter"):
        return _of_counter(kind, values)
    return [Guess(field, _confirmed(kind, field, score, values)) for field, score in _by_words(kind, folded).items()]


def heading_for(kind: Kind, name: str) -> str:
    """A heading that a list may give a field: in the reader's language where it is understood, otherwise in English."""
    field = FIELDS[kind][name]
    known = any(guess.field == name for guess in guesses(kind, field.label, []))
    return field.label if known else field.heading


def assign(candidates: Sequence[Sequence[Guess]]) -> list[Guess | None]:
    """Give each field to the column that fits it best; several columns never share one."""
    ranked = sorted(
        ((guess, column) for column, listed in enumerate(candidates) for guess in listed if guess.score >= _THRESHOLD),
        key=lambda pair: (-pair[0].score, pair[1]),
    )
    chosen: list[Guess | None] = [None] * len(candidates)
    taken: set[str] = set()
    for guess, column in ranked:
        if chosen[column] is None and guess.field not in taken:
            chosen[column] = guess
            if guess.field != LEFT_OUT:
                taken.add(guess.field)
    return chosen


@cache
def _vocabulary(kind: Kind) -> dict[str, dict[str, float]]:
    """From each phrase to the fields it may mean."""
    found: dict[str, dict[str, float]] = {}
    for field, listed in [*words()["headings"][kind.value].items(), (NOTE, words()["headings"]["note"])]:
        base, _, strength = field.partition("__")
        name = LEFT_OUT if base == "left_out" else base
        score = _STRENGTHS[strength]
        for phrase in listed:
            found.setdefault(fold_heading(phrase), {}).setdefault(name, score)
    for name, field_of_kind in FIELDS[kind].items():
        found.setdefault(fold_heading(field_of_kind.heading), {})[name] = SURE
    return found


@cache
def _without_spaces(kind: Kind) -> dict[str, str]:
    return {phrase.replace(" ", ""): phrase for phrase in _vocabulary(kind)}


@cache
def _by_words(kind: Kind, folded: str) -> dict[str, float]:
    vocabulary = _vocabulary(kind)
    exact = vocabulary.get(folded) or vocabulary.get(_without_spaces(kind).get(folded.replace(" ", ""), ""))
    if exact:
        return exact
    return _inside(vocabulary, folded) or _misspelled(vocabulary, folded)


def _inside(vocabulary: dict[str, dict[str, float]], folded: str) -> dict[str, float]:
    """Phrases that stand as whole words in a longer heading: the longer the phrase, the surer."""
    padded = f" {folded} "
    found: dict[str, float] = {}
    for phrase, fields in vocabulary.items():
        if len(phrase) > 3 and f" {phrase} " in padded:
            for field, score in fields.items():
                found[field] = max(found.get(field, 0.0), score * (0.45 + 0.45 * len(phrase) / len(folded)))
    return found


def _misspelled(vocabulary: dict[str, dict[str, float]], folded: str) -> dict[str, float]:
    if len(folded) < 6:
        return {}
    found: dict[str, float] = {}
    matcher = SequenceMatcher(b=folded)
    for phrase, fields in vocabulary.items():
        if abs(len(phrase) - len(folded)) > 3:
            continue
        matcher.set_seq1(phrase)
        if matcher.quick_ratio() > 0.87 and (ratio := matcher.ratio()) > 0.87:
            for field, score in fields.items():
                found[field] = max(found.get(field, 0.0), 0.8 * ratio * score)
    return found


def _of_counter(kind: Kind, values: Sequence[Cell]) -> list[Guess]:
    """``No.`` is the number of the records unless it merely counts them; a log may know no other number."""
    if not _counts_up(values):
        return [Guess("number", 0.8)]
    fallback = [] if kind is Kind.CERTIFICATES else [Guess("number", _FALLBACK)]
    return [*fallback, Guess(LEFT_OUT, _FALLBACK)]


def _counts_up(values: Sequence[Cell]) -> bool:
    numbers = [int(cell.text) for cell in values if cell.text.isdecimal() and len(cell.text) < 6]
    if len(numbers) < 2 or len(numbers) < 0.7 * len(values):
        return False
    steps = sum(1 for a, b in pairwise(numbers) if b == a + 1)
    return steps >= 0.7 * (len(numbers) - 1)


def _confirmed(kind: Kind, field: str, score: float, values: Sequence[Cell]) -> float:
    """Less sure when a date column holds no dates or a text column nothing but dates."""
    if field == LEFT_OUT or not values:
        return score
    dated = sum(1 for cell in values if read_date(cell).kind not in {"unclear", "out_of_range"}) / len(values)
    if FIELDS[kind][field].type == "date":
        return score if dated >= 0.3 else score * 0.4
    if field in _NEVER_DATES and dated > 0.8 and len(values) > 2:
        return score * 0.4
    return score
