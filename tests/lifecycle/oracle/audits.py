"""Deadlines for audits: what meets them, and what they were worth on a day."""

from datetime import date
from typing import Any

from tests.lifecycle.oracle.dates import add, add_months, first_morning, months_of
from tests.lifecycle.oracle.story import IN_FORCE, MAKES_UP, AuditDeadline, Story

MEETS_YEARLY = ("surveillance", "recertification", "stage2")
OPENS_WINDOWS = ("stage2", "recertification", "transfer")


def done_on(story: Story, deadline: AuditDeadline, by: date) -> date | None:
    """The day up to ``by`` on which the audit that a deadline asks for ended, in time or late.

    A year and a window are met inside only.
    """
    if deadline.kind == "first_surveillance":
        ends = story.audits_ended(by, MAKES_UP, after=_anchor(deadline))
    elif deadline.kind == "surveillance_interval":
        ends = story.audits_ended(by, MEETS_YEARLY, after=_anchor(deadline))
    elif deadline.kind == "yearly_surveillance":
        ends = [e for e in story.audits_ended(by, MEETS_YEARLY) if e.year == deadline.due_on.year]
    else:
        opens = deadline.opens_on or date.min
        ends = [e for e in story.audits_ended(by, ("surveillance",)) if opens <= e <= deadline.due_on]
    return ends[0] if ends else None


def _anchor(deadline: AuditDeadline) -> date:
    assert deadline.anchor is not None
    return deadline.anchor


def is_met(story: Story, deadline: AuditDeadline, by: date) -> bool:
    done = done_on(story, deadline, by)
    return done is not None and done <= deadline.due_on


def made_up(story: Story, deadline: AuditDeadline, by: date) -> bool:
    """A missed audit is made up by a surveillance or recertification audit ended after the due date."""
    return bool(story.audits_ended(by, MAKES_UP, after=deadline.due_on))


def effect_on(story: Story, deadline: AuditDeadline) -> date:
    return add(deadline.due_on, story.rules[deadline.rule]["effect_after"])


def counts(story: Story, deadline: AuditDeadline) -> bool:
    """An interval beyond the expiry is none; nothing is due of a certificate that does not exist."""
    if story.expires_on is None:
        return False
    if deadline.kind == "surveillance_interval" and deadline.replaced_on is None:
        return deadline.due_on <= story.expires_on
    return True


def follow_up_deadlines(story: Story, audit: dict[str, Any]) -> None:
    """The deadlines that an audit starts when it ends."""
    if audit["kind"] in MEETS_YEARLY:
        _start_interval(story, audit["ended_on"])
    if audit["kind"] in OPENS_WINDOWS:
        _open_windows(story, audit["ended_on"])


def _start_interval(story: Story, ended: date) -> None:
    rule = story.rules["surveillance.interval"]
    if rule["due"] is None:
        return
    due = add(ended, rule["due"])
    same = [d for d in story.audit_deadlines if d.kind == "surveillance_interval" and d.due_on == due]
    if not same:
        story.audit_deadlines.append(
            AuditDeadline("surveillance_interval", "surveillance.interval", story.certificate_id, due, ended)
        )


def _open_windows(story: Story, anchor: date) -> None:
    rule = story.rules["surveillance.window"]
    if rule["every"] is None:
        return
    for earlier in story.audit_deadlines:
        if earlier.kind == "surveillance_window" and earlier.due_on > anchor and not is_met(story, earlier, anchor):
            earlier.void = True
    every, before, after = (months_of(rule[name]) for name in ("every", "before", "after"))
    for number in range(1, rule["count"] + 1):
        opens = add_months(anchor, number * every - before)
        due = add_months(anchor, number * every + after)
        window = AuditDeadline("surveillance_window", "surveillance.window", story.certificate_id, due, anchor, opens)
        story.audit_deadlines.append(window)


def outside_window(story: Story, audit: dict[str, Any]) -> bool:
    """A surveillance audit that ended in none of the windows that the certificate has."""

    windows = [d for d in story.audit_deadlines if d.kind == "surveillance_window"]
    windows = [d for d in windows if d.replaced_on is None and not d.void]
    inside = [w for w in windows if (w.opens_on or date.min) <= audit["ended_on"] <= w.due_on]
    return audit["kind"] == "surveillance" and bool(windows) and not inside


def breached(story: Story, deadline: AuditDeadline, day: date) -> bool:
    """Whether a missed audit takes effect on this day; only a complete history proves that it was missed."""
    if not story.complete_history or not story.in_force or not counts(story, deadline):
        return False
    if deadline.void or deadline.replaced_on is not None:
        return False
    effect = first_morning(effect_on(story, deadline), deadline.anchor or date.min)
    return effect == day and not is_met(story, deadline, deadline.due_on)


def state(story: Story, deadline: AuditDeadline, last: date) -> str:
    """The state at the last asked date, in the order in which section 8 names the states."""
    if deadline.void:
        return "void"
    if is_met(story, deadline, last):
        return "met"
    if done_on(story, deadline, last):
        return "late"
    if deadline.replaced_on is not None:
        return "void"
    if not_in_force(story, effect_on(story, deadline), deadline.due_on, last):
        return "void"
    if last <= deadline.due_on:
        return "open"
    return "missed" if story.complete_history else "unknown"


def not_in_force(story: Story, effect: date, due: date, last: date) -> bool:
    """Not in force on the effect day, before other effects than its expiry, or ended by the due date."""
    if effect <= last and (story.status_before(effect) not in IN_FORCE or story.expired_by_rule_on(effect)):
        return True
    return story.status_on(min(due, last)) not in IN_FORCE


def overdue(story: Story, day: date) -> bool:
    """A missed audit was not made up."""
    missed = [d for d in story.audit_deadlines if counts(story, d) and state(story, d, day) == "missed"]
    return any(not made_up(story, deadline, day) for deadline in missed)
