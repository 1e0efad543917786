"""Forms of schemes: every number that a version may change, with a field of its own kind."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.fields import day_field
from accounts.templatetags.ui import noun
from certifications.models import Scheme
from certifications.scheme_words import CHOICES, LABELS, changeable, full_title, usual_words, value_of, value_words
from certifications.states import Moving
from lifecycle.parameters import MAX_COUNT, Parameter, as_duration, parameters_of
from lifecycle.policy import Policy

Rules = dict[str, dict[str, Any]]
DAYS, MONTHS, NEXT_AUDIT, OFF = "d", "m", "next_audit", "off"


class DurationWidget(forms.MultiWidget):
    """A number and its unit side by side."""

    template_name = "certifications/duration.html"

    def __init__(self, units: list[tuple[str, str]]) -> None:
        number = forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "size": 4})
        super().__init__({"number": number, "unit": forms.Select(choices=units, attrs={"aria-label": "Unit"})})

    def decompress(self, value: Any) -> list[Any]:
        """Number and unit of a duration; the unit alone says that there is none."""
        duration = as_duration(value)
        if duration:
            return [duration.count, duration.unit]
        return ["", NEXT_AUDIT if value == "next_audit" else OFF]

    def id_for_label(self, id_: str) -> str:
        """The summary of errors leads to the number."""
        return f"{id_}_0" if id_ else id_


class DurationField(forms.MultiValueField):
    """A duration as the rules write it (``90d``, ``6m``, ``next_audit``), or None when the rule is off."""

    def __init__(self, parameter: Parameter, label: str, **kwargs: Any) -> None:
        units = [] if parameter.months_only else [(DAYS, _("calendar days"))]
        units.append((MONTHS, _("months")))
        if parameter.kind == "due":
            units.append((NEXT_AUDIT, _(CHOICES["next_audit"])))
        if parameter.nullable:
            units.append((OFF, _("no limit")))
        parts = [forms.CharField(required=False, max_length=6), forms.ChoiceField(choices=units, required=False)]
        self.parameter = parameter
        self.wrong = _wrong_duration(parameter, label)
        super().__init__(
            parts,
            widget=DurationWidget(units),
            require_all_fields=False,
            label=label,
            error_messages={"required": self.wrong},
            **kwargs,
        )

    def compress(self, data_list: list[str]) -> str | None:
        """The duration; says what to enter when the number is missing or none that is allowed."""
        number, unit = (str(part or "").strip() for part in data_list)
        if unit == OFF:
            return None
        if unit == NEXT_AUDIT:
            return NEXT_AUDIT
        if not (number.isascii() and number.isdecimal() and len(number) <= 4):
            raise ValidationError(self.wrong)
        if not self.parameter.at_least <= int(number) <= (self.parameter.at_most or 9999):
            raise ValidationError(self.wrong)
        return f"{int(number)}{unit}"


def _wrong_duration(parameter: Parameter, label: str) -> str:
    if parameter.at_most is not None:
        words = {"field": label, "least": parameter.at_least, "most": parameter.at_most}
        return _("%(field)s: enter a whole number from %(least)s to %(most)s") % words
    if parameter.at_least:
        words = {"field": label, "least": parameter.at_least}
        return _("%(field)s: enter a whole number, %(least)s or more") % words
    return _("%s: enter a whole number, like 90") % label


def _field(rule: str, name: str, parameter: Parameter, policy: Policy) -> forms.Field:
    """The field of one parameter, with the value that holds now."""
    label = f"{full_title(rule)}, {noun(_(LABELS[name]))}"
    common: dict[str, Any] = {"label": label, "initial": value_of(policy, rule, name)}
    if name == "due" and (usual := usual_words(policy, rule)):
        common["help_text"] = _("Usual: %s") % usual
    if parameter.kind in {"duration", "due"}:
        return DurationField(parameter, **common)
    if parameter.kind == "count":
        return _count(parameter, **common)
    if parameter.kind == "flag":
        return forms.TypedChoiceField(choices=[(True, _("yes")), (False, _("no"))], coerce=_yes, **common)
    values = parameter.choices if parameter.kind == "choice" else tuple(policy.grades)
    choices = [(value, value_words(name, value)) for value in values]
    if parameter.nullable:
        choices.insert(0, (OFF, value_words(name, None)))
        common["initial"] = common["initial"] or OFF
    return forms.TypedChoiceField(choices=choices, coerce=_or_none, **common)


def _yes(value: str) -> bool:
    return value == "True"


def _or_none(value: str) -> str | None:
    return None if value == OFF else value


def _count(parameter: Parameter, label: str, **common: Any) -> forms.Field:
    words = {"field": label, "least": 1, "most": MAX_COUNT}
    wrong = _("%(field)s: enter a whole number from %(least)s to %(most)s") % words
    if parameter.nullable:
        common["help_text"] = _("Leave it empty to count none")
    messages = dict.fromkeys(("invalid", "required", "min_value", "max_value"), wrong)
    return forms.IntegerField(
        label=label,
        min_value=1,
        max_value=MAX_COUNT,
        required=not parameter.nullable,
        error_messages=messages,
        **common,
    )


class RulesForm(forms.Form):
    """All numbers of a scheme, the day from which they hold and why they change.

    A number's field is called ``rule.parameter``, as the door names what is wrong with it.
    """

    effective_on = day_field(
        gettext_lazy("Effective from"),
        gettext_lazy("Enter the day from which the numbers hold"),
        help_text=gettext_lazy("For clocks that start on this day or later."),
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": gettext_lazy("Say why the numbers change.")},
        help_text=gettext_lazy("For example: letter of the certification body of 3 March."),
    )
    based_on = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, policy: Policy, rules: list[str], publishing: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.policy, self.publishing = policy, publishing
        self.numbers = [(rule, name) for rule, name in changeable(policy) if rule in rules]
        for rule, name in self.numbers:
            known = parameters_of(rule, tuple(policy.grades)) or {}
            self.fields[f"{rule}.{name}"] = _field(rule, name, known[name], policy)

    def full_clean(self) -> None:
        """A reason is needed for publishing, not for looking at what would change."""
        self.fields["reason"].required = self.publishing
        super().full_clean()
        self.fields["reason"].required = True

    def rules(self, base: Policy, kept: Rules) -> Rules:
        """The numbers that differ from the shipped profile, as versions keep them.

        ``kept`` are those of the version before; what this form does not show stays as it is there.
        """
        shown = {rule for rule, _name in self.numbers}
        rules = {rule: dict(given) for rule, given in kept.items() if rule not in shown}
        for rule, name in self.numbers:
            value = self.cleaned_data[f"{rule}.{name}"]
            if value != value_of(base, rule, name):
                rules.setdefault(rule, {})[name] = value
        return rules

    def fields_of(self, rule: str) -> list[tuple[str, forms.BoundField]]:
        """The fields of one rule, each with the short label it has inside its rule."""
        return [(_(LABELS[name]), self[f"{rule}.{name}"]) for own, name in self.numbers if own == rule]


class CopyForm(forms.Form):
    """What the copy is called."""

    title = forms.CharField(
        label=gettext_lazy("Title of the copy"),
        max_length=200,
        error_messages={"required": gettext_lazy("Enter a title for the copy")},
    )


class MovingForm(forms.Form):
    """Whether passed deadlines move certificates."""

    moving = forms.ChoiceField(
        label=gettext_lazy("When a deadline passes"),
        choices=Moving.choices,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose what happens when a deadline passes")},
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    @classmethod
    def of(cls, scheme: Scheme) -> MovingForm:
        """The form with what holds now."""
        return cls(initial={"moving": scheme.moving, "version": scheme.version})
