"""One day of a certificate, in the order of convention C6."""

import re
from datetime import date
from typing import Any

from tests.lifecycle.oracle import audits
from tests.lifecycle.oracle.dates import ONE_DAY, add
from tests.lifecycle.oracle.decisions import decide
from tests.lifecycle.oracle.effects import Effect, joined, passed_deadlines
from tests.lifecycle.oracle.nonconformity import NEXT_AUDIT, STEPS, Nonconformity
from tests.lifecycle.oracle.story import Ground, Loss, Story

ESCALATING_AUDITS = ("surveillance", "recertification", "stage2")


def run_day(story: Story, day: date) -> None:
    """First the effects of passed deadlines, then the facts of the day."""
    passed_deadlines(story, day)
    certificate_begins(story, day)
    nonconformities_raised(story, day)
    extensions_and_verifications(story, day)
    audits_started(story, day)
    audits_ended(story, day)
    accumulation(story, day)
    immediate_suspensions(story, day)
    notices(story, day)
    for decision in story.facts.decisions:
        if decision["date"] == day:
            decide(story, decision, day)


def begins_on(certificate: dict[str, Any]) -> date | None:
    """In force from ``certified_on``, else from ``cycle_started_on`` (section 2)."""
    begin: date | None = certificate.get("certified_on") or certificate.get("cycle_started_on")
    return begin


def certificate_begins(story: Story, day: date) -> None:
    certificate = story.facts.certificate
    if begins_on(certificate) != day or story.status != "none":
        return
    story.move(day, "active", "decision", "decision.certify", "certified", [story.certificate_id])
    story.confirmed = "active"
    starts_on = certificate.get("cycle_started_on") or day
    expires_on = certificate.get("expires_on") or story.end_of_cycle(starts_on)
    story.start_cycle(starts_on, expires_on, story.certificate_id, starts_on.year)
    if "certified_on" in certificate:
        story.first_surveillance(day, certificate.get("issued_on", day))


def in_force_before_the_first_fact(story: Story) -> None:
    """A certificate of which only the expiry is known."""
    story.status = story.confirmed = "active"
    story.start_cycle(None, story.facts.certificate["expires_on"], story.certificate_id, None)


def nonconformities_raised(story: Story, day: date) -> None:
    for record in story.facts.nonconformities:
        if record["raised_on"] == day:
            raise_one(story, Nonconformity(record))


def raise_one(story: Story, nonconformity: Nonconformity) -> None:
    nonconformity.start_clocks(story.rules)
    story.nonconformities.append(nonconformity)


def extensions_and_verifications(story: Story, day: date) -> None:
    for nonconformity in story.nonconformities:
        for extension in nonconformity.extensions:
            if extension["granted_on"] == day:
                extend(story, nonconformity, extension, day)
        for verification in nonconformity.verifications:
            if verification["date"] == day and nonconformity.is_done("closure", day - ONE_DAY):
                story.violate(day, nonconformity.id, "verification_after_closure")


def extend(story: Story, nonconformity: Nonconformity, extension: dict[str, Any], day: date) -> None:
    """C10, and in this order of test: no date, over, late, not later (section 7)."""
    step = extension.get("step", "closure")
    due = nonconformity.due_date(step)
    if due is None:
        story.violate(day, nonconformity.id, "extension_without_deadline")
    elif nonconformity.is_over(day - ONE_DAY):
        story.violate(day, nonconformity.id, "extension_after_closure")
    elif day > due:
        story.violate(day, nonconformity.id, "late_extension")
    elif extension["due_on"] <= due:
        story.violate(day, nonconformity.id, "extension_not_later")
    else:
        nonconformity.due[step] = extension["due_on"]


def audits_started(story: Story, day: date) -> None:
    """The start of a stage 2 (else its end) against the last stage 1."""
    rule = story.rules["stage1_to_stage2"]
    for audit in story.facts.audits:
        start = audit.get("started_on") or audit.get("ended_on")
        if audit["kind"] == "stage2" and start == day and gap_is_wrong(story, rule, day):
            story.violate(day, audit["id"], "stage_gap", applied=True)


def gap_is_wrong(story: Story, rule: dict[str, Any], start: date) -> bool:
    stage1 = [a for a in story.facts.audits if a["kind"] == "stage1"]
    ends = [end for a in stage1 if (end := a.get("ended_on") or a.get("started_on")) <= start]
    if not ends:
        return False
    too_early = rule["min"] is not None and start < add(max(ends), rule["min"])
    too_late = rule["max"] is not None and start > add(max(ends), rule["max"])
    return too_early or too_late


