"""The clauses of a standard in their order, with the chapter each belongs to."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from certifications.catalog import clauses


@dataclass(frozen=True, slots=True)
class ClauseLine:
    """A clause; ``asked`` is False for one that only gathers others (its own text is in those)."""

    number: str
    title: str
    group: str
    asked: bool


@cache
def clause_list(standard: str, edition: str) -> tuple[ClauseLine, ...]:
    """The shipped clauses of an edition, chapters before what they hold; empty when none are shipped."""
    titles = clauses(standard, edition)
    gathering = {number.rpartition(".")[0] for number in titles}
    return tuple(
        ClauseLine(number, title, _group(number, titles), number not in gathering and number.rpartition(".")[0] != "")
        for number, title in titles.items()
    )


def _group(number: str, titles: dict[str, str]) -> str:
    """The chapter with its title: ``8 Operation`` for 8.5.1, ``A.5 Organizational controls`` for A.5.18."""
    parts = number.split(".")
    head = parts[0] if parts[0].isdecimal() else ".".join(parts[:2])
    return f"{head} {titles[head]}" if head in titles else head
