"""A scheme's rules for the people who read and change them: titles, groups, and every number in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lifecycle.catalog import Catalog, titles
from lifecycle.facts import STEPS
from lifecycle.parameters import Parameter, as_duration, parameters_of, rule_ids
from lifecycle.policy import Policy
from lifecycle.rule_words import CHECK, rule_in_words

_TITLES = {
    "cycle": "Length of a certification",
    "surveillance.first": "First surveillance audit",
    "surveillance.yearly": "Surveillance in every calendar year",
    "surveillance.interval": "Time between surveillance audits",
    "surveillance.window": "Windows for surveillance audits",
    "nc.accumulation": "Several nonconformities together",
    "nc.failed_verification": "Corrective action not effective",
    "suspension": "Length of a suspension",
    "recertification.open_major": "Majors of a recertification audit",
    "restoration": "Restoration after expiry",
    "stage2.verification": "Majors of a stage 2 audit",
    "stage1_to_stage2": "From stage 1 to stage 2",
    "transfer": "Transfer after a loss of accreditation",
    "edition.end": "End of an edition",
    "reapplication": "New certification after a withdrawal",
}
_STEPS = {
    "opening": "When it is raised",
    "response": "Answer",
    "plan": "Plan accepted",
    "action": "Corrective action done",
    "closure": "Closure",
    "work": "Verification, effect and approval",
}
LABELS = {
    "length": "Lasts",
    "last_day": "Last valid day",
    "due": "Within",
    "anchor": "Counted from",
    "on_breach": "If missed",
    "effect_after": "Effect after the due date",
    "required": "Asked for",
    "every": "Every",
    "before": "Earlier at most",
    "after": "Later at most",
    "count": "How many",
    "effect": "Effect",
    "becomes": "Becomes grade",
    "per": "Counted per",
    "grade": "Of grade",
    "limit": "Within",
    "valid": "Certificate valid meanwhile",
    "otherwise": "Afterwards needs",
    "min": "At least",
    "max": "At most",
    "restore": "Restoration within",
    "wait": "Possible after",
    "verification": "Verified before it is closed",
    "effectiveness": "Effect judged before it is closed",
    "four_eyes": "Another person approves each step",
    "follow_up_audit": "Follow-up audit before it is closed",
}
CHOICES = {
    "none": "nothing happens by rule",
    "suspend": "the certificate is suspended",
    "withdraw": "the certificate is withdrawn",
    "escalate": "it gets a higher grade",
    "expire": "the certificate expires",
    "recommend_withdrawal": "withdrawal is recommended",
    "audit_end": "the last day of the audit",
    "notification": "its notification",
    "decision": "the certification decision",
    "issue": "the certificate's issue",
    "day_before_anniversary": "the day before the anniversary",
    "anniversary": "the anniversary",
    "clause": "clause",
    "certificate": "certificate",
    "stage2": "a new stage 2 audit",
    "new_certification": "a new certification",
    "next_audit": "by the next audit",
}
# What a parameter that is switched off means where "no limit" would be wrong.
_OFF = {"becomes": "no other grade", "count": "not counted", "every": "no windows", "min": "no least time"}


@dataclass(frozen=True)
class Group:
    """Rules that are read together."""

    title: str
    rules: tuple[str, ...]


def groups(policy: Policy, own_deadlines: bool) -> list[Group]:
    """The rules of a scheme in the order in which people read them; own deadlines have only nonconformities."""
    graded = [
        Group(f"Nonconformities of grade {grade}", tuple(f"nc.{grade}.{part}" for part in ("opening", *STEPS, "work")))
        for grade in policy.grades
    ]
    if own_deadlines:
        return [Group(group.title, group.rules[1:]) for group in graded]
    return [
        Group("Cycle", ("cycle",)),
        Group("Surveillance", tuple(rule for rule in rule_ids(()) if rule.startswith("surveillance."))),
        *graded,
        Group("Nonconformities of any grade", ("nc.accumulation", "nc.failed_verification")),
        Group("Suspension and restoration", ("suspension", "restoration", "reapplication")),
        Group("Stage 2 and recertification", ("stage1_to_stage2", "stage2.verification", "recertification.open_major")),
        Group("Editions and transfer", ("edition.end", "transfer")),
    ]


def rule_title(rule_id: str) -> str:
    """A rule's short name; within the group of its grade for a nonconformity's step."""
    return _TITLES.get(rule_id) or _STEPS[rule_id.rpartition(".")[2]]


def full_title(rule_id: str) -> str:
    """A rule's short name that needs no group around it: "Major, closure"."""
    if rule_id in _TITLES:
        return _TITLES[rule_id]
    _nc, grade, part = rule_id.split(".")
    return f"{grade.capitalize() if grade.isalpha() else f'Grade {grade}'}, {_STEPS[part].lower()}"


