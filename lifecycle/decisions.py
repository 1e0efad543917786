"""The certification body's decisions (section 7): what refuses each kind, in the order checked, and its effect.

A refusal is the code of the violation, or None when the decision may take effect.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from lifecycle.calendar import add, day_after
from lifecycle.certificate import Course
from lifecycle.facts import Decision, DecisionKind
from lifecycle.finding import Finding
from lifecycle.grounds import Ground
from lifecycle.outcome import Status

Refusal = Callable[[Course, Decision], str | None]
Effect = Callable[[Course, Decision], None]


def decide(course: Course, decision: Decision) -> None:
    """Apply a decision, or list it as a violation when the rules do not allow it."""
    refusal, effect = DECISIONS[decision.kind]
    code = refusal(course, decision)
    if code is None:
        effect(course, decision)
    else:
        course.violate(decision.id, code, decision.date, applied=False)


def _move(course: Course, decision: Decision, to_status: Status, reason: str) -> None:
    """The body moves the certificate and thereby says so itself."""
    course.move(decision.date, to_status, "decision", f"decision.{decision.kind}", reason, (decision.id,))
    course.confirmed = to_status


def _edition_ended(course: Course, decision: Decision) -> bool:
    return course.editions.ended_before(decision.edition or course.edition, decision.date)


def _too_late_to_transition(course: Course, day: date) -> bool:
    return course.expired_by_edition and course.restorable_until(day) is None


def _expired_with_open_grounds(course: Course, day: date) -> bool:
    return course.status == "expired" and bool(course.unresolved(day))


# -- certify -------------------------------------------------------------------------------------


def refuse_certify(course: Course, decision: Decision) -> str | None:
    """A certificate in force, too early after a withdrawal, an open major, a stage 2 or an edition that is over."""
    day = decision.date
    reapply_from = course.reapply_from()
    if course.in_force:
        return "already_certified"
    if reapply_from is not None and day < reapply_from:
        return "too_early_to_reapply"
    if any(course.ended_on is None or major.raised_on >= course.ended_on for major in course.majors(day)):
        return "open_major"
    if course.another_stage2_required(day):
        return "another_stage2_required"
    return "edition_ended" if _edition_ended(course, decision) else None


def certify(course: Course, decision: Decision) -> None:
    """A new cycle from that day; after a former certificate a new one, whose elder nonconformities become void."""
    day = decision.date
    if course.status == "none":
        course.numbers[0] = decision.certificate or course.numbers[0]
    else:
        _void_older_findings(course, day)
        course.replace_certificate(decision.certificate or decision.id)
    course.edition = decision.edition or course.edition
    course.start_cycle(day, course.book.at(day).cycle.end(day), decision.id)
    course.owe_first_surveillance(day, day)
    course.owe_yearly_surveillance(day.year, day)
    _move(course, decision, "active", "certified")


def _void_older_findings(course: Course, day: date) -> None:
    ended_on = course.ended_on
    older = [f for f in course.findings if ended_on is not None and f.raised_on < ended_on and f.open_on(day)]
    for finding in older:
        finding.void_on = day


# -- recertify -----------------------------------------------------------------------------------


def refuse_recertify(course: Course, decision: Decision) -> str | None:
    """Not possible without a certificate, with an open major, for an ended edition, or too late (9.6.3)."""
    day = decision.date
    if course.status in ("none", "withdrawn"):
        return "not_in_force"
    if any(course.majors(day)):
        return "open_major"
    if _edition_ended(course, decision):
        return "edition_ended"
    if _too_late_to_transition(course, day):
        return "too_late_to_transition"
    if _expired_with_open_grounds(course, day):
        return "open_grounds"
    return "too_late_to_restore" if _too_late_to_restore(course, day) else None


def _too_late_to_restore(course: Course, day: date) -> bool:
    """After the limit only a stage 2 held since the expiry helps, where the scheme allows it (9.6.3.2.5)."""
    expires_on = course.expires_on
    if expires_on is None or _within_restoration_limit(course, day):
        return False
    by_stage2 = course.book.at(expires_on).restoration_by_stage2
    return not by_stage2 or not course.audits.stage2_ended_after(expires_on, day)


def _within_restoration_limit(course: Course, day: date) -> bool:
    """True by the expiry and within the limit after it."""
    expires_on = course.expires_on
    assert expires_on is not None
    if day <= expires_on:
        return True
    limit = course.book.at(expires_on).restoration_limit
    return limit is not None and day <= add(expires_on, limit)


def recertify(course: Course, decision: Decision) -> None:
    """A new cycle: seamless by the expiry, from that day with the same expiry within the limit, else wholly new."""
    day, old = decision.date, course.expires_on
    assert old is not None
    policy = course.book.at(day)
    was_expired = course.status == "expired"
    starts_on = day if was_expired else day_after(old)
    in_time = _within_restoration_limit(course, day)
    expires_on = add(old, policy.cycle.length) if in_time else policy.cycle.end(day)
    course.edition = decision.edition or course.edition
    course.start_cycle(starts_on, expires_on, decision.id)
    course.owe_yearly_surveillance(day.year if was_expired else old.year, day)
    if was_expired:
        _restore(course, decision)


def _restore(course: Course, decision: Decision) -> None:
    """An expired certificate is active again; the gap must be shown on it."""
    course.lapsed = True
    course.drop_grounds()
    _move(course, decision, "active", "restored")


# -- transition ----------------------------------------------------------------------------------


def refuse_transition(course: Course, decision: Decision) -> str | None:
    """Only a certificate in force, or one that its edition ended a short while ago, changes its edition."""
    day = decision.date
    expired_by_cycle = course.status == "expired" and not course.expires_by_edition
    if course.status in ("none", "withdrawn") or expired_by_cycle:
        return "not_in_force"
    if any(course.majors(day)):
        return "open_major"
    if _edition_ended(course, decision):
        return "edition_ended"
    if _too_late_to_transition(course, day):
        return "too_late_to_transition"
    return "open_grounds" if _expired_with_open_grounds(course, day) else None


def transition(course: Course, decision: Decision) -> None:
    """The edition changes; an expired certificate is active again if its own expiry is not past."""
    course.set_validity(decision.edition or course.edition, course.expires_on)
    if course.status == "expired" and course.expires_on is not None and decision.date <= course.expires_on:
        _restore(course, decision)


# -- suspend, lift, withdraw, reinstate ----------------------------------------------------------


def refuse_suspend(course: Course, decision: Decision) -> str | None:
    """Only a certificate in force can be suspended."""
    return None if course.in_force else "not_in_force"


def suspend(course: Course, decision: Decision) -> None:
    """Suspends; or confirms a suspension that the rules have made, whose clock goes on.

    A suspension that the body decides is itself the ground until all nonconformities it names are over; a
    confirmation adds the nonconformities that it names.
    """
    day, named = decision.date, decision.because
    if course.status == "suspended":
        course.confirmed = "suspended"
        for number in named:
            course.add_ground(Ground("decision", day, "decision.suspend", (number,), (number,)))
        return
    _move(course, decision, "suspended", decision.reason or ("unresolved_nc" if named else "decision"))
    if named:
        course.add_ground(Ground("decision", day, "decision.suspend", (decision.id,), named))
    else:
        course.body_suspensions.append(decision.id)


def _open_grounds(course: Course, decision: Decision) -> str | None:
    """Open grounds refuse a lift, unless an appeal was upheld; an override is applied and listed."""
    if course.appeal_upheld or not course.unresolved(decision.date):
        return None
    if not decision.override:
        return "open_grounds"
    course.violate(decision.id, "open_grounds", decision.date, applied=True)
    return None


def refuse_lift(course: Course, decision: Decision) -> str | None:
    """Only a suspension without open grounds can be lifted (9.6.5)."""
    return _open_grounds(course, decision) if course.status == "suspended" else "not_suspended"


def lift(course: Course, decision: Decision) -> None:
    """Active again; all grounds are dropped."""
    course.drop_grounds()
    _move(course, decision, "active", "lifted")


def refuse_extend_suspension(course: Course, decision: Decision) -> str | None:
    """Only a running suspension gets a later limit."""
    suspension = course.suspension
    if suspension is None:
        return "not_suspended"
    later = suspension.limit_on is not None and decision.until is not None and decision.until > suspension.limit_on
    return None if later else "extension_not_later"


def extend_suspension(course: Course, decision: Decision) -> None:
    """The limit moves."""
    if decision.until is not None:
        course.extend_suspension(decision.until)


def refuse_withdraw(course: Course, decision: Decision) -> str | None:
    """There must be a certificate to withdraw."""
    return "not_in_force" if course.status == "none" else None


def withdraw(course: Course, decision: Decision) -> None:
    """Withdrawn; or confirms a withdrawal that the rules have made."""
    if course.status == "withdrawn":
        course.confirmed = "withdrawn"
    else:
        _move(course, decision, "withdrawn", decision.reason or "other")


def refuse_reinstate(course: Course, decision: Decision) -> str | None:
    """A withdrawal that the body itself decided stands, unless an appeal was upheld."""
    if course.status != "withdrawn":
        return "not_withdrawn"
    if course.confirmed == "withdrawn" and not course.appeal_upheld:
        return "withdrawal_confirmed"
    if course.effective_expires_on is not None and decision.date > course.effective_expires_on:
        return "validity_ended"
    return _open_grounds(course, decision)


def reinstate(course: Course, decision: Decision) -> None:
    """Active again after a withdrawal."""
    course.drop_grounds()
    _move(course, decision, "active", "reinstated")


# -- scope, transfer, appeal ---------------------------------------------------------------------


def _open_findings_of(course: Course, decision: Decision) -> list[Finding]:
    """Open nonconformities of the parts or sites that a decision leaves out."""
    return [
        finding
        for finding in course.findings
        if (fact := finding.fact) is not None
        and (fact.site in decision.sites or fact.scope_part in decision.parts)
        and finding.open_on(decision.date)
    ]


def refuse_reduce_scope(course: Course, decision: Decision) -> str | None:
    """A part with a major cannot be left out to obtain the certificate."""
    if course.status == "none" and any(f.blocks_decision for f in _open_findings_of(course, decision)):
        return "exclusion_not_admissible"
    return None if course.in_force else "not_in_force"


def reduce_scope(course: Course, decision: Decision) -> None:
    """Open nonconformities of the parts or sites left out become void."""
    course.scope_reduced = True
    for finding in _open_findings_of(course, decision):
        finding.void_on = decision.date


def refuse_transfer(course: Course, decision: Decision) -> str | None:
    """Active, in time after a loss of accreditation, and without open majors (IAF MD 2)."""
    if course.status == "active" and course.past_transfer_limit(decision.date):
        return "transfer_too_late"
    return None if course.transferable(decision.date) else "not_transferable"


def transfer(course: Course, decision: Decision) -> None:
    """The cycle is kept and the accreditation restored."""
    loss = course.loss
    if loss is not None:
        loss.due_on = course.transfer_due_on(loss)
        loss.transferred_on = decision.date


def refuse_appeal_outcome(course: Course, decision: Decision) -> str | None:
    """There is an outcome only of an appeal that was filed."""
    return None if course.under_appeal else "no_appeal"


def appeal_outcome(course: Course, decision: Decision) -> None:
    """Ends the appeal and moves nothing; an upheld one opens the way to a lift or a reinstatement."""
    course.under_appeal = False
    if decision.outcome == "upheld":
        course.appeal_upheld = True


DECISIONS: dict[DecisionKind, tuple[Refusal, Effect]] = {
    "certify": (refuse_certify, certify),
    "recertify": (refuse_recertify, recertify),
    "transition": (refuse_transition, transition),
    "suspend": (refuse_suspend, suspend),
    "lift": (refuse_lift, lift),
    "extend_suspension": (refuse_extend_suspension, extend_suspension),
    "withdraw": (refuse_withdraw, withdraw),
    "reinstate": (refuse_reinstate, reinstate),
    "reduce_scope": (refuse_reduce_scope, reduce_scope),
    "transfer": (refuse_transfer, transfer),
    "appeal_outcome": (refuse_appeal_outcome, appeal_outcome),
}
