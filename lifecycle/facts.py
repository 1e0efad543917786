"""What is known about one certificate: frozen, dated facts.

Every date is a civil date in the time zone of the organization (convention C1). Nothing here decides
anything; ``lifecycle.evolve`` does.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Literal, TypeAlias

Day: TypeAlias = date

AuditHistory = Literal["complete", "partial"]
AuditKind = Literal[
    "stage1", "stage2", "surveillance", "recertification", "transition", "transfer", "special", "follow_up"
]
Step = Literal["response", "plan", "action", "closure"]
VerificationResult = Literal["effective", "not_effective"]
DecisionKind = Literal[
    "certify",
    "recertify",
    "transition",
    "suspend",
    "lift",
    "extend_suspension",
    "withdraw",
    "reinstate",
    "reduce_scope",
    "transfer",
    "appeal_outcome",
]
NoticeKind = Literal["appeal_filed", "incident", "transfer_requested", "accreditation_lost"]

STEPS: tuple[Step, ...] = ("response", "plan", "action", "closure")


@dataclass(frozen=True, slots=True)
class Certificate:
    """One certificate (and those that follow it after a new certification).

    ``audit_history`` is ``complete`` when audits that are not listed did not happen, ``partial`` when
    a missing audit has no effect.
    """

    id: str = "certificate"
    standard: str | None = None
    edition: str | None = None
    accreditation_body: str | None = None
    certified_on: Day | None = None
    issued_on: Day | None = None
    cycle_started_on: Day | None = None
    expires_on: Day | None = None
    audit_history: AuditHistory = "partial"
    sites: tuple[str, ...] = ()
    scope: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Audit:
    """An audit that took place; at least one of its two dates is known."""

    id: str
    kind: AuditKind
    started_on: Day | None = None
    ended_on: Day | None = None
    edition: str | None = None
    recorded_on: Day | None = None


@dataclass(frozen=True, slots=True)
class Verification:
    """The result of checking a corrective action for effectiveness."""

    date: Day
    result: VerificationResult
    recorded_on: Day | None = None


@dataclass(frozen=True, slots=True)
class Extension:
    """A later due date that the certification body granted for one step of a nonconformity."""

    granted_on: Day
    due_on: Day
    step: Step = "closure"
    recorded_on: Day | None = None


@dataclass(frozen=True, slots=True)
class Nonconformity:
    """A nonconformity as raised, with the dates at which its steps were done.

    ``raised_on`` and ``notified_on`` are None when they follow from the audit (``ended_on``) and from
    ``raised_on``. ``closure_recorded_on`` is the day on which the closure became known.
    """

    id: str
    grade: str
    audit: str | None = None
    raised_on: Day | None = None
    notified_on: Day | None = None
    clause: str | None = None
    site: str | None = None
    scope_part: str | None = None
    plan_submitted_on: Day | None = None
    plan_accepted_on: Day | None = None
    action_done_on: Day | None = None
    closed_on: Day | None = None
    closure_recorded_on: Day | None = None
    verifications: tuple[Verification, ...] = ()
    extensions: tuple[Extension, ...] = ()
    recorded_on: Day | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision of the certification body."""

    id: str
    kind: DecisionKind
    date: Day
    certificate: str | None = None
    edition: str | None = None
    reason: str | None = None
    because: tuple[str, ...] = ()
    override: bool = False
    until: Day | None = None
    parts: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()
    to_body: str | None = None
    outcome: Literal["upheld", "rejected"] | None = None
    recorded_on: Day | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that happened and is told, but never moves a status by itself."""

    id: str
    kind: NoticeKind
    date: Day
    recorded_on: Day | None = None


@dataclass(frozen=True, slots=True)
class EditionEnd:
    """The last day of certificates to one edition of a standard (None: no end is set)."""

    standard: str
    edition: str
    ends_on: Day | None
    last_new_audit_on: Day | None = None
    accreditation_body: str | None = None
    recorded_on: Day | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """All that is known about one certificate.

    ``editions`` come before the catalog's own edition ends (section 2 of the contract). ``known_on``
    limits the answer to what was recorded by that day (C13); None means everything is known.
    """

    certificate: Certificate = field(default_factory=Certificate)
    audits: tuple[Audit, ...] = ()
    nonconformities: tuple[Nonconformity, ...] = ()
    decisions: tuple[Decision, ...] = ()
    notices: tuple[Notice, ...] = ()
    editions: tuple[EditionEnd, ...] = ()
    known_on: Day | None = None
