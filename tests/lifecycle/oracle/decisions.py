"""Decisions of the certification body: the table of section 7, row by row.

Each ``check_<kind>`` gives the code of the first condition that refuses the decision, in the order of the table.
Each ``do_<kind>`` is its effect.
"""

from datetime import date
from typing import Any

from tests.lifecycle.oracle.audits import counts
from tests.lifecycle.oracle.dates import ONE_DAY, add
from tests.lifecycle.oracle.nonconformity import Nonconformity
from tests.lifecycle.oracle.story import AuditDeadline, Certificate, Ground, Story

Decision = dict[str, Any]


def decide(story: Story, decision: Decision, day: date) -> None:
    """Apply a decision, refuse it, or apply it and say what it overrode."""
    kind = decision["kind"]
    code = CHECKS[kind](story, decision, day)
    overridden = code == "open_grounds" and kind in ("lift", "reinstate") and decision.get("override", False)
    if code is not None:
        story.violate(day, decision["id"], code, applied=overridden)
    if code is None or overridden:
        EFFECTS[kind](story, decision, day)


def by_decision(story: Story, decision: Decision, day: date, to: str, reason: str) -> None:
    story.move(day, to, "decision", f"decision.{decision['kind']}", reason, [decision["id"]])


# certify


def check_certify(story: Story, decision: Decision, day: date) -> str | None:
    if story.in_force:
        return "already_certified"
    if story.status == "withdrawn" and day < reapply_from(story):
        return "too_early_to_reapply"
    if any(is_newer(story, n) for n in story.open_majors(day)):
        return "open_major"
    if story.another_stage2_required(day):
        return "another_stage2_required"
    if story.edition_ended(decision.get("edition", story.edition), day):
        return "edition_ended"
    return None


def reapply_from(story: Story) -> date:
    """Day of withdrawal + ``reapplication.wait``."""
    assert story.withdrawn_on is not None
    return add(story.withdrawn_on, story.rules["reapplication"]["wait"] or "0d")


def is_newer(story: Story, nonconformity: Nonconformity) -> bool:
    """After a former certificate: raised since it ended."""
    return story.ended_on is None or nonconformity.raised_on >= story.ended_on


def do_certify(story: Story, decision: Decision, day: date) -> None:
    if story.status == "none":
        rename(story, decision.get("certificate") or story.certificate_id)
    else:
        replace_former(story, decision, day)
    story.edition = decision.get("edition", story.edition)
    by_decision(story, decision, day, "active", "certified")
    story.confirmed = "active"
    story.ended_on = story.withdrawn_on = None
    story.start_cycle(day, story.end_of_cycle(day), decision["id"], day.year)
    story.first_surveillance(day, day)


def replace_former(story: Story, decision: Decision, day: date) -> None:
    """A new certificate after a former one: older open nonconformities become void."""
    assert story.expires_on is not None
    story.former.append(Certificate(story.certificate_id, story.expires_on, story.status))
    older = [n for n in story.nonconformities if not n.is_over(day) and not is_newer(story, n)]
    for nonconformity in older:
        nonconformity.void_on = day
    new = decision.get("certificate") or decision["id"]
    replace_deadlines(story, new, day)
    story.lapse_to_show = story.scope_reduced = False
    story.certificate_id = new


def rename(story: Story, name: str) -> None:
    """The first certificate gets its name; what was already due before it was certified is due for it."""
    for deadline in story.audit_deadlines:
        deadline.certificate = name
    for loss in story.losses:
        loss.certificate = name
    story.certificate_id = name


def replace_deadlines(story: Story, new: str, day: date) -> None:
    """What follows an audit since the former certificate ended is due for the new one; the rest is replaced."""
    kept = []
    for deadline in story.audit_deadlines:
        if follows_audit_since_the_end(story, deadline):
            deadline.certificate = new
        elif deadline.replaced_on is None:
            if not counts(story, deadline):
                continue
            deadline.replaced_on = day
        kept.append(deadline)
    story.audit_deadlines = kept
    for loss in story.losses:
        loss.replaced_on = loss.replaced_on or day


