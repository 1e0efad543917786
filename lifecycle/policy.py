"""The numbers of a scheme as typed rules, and their versions over time.

A policy is data (the contract's section 5). It is read once into typed rules, so that the engine never
parses a number while it works.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal, cast

from lifecycle.calendar import Duration, cycle_end, parse_duration
from lifecycle.facts import STEPS, EditionEnd, Step
from lifecycle.parameters import parameters_of, rule_ids

Breach = Literal["none", "suspend", "withdraw", "escalate"]
Due = Duration | Literal["next_audit"] | None
Values = Mapping[str, Mapping[str, object]]


@dataclass(frozen=True, slots=True)
class RuleSource:
    """Where the numbers of one rule come from.

    ``verified``: "yes" (read in a source), "secondary" (partial, superseded or indirect source) or
    "no" (to be checked). ``choice``: no source fixes the value; it is a default meant to be edited.
    ``usual``: the range met in practice. ``document``: the scheme document that states the rule.
    """

    clause: str = ""
    verified: str = "no"
    sources: tuple[str, ...] = ()
    choice: bool = False
    usual: tuple[str, str] | None = None
    note: str = ""
    document: str = ""


@dataclass(frozen=True, slots=True)
class CycleRule:
    """``cycle``: how long a certification lasts (C5)."""

    length: Duration
    on_anniversary: bool

    def end(self, start: date) -> date:
        """Last valid day of a cycle that starts on ``start``."""
        return cycle_end(start, self.length, on_anniversary=self.on_anniversary)


@dataclass(frozen=True, slots=True)
class AuditRule:
    """A surveillance rule: when it is due, what a missed audit does and when.

    ``due`` belongs to ``surveillance.first`` and ``surveillance.interval``; ``from_issue`` to the
    first; ``required`` to ``surveillance.yearly``.
    """

    id: str
    on_breach: Breach
    effect_after: Duration
    due: Duration | None = None
    from_issue: bool = False
    required: bool = False


@dataclass(frozen=True, slots=True)
class WindowRule:
    """``surveillance.window``: windows around anchor + i x ``every`` (months); None when off."""

    on_breach: Breach
    effect_after: Duration
    every: int | None
    before: int
    after: int
    count: int
    id: str = "surveillance.window"


@dataclass(frozen=True, slots=True)
class StepRule:
    """``nc.<grade>.<step>``: the clock of one step of a nonconformity."""

    id: str
    step: Step
    due: Due
    from_notification: bool
    on_breach: Breach
    becomes: str | None
    effect_after: Duration

    @property
    def escalates_at_next_audit(self) -> bool:
        """True when a nonconformity still open at the next audit gets a higher grade."""
        return self.due == "next_audit" and self.on_breach == "escalate" and self.becomes is not None


@dataclass(frozen=True, slots=True)
class GradeRules:
    """All rules of one grade; ``dated`` holds the steps that have a due date.

    ``verified``, ``effect_judged``, ``followed_up``: a verification, a verdict on the effect, an audit that follows up
    is needed before a closure (17021-1, 9.4.10; ISO 9001, 10.2.1 d). ``four_eyes``: the author of a step does not
    approve it. These four move no date; the doors of nonconformities read them.
    """

    grade: str
    blocks_decision: bool
    opening_suspends: bool
    verified: bool
    effect_judged: bool
    four_eyes: bool
    followed_up: bool
    steps: tuple[StepRule, ...]
    dated: tuple[StepRule, ...]
    escalation: StepRule | None


@dataclass(frozen=True, slots=True)
class AccumulationRule:
    """``nc.accumulation``: so many of one grade make one of another; off when ``count`` is None."""

    count: int | None
    per_clause: bool
    grade: str
    becomes: str


@dataclass(frozen=True, slots=True)
class Policy:
    """One version of a scheme's rules. ``values`` holds the numbers as text, as people edit them."""

    id: str
    title: str
    document: str
    grades: Mapping[str, bool]
    values: Values
    sources: Mapping[str, RuleSource]
    cycle: CycleRule
    first_surveillance: AuditRule
    yearly_surveillance: AuditRule
    surveillance_interval: AuditRule
    surveillance_window: WindowRule
    grade_rules: Mapping[str, GradeRules]
    accumulation: AccumulationRule
    failed_verification_recommends_withdrawal: bool
    suspension_limit: Duration | None
    suspension_withdraws: bool
    valid_while_suspended: bool
    recertification_open_major: bool
    restoration_limit: Duration | None
    restoration_withdraws: bool
    restoration_by_stage2: bool
    stage2_verification_limit: Duration | None
    stage_gap_min: Duration | None
    stage_gap_max: Duration | None
    transfer_limit: Duration | None
    edition_end_effect: Literal["expire", "suspend", "withdraw"]
    edition_restore: Duration | None
    reapplication_wait: Duration | None

    def with_rules(self, overrides: Values) -> Policy:
        """The same scheme with some parameters changed.

        The overrides must have passed ``parameters.check_parameter``. A rule whose number changes no
        longer rests on its source: it counts as a choice that is to be checked.
        """
        changed: dict[str, Mapping[str, object]] = {
            rule: {**self.values.get(rule, {}), **override} for rule, override in overrides.items()
        }
        sources = dict(self.sources)
        for rule, parameters in changed.items():
            if parameters != self.values.get(rule):
                old = sources.get(rule, RuleSource())
                sources[rule] = replace(old, verified="no", sources=(), choice=True, note="")
        values: Values = {**self.values, **changed}
        return build_policy(self.id, self.title, self.document, self.grades, values, sources)


