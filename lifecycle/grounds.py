"""Effects of passed deadlines, and the grounds on which a certificate is suspended (sections 4 and 5)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal

from lifecycle.facts import Step
from lifecycle.finding import Finding

EffectKind = Literal["withdraw", "expire", "suspend"]
EFFECT_STATUS: dict[EffectKind, Literal["withdrawn", "expired", "suspended"]] = {
    "withdraw": "withdrawn",
    "expire": "expired",
    "suspend": "suspended",
}


@dataclass(frozen=True, slots=True)
class Effect:
    """What one passed deadline does to the certificate on a day."""

    kind: EffectKind
    due_on: date
    rule: str
    ids: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class Ground:
    """Why a certificate is suspended, and what resolves it.

    ``because`` are the nonconformities that a decision of the body names; ``finding`` and ``step`` are what
    was breached (no step: the grade itself suspends).
    """

    kind: Literal["nonconformity", "audit", "edition", "decision"]
    due_on: date
    rule: str
    ids: tuple[str, ...]
    because: tuple[str, ...] = ()
    finding: Finding | None = None
    step: Step = "closure"

    @property
    def place(self) -> tuple[date, str, tuple[str, ...]]:
        """Where it comes among other grounds: by due date, rule, ids."""
        return self.due_on, self.rule, self.ids

    @property
    def on_nonconformities(self) -> bool:
        """True when a nonconformity keeps it unresolved."""
        return self.kind in ("nonconformity", "decision")


def joined_ids(ordered: Iterable[Effect | Ground]) -> tuple[str, ...]:
    """The ids of effects or grounds in the given order, each once."""
    return tuple(dict.fromkeys(record for item in ordered for record in item.ids))
