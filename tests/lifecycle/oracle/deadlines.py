"""The list of deadlines and their states at the last asked date (section 8)."""

from datetime import date
from typing import Any

from tests.lifecycle.oracle import audits
from tests.lifecycle.oracle.dates import ONE_DAY, add, to_text
from tests.lifecycle.oracle.nonconformity import STEPS, Nonconformity
from tests.lifecycle.oracle.story import AuditDeadline, Loss, Story


def all_deadlines(story: Story, last: date) -> list[dict[str, Any]]:
    """Every deadline, by due date, kind, subject."""
    found = []
    for nonconformity in story.nonconformities:
        found += nonconformity_deadlines(story, nonconformity, last)
    found += [audit_entry(story, d, last) for d in story.audit_deadlines if audits.counts(story, d)]
    found += transfer_deadlines(story, last) + certificate_deadlines(story, last)
    return sorted(found, key=lambda d: (d["due_on"], d["kind"], d["subject"]))


def entry(kind: str, subject: str, due: date, rule: str, state: str, opens: date | None = None) -> dict[str, Any]:
    texts = {"due_on": to_text(due), "opens_on": to_text(opens)}
    return {"kind": kind, "subject": subject, **texts, "rule": rule, "state": state}


# Nonconformities


def nonconformity_deadlines(story: Story, nonconformity: Nonconformity, last: date) -> list[dict[str, Any]]:
    found = []
    for step in STEPS:
        due = nonconformity.due_date(step)
        if due is not None:
            state = nonconformity_state(story, nonconformity, step, due, last)
            found.append(entry(f"nc_{step}", nonconformity.id, due, f"nc.{nonconformity.grade}.{step}", state))
    for kind, rule, due in blocking_deadlines(story, nonconformity):
        state = nonconformity_state(story, nonconformity, "closure", due, last)
        found.append(entry(kind, nonconformity.id, due, rule, state))
    return found


def nonconformity_state(story: Story, nonconformity: Nonconformity, step: str, due: date, last: date) -> str:
    """In the order in which section 8 names the states."""
    if nonconformity.is_done(step, min(due, last)):
        return "met"
    if nonconformity.is_done(step, last):
        return "late"
    if nonconformity.is_void(last) or story.status_on(min(due, last)) == "withdrawn":
        return "void"
    return "open" if last <= due else "missed"


def blocking_deadlines(story: Story, nonconformity: Nonconformity) -> list[tuple[str, str, date]]:
    """``stage2_verification`` and ``recertification_closure`` of a blocking grade, met by closure."""
    if not story.rules.blocks_decision(nonconformity.grade):
        return []
    found = []
    stage2_end, limit = story.stage2_end(nonconformity), story.rules["stage2.verification"]["limit"]
    if stage2_end is not None and limit is not None:
        found.append(("stage2_verification", "stage2.verification", add(stage2_end, limit)))
    if story.audit_of(nonconformity).get("kind") == "recertification":
        expiry = first_expiry_not_before(story, nonconformity.raised_on)
        if expiry is not None and story.rules["recertification.open_major"]["required"]:
            found.append(("recertification_closure", "recertification.open_major", expiry))
    return found


def first_expiry_not_before(story: Story, day: date) -> date | None:
    return min((cycle.expires_on for cycle in story.cycles if cycle.expires_on >= day), default=None)


# Audits and transfer


def audit_entry(story: Story, deadline: AuditDeadline, last: date) -> dict[str, Any]:
    state = audits.state(story, deadline, last)
    return entry(deadline.kind, deadline.certificate, deadline.due_on, deadline.rule, state, deadline.opens_on)


def transfer_deadlines(story: Story, last: date) -> list[dict[str, Any]]:
    """After each loss of accreditation."""
    if story.expires_on is None:
        return []
    found = []
    for loss in story.losses:
        due = story.transfer_limit(loss)
        if due is not None:
            found.append(entry("transfer", loss.certificate, due, "transfer", transfer_state(story, loss, due, last)))
    return found


def transfer_state(story: Story, loss: Loss, due: date, last: date) -> str:
    if loss.transferred_on is not None:
        return "met" if loss.transferred_on <= due else "late"
    if audits.not_in_force(story, due + ONE_DAY, due, last) or loss.replaced_on is not None:
        return "void"
    return "open" if last <= due else "missed"


# The certificate itself


def certificate_deadlines(story: Story, last: date) -> list[dict[str, Any]]:
    found = []
    expiry = story.effective_expiry()
    if story.status in ("active", "suspended", "expired") and expiry is not None:
        found.append(dated("expiry", story, expiry, story.expiry_rule(), last))
    if story.status == "suspended" and story.limit_on is not None:
        found.append(dated("suspension_limit", story, story.limit_on, "suspension", last))
    if story.status == "expired" and story.restorable(last):
        until = story.restorable_until()
        assert until is not None
        rule = "restoration" if story.expires_by_cycle() else "edition.end"
        found.append(dated("restoration", story, until, rule, last))
    return found


def dated(kind: str, story: Story, due: date, rule: str, last: date) -> dict[str, Any]:
    return entry(kind, story.certificate_id, due, rule, "open" if last <= due else "missed")