def follows_audit_since_the_end(story: Story, deadline: AuditDeadline) -> bool:
    assert story.ended_on is not None
    follows = deadline.kind in ("surveillance_interval", "surveillance_window")
    return follows and deadline.anchor is not None and deadline.anchor >= story.ended_on


# recertify


def check_recertify(story: Story, decision: Decision, day: date) -> str | None:
    if story.status in ("none", "withdrawn"):
        return "not_in_force"
    if story.open_majors(day):
        return "open_major"
    if story.edition_ended(decision.get("edition", story.edition), day):
        return "edition_ended"
    if story.status == "expired":
        if not story.expires_by_cycle() and not story.restorable(day):
            return "too_late_to_transition"
        if story.open_grounds(day):
            return "open_grounds"
    if when_recertified(story, day) == "too late":
        return "too_late_to_restore"
    return None


def when_recertified(story: Story, day: date) -> str:
    """By the expiry, within the limit to restore, or later with a stage 2 after the expiry."""
    assert story.expires_on is not None
    rule = story.rules["restoration"]
    if day <= story.expires_on:
        return "by the expiry"
    if rule["limit"] and day <= add(story.expires_on, rule["limit"]):
        return "within the limit"
    if rule["otherwise"] == "stage2" and story.audits_ended(day, ("stage2",), after=story.expires_on):
        return "later"
    return "too late"


def do_recertify(story: Story, decision: Decision, day: date) -> None:
    old = story.expires_on
    assert old is not None
    when, expired = when_recertified(story, day), story.status == "expired"
    renewed = add(old, story.rules["cycle"]["length"])
    story.edition = decision.get("edition", story.edition)
    if when == "later":
        story.start_cycle(day, story.end_of_cycle(day), decision["id"], day.year)
    elif when == "by the expiry" and not expired:
        story.start_cycle(old + ONE_DAY, renewed, decision["id"], old.year)
    else:
        story.start_cycle(day, renewed, decision["id"], day.year)
    if expired:
        restore(story, decision, day)


def restore(story: Story, decision: Decision, day: date) -> None:
    by_decision(story, decision, day, "active", "restored")
    story.confirmed = "active"
    story.lapse_to_show = True
    story.ended_on = None


# transition


def check_transition(story: Story, decision: Decision, day: date) -> str | None:
    if story.status in ("none", "withdrawn") or (story.status == "expired" and story.expires_by_cycle()):
        return "not_in_force"
    if story.open_majors(day):
        return "open_major"
    if story.edition_ended(decision["edition"], day):
        return "edition_ended"
    if story.status == "expired":
        if not story.restorable(day):
            return "too_late_to_transition"
        if story.open_grounds(day):
            return "open_grounds"
    return None


def do_transition(story: Story, decision: Decision, day: date) -> None:
    story.edition = decision["edition"]
    if story.status == "expired" and story.expires_on is not None and day <= story.expires_on:
        restore(story, decision, day)


# suspend, lift, extend_suspension


def check_suspend(story: Story, decision: Decision, day: date) -> str | None:
    return None if story.in_force else "not_in_force"


def do_suspend(story: Story, decision: Decision, day: date) -> None:
    """Suspends, and is the ground; or confirms: then ``confirmed_status`` follows, and what it names joins."""
    because = decision.get("because") or []
    story.confirmed = "suspended"
    if story.status == "suspended":
        for name in because:
            story.grounds.append(Ground([name], day, "decision.suspend", because=[name], kind="decision"))
        return
    reason = decision.get("reason") or ("unresolved_nc" if because else "decision")
    by_decision(story, decision, day, "suspended", reason)
    if because:
        ground = Ground([decision["id"]], day, "decision.suspend", because=because, kind="decision")
        story.grounds.append(ground)
    else:
        story.body_suspension.append(decision["id"])


