"""The vocabulary of lists, read once from ``data/words.yaml``."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

from exchange.text import fold

_FILE = Path(__file__).parent / "data" / "words.yaml"


@cache
def words() -> dict[str, Any]:
    """The whole vocabulary; every scalar stays text (``no`` is a word here)."""
    with _FILE.open(encoding="utf-8") as file:
        content: dict[str, Any] = yaml.load(file, Loader=yaml.BaseLoader)
    return content


@cache
def phrases(*path: str) -> frozenset[str]:
    """The folded words of one list."""
    return frozenset(fold(word) for word in _at(path))


@cache
def meanings(*path: str) -> dict[str, str]:
    """From each folded word to what it means, for a group of lists such as the grades."""
    return {fold(word): meaning for meaning, listed in _at(path).items() for word in listed}


def _at(path: tuple[str, ...]) -> Any:
    found = words()
    for name in path:
        found = found[name]
    return found


@cache
def months() -> dict[str, int]:
    """From a folded month name or abbreviation to its number."""
    return {word: int(number) for word, number in meanings("months").items()}
