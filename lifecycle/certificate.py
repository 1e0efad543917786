"""The certificate while time passes: its status, validity, suspension and what they rest on.

``Course`` is the working state of the engine; it answers questions and makes moves. What happens on a day
is in ``evolve`` (order of a day), ``effects`` (passed deadlines) and ``decisions`` (the body's decisions).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from heapq import heappush
from operator import attrgetter
from typing import Literal

from lifecycle.audit import (
    AuditDeadline,
    AuditRecord,
    first_surveillance,
    yearly_surveillance,
)
from lifecycle.calendar import ONE_DAY, add
from lifecycle.edition import EditionEnds
from lifecycle.facts import Audit, Facts
from lifecycle.finding import Finding
from lifecycle.grounds import Ground
from lifecycle.outcome import CertificateState, Cycle, Status, Transition, Violation
from lifecycle.policy import Policy, PolicyBook, StepRule
from lifecycle.violations import MESSAGES

IN_FORCE: frozenset[Status] = frozenset({"active", "suspended"})


@dataclass(slots=True)
class Suspension:
    """The one running suspension (C8): its limit and the rules it started under.

    While ``watched``, a ground unresolved at the end of the limit, or of a later day, withdraws the certificate.
    """

    policy: Policy
    limit_on: date | None
    watched: bool = False


@dataclass(slots=True)
class AccreditationLoss:
    """The body's accreditation was lost on a day; ``transferred_on`` and ``due_on`` are set by the transfer."""

    lost_on: date
    limit_on: date | None
    generation: int
    due_on: date | None = None
    transferred_on: date | None = None


@dataclass(slots=True, eq=False)
class StepAlarm:
    """A step of a nonconformity that breaches unless it is done by ``due_on``."""

    finding: Finding
    rule: StepRule
    due_on: date


