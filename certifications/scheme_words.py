"""A scheme's rules for the people who read and change them: titles, groups, and every number in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils import translation
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, npgettext

from accounts.templatetags.ui import noun
from lifecycle.calendar import Duration
from lifecycle.catalog import Catalog, titles
from lifecycle.facts import STEPS
from lifecycle.parameters import Parameter, as_duration, parameters_of, rule_ids
from lifecycle.policy import Policy
from lifecycle.rule_words import check_in_words, grade_in_words, rule_in_words

_TITLES = {
    "cycle": gettext_noop("Length of a certification"),
    "surveillance.first": gettext_noop("First surveillance audit"),
    "surveillance.yearly": gettext_noop("Surveillance in every calendar year"),
    "surveillance.interval": gettext_noop("Time between surveillance audits"),
    "surveillance.window": gettext_noop("Windows for surveillance audits"),
    "nc.accumulation": gettext_noop("Several nonconformities together"),
    "nc.failed_verification": gettext_noop("Corrective action not effective"),
    "suspension": gettext_noop("Length of a suspension"),
    "recertification.open_major": gettext_noop("Majors of a recertification audit"),
    "restoration": gettext_noop("Restoration after expiry"),
    "stage2.verification": gettext_noop("Majors of a stage 2 audit"),
    "stage1_to_stage2": gettext_noop("From stage 1 to stage 2"),
    "transfer": gettext_noop("Transfer after a loss of accreditation"),
    "edition.end": gettext_noop("End of an edition"),
    "reapplication": gettext_noop("New certification after a withdrawal"),
}
_STEPS = {
    "opening": gettext_noop("When it is raised"),
    "response": gettext_noop("Answer"),
    "plan": gettext_noop("Plan accepted"),
    "action": gettext_noop("Corrective action done"),
    "closure": gettext_noop("Closure"),
    "work": gettext_noop("Verification, effect and approval"),
}
LABELS = {
    "length": gettext_noop("Lasts"),
    "last_day": gettext_noop("Last valid day"),
    "due": gettext_noop("Within"),
    "anchor": gettext_noop("Counted from"),
    "on_breach": gettext_noop("If missed"),
    "effect_after": gettext_noop("Effect after the due date"),
    "required": gettext_noop("Asked for"),
    "every": gettext_noop("Every"),
    "before": gettext_noop("Earlier at most"),
    "after": gettext_noop("Later at most"),
    "count": gettext_noop("How many"),
    "effect": gettext_noop("Effect"),
    "becomes": gettext_noop("Becomes grade"),
    "per": gettext_noop("Counted per"),
    "grade": gettext_noop("Of grade"),
    "limit": gettext_noop("Within"),
    "valid": gettext_noop("Certificate valid meanwhile"),
    "otherwise": gettext_noop("Afterwards needs"),
    "min": gettext_noop("At least"),
    "max": gettext_noop("At most"),
    "restore": gettext_noop("Restoration within"),
    "wait": gettext_noop("Possible after"),
    "verification": gettext_noop("Verified before it is closed"),
    "effectiveness": gettext_noop("Effect judged before it is closed"),
    "four_eyes": gettext_noop("Another person approves each step"),
    "follow_up_audit": gettext_noop("Follow-up audit before it is closed"),
}
CHOICES = {
    "none": gettext_noop("nothing happens by rule"),
    "suspend": gettext_noop("the certificate is suspended"),
    "withdraw": gettext_noop("the certificate is withdrawn"),
    "escalate": gettext_noop("it gets a higher grade"),
    "expire": gettext_noop("the certificate expires"),
    "recommend_withdrawal": gettext_noop("withdrawal is recommended"),
    "audit_end": gettext_noop("the last day of the audit"),
    "notification": gettext_noop("its notification"),
    "decision": gettext_noop("the certification decision"),
    "issue": gettext_noop("the certificate's issue"),
    "day_before_anniversary": gettext_noop("the day before the anniversary"),
    "anniversary": gettext_noop("the anniversary"),
    "clause": gettext_noop("clause"),
    "certificate": gettext_noop("certificate"),
    "stage2": gettext_noop("a new stage 2 audit"),
    "new_certification": gettext_noop("a new certification"),
    "next_audit": gettext_noop("by the next audit"),
}
# What a parameter that is switched off means where "no limit" would be wrong.
_OFF = {
    "becomes": gettext_noop("no other grade"),
    "count": gettext_noop("not counted"),
    "every": gettext_noop("no windows"),
    "min": gettext_noop("no least time"),
}


@dataclass(frozen=True)
class Group:
    """Rules that are read together."""

    title: str
    rules: tuple[str, ...]


def groups(policy: Policy, own_deadlines: bool) -> list[Group]:
    """The rules of a scheme in the order in which people read them; own deadlines have only nonconformities."""
    graded = [
        Group(
            _("Nonconformities of grade %s") % grade,
            tuple(f"nc.{grade}.{part}" for part in ("opening", *STEPS, "work")),
        )
        for grade in policy.grades
    ]
    if own_deadlines:
        return [Group(group.title, group.rules[1:]) for group in graded]
    return [
        Group(_("Cycle"), ("cycle",)),
        Group(_("Surveillance"), tuple(rule for rule in rule_ids(()) if rule.startswith("surveillance."))),
        *graded,
        Group(_("Nonconformities of any grade"), ("nc.accumulation", "nc.failed_verification")),
        Group(_("Suspension and restoration"), ("suspension", "restoration", "reapplication")),
        Group(
            _("Stage 2 and recertification"), ("stage1_to_stage2", "stage2.verification", "recertification.open_major")
        ),
        Group(_("Editions and transfer"), ("edition.end", "transfer")),
    ]


def rule_title(rule_id: str) -> str:
    """A rule's short name; within the group of its grade for a nonconformity's step."""
    return _(_TITLES.get(rule_id) or _STEPS[rule_id.rpartition(".")[2]])


def full_title(rule_id: str) -> str:
    """A rule's short name that needs no group around it: "Major, closure"."""
    if rule_id in _TITLES:
        return _(_TITLES[rule_id])
    _nc, grade, part = rule_id.split(".")
    named = grade_in_words(grade, translation) if grade.isalpha() else _("Grade %s") % grade
    return f"{capfirst(named)}, {noun(_(_STEPS[part]))}"


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
        return _(_OFF[name]) if name in _OFF else _("no limit")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    duration = as_duration(value)
    known = CHOICES.get(str(value))
    return _duration(duration) if duration else _(known) if known else str(value)


def _duration(value: Duration) -> str:
    """A duration that stands for itself, not within a sentence."""
    if value.unit == "d":
        form = npgettext("value", "%(count)d calendar day", "%(count)d calendar days", value.count)
    else:
        form = npgettext("value", "%(count)d month", "%(count)d months", value.count)
    return form % {"count": value.count}


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
        return f"{full_title(self.rule_id)}, {noun(_(LABELS[self.name]))}"


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
    sentence = rule_in_words(policy, rule_id, translation)
    return RuleLine(
        rule_id=rule_id,
        title=rule_title(rule_id),
        sentence=f"{sentence[:1].upper()}{sentence[1:]}.",
        numbers=_numbers(policy, rule_id),
        clause=", ".join(part for part in (source.document, source.clause) if part) if source else "",
        sources=titles(catalog, source.sources) if source else (),
        usual=usual_words(policy, rule_id),
        note=source.note if source else "",
        check="" if source and source.verified == "yes" else check_in_words(translation),
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
    return least if least == most else _("%(least)s to %(most)s") % {"least": least, "most": most}
