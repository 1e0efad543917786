"""Legal moves as a table: what doors check, ``manage.py transitions`` prints and the docs draw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from accounts.permissions import Capability


@dataclass(frozen=True, slots=True)
class Move:
    """A legal move: from which states, to which (None: stays), by whom (person, decision, rule), by which door.

    ``needs`` is what the person must be allowed to do; None where the door's own page or resource says it.
    """

    name: str
    sources: tuple[str, ...]
    target: str | None
    door: str
    by: str = "person"
    needs: Capability | None = None


def move_named(moves: Sequence[Move], name: str) -> Move:
    """The move of that name."""
    return next(move for move in moves if move.name == name)


def moves_from(moves: Sequence[Move], state: str) -> list[str]:
    """Names of the moves that are legal in a state."""
    return [move.name for move in moves if state in move.sources]
