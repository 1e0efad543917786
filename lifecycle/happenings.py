"""The facts of a day, in the order of convention C6: what each does to the certificate's course."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date
from operator import attrgetter, itemgetter
from typing import Any

from lifecycle.audit import (
    NEW_CERTIFICATION_AUDITS,
    PROGRAMME,
    WINDOW_ANCHORS,
    stage_gap_kept,
    surveillance_interval,
    surveillance_windows,
)
from lifecycle.calendar import ONE_DAY, add
from lifecycle.certificate import AccreditationLoss, Course, StepAlarm
from lifecycle.decisions import decide
from lifecycle.effects import NOT_SUBJECT_TO_NC_BREACHES
from lifecycle.facts import Audit, Certificate, Extension, Facts, Notice, Verification
from lifecycle.finding import Finding, derive_finding, raise_finding
from lifecycle.grounds import Ground, joined_ids
from lifecycle.known import raised_on
from lifecycle.policy import StepRule

BEGIN, RAISED, CHANGED, STARTED, ENDED, ACCUMULATION, NOTICED, DECIDED = range(8)
Happening = tuple[date, int, int, Callable[[Course, Any], None], Any]


def happenings(course: Course, facts: Facts) -> list[Happening]:
    """Every dated fact with its place in the day and what it does, in the order in which they happen."""
    return sorted(_happenings(course, facts), key=itemgetter(0, 1, 2))


def _happenings(course: Course, facts: Facts) -> Iterator[Happening]:
    begins_on = facts.certificate.certified_on or facts.certificate.cycle_started_on
    if begins_on is not None:
        yield begins_on, BEGIN, 0, begin, begins_on
    for order, fact in enumerate(facts.nonconformities):
        audit = course.audit_by_id.get(fact.audit) if fact.audit is not None else None
        raised = raised_on(fact, audit)
        finding = raise_finding(fact, audit, raised)
        yield raised, RAISED, order, _raise, finding
        for extension in fact.extensions:
            yield extension.granted_on, CHANGED, order, _extend, (finding, extension)
        for check in fact.verifications:
            yield check.date, CHANGED, order, _verify, (finding, check)
    for order, audit in enumerate(facts.audits):
        began_on = audit.started_on or audit.ended_on
        if audit.kind == "stage2" and began_on is not None:
            yield began_on, STARTED, order, _start_stage2, audit
        if audit.ended_on is not None:
            yield audit.ended_on, ENDED, order, _end_audit, audit
    for order, notice in enumerate(facts.notices):
        yield notice.date, NOTICED, order, _notice, notice
    for order, decision in enumerate(facts.decisions):
        yield decision.date, DECIDED, order, decide, decision


# -- the certificate begins ------------------------------------------------------------------------


def in_force_since_ever(certificate: Certificate) -> bool:
    """True for a certificate of which only the expiry is known (section 2)."""
    return (certificate.certified_on or certificate.cycle_started_on) is None and certificate.expires_on is not None


def begin(course: Course, begins_on: date | None) -> None:
    """The certificate of the document comes into force; ``None`` when it has been since before every fact."""
    certificate = course.facts.certificate
    if course.status != "none":
        return
    starts_on = certificate.cycle_started_on or certificate.certified_on
    expires_on = certificate.expires_on
    if expires_on is None:
        assert starts_on is not None
        expires_on = course.book.at(starts_on).cycle.end(starts_on)
    course.start_cycle(starts_on, expires_on, certificate.id)
    if certificate.certified_on is not None:
        course.owe_first_surveillance(certificate.certified_on, certificate.issued_on or certificate.certified_on)
    if starts_on is not None:
        course.owe_yearly_surveillance(starts_on.year, starts_on)
    if begins_on is None:
        course.status = course.first_status = "active"
    else:
        course.move(begins_on, "active", "decision", "decision.certify", "certified", (certificate.id,))
    course.confirmed = "active"


# -- nonconformities -------------------------------------------------------------------------------


def _raise(course: Course, finding: Finding) -> None:
    course.findings.append(finding)
    _grade(course, finding, finding.grade, finding.raised_on)


def _grade(course: Course, finding: Finding, grade: str, day: date) -> None:
    """A grade begins, with the clocks of its own steps (C9)."""
    finding.take_grade(grade, day, course.book)
    course.graded_today.append(finding)
    for step, due_on in finding.due.items():
        _watch_step(course, finding, finding.due_rules[step], due_on)


def _watch_step(course: Course, finding: Finding, rule: StepRule, due_on: date) -> None:
    """Watch a step whose breach has an effect, unless it is known to be done in time."""
    if rule.on_breach not in ("suspend", "withdraw"):
        return
    done_on = finding.done.get(rule.step)
    if done_on is None or done_on > due_on:
        course.watch(add(due_on, rule.effect_after), StepAlarm(finding, rule, due_on))


def _extend(course: Course, granted: tuple[Finding, Extension]) -> None:
    """An extension counts only when granted on or before the current due date (C10)."""
    finding, extension = granted
    current = finding.due.get(extension.step)
    code = _extension_refused(finding, extension, current)
    if code is not None:
        course.violate(finding.id, code, extension.granted_on, applied=False)
    else:
        finding.due[extension.step] = extension.due_on
        _watch_step(course, finding, finding.due_rules[extension.step], extension.due_on)


def _extension_refused(finding: Finding, extension: Extension, current: date | None) -> str | None:
    if current is None:
        return "extension_without_deadline"
    if finding.over_by(extension.granted_on - ONE_DAY):
        return "extension_after_closure"
    if extension.granted_on > current:
        return "late_extension"
    return "extension_not_later" if extension.due_on <= current else None


def _verify(course: Course, verified: tuple[Finding, Verification]) -> None:
    """A verification after the closure is only listed; all others count by their date."""
    finding, check = verified
    closed_on = finding.done_on("closure")
    if closed_on is not None and closed_on < check.date:
        course.violate(finding.id, "verification_after_closure", check.date, applied=False)


# -- audits ----------------------------------------------------------------------------------------


def _start_stage2(course: Course, audit: Audit) -> None:
    """``stage1_to_stage2``: the time after the last stage 1 (9.3.1.2.4)."""
    day = audit.started_on or audit.ended_on
    assert day is not None
    stage1_on = course.audits.last_stage1_by(day)
    if stage1_on is not None and not stage_gap_kept(course.book, stage1_on, day):
        course.violate(audit.id, "stage_gap", day, applied=True)


def _end_audit(course: Course, audit: Audit) -> None:
    day = audit.ended_on
    assert day is not None
    if audit.kind in PROGRAMME:
        _escalate(course, audit, day)
        _start_interval(course, day)
    if audit.kind in WINDOW_ANCHORS:
        _start_windows(course, day)
    if audit.kind == "surveillance":
        _check_window(course, audit, day)
    if audit.kind in NEW_CERTIFICATION_AUDITS:
        _check_edition(course, audit, day)


def _escalate(course: Course, audit: Audit, day: date) -> None:
    """What is still open from before becomes graver at the next audit (section 5, escalation)."""
    for finding in course.findings:
        rule = finding.rules.escalation if finding.rules is not None and not finding.sources else None
        if rule is None or rule.becomes is None or finding.since >= day or finding.audit is audit:
            continue
        if finding.open_on(day):
            _grade(course, finding, rule.becomes, day)


def _start_interval(course: Course, day: date) -> None:
    deadline = surveillance_interval(course.book.at(day), day, course.generation)
    if deadline is not None and not any(
        other.kind == deadline.kind and other.due_on == deadline.due_on for other in course.audit_deadlines
    ):
        course.owe(deadline)


def _start_windows(course: Course, day: date) -> None:
    """New windows begin; earlier unmet ones that are due later become void."""
    for window in course.audit_deadlines:
        if window.kind == "surveillance_window" and window.due_on > day:
            done_on = window.done_on(course.audits.ended)
            window.superseded = window.superseded or done_on is None or done_on > day
    for window in surveillance_windows(course.book.at(day), day, course.generation):
        course.owe(window)


def _check_window(course: Course, audit: Audit, day: date) -> None:
    """A surveillance audit should fall into a window, where there are any."""
    current = (w for w in course.audit_deadlines if w.generation == course.generation and not w.superseded)
    windows = [w for w in current if w.kind == "surveillance_window"]
    if windows and not any(w.opens_on is not None and w.opens_on <= day <= w.due_on for w in windows):
        course.violate(audit.id, "audit_outside_window", day, applied=True)


def _check_edition(course: Course, audit: Audit, day: date) -> None:
    """No new certification or recertification audit to an edition after its last day for them."""
    record = course.editions.of(audit.edition or course.edition)
    if record is not None and record.last_new_audit_on is not None and day > record.last_new_audit_on:
        course.violate(audit.id, "audit_against_closed_edition", day, applied=True)


# -- accumulation and immediate suspension ---------------------------------------------------------


def after_grading(course: Course, day: date) -> None:
    """What follows on a day on which nonconformities were raised or changed their grade."""
    _accumulate(course, day)
    _suspend_at_opening(course, day)
    course.graded_today.clear()


def _accumulate(course: Course, day: date) -> None:
    """``nc.accumulation``: so many open ones of a grade make one derived nonconformity (3.12 note)."""
    rule = course.book.at(day).accumulation
    if rule.count is None:
        return
    countable = [
        finding
        for finding in course.findings
        if finding.grade == rule.grade and not finding.used and not finding.sources and finding.open_on(day)
    ]
    groups = _by_clause(countable) if rule.per_clause else [countable]
    for group in groups:
        if len(group) >= rule.count:
            _derive(course, group, rule.becomes, day)


def _by_clause(findings: list[Finding]) -> list[list[Finding]]:
    """One group for each clause, in clause order; a nonconformity without a clause belongs to none."""
    groups: dict[str, list[Finding]] = {}
    for finding in findings:
        if finding.clause is not None:
            groups.setdefault(finding.clause, []).append(finding)
    return [groups[clause] for clause in sorted(groups, key=_clause_order)]


def _clause_order(clause: str) -> list[tuple[bool, int, str]]:
    """As in a standard: 9.2 comes before 9.10, and the annexes (A.5.1) after the clauses."""
    parts = re.findall(r"[0-9]+|[^0-9]+", clause)
    return [(False, int(part), "") if part.isdecimal() else (True, 0, part) for part in parts]


def _derive(course: Course, group: list[Finding], grade: str, day: date) -> None:
    for finding in group:
        finding.used = True
    course.derived += 1
    derived = derive_finding(course.derived, grade, day, tuple(group))
    course.findings.append(derived)
    _grade(course, derived, grade, day)


def _suspend_at_opening(course: Course, day: date) -> None:
    """``nc.<grade>.opening``: raised with, or raised to, a grade that suspends at once, and still open."""
    opened = [f for f in course.graded_today if f.rules is not None and f.rules.opening_suspends and f.open_on(day)]
    if not opened or course.status in NOT_SUBJECT_TO_NC_BREACHES:
        return
    grounds = [Ground("nonconformity", day, f"nc.{f.grade}.opening", (f.id,), finding=f) for f in opened]
    if course.status == "active":
        grounds.sort(key=attrgetter("place"))
        course.move(day, "suspended", "rule", grounds[0].rule, "unresolved_nc", joined_ids(grounds))
    for ground in grounds:
        course.add_ground(ground)


# -- notices ---------------------------------------------------------------------------------------


def _notice(course: Course, notice: Notice) -> None:
    """Notices never move a status."""
    if notice.kind == "appeal_filed":
        course.under_appeal = True
    elif notice.kind == "transfer_requested" and not course.transferable(notice.date):
        course.violate(notice.id, "not_transferable", notice.date, applied=False)
    elif notice.kind == "accreditation_lost" and course.loss is None:
        limit = course.book.at(notice.date).transfer_limit
        limit_on = None if limit is None else add(notice.date, limit)
        course.losses.append(AccreditationLoss(notice.date, limit_on, course.generation))