class _Numbers:
    """Reads the values of a scheme as the types that the table of parameters promises."""

    def __init__(self, values: Values, grades: Mapping[str, bool]) -> None:
        self.values = values
        self.grades = grades

    def value(self, rule: str, name: str) -> object:
        stated = self.values.get(rule, {})
        if name in stated:
            return stated[name]
        parameters = parameters_of(rule, self.grades)
        return None if parameters is None else parameters[name].default

    def duration(self, rule: str, name: str) -> Duration:
        return parse_duration(str(self.value(rule, name)))

    def limit(self, rule: str, name: str) -> Duration | None:
        return None if self.value(rule, name) is None else self.duration(rule, name)

    def text(self, rule: str, name: str) -> str:
        return str(self.value(rule, name))

    def breach(self, rule: str) -> Breach:
        return cast(Breach, self.text(rule, "on_breach"))

    def count(self, rule: str, name: str) -> int | None:
        value = self.value(rule, name)
        return None if value is None else int(str(value))


def build_policy(
    scheme_id: str,
    title: str,
    document: str,
    grades: Mapping[str, bool],
    values: Values,
    sources: Mapping[str, RuleSource],
) -> Policy:
    """Type the rules of a scheme; ``grades`` says which grades block a decision.

    Rules of grades that the scheme does not have are dropped.
    """
    known = set(rule_ids(tuple(grades)))
    values = {rule: dict(parameters) for rule, parameters in values.items() if rule in known}
    numbers = _Numbers(values, grades)
    return Policy(
        id=scheme_id,
        title=title,
        document=document,
        grades=dict(grades),
        values=values,
        sources={rule: source for rule, source in sources.items() if rule in known},
        cycle=CycleRule(numbers.duration("cycle", "length"), numbers.text("cycle", "last_day") == "anniversary"),
        first_surveillance=_audit_rule(numbers, "surveillance.first"),
        yearly_surveillance=_audit_rule(numbers, "surveillance.yearly"),
        surveillance_interval=_audit_rule(numbers, "surveillance.interval"),
        surveillance_window=_window_rule(numbers),
        grade_rules={grade: _grade_rules(numbers, grade, blocks) for grade, blocks in grades.items()},
        accumulation=_accumulation_rule(numbers),
        failed_verification_recommends_withdrawal=(
            numbers.text("nc.failed_verification", "effect") == "recommend_withdrawal"
        ),
        suspension_limit=numbers.limit("suspension", "limit"),
        suspension_withdraws=numbers.breach("suspension") == "withdraw",
        valid_while_suspended=numbers.value("suspension", "valid") is True,
        recertification_open_major=numbers.value("recertification.open_major", "required") is True,
        restoration_limit=numbers.limit("restoration", "limit"),
        restoration_withdraws=numbers.breach("restoration") == "withdraw",
        restoration_by_stage2=numbers.text("restoration", "otherwise") == "stage2",
        stage2_verification_limit=numbers.limit("stage2.verification", "limit"),
        stage_gap_min=numbers.limit("stage1_to_stage2", "min"),
        stage_gap_max=numbers.limit("stage1_to_stage2", "max"),
        transfer_limit=numbers.limit("transfer", "limit"),
        edition_end_effect=cast(Literal["expire", "suspend", "withdraw"], numbers.text("edition.end", "effect")),
        edition_restore=numbers.limit("edition.end", "restore"),
        reapplication_wait=numbers.limit("reapplication", "wait"),
    )


