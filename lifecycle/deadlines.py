"""Every deadline with its state at the last asked date (section 8)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from operator import attrgetter

from lifecycle.audit import AuditDeadline
from lifecycle.calendar import day_after
from lifecycle.certificate import AccreditationLoss, Course
from lifecycle.finding import Finding
from lifecycle.outcome import CertificateState, Deadline, DeadlineState

_ORDER = attrgetter("due_on", "kind", "subject")


def deadlines_on(course: Course, day: date) -> tuple[Deadline, ...]:
    """All deadlines, by due date, kind and subject, as they stand at the end of ``day``."""
    found = [deadline for finding in course.findings for deadline in _of_finding(course, finding, day)]
    if course.status != "none":
        found += _of_audits(course, day)
        found += _of_transfers(course, day)
        found += _of_certificate(course, day)
    return tuple(sorted(found, key=_ORDER))


def certificates_of(course: Course) -> tuple[CertificateState, ...]:
    """The chain of certificates, former ones first."""
    if course.status == "none":
        return ()
    return (*course.former, CertificateState(course.number, course.status, course.expires_on))


# -- nonconformities -------------------------------------------------------------------------------


def _of_finding(course: Course, finding: Finding, day: date) -> Iterator[Deadline]:
    for step, due_on in finding.due.items():
        state = _finding_state(course, finding, due_on, finding.done_on(step), day)
        yield Deadline(f"nc_{step}", finding.id, due_on, None, finding.due_rules[step].id, state)
    if finding.blocks_decision and finding.audit is not None:
        yield from _before_a_decision(course, finding, day)


def _before_a_decision(course: Course, finding: Finding, day: date) -> Iterator[Deadline]:
    """``stage2.verification`` (9.5.3.2) and ``recertification.open_major`` (9.6.3.2.4): closure in time."""
    rules = (
        ("stage2_verification", "stage2.verification", course.stage2_limit_on(finding)),
        ("recertification_closure", "recertification.open_major", _recertification_expiry(course, finding)),
    )
    for kind, rule, due_on in rules:
        if due_on is not None:
            state = _finding_state(course, finding, due_on, finding.done_on("closure"), day)
            yield Deadline(kind, finding.id, due_on, None, rule, state)


def _recertification_expiry(course: Course, finding: Finding) -> date | None:
    """The first expiry of a cycle that is not before a major of a recertification audit was raised."""
    if finding.audit is None or finding.audit.kind != "recertification":
        return None
    if not course.book.at(finding.raised_on).recertification_open_major:
        return None
    expiries = (cycle.expires_on for cycle in course.cycles)
    return min((expiry for expiry in expiries if expiry >= finding.raised_on), default=None)


def _finding_state(course: Course, finding: Finding, due_on: date, done_on: date | None, day: date) -> DeadlineState:
    if done_on is not None and done_on <= day:
        return "met" if done_on <= due_on else "late"
    if finding.void_on is not None or course.status_on(min(due_on, day)) == "withdrawn":
        return "void"
    return "open" if due_on >= day else "missed"


# -- audits and transfer ---------------------------------------------------------------------------


def _of_audits(course: Course, day: date) -> Iterator[Deadline]:
    for deadline in course.audit_deadlines:
        if not beyond_expiry(course, deadline):
            subject = course.numbers[deadline.generation]
            state = audit_state(course, deadline, day)
            yield Deadline(deadline.kind, subject, deadline.due_on, deadline.opens_on, deadline.rule, state)


def beyond_expiry(course: Course, deadline: AuditDeadline) -> bool:
    """No interval between surveillances reaches beyond the expiry of its certificate."""
    if deadline.kind != "surveillance_interval":
        return False
    former = course.former[deadline.generation :]
    expires_on = former[0].expires_on if former else course.expires_on
    return expires_on is not None and deadline.due_on > expires_on


def audit_state(course: Course, deadline: AuditDeadline, day: date) -> DeadlineState:
    """State of an audit's deadline at the end of ``day``, the day the course has reached."""
    done_on = None if deadline.superseded else deadline.done_on(course.audits.ended)
    if done_on is not None and done_on <= day:
        return "met" if done_on <= deadline.due_on else "late"
    if course.audit_deadline_void(deadline, day):
        return "void"
    if deadline.due_on >= day:
        return "open"
    return "missed" if course.facts.certificate.audit_history == "complete" else "unknown"


def _of_transfers(course: Course, day: date) -> Iterator[Deadline]:
    for loss in course.losses:
        due_on = course.transfer_due_on(loss)
        if due_on is not None:
            state = _transfer_state(course, loss, due_on, day)
            yield Deadline("transfer", course.numbers[loss.generation], due_on, None, "transfer", state)


def _transfer_state(course: Course, loss: AccreditationLoss, due_on: date, day: date) -> DeadlineState:
    if loss.transferred_on is not None:
        return "met" if loss.transferred_on <= due_on else "late"
    if course.void_for_certificate(loss.generation, due_on, day_after(due_on), day):
        return "void"
    return "open" if due_on >= day else "missed"


# -- the certificate itself ------------------------------------------------------------------------


def _of_certificate(course: Course, day: date) -> Iterator[Deadline]:
    last_valid = course.effective_expires_on
    end_rule = "edition.end" if course.expires_by_edition else "cycle"
    if last_valid is not None and (course.in_force or course.status == "expired"):
        yield Deadline("expiry", course.number, last_valid, None, end_rule, _open_or_missed(last_valid, day))
    suspension = course.suspension
    if suspension is not None and suspension.limit_on is not None:
        limit_on = suspension.limit_on
        yield Deadline("suspension_limit", course.number, limit_on, None, "suspension", _open_or_missed(limit_on, day))
    restorable = course.restorable_until(day)
    if restorable is not None:
        rule = "edition.end" if course.expires_by_edition else "restoration"
        yield Deadline("restoration", course.number, restorable, None, rule, "open")


def _open_or_missed(due_on: date, day: date) -> DeadlineState:
    return "open" if due_on >= day else "missed"
