"""The rules of the audit programme: which audits are due by when, and which are out of place.

Every function is one rule of the contract's section 5 or one violation of section 7.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from lifecycle.calendar import add, add_months
from lifecycle.facts import Audit, AuditKind
from lifecycle.policy import AuditRule, Breach, Policy, PolicyBook, WindowRule

SURVEILLING: frozenset[AuditKind] = frozenset({"surveillance", "recertification"})
PROGRAMME: frozenset[AuditKind] = frozenset({"surveillance", "recertification", "stage2"})
WINDOW_ANCHORS: frozenset[AuditKind] = frozenset({"stage2", "recertification", "transfer"})
NEW_CERTIFICATION_AUDITS: frozenset[AuditKind] = frozenset({"stage2", "recertification"})


@dataclass(slots=True, eq=False)
class AuditDeadline:
    """One audit that is due: ``kinds`` meet it when they end after ``after`` and by ``due_on``.

    ``generation`` counts the certificates of the history; ``superseded`` marks a window that a later
    cycle's windows replace; ``anchor`` is the day its clock started.
    """

    kind: str
    rule: str
    due_on: date
    effect_on: date
    on_breach: Breach
    kinds: frozenset[AuditKind]
    after: date
    anchor: date
    generation: int
    opens_on: date | None = None
    superseded: bool = False

    def done_on(self, audits: Sequence[Audit]) -> date | None:
        """The day of the first audit that meets it, in time or late.

        A year and a window are met within them only.
        """
        for audit in audits:
            ended_on = audit.ended_on
            if ended_on is not None and ended_on > self.after and audit.kind in self.kinds:
                return None if self.bounded and ended_on > self.due_on else ended_on
        return None

    @property
    def follows_audit(self) -> bool:
        """True when an audit, not the certification, started its clock."""
        return self.kind in ("surveillance_interval", "surveillance_window")

    @property
    def bounded(self) -> bool:
        """True when only an audit by the due date can meet it."""
        return self.kind in ("yearly_surveillance", "surveillance_window")


class AuditRecord:
    """The known audits of a certificate, by the day they ended."""

    __slots__ = ("all", "ended")

    def __init__(self, audits: Sequence[Audit]) -> None:
        self.all = audits
        self.ended = sorted((audit for audit in audits if audit.ended_on is not None), key=_ended_on)

    def surveilled_between(self, after: date, by: date) -> bool:
        """True when a surveillance or recertification audit ended after ``after`` and by ``by``."""
        return any(audit.kind in SURVEILLING and after < _ended_on(audit) <= by for audit in self.ended)

    def last_stage1_by(self, day: date) -> date | None:
        """The day of the last stage 1 audit by ``day``: its end, else its start."""
        days = (audit.ended_on or audit.started_on for audit in self.all if audit.kind == "stage1")
        return max((stage1 for stage1 in days if stage1 is not None and stage1 <= day), default=None)

    def stage2_ended_after(self, after: date, by: date) -> bool:
        """True when a stage 2 audit ended after ``after`` and by ``by``."""
        return any(audit.kind == "stage2" and after < _ended_on(audit) <= by for audit in self.ended)

    @staticmethod
    def ended_since(audit: Audit | None, day: date) -> bool:
        """True when the audit ended on or after ``day``."""
        return audit is not None and audit.ended_on is not None and audit.ended_on >= day

    def transition_began_by(self, day: date, held: str | None) -> bool:
        """True when a transition audit, or one naming another edition, began by ``day`` (section 6)."""
        for audit in self.all:
            began_on = audit.started_on or audit.ended_on
            other = audit.kind == "transition" or (audit.edition is not None and audit.edition != held)
            if other and began_on is not None and began_on <= day:
                return True
        return False


def _ended_on(audit: Audit) -> date:
    assert audit.ended_on is not None
    return audit.ended_on


def first_surveillance(policy: Policy, certified_on: date, issued_on: date, generation: int) -> AuditDeadline | None:
    """``surveillance.first``: the first audit after an initial certification (9.1.3.3)."""
    rule = policy.first_surveillance
    if rule.due is None:
        return None
    due_on = add(issued_on if rule.from_issue else certified_on, rule.due)
    return _deadline("first_surveillance", rule, due_on, SURVEILLING, certified_on, generation)


def yearly_surveillance(
    policy: Policy, start_year: int, expires_on: date, anchor: date, generation: int
) -> Iterator[AuditDeadline]:
    """``surveillance.yearly``: each calendar year between those in which the cycle starts and expires."""
    rule = policy.yearly_surveillance
    if not rule.required:
        return
    for year in range(start_year + 1, expires_on.year):
        last_year_end = date(year - 1, 12, 31)
        deadline = _deadline("yearly_surveillance", rule, date(year, 12, 31), PROGRAMME, last_year_end, generation)
        deadline.anchor = anchor
        yield deadline


def surveillance_interval(policy: Policy, audit_end: date, generation: int) -> AuditDeadline | None:
    """``surveillance.interval``: each audit of the programme starts the time to the next."""
    rule = policy.surveillance_interval
    if rule.due is None:
        return None
    return _deadline("surveillance_interval", rule, add(audit_end, rule.due), PROGRAMME, audit_end, generation)


def surveillance_windows(policy: Policy, anchor: date, generation: int) -> Iterator[AuditDeadline]:
    """``surveillance.window``: windows around anchor + i x ``every``; both ends count from the anchor."""
    rule: WindowRule = policy.surveillance_window
    if rule.every is None:
        return
    for number in range(1, rule.count + 1):
        months = number * rule.every
        due_on = add_months(anchor, months + rule.after)
        opens_on = add_months(anchor, months - rule.before)
        yield AuditDeadline(
            kind="surveillance_window",
            rule=rule.id,
            due_on=due_on,
            effect_on=add(due_on, rule.effect_after),
            on_breach=rule.on_breach,
            kinds=frozenset({"surveillance"}),
            after=date.fromordinal(max(opens_on.toordinal() - 1, 1)),
            anchor=anchor,
            generation=generation,
            opens_on=opens_on,
        )


def _deadline(
    kind: str, rule: AuditRule, due_on: date, kinds: frozenset[AuditKind], after: date, generation: int
) -> AuditDeadline:
    effect_on = add(due_on, rule.effect_after)
    return AuditDeadline(kind, rule.id, due_on, effect_on, rule.on_breach, kinds, after, after, generation)


def stage_gap_kept(book: PolicyBook, stage1_on: date, stage2_on: date) -> bool:
    """``stage1_to_stage2``: stage 2 is neither too soon nor too long after stage 1 (9.3.1.2.4)."""
    policy = book.at(stage1_on)
    shortest, longest = policy.stage_gap_min, policy.stage_gap_max
    too_soon = shortest is not None and stage2_on < add(stage1_on, shortest)
    too_late = longest is not None and stage2_on > add(stage1_on, longest)
    return not too_soon and not too_late
