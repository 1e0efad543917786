"""What the engine answers: dated transitions, deadlines, violations and the state on any day.

Field names and meanings are those of the output document (section 3 of the lifecycle contract).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal, TypeAlias

Day: TypeAlias = date

Status = Literal["none", "active", "suspended", "expired", "withdrawn"]
DeadlineState = Literal["open", "met", "late", "missed", "void", "unknown"]
DueDate: TypeAlias = Day | Literal["next_audit"] | None


@dataclass(frozen=True, slots=True)
class Transition:
    """One move of the status, dated by its rule or decision, with the ids of the records behind it."""

    date: Day
    from_status: Status
    to_status: Status
    by: Literal["rule", "decision"]
    rule: str
    reason: str
    because: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """The certificate as at the end of one day."""

    date: Day
    status: Status
    confirmed_status: Status
    certificate: str | None
    edition: str | None
    expires_on: Day | None
    effective_expires_on: Day | None
    suspension_limit_on: Day | None
    restorable_until: Day | None
    reapply_from: Day | None
    flags: tuple[str, ...]

    @property
    def differs(self) -> bool:
        """True when the certification body has not said what the rules say."""
        return self.status != self.confirmed_status


@dataclass(frozen=True, slots=True)
class Cycle:
    """One certification cycle; ``because`` is the decision or the certificate that began it."""

    certificate: str
    starts_on: Day | None
    expires_on: Day
    because: str


@dataclass(frozen=True, slots=True)
class CertificateState:
    """One certificate of the chain, former ones first."""

    id: str
    status: Status
    expires_on: Day | None


@dataclass(frozen=True, slots=True)
class GradeChange:
    """A nonconformity has this grade from this day on."""

    date: Day
    grade: str


@dataclass(frozen=True, slots=True)
class StepDates:
    """Current due date of each step of a nonconformity."""

    response: DueDate
    plan: DueDate
    action: DueDate
    closure: DueDate


@dataclass(frozen=True, slots=True)
class NonconformityState:
    """A nonconformity (or one derived by accumulation, with its ``sources``) at the last asked date."""

    id: str
    grade: str
    state: Literal["open", "closed", "void"]
    closed_on: Day | None
    grades: tuple[GradeChange, ...]
    due: StepDates
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Deadline:
    """Something that must be done by a date; ``rule`` is the rule id that set it."""

    kind: str
    subject: str
    due_on: Day
    opens_on: Day | None
    rule: str
    state: DeadlineState


@dataclass(frozen=True, slots=True)
class Violation:
    """A fact that the rules do not allow; ``applied`` tells whether it took effect all the same."""

    subject: str
    code: str
    date: Day
    applied: bool
    message: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """The whole answer for one certificate up to the last asked date."""

    answers: tuple[Answer, ...]
    transitions: tuple[Transition, ...]
    cycles: tuple[Cycle, ...]
    certificates: tuple[CertificateState, ...]
    nonconformities: tuple[NonconformityState, ...]
    deadlines: tuple[Deadline, ...]
    violations: tuple[Violation, ...]