def value_of(policy: Policy, rule_id: str, name: str) -> object:
    """What a parameter holds under this policy: the stated value, else its default."""
    stated = policy.values.get(rule_id, {})
    return stated[name] if name in stated else parameters(policy, rule_id)[name].default


def parameters(policy: Policy, rule_id: str) -> dict[str, Parameter]:
    """The parameters of a rule of this scheme."""
    return dict(parameters_of(rule_id, tuple(policy.grades)) or {})


def value_words(name: str, value: object) -> str:
    """A value of a rule as people write it: "90 calendar days", "by the next audit", "no limit"."""
    if value is None:
        return _OFF.get(name, "no limit")
    if isinstance(value, bool):
        return "yes" if value else "no"
    duration = as_duration(value)
    return duration.in_words() if duration else CHOICES.get(str(value), str(value))


@dataclass(frozen=True)
class Difference:
    """One number that two policies of a scheme do not share, in words."""

    rule_id: str
    name: str
    before: str
    after: str

    @property
    def words(self) -> str:
        """Which number of which rule it is."""
        return f"{full_title(self.rule_id)}, {LABELS[self.name].lower()}"


def differences(before: Policy, after: Policy) -> list[Difference]:
    """Every number that differs between two versions of a scheme, in the order of the rules."""
    return [
        Difference(rule, name, value_words(name, old), value_words(name, new))
        for rule, name in changeable(after)
        if (old := value_of(before, rule, name)) != (new := value_of(after, rule, name))
    ]


def changeable(policy: Policy) -> Iterator[tuple[str, str]]:
    """Every rule and parameter of a scheme, in the order of the rules."""
    for rule in rule_ids(tuple(policy.grades)):
        for name in parameters(policy, rule):
            yield rule, name


@dataclass(frozen=True)
class RuleLine:
    """One rule as its page shows it; ``numbers`` are its durations and counts, ``shipped`` what the profile says."""

    rule_id: str
    title: str
    sentence: str
    numbers: tuple[str, ...]
    clause: str
    sources: tuple[str, ...]
    usual: str
    note: str
    check: str
    shipped: tuple[Difference, ...]


def rule_line(policy: Policy, base: Policy, catalog: Catalog, rule_id: str) -> RuleLine:
    """A rule under a policy, with where its number comes from and what differs from the shipped profile."""
    source = policy.sources.get(rule_id)
    sentence = rule_in_words(policy, rule_id)
    return RuleLine(
        rule_id=rule_id,
        title=rule_title(rule_id),
        sentence=f"{sentence[:1].upper()}{sentence[1:]}.",
        numbers=_numbers(policy, rule_id),
        clause=", ".join(part for part in (source.document, source.clause) if part) if source else "",
        sources=titles(catalog, source.sources) if source else (),
        usual=usual_words(policy, rule_id),
        note=source.note if source else "",
        check="" if source and source.verified == "yes" else CHECK,
        shipped=tuple(d for d in differences(base, policy) if d.rule_id == rule_id),
    )


def _numbers(policy: Policy, rule_id: str) -> tuple[str, ...]:
    """Durations and counts of a rule that is on; the day after the due date, on which effects come, is not told."""
    known = parameters(policy, rule_id)
    values = {name: value_of(policy, rule_id, name) for name in known if name != "effect_after"}
    limits = [value for name, value in values.items() if known[name].nullable]
    if limits and all(value is None for value in limits):
        return ()
    return tuple(value_words(name, value) for name, value in values.items() if _is_number(value))


def _is_number(value: object) -> bool:
    if isinstance(value, bool):
        return False
    duration = as_duration(value)
    return value == "next_audit" or isinstance(value, int) or (duration is not None and duration.count > 0)


def usual_words(policy: Policy, rule_id: str) -> str:
    """The range met in practice: "3 months to 6 months"; empty when none is known."""
    source = policy.sources.get(rule_id)
    if source is None or source.usual is None:
        return ""
    least, most = (value_words("due", value) for value in source.usual)
    return least if least == most else f"{least} to {most}"