def audits_ended(story: Story, day: date) -> None:
    for audit in story.facts.audits:
        if audit.get("ended_on") == day:
            if audits.outside_window(story, audit):
                story.violate(day, audit["id"], "audit_outside_window", applied=True)
            if against_closed_edition(story, audit):
                story.violate(day, audit["id"], "audit_against_closed_edition", applied=True)
            audits.follow_up_deadlines(story, audit)
    escalations(story, day)


def against_closed_edition(story: Story, audit: dict[str, Any]) -> bool:
    last = story.editions.last_new_audit(audit.get("edition", story.edition))
    return audit["kind"] in ("stage2", "recertification") and last is not None and audit["ended_on"] > last


def escalations(story: Story, day: date) -> None:
    """Still open after the closures of the day on which a later audit ends (section 5)."""
    ended = [a["id"] for a in story.facts.audits if a.get("ended_on") == day and a["kind"] in ESCALATING_AUDITS]
    for nonconformity in story.nonconformities:
        later = [id_ for id_ in ended if id_ != nonconformity.audit]
        if not later or nonconformity.raised_on >= day or nonconformity.sources or nonconformity.is_over(day):
            continue
        becomes = escalates_to(story, nonconformity)
        if becomes is not None:
            nonconformity.change_grade(becomes, day, story.rules)


def escalates_to(story: Story, nonconformity: Nonconformity) -> str | None:
    for step in STEPS:
        rule = story.rules[f"nc.{nonconformity.grade}.{step}"]
        if rule["due"] == NEXT_AUDIT and rule["on_breach"] == "escalate":
            becomes: str = rule["becomes"]
            return becomes
    return None


def accumulation(story: Story, day: date) -> None:
    """When ``count`` open ones of the grade exist, not yet used, one derived nonconformity is raised."""
    rule = story.rules["nc.accumulation"]
    if rule["count"] is None:
        return
    groups: dict[str, list[Nonconformity]] = {}
    for n in story.nonconformities:
        if n.grade == rule["grade"] and not n.is_over(day) and not n.used_as_source and not n.sources:
            if rule["per"] == "certificate":
                groups.setdefault("", []).append(n)
            elif n.clause is not None:
                groups.setdefault(n.clause, []).append(n)
    for clause in sorted(groups, key=clause_order):
        if len(groups[clause]) >= rule["count"]:
            derive(story, groups[clause], clause, rule["becomes"], day)


def clause_order(clause: str) -> list[tuple[int, int, str]]:
    """9.2 comes before 9.10."""
    parts = re.findall(r"\d+|\D+", clause)
    return [(0, int(part), "") if part.isdigit() else (1, 0, part) for part in parts]


def derive(story: Story, sources: list[Nonconformity], clause: str, grade: str, day: date) -> None:
    story.derived += 1
    for source in sources:
        source.used_as_source = True
    notified = max(source.notified_on for source in sources)
    record = {"id": f"accumulated-{story.derived}", "grade": grade, "raised_on": day, "clause": clause}
    raise_one(story, Nonconformity({**record, "notified_on": notified}, sources))


def immediate_suspensions(story: Story, day: date) -> None:
    """When raised with, or raised to, a grade whose opening suspends, and still open."""
    if story.status in ("none", "withdrawn"):
        return
    effects = []
    for n in story.nonconformities:
        rule_id = f"nc.{n.grade}.opening"
        if n.grades[-1][0] == day and story.rules[rule_id]["effect"] == "suspend" and not n.is_over(day):
            ground = Ground([n.id], day, rule_id, n)
            effects.append(Effect("suspend", day, rule_id, [n.id], "unresolved_nc", ground))
    story.grounds += [e.ground for e in effects if e.ground]
    if effects and story.status == "active":
        first, because = joined(effects)
        story.move(day, "suspended", "rule", first.rule, first.reason, because)


def notices(story: Story, day: date) -> None:
    """Notices never move a status."""
    for notice in story.facts.notices:
        if notice["date"] != day:
            continue
        if notice["kind"] == "appeal_filed":
            story.appeal_pending = True
        if notice["kind"] == "accreditation_lost" and story.loss() is None:
            story.losses.append(Loss(story.certificate_id, day))
        if notice["kind"] == "transfer_requested" and not story.transferable(day):
            story.violate(day, notice["id"], "not_transferable")
