"""The first part of a day (C6): the effects of deadlines that have passed, joined into one move (C7)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from heapq import heappop

from lifecycle.audit import AuditDeadline
from lifecycle.calendar import ONE_DAY, day_after
from lifecycle.certificate import IN_FORCE, Course, StepAlarm
from lifecycle.grounds import EFFECT_STATUS, Effect, EffectKind, Ground, joined_ids

NOT_SUBJECT_TO_NC_BREACHES = frozenset({"none", "withdrawn"})
_RANK: tuple[EffectKind, ...] = ("withdraw", "expire", "suspend")


def next_effect_on(course: Course) -> date | None:
    """The next day on which a passed deadline could have an effect, as things stand."""
    days = [course.alarms[0][0]] if course.alarms else []
    last_valid = course.effective_expires_on
    if last_valid is not None and (course.in_force or course.confirmed in IN_FORCE):
        days.append(day_after(last_valid))
    if _edition_end_pending(course) and course.edition_end_on is not None:
        days.append(day_after(course.edition_end_on))
    suspension = course.suspension
    if suspension is not None and suspension.watched and suspension.limit_on is not None:
        days.append(day_after(suspension.limit_on))
    restoration_over_on = _restoration_breach_on(course)
    if restoration_over_on is not None:
        days.append(restoration_over_on)
    return min(days, default=None)


def apply_effects(course: Course, day: date) -> None:
    """Run the effects of all deadlines that have passed by the start of ``day`` and make the move they join to."""
    expiring = _validity_is_over(course, day) and course.in_force
    effects = [*_breaches(course, day, expiring), *_edition_end(course, day, expiring)]
    effects += _suspension_limit(course, day)
    if expiring:
        effects.append(_expiry(course))
    if _validity_is_over(course, day) and course.confirmed in IN_FORCE:
        course.confirmed = "expired"
    effects += _restoration_over(course, day, expiring)
    _join(course, day, effects)


def _join(course: Course, day: date, effects: list[Effect]) -> None:
    """Withdrawal outranks expiry, expiry outranks suspension (C7); all effects of the winning kind are named."""
    if not effects:
        return
    kind = min((effect.kind for effect in effects), key=_RANK.index)
    if kind == "suspend" and course.status != "active":
        return
    winners = sorted((e for e in effects if e.kind == kind), key=lambda e: (e.due_on, e.rule, e.ids))
    first = winners[0]
    because = joined_ids(winners)
    course.move(day, EFFECT_STATUS[kind], "rule", first.rule, first.reason, because)


def _validity_is_over(course: Course, day: date) -> bool:
    return course.effective_expires_on is not None and day > course.effective_expires_on


def _expiry(course: Course) -> Effect:
    """Section 6: expired by the cycle, or by the end of the edition when that comes sooner."""
    assert course.effective_expires_on is not None
    rule, reason = (
        ("edition.end", "edition_not_transitioned") if course.expires_by_edition else ("cycle", "validity_ended")
    )
    return Effect("expire", course.effective_expires_on, rule, (course.number,), reason)


def _breaches(course: Course, day: date, expiring: bool) -> Iterator[Effect]:
    """Steps of nonconformities and audits not done by their date."""
    alarms = course.alarms
    while alarms and alarms[0][0] <= day:
        alarm = heappop(alarms)[2]
        if isinstance(alarm, StepAlarm):
            effect = _step_breach(course, alarm, day)
        else:
            effect = None if expiring else _missed_audit(course, alarm, day)
        if effect is not None:
            yield effect


def _step_breach(course: Course, alarm: StepAlarm, day: date) -> Effect | None:
    """A step not done by its date, while the certificate is in force or expired (section 5, breach)."""
    finding, rule = alarm.finding, alarm.rule
    if finding.due.get(rule.step) != alarm.due_on or finding.due_rules[rule.step] is not rule:
        return None
    done_on = finding.done_on(rule.step)
    in_time = done_on is not None and done_on <= alarm.due_on
    void_on = finding.void_on
    if in_time or (void_on is not None and void_on < day) or course.status in NOT_SUBJECT_TO_NC_BREACHES:
        return None
    ids = (finding.id,)
    if rule.on_breach == "suspend":
        course.add_ground(Ground("nonconformity", alarm.due_on, rule.id, ids, finding=finding, step=rule.step))
        return Effect("suspend", alarm.due_on, rule.id, ids, "unresolved_nc")
    return Effect("withdraw", alarm.due_on, rule.id, ids, "unresolved_nc")


def _missed_audit(course: Course, deadline: AuditDeadline, day: date) -> Effect | None:
    """An audit that did not take place by its date, while the certificate is in force."""
    if not course.in_force or deadline.superseded or deadline.generation != course.generation:
        return None
    if (
        deadline.kind == "surveillance_interval"
        and course.expires_on is not None
        and deadline.due_on > course.expires_on
    ):
        return None
    done_on = deadline.done_on(course.audits.ended)
    if done_on is not None and done_on <= deadline.due_on:
        return None
    ids = (course.number,)
    if deadline.on_breach == "suspend":
        course.add_ground(Ground("audit", deadline.due_on, deadline.rule, ids))
        return Effect("suspend", deadline.due_on, deadline.rule, ids, "audit_missed")
    return Effect("withdraw", deadline.due_on, deadline.rule, ids, "audit_missed")


def _edition_end_pending(course: Course) -> bool:
    """True when the edition held will suspend or withdraw the certificate at its end."""
    end = course.edition_end_on
    if end is None or not course.in_force or course.edition in course.editions_acted_on:
        return False
    return course.book.at(end).edition_end_effect != "expire"


def _edition_end(course: Course, day: date, expiring: bool) -> Iterator[Effect]:
    """``edition.end`` with the effect to suspend or to withdraw."""
    end = course.edition_end_on
    if end is None or day <= end or not _edition_end_pending(course):
        return
    course.editions_acted_on.add(course.edition)
    if expiring:
        return
    ids = (course.number,)
    if course.book.at(end).edition_end_effect == "withdraw":
        yield Effect("withdraw", end, "edition.end", ids, "edition_not_transitioned")
        return
    course.add_ground(Ground("edition", end, "edition.end", ids))
    yield Effect("suspend", end, "edition.end", ids, "edition_not_transitioned")


def _suspension_limit(course: Course, day: date) -> Iterator[Effect]:
    """``suspension``: withdrawn on the first day after the limit on which a ground is unresolved (9.6.5)."""
    suspension = course.suspension
    if suspension is None or not suspension.watched or suspension.limit_on is None or day <= suspension.limit_on:
        return
    suspension.watched = False
    yesterday = day - ONE_DAY
    unresolved = course.unresolved(yesterday, day)
    ids = joined_ids(unresolved) or tuple(course.body_suspensions)
    if ids:
        nc_unresolved = any(ground.on_nonconformities for ground in unresolved)
        reason = "unresolved_nc" if nc_unresolved else "suspension_not_resolved"
        yield Effect("withdraw", suspension.limit_on, "suspension", ids, reason)


def _restoration_breach_on(course: Course) -> date | None:
    """The day on which a certificate expired by cycle is withdrawn for lack of recertification."""
    if course.status != "expired" or course.expires_by_edition or course.expires_on is None:
        return None
    limit_on = course.restoration_limit_on()
    if limit_on is None or not course.book.at(course.expires_on).restoration_withdraws:
        return None
    return day_after(limit_on)


def _restoration_over(course: Course, day: date, expiring: bool) -> Iterator[Effect]:
    """``restoration`` with ``on_breach: withdraw``: the time to restore has passed without a recertification."""
    if expiring:
        return
    breach_on = _restoration_breach_on(course)
    if breach_on is not None and day >= breach_on:
        due_on = breach_on - ONE_DAY
        yield Effect("withdraw", due_on, "restoration", (course.number,), "recertification_not_completed")
