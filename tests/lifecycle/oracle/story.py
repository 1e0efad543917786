"""The state of one certificate while the days go by."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from tests.lifecycle.oracle.dates import ONE_DAY, add, earliest
from tests.lifecycle.oracle.facts import Facts
from tests.lifecycle.oracle.nonconformity import Nonconformity
from tests.lifecycle.oracle.rulebook import Editions, Rulebook

IN_FORCE = ("active", "suspended")
MAKES_UP = ("surveillance", "recertification")


@dataclass
class Ground:
    """One reason for a suspension (section 5, "Breach")."""

    ids: list[str]
    due_on: date
    rule: str
    nonconformity: Nonconformity | None = None
    step: str = "closure"
    because: list[str] | None = None  # of a decision
    kind: str = "nonconformity"  # or: audit, edition, decision


@dataclass
class Cycle:
    """One cycle of a certificate; ``yearly_from`` is the year it counts as started in."""

    certificate: str
    starts_on: date | None
    expires_on: date
    because: str
    yearly_from: int | None


@dataclass
class AuditDeadline:
    """A surveillance that is due; ``anchor`` is the day of the audit or certification it follows."""

    kind: str
    rule: str
    certificate: str
    due_on: date
    anchor: date | None
    opens_on: date | None = None
    void: bool = False
    replaced_on: date | None = None


@dataclass
class Loss:
    """A loss of accreditation and the transfer that made up for it."""

    certificate: str
    lost_on: date
    transferred_on: date | None = None
    replaced_on: date | None = None
    due_on: date | None = None  # as it was when the transfer was decided


@dataclass
class Move:
    """One transition of the status."""

    date: date
    before: str
    after: str
    by: str
    rule: str
    reason: str
    because: list[str]


@dataclass
class Certificate:
    """A certificate and, once it is over for good, how it ended."""

    id: str
    expires_on: date
    status: str = ""


@dataclass
class Story:
    """Everything that changes from day to day."""

    facts: Facts
    rules: Rulebook
    editions: Editions
    complete_history: bool
    certificate_id: str
    edition: str | None
    status: str = "none"
    confirmed: str = "none"
    expires_on: date | None = None
    ended_on: date | None = None  # since when the certificate has no longer been in force
    withdrawn_on: date | None = None
    limit_on: date | None = None  # of the suspension
    editions_acted_on: set[str | None] = field(default_factory=set)
    grounds: list[Ground] = field(default_factory=list)
    body_suspension: list[str] = field(default_factory=list)  # suspend decisions without because
    former: list[Certificate] = field(default_factory=list)
    cycles: list[Cycle] = field(default_factory=list)
    nonconformities: list[Nonconformity] = field(default_factory=list)
    derived: int = 0
    audit_deadlines: list[AuditDeadline] = field(default_factory=list)
    losses: list[Loss] = field(default_factory=list)
    appeal_pending: bool = False
    appeal_upheld: bool = False  # since the last move to active, suspended or withdrawn
    lapse_to_show: bool = False
    scope_reduced: bool = False
    moves: list[Move] = field(default_factory=list)
    violations: list[dict[str, Any]] = field(default_factory=list)

    # Small questions

    @property
    def in_force(self) -> bool:
        return self.status in IN_FORCE

    def open_majors(self, day: date) -> list[Nonconformity]:
        """ "Major": an open nonconformity whose grade has ``blocks_decision`` (section 7)."""
        return [n for n in self.nonconformities if not n.is_over(day) and self.rules.blocks_decision(n.grade)]

    def audits_ended(self, by: date, kinds: tuple[str, ...], after: date = date.min) -> list[date]:
        """The days after ``after`` and up to ``by`` on which audits of these kinds ended."""
        ends = [a["ended_on"] for a in self.facts.audits if a["kind"] in kinds and "ended_on" in a]
        return sorted(end for end in ends if after < end <= by)

    # Expiry and restoring (section 6)

    def edition_end(self) -> date | None:
        return self.editions.end(self.edition)

    def edition_ended(self, edition: str | None, day: date) -> bool:
        """The day is after the edition's end."""
        end = self.editions.end(edition)
        return end is not None and day > end

    def capping_end(self) -> date | None:
        """The end of the edition where it caps the expiry: only with the effect ``expire``."""
        return self.edition_end() if self.rules["edition.end"]["effect"] == "expire" else None

    def effective_expiry(self) -> date | None:
        return earliest(self.expires_on, self.capping_end())

    def expires_by_cycle(self) -> bool:
        """By cycle when ``expires_on`` is not later than the end of the edition."""
        end = self.capping_end()
        return end is None or (self.expires_on is not None and self.expires_on <= end)

    def expiry_rule(self) -> str:
        return "cycle" if self.expires_by_cycle() else "edition.end"

    def restorable_until(self) -> date | None:
        """The last day on which the expired certificate can be restored, even when it is past."""
        assert self.expires_on is not None
        if self.expires_by_cycle():
            limit = self.rules["restoration"]["limit"]
            return add(self.expires_on, limit) if limit else None
        restore, end = self.rules["edition.end"]["restore"], self.edition_end()
        assert end is not None
        return add(end, restore) if restore and self._transition_began(end) else None

    def _transition_began(self, by: date) -> bool:
        """A transition audit, or an audit naming another edition, began on or before that day."""
        for audit in self.facts.audits:
            names_another = audit.get("edition", self.edition) != self.edition
            began = audit.get("started_on") or audit["ended_on"]
            if (audit["kind"] == "transition" or names_another) and began <= by:
                return True
        return False

    def restorable(self, day: date) -> bool:
        until = self.restorable_until()
        return until is not None and day <= until

    # Grounds (section 5, "Breach")

    def resolved(self, ground: Ground, done_by: date, day: date) -> bool:
        """Whether a ground is resolved on ``day`` by what was done up to ``done_by``."""
        if ground.kind == "audit":
            return bool(self.audits_ended(done_by, MAKES_UP, after=ground.due_on))
        if ground.kind == "edition":
            return not self.edition_ended(self.edition, day)
        if ground.kind == "decision":
            over = {n.id for n in self.nonconformities if n.is_over(done_by)}
            return over.issuperset(ground.because or [])
        assert ground.nonconformity is not None
        return ground.nonconformity.is_done(ground.step, done_by) or ground.nonconformity.is_over(done_by)

    def unresolved_grounds(self, done_by: date, day: date) -> list[Ground]:
        return [g for g in self.grounds if not self.resolved(g, done_by, day)]

    def open_grounds(self, day: date) -> list[Ground]:
        """What stands against a lift at this moment of the day."""
        return self.unresolved_grounds(day, day)

    # Changes

    def move(self, day: date, to: str, by: str, rule: str, reason: str, because: list[str]) -> None:
        """Change the status and write the transition down."""
        self.moves.append(Move(day, self.status, to, by, rule, reason, because))
        if self.in_force and to not in IN_FORCE:
            self.ended_on = day
        if to in ("active", "suspended", "withdrawn"):
            self.appeal_upheld = False
        if to == "suspended":
            limit = self.rules["suspension"]["limit"]
            self.limit_on = add(day, limit) if limit else None
        if to == "active":
            self.grounds, self.body_suspension = [], []
        if to == "withdrawn":
            self.withdrawn_on = day
        self.status = to

    def violate(self, day: date, subject: str, code: str, applied: bool = False) -> None:
        self.violations.append({"subject": subject, "code": code, "date": day, "applied": applied})

    def start_cycle(self, starts_on: date | None, expires_on: date, because: str, yearly_from: int | None) -> None:
        """Write a cycle down; the expiry becomes its expiry, and its yearly surveillances become due."""
        self.expires_on = expires_on
        self.cycles.append(Cycle(self.certificate_id, starts_on, expires_on, because, yearly_from))
        if yearly_from is None or not self.rules["surveillance.yearly"]["required"]:
            return
        for year in range(yearly_from + 1, expires_on.year):
            due = date(year, 12, 31)
            self.audit_deadlines.append(
                AuditDeadline("yearly_surveillance", "surveillance.yearly", self.certificate_id, due, None)
            )

    def end_of_cycle(self, start: date) -> date:
        """C5: start + length, minus one day unless the convention is the anniversary."""
        cycle = self.rules["cycle"]
        end = add(start, cycle["length"])
        return end if cycle["last_day"] == "anniversary" else end - ONE_DAY

    def first_surveillance(self, certified_on: date, issued_on: date) -> None:
        """After an initial certification."""
        rule = self.rules["surveillance.first"]
        if rule["due"]:
            due = add(issued_on if rule["anchor"] == "issue" else certified_on, rule["due"])
            self.audit_deadlines.append(
                AuditDeadline("first_surveillance", "surveillance.first", self.certificate_id, due, certified_on)
            )

    def status_on(self, day: date) -> str:
        """The status at the end of a day."""
        status = self.moves[0].before if self.moves else self.status
        for move in self.moves:
            if move.date <= day:
                status = move.after
        return status

    def expired_by_rule_on(self, day: date) -> bool:
        return any(move.date == day and move.by == "rule" and move.after == "expired" for move in self.moves)

    def status_before(self, day: date) -> str:
        """The status with which a day begins."""
        return self.status_on(day - ONE_DAY)

    # Transfer (sections 5 and 7)

    def loss(self) -> Loss | None:
        """The loss of accreditation that no transfer has made up for yet."""
        return next((loss for loss in self.losses if loss.transferred_on is None), None)

    def transfer_limit(self, loss: Loss | None) -> date | None:
        limit = self.rules["transfer"]["limit"]
        if loss is None or limit is None:
            return None
        if loss.due_on is not None:
            return loss.due_on
        return earliest(add(loss.lost_on, limit), self.effective_expiry())

    def transfer_limit_past(self, day: date) -> bool:
        limit = self.transfer_limit(self.loss())
        return limit is not None and day > limit

    def transferable(self, day: date) -> bool:
        return self.status == "active" and not self.open_majors(day) and not self.transfer_limit_past(day)

    # Another stage 2 (section 7)

    def another_stage2_required(self, day: date) -> bool:
        limit = self.rules["stage2.verification"]["limit"]
        if self.in_force or limit is None:
            return False
        return any(self._needs_another_stage2(n, limit, day) for n in self.nonconformities)

    def _needs_another_stage2(self, nonconformity: Nonconformity, limit: str, day: date) -> bool:
        ended = self.stage2_end(nonconformity)
        if ended is None or not self.rules.blocks_decision(nonconformity.grade) or nonconformity.is_void(day):
            return False
        if self.ended_on is not None and ended < self.ended_on:
            return False
        last_day = add(ended, limit)
        in_time = nonconformity.is_done("closure", last_day)
        return day > last_day and not in_time and not self.audits_ended(day, ("stage2",), after=last_day)

    def audit_of(self, nonconformity: Nonconformity) -> dict[str, Any]:
        return next((a for a in self.facts.audits if a["id"] == nonconformity.audit), {})

    def stage2_end(self, nonconformity: Nonconformity) -> date | None:
        """The last day of the stage 2 a nonconformity is from."""
        audit = self.audit_of(nonconformity)
        return audit.get("ended_on") if audit.get("kind") == "stage2" else None