class Course:
    """All that holds on the day the engine has reached."""

    def __init__(self, facts: Facts, book: PolicyBook) -> None:
        certificate = facts.certificate
        self.facts = facts
        self.book = book
        self.audits = AuditRecord(facts.audits)
        self.audit_by_id: dict[str, Audit] = {audit.id: audit for audit in facts.audits}
        self.editions = EditionEnds(certificate, facts.editions, book.editions)
        self.status: Status = "none"
        self.confirmed: Status = "none"
        self.first_status: Status = "none"
        self.numbers = [certificate.id]
        self.edition = certificate.edition
        self.expires_on: date | None = None
        self.edition_end_on: date | None = None
        self.effective_expires_on: date | None = None
        self.expires_by_edition = False
        self.suspension: Suspension | None = None
        self.grounds: list[Ground] = []
        self.body_suspensions: list[str] = []
        self.ended_on: date | None = None
        self.withdrawn_on: date | None = None
        self.lapsed = False
        self.scope_reduced = False
        self.under_appeal = False
        self.appeal_upheld = False
        self.losses: list[AccreditationLoss] = []
        self.findings: list[Finding] = []
        self.derived = 0
        self.graded_today: list[Finding] = []
        self.audit_deadlines: list[AuditDeadline] = []
        self.editions_acted_on: set[str | None] = set()
        self.transitions: list[Transition] = []
        self.cycles: list[Cycle] = []
        self.former: list[CertificateState] = []
        self.violations: list[Violation] = []
        self.alarms: list[tuple[date, int, StepAlarm | AuditDeadline]] = []
        self.alarm_count = 0
        self.set_validity(certificate.edition, None)

    # -- questions -------------------------------------------------------------------------------

    @property
    def number(self) -> str:
        """The id of the current certificate."""
        return self.numbers[-1]

    @property
    def generation(self) -> int:
        """How many certificates came before the current one."""
        return len(self.numbers) - 1

    @property
    def in_force(self) -> bool:
        """True when active or suspended."""
        return self.status in IN_FORCE

    @property
    def expired_by_edition(self) -> bool:
        """True when the end of the edition, not of the cycle, ended the certificate (section 6)."""
        return self.status == "expired" and self.expires_by_edition

    @property
    def loss(self) -> AccreditationLoss | None:
        """The loss of accreditation that no transfer has answered yet."""
        last = self.losses[-1] if self.losses else None
        return last if last is not None and last.transferred_on is None else None

    def majors(self, day: date) -> Iterable[Finding]:
        """Open nonconformities of a grade that blocks decisions."""
        return (finding for finding in self.findings if finding.blocks_decision and finding.open_on(day))

    def restoration_limit_on(self) -> date | None:
        """The last day on which the expired certificate can be restored, None when it cannot (section 6)."""
        if self.expires_by_edition:
            return self._edition_restoration_limit_on()
        if self.expires_on is None:
            return None
        limit = self.book.at(self.expires_on).restoration_limit
        return None if limit is None else add(self.expires_on, limit)

    def _edition_restoration_limit_on(self) -> date | None:
        end = self.edition_end_on
        if end is None:
            return None
        limit = self.book.at(end).edition_restore
        if limit is None or not self.audits.transition_began_by(end, self.edition):
            return None
        return add(end, limit)

    def restorable_until(self, day: date) -> date | None:
        """``restorable_until`` of an answer: only while expired and not yet past."""
        if self.status != "expired":
            return None
        limit_on = self.restoration_limit_on()
        return limit_on if limit_on is not None and day <= limit_on else None

    def reapply_from(self) -> date | None:
        """First day of a new certification after a withdrawal (``reapplication.wait``)."""
        if self.status != "withdrawn" or self.withdrawn_on is None:
            return None
        wait = self.book.at(self.withdrawn_on).reapplication_wait
        return self.withdrawn_on if wait is None else add(self.withdrawn_on, wait)

    def transferable(self, day: date) -> bool:
        """Active, no major, and the time to transfer not past (IAF MD 2)."""
        return self.status == "active" and not self.past_transfer_limit(day) and not any(self.majors(day))

    def past_transfer_limit(self, day: date) -> bool:
        """True when the body lost its accreditation and the time to transfer is over."""
        loss = self.loss
        return loss is not None and loss.limit_on is not None and day > loss.limit_on

    def transfer_due_on(self, loss: AccreditationLoss) -> date | None:
        """The limit after the loss of accreditation, or the end of validity if that is sooner."""
        if loss.due_on is not None or loss.limit_on is None or self.effective_expires_on is None:
            return loss.due_on or loss.limit_on
        return min(loss.limit_on, self.effective_expires_on)

    def unresolved(self, by: date, today: date | None = None) -> list[Ground]:
        """Grounds not resolved at the end of the day ``by``, the edition judged on ``today``, in their order."""
        found = [ground for ground in self.grounds if not self._resolved(ground, by, today or by)]
        return sorted(found, key=attrgetter("place"))

    def _resolved(self, ground: Ground, by: date, today: date) -> bool:
        """What resolves a ground (section 5, breach)."""
        if ground.kind == "audit":
            return self.audits.surveilled_between(ground.due_on, by)
        if ground.kind == "edition":
            return not self.editions.ended_before(self.edition, today)
        if ground.kind == "decision":
            over = {finding.id for finding in self.findings if finding.over_by(by)}
            return over.issuperset(ground.because)
        finding = ground.finding
        assert finding is not None
        done_on = finding.done_on(ground.step)
        return (done_on is not None and done_on <= by) or finding.over_by(by)

    def another_stage2_required(self, day: date) -> bool:
        """A major of a stage 2 was not closed within the limit and no stage 2 followed it (9.5.3.2)."""
        if self.in_force:
            return False
        return any(self._stage2_limit_missed(finding, day) for finding in self.findings)

    def _stage2_limit_missed(self, finding: Finding, day: date) -> bool:
        limit_on = self.stage2_limit_on(finding)
        if limit_on is None or limit_on >= day or not finding.blocks_decision or finding.void_on is not None:
            return False
        if self.ended_on is not None and not self.audits.ended_since(finding.audit, self.ended_on):
            return False
        closed_on = finding.closed_on
        in_time = closed_on is not None and closed_on <= limit_on
        return not in_time and not self.audits.stage2_ended_after(limit_on, day)

    def stage2_limit_on(self, finding: Finding) -> date | None:
        """The day by which a nonconformity of a stage 2 must be closed, counted from its last day."""
        audit = finding.audit
        if audit is None or audit.kind != "stage2" or audit.ended_on is None:
            return None
        limit = self.book.at(audit.ended_on).stage2_verification_limit
        return None if limit is None else add(audit.ended_on, limit)

    def status_on(self, day: date) -> Status:
        """The status at the end of a past day."""
        status = self.first_status
        for transition in self.transitions:
            if transition.date > day:
                break
            status = transition.to_status
        return status

    def audit_deadline_void(self, deadline: AuditDeadline, day: date) -> bool:
        """True when the audit is no longer owed: its window or its certificate was replaced or ended."""
        return deadline.superseded or self.void_for_certificate(
            deadline.generation, deadline.due_on, deadline.effect_on, day
        )

    def void_for_certificate(self, generation: int, due_on: date, effect_on: date, day: date) -> bool:
        """Not in force on the effect day, ended by the due date, or replaced (section 8)."""
        if self.status_on(min(due_on, day)) not in IN_FORCE:
            return True
        if effect_on <= day and not self._in_force_for_effects_of(effect_on):
            return True
        return generation < self.generation

    def _in_force_for_effects_of(self, day: date) -> bool:
        """True when effects of passed deadlines found the certificate in force on ``day``."""
        expired = any(t.date == day and t.by == "rule" and t.to_status == "expired" for t in self.transitions)
        return not expired and self.status_on(day - ONE_DAY) in IN_FORCE

    # -- moves -----------------------------------------------------------------------------------

    def set_validity(self, edition: str | None, expires_on: date | None) -> None:
        """Change the edition or the expiry; only an edition end that expires caps the validity."""
        self.edition = edition
        self.expires_on = expires_on
        record = self.editions.of(edition)
        end = self.edition_end_on = None if record is None else record.ends_on
        self.expires_by_edition = False
        if expires_on is not None and end is not None and end < expires_on:
            self.expires_by_edition = self.book.at(end).edition_end_effect == "expire"
        self.effective_expires_on = end if self.expires_by_edition else expires_on

    def move(
        self,
        day: date,
        to_status: Status,
        by: Literal["rule", "decision"],
        rule: str,
        reason: str,
        because: tuple[str, ...],
    ) -> None:
        """The one door of every transition: history, clocks of suspension and withdrawal, end of force."""
        was_in_force = self.in_force
        self.transitions.append(Transition(day, self.status, to_status, by, rule, reason, because))
        self.status = to_status
        self.appeal_upheld = False
        if self.in_force:
            self.ended_on = None
        elif was_in_force:
            self.ended_on = day
        self.withdrawn_on = day if to_status == "withdrawn" else None
        self.suspension = self._new_suspension(day) if to_status == "suspended" else None

    def _new_suspension(self, day: date) -> Suspension:
        policy = self.book.at(day)
        limit = policy.suspension_limit
        limit_on = None if limit is None else add(day, limit)
        return Suspension(policy, limit_on, policy.suspension_withdraws)

    def extend_suspension(self, until: date) -> None:
        """Move the limit of the running suspension."""
        if self.suspension is not None:
            self.suspension.limit_on = until
            self._watch_limit()

    def add_ground(self, ground: Ground) -> None:
        """One more ground joins the suspension without restarting its clock (C8)."""
        self.grounds.append(ground)
        self._watch_limit()

    def _watch_limit(self) -> None:
        if self.suspension is not None:
            self.suspension.watched = self.suspension.policy.suspension_withdraws

    def drop_grounds(self) -> None:
        """A lift or a restored certificate starts without grounds."""
        self.grounds.clear()
        self.body_suspensions.clear()

    def start_cycle(self, starts_on: date | None, expires_on: date, because: str) -> None:
        """Enter a new cycle; the expiry moves with it."""
        self.set_validity(self.edition, expires_on)
        self.cycles.append(Cycle(self.number, starts_on, expires_on, because))

    def owe_first_surveillance(self, certified_on: date, issued_on: date) -> None:
        """Start the clock of the first surveillance after an initial certification."""
        deadline = first_surveillance(self.book.at(certified_on), certified_on, issued_on, self.generation)
        if deadline is not None:
            self.owe(deadline)

    def owe_yearly_surveillance(self, start_year: int, anchor: date) -> None:
        """Start the clocks of the calendar years of the current cycle."""
        assert self.expires_on is not None
        policy = self.book.at(anchor)
        for deadline in yearly_surveillance(policy, start_year, self.expires_on, anchor, self.generation):
            self.owe(deadline)

    def owe(self, deadline: AuditDeadline) -> None:
        """An audit is due; when missing audits count, it is watched for its breach."""
        self.audit_deadlines.append(deadline)
        if deadline.on_breach != "none" and self.facts.certificate.audit_history == "complete":
            self.watch(deadline.effect_on, deadline)

    def watch(self, day: date, alarm: StepAlarm | AuditDeadline) -> None:
        """Look at a deadline on the day of its effect."""
        self.alarm_count += 1
        heappush(self.alarms, (day, self.alarm_count, alarm))

    def replace_certificate(self, number: str) -> None:
        """A new certificate follows the former one, which keeps its last status."""
        self.former.append(CertificateState(self.number, self.status, self.expires_on))
        ended_on = self.ended_on
        self.numbers.append(number)
        for deadline in self.audit_deadlines:
            if deadline.follows_audit and ended_on is not None and deadline.anchor >= ended_on:
                deadline.generation = self.generation
        self.lapsed = False
        self.scope_reduced = False
        self.drop_grounds()

    def violate(self, subject: str, code: str, day: date, *, applied: bool) -> None:
        """List a fact that the rules do not allow."""
        self.violations.append(Violation(subject, code, day, applied, MESSAGES[code]))
