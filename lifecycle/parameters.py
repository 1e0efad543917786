"""The vocabulary of rules: every rule id of the contract's section 5, its parameters and their values.

Validation of overrides, forms and the display of a scheme all read this one table.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal

from lifecycle.calendar import Duration, parse_duration
from lifecycle.facts import STEPS
from lifecycle.language import ENGLISH, Language, gettext_noop

Kind = Literal["duration", "due", "count", "flag", "choice", "grade"]
MAX_COUNT = 120


@dataclass(frozen=True, slots=True)
class Parameter:
    """What one parameter of a rule may hold.

    ``kind``: ``duration`` ("90d", "6m"), ``due`` (a duration or ``next_audit``), ``count`` (1 to 120),
    ``flag`` (true or false), ``choice`` (one of ``choices``), ``grade`` (a grade of the scheme).
    ``nullable``: null switches the rule off. ``months_only``: calendar days are not allowed.
    ``at_least`` and ``at_most`` bound the count of a duration. ``default`` applies when it is left out.
    """

    kind: Kind
    choices: tuple[str, ...] = ()
    nullable: bool = False
    months_only: bool = False
    at_least: int = 0
    at_most: int | None = None
    default: object = None

    def in_words(self, language: Language = ENGLISH) -> str:
        """The allowed values, as an error message or a form prints them."""
        words = {
            "duration": _DURATION if not self.months_only else _MONTHS_FROM if self.at_most else _ANY_MONTHS,
            "due": gettext_noop('a duration such as "90d" or "6m", next_audit'),
            "count": gettext_noop("a whole number from 1 to %(most)s"),
            "flag": gettext_noop("true or false"),
            "choice": gettext_noop("one of %(choices)s"),
            "grade": gettext_noop("a grade of the scheme"),
        }
        names = {"least": self.at_least, "most": self.at_most or MAX_COUNT, "choices": ", ".join(self.choices)}
        said = language.gettext(words[self.kind]) % names
        return language.gettext("%(allowed)s or null") % {"allowed": said} if self.nullable else said


_DURATION = gettext_noop('a duration such as "90d" or "6m"')
_ANY_MONTHS = gettext_noop('calendar months such as "3m"')
_MONTHS_FROM = gettext_noop('calendar months from "%(least)sm" to "%(most)sm"')


_LIMIT = Parameter("duration", nullable=True)
_MONTHS = Parameter("duration", months_only=True, default="0m")
_EFFECT_AFTER = Parameter("duration", default="1d")
_AUDIT_BREACH = {
    "on_breach": Parameter("choice", ("none", "suspend", "withdraw"), default="none"),
    "effect_after": _EFFECT_AFTER,
}
_NC_STEP = {
    "due": Parameter("due", nullable=True),
    "anchor": Parameter("choice", ("audit_end", "notification"), default="audit_end"),
    "on_breach": Parameter("choice", ("none", "suspend", "withdraw", "escalate"), default="none"),
    "becomes": Parameter("grade", nullable=True),
    "effect_after": _EFFECT_AFTER,
}

RULE_PARAMETERS: Mapping[str, Mapping[str, Parameter]] = {
    "cycle": {
        "length": Parameter("duration", months_only=True, at_least=12, at_most=120, default="36m"),
        "last_day": Parameter("choice", ("day_before_anniversary", "anniversary"), default="day_before_anniversary"),
    },
    "surveillance.first": {
        "due": _LIMIT,
        "anchor": Parameter("choice", ("decision", "issue"), default="decision"),
        **_AUDIT_BREACH,
    },
    "surveillance.yearly": {"required": Parameter("flag", default=False), **_AUDIT_BREACH},
    "surveillance.interval": {"due": _LIMIT, **_AUDIT_BREACH},
    "surveillance.window": {
        "every": Parameter("duration", nullable=True, months_only=True, at_least=1),
        "before": _MONTHS,
        "after": _MONTHS,
        "count": Parameter("count", default=1),
        **_AUDIT_BREACH,
    },
    "nc.<grade>.opening": {"effect": Parameter("choice", ("none", "suspend"), default="none")},
    **{f"nc.<grade>.{step}": _NC_STEP for step in STEPS},
    "nc.<grade>.work": {
        "verification": Parameter("flag", default=False),
        "effectiveness": Parameter("flag", default=False),
        "four_eyes": Parameter("flag", default=False),
        "follow_up_audit": Parameter("flag", default=False),
    },
    "nc.accumulation": {
        "count": Parameter("count", nullable=True),
        "per": Parameter("choice", ("clause", "certificate"), default="clause"),
        "grade": Parameter("grade"),
        "becomes": Parameter("grade"),
    },
    "nc.failed_verification": {"effect": Parameter("choice", ("none", "recommend_withdrawal"), default="none")},
    "suspension": {
        "limit": _LIMIT,
        "on_breach": Parameter("choice", ("none", "withdraw"), default="none"),
        "valid": Parameter("flag", default=False),
    },
    "recertification.open_major": {"required": Parameter("flag", default=False)},
    "restoration": {
        "limit": _LIMIT,
        "on_breach": Parameter("choice", ("none", "withdraw"), default="none"),
        "otherwise": Parameter("choice", ("stage2", "new_certification"), default="stage2"),
    },
    "stage2.verification": {"limit": _LIMIT},
    "stage1_to_stage2": {"min": _LIMIT, "max": _LIMIT},
    "transfer": {"limit": _LIMIT},
    "edition.end": {
        "effect": Parameter("choice", ("expire", "suspend", "withdraw"), default="expire"),
        "restore": _LIMIT,
    },
    "reapplication": {"wait": _LIMIT},
}


def rule_ids(grades: Collection[str]) -> tuple[str, ...]:
    """Every rule id of a scheme with these grades, in the order in which rules are shown."""
    ids: list[str] = []
    for template in RULE_PARAMETERS:
        if "<grade>" not in template:
            ids.append(template)
        elif template.endswith(".opening"):
            ids += [f"nc.{grade}.{part}" for grade in grades for part in ("opening", *STEPS, "work")]
    return tuple(ids)


def parameters_of(rule_id: str, grades: Collection[str]) -> Mapping[str, Parameter] | None:
    """The parameters of a rule, or None when a scheme with these grades has no such rule."""
    if rule_id in RULE_PARAMETERS:
        return None if "<grade>" in rule_id else RULE_PARAMETERS[rule_id]
    for grade in grades:
        prefix = f"nc.{grade}."
        if rule_id.startswith(prefix):
            return RULE_PARAMETERS.get("nc.<grade>." + rule_id.removeprefix(prefix))
    return None


def check_parameter(
    rule_id: str, name: str, value: object, grades: Collection[str], language: Language = ENGLISH
) -> str | None:
    """The sentence that says what is wrong with one value of a rule, or None when it is allowed."""
    parameters = parameters_of(rule_id, grades)
    if parameters is None:
        return language.gettext("no rule %(rule)s in this scheme") % {"rule": rule_id}
    parameter = parameters.get(name)
    if parameter is None:
        names = {"rule": rule_id, "parameters": ", ".join(parameters)}
        return language.gettext("unknown parameter; %(rule)s has %(parameters)s") % names
    if parameter.nullable if value is None else _fits(parameter, value, grades):
        return None
    if parameter.kind == "grade" and value is not None:
        return language.gettext("must be a grade of the scheme: %(grades)s") % {"grades": ", ".join(grades)}
    return language.gettext("must be %(allowed)s") % {"allowed": parameter.in_words(language)}


def _fits(parameter: Parameter, value: object, grades: Collection[str]) -> bool:
    match parameter.kind:
        case "flag":
            return isinstance(value, bool)
        case "count":
            return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= MAX_COUNT
        case "choice":
            return isinstance(value, str) and value in parameter.choices
        case "grade":
            return isinstance(value, str) and value in grades
        case "due":
            return value == "next_audit" or _fits_duration(parameter, value)
        case "duration":
            return _fits_duration(parameter, value)


def _fits_duration(parameter: Parameter, value: object) -> bool:
    duration = as_duration(value)
    if duration is None or (parameter.months_only and duration.unit != "m"):
        return False
    return parameter.at_least <= duration.count <= (parameter.at_most or duration.count)


def as_duration(value: object) -> Duration | None:
    """The duration that a value of a rule means, or None when it means none."""
    if not isinstance(value, str):
        return None
    try:
        return parse_duration(value)
    except ValueError:
        return None
