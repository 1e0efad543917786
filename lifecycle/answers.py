"""The answer for one day: status, validity and flags as at its end (section 3)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from lifecycle.audit import AuditDeadline
from lifecycle.certificate import Course
from lifecycle.deadlines import audit_state, beyond_expiry
from lifecycle.outcome import Answer


def answer_on(course: Course, day: date) -> Answer:
    """How the certificate stands at the end of ``day``, the day the course has reached."""
    exists = course.status != "none"
    suspension = course.suspension
    return Answer(
        date=day,
        status=course.status,
        confirmed_status=course.confirmed,
        certificate=course.number if exists else None,
        edition=course.edition,
        expires_on=course.expires_on,
        effective_expires_on=course.effective_expires_on,
        suspension_limit_on=suspension.limit_on if suspension is not None else None,
        restorable_until=course.restorable_until(day),
        reapply_from=course.reapply_from(),
        flags=tuple(sorted(_flags(course, day))),
    )


def _flags(course: Course, day: date) -> Iterator[str]:
    """Everything that is true of the day besides its status."""
    if course.in_force:
        yield from _flags_in_force(course, day)
    else:
        yield from _flags_out_of_force(course, day)
    if course.lapsed:
        yield "lapse_to_show"
    if course.scope_reduced:
        yield "scope_reduced"
    if course.under_appeal:
        yield "under_appeal"


def _flags_in_force(course: Course, day: date) -> Iterator[str]:
    if course.loss is not None:
        yield "accreditation_lost"
    if _edition_ends_before_expiry(course):
        yield "edition_ends_before_expiry"
    if overdue(course, day):
        yield "overdue"
    if _withdrawal_recommended(course, day):
        yield "withdrawal_recommended"
    if course.transferable(day):
        yield "transferable"
    if course.suspension is not None:
        if not course.unresolved(day):
            yield "lift_possible"
        if course.suspension.policy.valid_while_suspended:
            yield "valid_while_suspended"


def _flags_out_of_force(course: Course, day: date) -> Iterator[str]:
    if course.another_stage2_required(day):
        yield "another_stage2_required"
    if course.status == "withdrawn":
        yield "new_certification_required"
    elif course.status == "expired" and course.restorable_until(day) is None:
        yield "stage2_required" if _restorable_by_stage2(course) else "new_certification_required"


def _restorable_by_stage2(course: Course) -> bool:
    """Expired by cycle under a scheme in which a stage 2 restores when the time is over (9.6.3.2.5)."""
    if course.expires_by_edition or course.expires_on is None:
        return False
    return course.book.at(course.expires_on).restoration_by_stage2


def _edition_ends_before_expiry(course: Course) -> bool:
    end, expires_on = course.edition_end_on, course.expires_on
    return end is not None and expires_on is not None and end < expires_on


def overdue(course: Course, day: date) -> bool:
    """A dated step of an open nonconformity has passed undone, or a missed audit was not made up."""
    if any(finding.due and finding.open_on(day) and finding.overdue_on(day) for finding in course.findings):
        return True
    if course.facts.certificate.audit_history != "complete":
        return False
    return any(_audit_overdue(course, deadline, day) for deadline in course.audit_deadlines)


def _audit_overdue(course: Course, deadline: AuditDeadline, day: date) -> bool:
    """Missed, and no later surveillance or recertification audit made up for it."""
    if audit_state(course, deadline, day) != "missed" or beyond_expiry(course, deadline):
        return False
    return not course.audits.surveilled_between(deadline.due_on, day)


def _withdrawal_recommended(course: Course, day: date) -> bool:
    """``nc.failed_verification``: the last verification of a major failed and it is still open."""
    return any(
        course.book.at(major.since).failed_verification_recommends_withdrawal and major.failed_verification_on(day)
        for major in course.majors(day)
    )