def _audit_rule(numbers: _Numbers, rule: str) -> AuditRule:
    has_due = rule != "surveillance.yearly"
    return AuditRule(
        id=rule,
        on_breach=numbers.breach(rule),
        effect_after=numbers.duration(rule, "effect_after"),
        due=numbers.limit(rule, "due") if has_due else None,
        from_issue=rule == "surveillance.first" and numbers.text(rule, "anchor") == "issue",
        required=not has_due and numbers.value(rule, "required") is True,
    )


def _window_rule(numbers: _Numbers) -> WindowRule:
    rule = "surveillance.window"
    every = numbers.limit(rule, "every")
    return WindowRule(
        on_breach=numbers.breach(rule),
        effect_after=numbers.duration(rule, "effect_after"),
        every=None if every is None else every.count,
        before=numbers.duration(rule, "before").count,
        after=numbers.duration(rule, "after").count,
        count=numbers.count(rule, "count") or 0,
    )


def _grade_rules(numbers: _Numbers, grade: str, blocks_decision: bool) -> GradeRules:
    steps = tuple(_step_rule(numbers, grade, step) for step in STEPS)
    return GradeRules(
        grade=grade,
        blocks_decision=blocks_decision,
        opening_suspends=numbers.text(f"nc.{grade}.opening", "effect") == "suspend",
        verified=numbers.value(f"nc.{grade}.work", "verification") is True,
        effect_judged=numbers.value(f"nc.{grade}.work", "effectiveness") is True,
        four_eyes=numbers.value(f"nc.{grade}.work", "four_eyes") is True,
        followed_up=numbers.value(f"nc.{grade}.work", "follow_up_audit") is True,
        steps=steps,
        dated=tuple(rule for rule in steps if isinstance(rule.due, Duration)),
        escalation=next((rule for rule in steps if rule.escalates_at_next_audit), None),
    )


def _step_rule(numbers: _Numbers, grade: str, step: Step) -> StepRule:
    rule = f"nc.{grade}.{step}"
    next_audit = numbers.value(rule, "due") == "next_audit"
    becomes = numbers.value(rule, "becomes")
    return StepRule(
        id=rule,
        step=step,
        due="next_audit" if next_audit else numbers.limit(rule, "due"),
        from_notification=numbers.text(rule, "anchor") == "notification",
        on_breach=numbers.breach(rule),
        becomes=None if becomes is None else str(becomes),
        effect_after=numbers.duration(rule, "effect_after"),
    )


def _accumulation_rule(numbers: _Numbers) -> AccumulationRule:
    rule = "nc.accumulation"
    return AccumulationRule(
        count=numbers.count(rule, "count"),
        per_clause=numbers.text(rule, "per") == "clause",
        grade=numbers.text(rule, "grade"),
        becomes=numbers.text(rule, "becomes"),
    )


@dataclass(frozen=True, slots=True)
class PolicyBook:
    """The versions of one scheme's rules over time, and the known ends of editions.

    ``versions`` are (effective from, policy), ascending; days before the first version use the first.
    A clock takes its numbers from the version in force on the day on which it starts.
    """

    versions: tuple[tuple[date, Policy], ...]
    editions: tuple[EditionEnd, ...] = ()

    @classmethod
    def single(cls, policy: Policy, editions: tuple[EditionEnd, ...] = ()) -> PolicyBook:
        """A book whose one policy has always been in force."""
        return cls(((date.min, policy),), editions)

    def at(self, day: date) -> Policy:
        """The version in force on ``day``."""
        versions = self.versions
        current = versions[0][1]
        for effective_from, policy in versions[1:]:
            if effective_from > day:
                break
            current = policy
        return current

    def grade_rules(self, grade: str, day: date) -> GradeRules | None:
        """The rules of a grade on ``day``; of another version when that one does not have the grade."""
        rules = self.at(day).grade_rules.get(grade)
        if rules is None:
            rules = next((found for _, policy in self.versions if (found := policy.grade_rules.get(grade))), None)
        return rules