def check_lift(story: Story, decision: Decision, day: date) -> str | None:
    if story.status != "suspended":
        return "not_suspended"
    return grounds_against(story, day)


def grounds_against(story: Story, day: date) -> str | None:
    """Open grounds, unless an appeal was upheld since the last move to active, suspended or withdrawn."""
    return "open_grounds" if story.open_grounds(day) and not story.appeal_upheld else None


def do_lift(story: Story, decision: Decision, day: date) -> None:
    by_decision(story, decision, day, "active", "lifted")
    story.confirmed = "active"


def check_extend_suspension(story: Story, decision: Decision, day: date) -> str | None:
    if story.status != "suspended":
        return "not_suspended"
    if story.limit_on is None or decision["until"] <= story.limit_on:
        return "extension_not_later"
    return None


def do_extend_suspension(story: Story, decision: Decision, day: date) -> None:
    story.limit_on = decision["until"]


# withdraw, reinstate


def check_withdraw(story: Story, decision: Decision, day: date) -> str | None:
    return "not_in_force" if story.status == "none" else None


def do_withdraw(story: Story, decision: Decision, day: date) -> None:
    story.confirmed = "withdrawn"
    if story.status != "withdrawn":
        by_decision(story, decision, day, "withdrawn", decision.get("reason", "other"))


def check_reinstate(story: Story, decision: Decision, day: date) -> str | None:
    if story.status != "withdrawn":
        return "not_withdrawn"
    if story.confirmed == "withdrawn" and not story.appeal_upheld:
        return "withdrawal_confirmed"
    expiry = story.effective_expiry()
    if expiry is not None and day > expiry:
        return "validity_ended"
    return grounds_against(story, day)


def do_reinstate(story: Story, decision: Decision, day: date) -> None:
    by_decision(story, decision, day, "active", "reinstated")
    story.confirmed = "active"
    story.ended_on = story.withdrawn_on = None


# reduce_scope, transfer, appeal_outcome


def concerned(nonconformity: Nonconformity, decision: Decision) -> bool:
    """A nonconformity of the parts or sites that a decision leaves out."""
    at_part = nonconformity.scope_part is not None and nonconformity.scope_part in decision.get("parts", [])
    at_site = nonconformity.site is not None and nonconformity.site in decision.get("sites", [])
    return at_part or at_site


def check_reduce_scope(story: Story, decision: Decision, day: date) -> str | None:
    if story.status == "none" and any(concerned(n, decision) for n in story.open_majors(day)):
        return "exclusion_not_admissible"
    return None if story.in_force else "not_in_force"


def do_reduce_scope(story: Story, decision: Decision, day: date) -> None:
    story.scope_reduced = True
    for nonconformity in story.nonconformities:
        if concerned(nonconformity, decision) and not nonconformity.is_over(day):
            nonconformity.void_on = day


def check_transfer(story: Story, decision: Decision, day: date) -> str | None:
    if story.status == "active" and story.transfer_limit_past(day):
        return "transfer_too_late"
    return None if story.transferable(day) else "not_transferable"


def do_transfer(story: Story, decision: Decision, day: date) -> None:
    loss = story.loss()
    if loss is not None:
        loss.due_on = story.transfer_limit(loss)
        loss.transferred_on = day


def check_appeal_outcome(story: Story, decision: Decision, day: date) -> str | None:
    return None if story.appeal_pending else "no_appeal"


def do_appeal_outcome(story: Story, decision: Decision, day: date) -> None:
    story.appeal_pending = False
    if decision["outcome"] == "upheld":
        story.appeal_upheld = True


KINDS = [
    "certify", "recertify", "transition", "suspend", "lift", "extend_suspension", "withdraw", "reinstate",
    "reduce_scope", "transfer", "appeal_outcome",
]  # fmt: skip
CHECKS = {kind: globals()[f"check_{kind}"] for kind in KINDS}
EFFECTS = {kind: globals()[f"do_{kind}"] for kind in KINDS}
