"""The first step of a day (C6): the effects of the deadlines that have passed."""

from dataclasses import dataclass
from datetime import date

from tests.lifecycle.oracle import audits
from tests.lifecycle.oracle.dates import ONE_DAY, add, first_morning
from tests.lifecycle.oracle.nonconformity import STEPS, Nonconformity
from tests.lifecycle.oracle.story import Ground, Story

STATUS_AFTER = {"withdraw": "withdrawn", "expire": "expired", "suspend": "suspended"}


@dataclass
class Effect:
    """What one passed deadline does: withdraw, expire or suspend."""

    kind: str
    due_on: date
    rule: str
    ids: list[str]
    reason: str
    ground: Ground | None = None


def passed_deadlines(story: Story, day: date) -> None:
    """All effects of the day are found on the status with which it begins, and joined."""
    effects = nonconformity_effects(story, day) + expiry_effects(story, day) + restoration_effects(story, day)
    effects += edition_effects(story, day)
    if not any(effect.kind == "expire" for effect in effects):  # else not in force on this day
        effects += audit_effects(story, day)
    story.grounds += [e.ground for e in effects if e.kind == "suspend" and e.ground]
    effects += suspension_effects(story, day)
    for kind in STATUS_AFTER:  # withdrawn > expired > suspended (C7)
        winners = [e for e in effects if e.kind == kind]
        if winners:
            apply(story, day, kind, winners)
            break
    confirm_expiry(story, day)


def apply(story: Story, day: date, kind: str, winners: list[Effect]) -> None:
    """One transition for all effects of the winning kind; a certificate already suspended or expired stays so."""
    if kind == "suspend" and story.status != "active":
        return
    first, because = joined(winners)
    story.move(day, STATUS_AFTER[kind], "rule", first.rule, first.reason, because)


def joined(effects: list[Effect]) -> tuple[Effect, list[str]]:
    """``because`` lists all, ordered by due date, rule, ids; ``rule`` and ``reason`` are the first's."""
    ordered = sorted(effects, key=lambda e: (e.due_on, e.rule, e.ids))
    because = dict.fromkeys(id_ for effect in ordered for id_ in effect.ids)
    return ordered[0], list(because)


def confirm_expiry(story: Story, day: date) -> None:
    """``confirmed_status`` follows a printed date without a decision (section 1)."""
    expiry = story.effective_expiry()
    if story.confirmed in ("active", "suspended") and expiry is not None and day > expiry:
        story.confirmed = "expired"


def nonconformity_effects(story: Story, day: date) -> list[Effect]:
    """Steps not done by their date, while the certificate is in force or expired."""
    if story.status in ("none", "withdrawn"):
        return []
    found = [step_effect(story, n, step, day) for n in story.nonconformities for step in STEPS]
    return [effect for effect in found if effect is not None]


def step_effect(story: Story, nonconformity: Nonconformity, step: str, day: date) -> Effect | None:
    rule_id = f"nc.{nonconformity.grade}.{step}"
    rule, due = story.rules[rule_id], nonconformity.due_date(step)
    if due is None or rule["on_breach"] not in ("suspend", "withdraw"):
        return None
    if first_morning(add(due, rule["effect_after"]), nonconformity.grades[-1][0]) != day:
        return None
    if nonconformity.is_void(day - ONE_DAY) or nonconformity.is_done(step, due):
        return None
    ground = Ground([nonconformity.id], due, rule_id, nonconformity, step)
    return Effect(rule["on_breach"], due, rule_id, [nonconformity.id], "unresolved_nc", ground)


def audit_effects(story: Story, day: date) -> list[Effect]:
    """Missed audits, while the certificate is in force."""
    effects = []
    for deadline in story.audit_deadlines:
        kind = story.rules[deadline.rule]["on_breach"]
        if kind != "none" and audits.breached(story, deadline, day):
            ids = [story.certificate_id]
            ground = Ground(ids, deadline.due_on, deadline.rule, kind="audit")
            effects.append(Effect(kind, deadline.due_on, deadline.rule, ids, "audit_missed", ground))
    return effects


def edition_effects(story: Story, day: date) -> list[Effect]:
    """The end of an edition, when it suspends or withdraws; once for each edition held."""
    kind, end = story.rules["edition.end"]["effect"], story.edition_end()
    if kind == "expire" or end is None or day <= end or not story.in_force:
        return []
    if story.edition in story.editions_acted_on:
        return []
    story.editions_acted_on.add(story.edition)
    if expiry_effects(story, day):
        return []
    ids = [story.certificate_id]
    ground = Ground(ids, end, "edition.end", kind="edition")
    return [Effect(kind, end, "edition.end", ids, "edition_not_transitioned", ground)]


def expiry_effects(story: Story, day: date) -> list[Effect]:
    """The expiry date is the last valid day (C5)."""
    expiry = story.effective_expiry()
    if not story.in_force or expiry is None or day <= expiry:
        return []
    reason = "validity_ended" if story.expires_by_cycle() else "edition_not_transitioned"
    return [Effect("expire", expiry, story.expiry_rule(), [story.certificate_id], reason)]


def restoration_effects(story: Story, day: date) -> list[Effect]:
    """After expiry by cycle the time to restore is over, and the scheme withdraws."""
    if story.status != "expired" or not story.expires_by_cycle():
        return []
    until = story.restorable_until()
    if story.rules["restoration"]["on_breach"] != "withdraw" or until is None or day <= until:
        return []
    return [Effect("withdraw", until, "restoration", [story.certificate_id], "recertification_not_completed")]


def suspension_effects(story: Story, day: date) -> list[Effect]:
    """Withdrawn on the first day after the limit on which a ground is unresolved."""
    limit = story.limit_on
    if story.status != "suspended" or story.rules["suspension"]["on_breach"] == "none":
        return []
    if limit is None or day <= limit:
        return []
    unresolved = story.unresolved_grounds(done_by=day - ONE_DAY, day=day)
    unresolved.sort(key=lambda g: (g.due_on, g.rule, g.ids))
    ids = list(dict.fromkeys(id_ for ground in unresolved for id_ in ground.ids)) or story.body_suspension
    if not ids:
        return []
    reason = "unresolved_nc" if any(names_nonconformity(g) for g in unresolved) else "suspension_not_resolved"
    return [Effect("withdraw", limit, "suspension", ids, reason)]


def names_nonconformity(ground: Ground) -> bool:
    return ground.nonconformity is not None or ground.kind == "decision"
