"""Forms of alert rules and webhooks."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership, Organization, Site, User
from alerts.models import Webhook
from certifications.models import AlertRule, Standard

WRONG_DAYS = _("Enter whole numbers of days, like 30, 14, 7, 1")


class DaysField(forms.CharField):
    """Numbers of days, separated by commas or spaces."""

    def to_python(self, value: Any) -> list[int]:  # type: ignore[override]
        """The numbers; says what to enter for anything else."""
        parts = [part for part in re.split(r"[,;\s]+", super().to_python(value) or "") if part]
        if not all(part.isascii() and part.isdecimal() and 0 < int(part) <= 365 for part in parts):
            raise ValidationError(str(WRONG_DAYS))
        return [int(part) for part in parts]


class AlertRuleForm(forms.Form):
    """The sentence: whom to mail, on which days, about which deadlines of which certificates."""

    recipient = forms.ChoiceField(
        label=pgettext_lazy("verb", "Mail"), choices=AlertRule.Recipient.choices, initial="owner"
    )
    person = forms.ModelChoiceField(
        label=_("Which person"), queryset=User.objects.none(), required=False, empty_label="–"
    )
    before = DaysField(label=_("Days before"), required=False, max_length=80, initial="30, 14, 7, 1")
    on_day = forms.BooleanField(label=_("On the day"), required=False, initial=True)
    after = DaysField(label=_("Days after"), required=False, max_length=80, initial="1")
    about = forms.ChoiceField(label=_("About"), choices=AlertRule.About.choices, initial="any")
    standard = forms.ModelChoiceField(
        label=_("Of the standard"),
        queryset=Standard._base_manager.none(),
        required=False,
        empty_label=_("all standards"),
    )
    site = forms.ModelChoiceField(
        label=_("At the site"), queryset=Site._base_manager.none(), required=False, empty_label=_("all sites")
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        members = Membership.objects.filter(user__is_active=True).values("user_id")
        self._choose_from("person", User.objects.filter(pk__in=members).order_by("full_name"))
        self._choose_from("standard", Standard.objects.order_by("code"))
        self._choose_from("site", Site.objects.order_by("name"))
        for name in ("recipient", "about"):
            self.fields[name].error_messages["invalid_choice"] = gettext("Choose one of the list")

    def _choose_from(self, name: str, rows: Any) -> None:
        field: Any = self.fields[name]
        field.queryset = rows
        field.error_messages["invalid_choice"] = gettext("Choose one of the list")

    @classmethod
    def of(cls, row: AlertRule) -> AlertRuleForm:
        """The form with what is saved."""
        before = ", ".join(str(number) for number in row.days if number > 0)
        after = ", ".join(str(-number) for number in row.days if number < 0)
        names = ("recipient", "person", "about", "standard", "site", "version")
        values = {name: getattr(row, name) for name in names}
        return cls(initial={**values, "before": before, "after": after, "on_day": 0 in row.days})

    def clean(self) -> dict[str, Any]:
        """At least one day, and a person where one is to be mailed."""
        data = super().clean() or {}
        if not self.errors and not self._days():
            self.add_error("before", gettext("Choose at least one day"))
        if data.get("recipient") == AlertRule.Recipient.PERSON and not data.get("person"):
            self.add_error("person", gettext("Choose whom to mail"))
        return data

    def _days(self) -> list[int]:
        data = self.cleaned_data
        on_day = [0] if data.get("on_day") else []
        return [*data.get("before", ()), *on_day, *(-number for number in data.get("after", ()))]

    def facts(self) -> dict[str, Any]:
        """What was entered, as the doors take it."""
        kept = {name: self.cleaned_data[name] for name in ("recipient", "person", "about", "standard", "site")}
        return {**kept, "days": self._days()}

    def draft(self, organization: Organization) -> AlertRule:
        """The rule as it would be saved."""
        facts = self.facts()
        facts["days"] = sorted(set(facts["days"]), reverse=True)
        if facts["recipient"] != AlertRule.Recipient.PERSON:
            facts["person"] = None
        return AlertRule(organization=organization, **facts)


def _hour(label: Any, help_text: Any = "") -> forms.TimeField:
    widget = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    wrong = _("Enter a time like 07:30")
    return forms.TimeField(
        label=label, help_text=help_text, required=False, widget=widget, error_messages={"invalid": wrong}
    )


class TimesForm(forms.Form):
    """When managers are told, and at what hours mails go out; what was shown comes back in hidden fields."""

    FIELDS = ("manager_after_days", "daily_at", "quiet_from", "quiet_until")

    manager_after_days = forms.IntegerField(
        label=_("Tell the managers after"),
        min_value=1,
        max_value=365,
        help_text=_("Calendar days after a missed deadline."),
        error_messages=dict.fromkeys(
            ("required", "invalid", "min_value", "max_value"), _("Enter a whole number of days from 1 to 365")
        ),
    )
    daily_at = _hour(
        _("All reminders in one mail a day at"),
        _("Empty: each at once. A changed status never waits for it."),
    )
    quiet_from = _hour(_("Quiet hours from"))
    quiet_until = _hour(_("Quiet hours until"), _("Mails of these hours go out when they are over."))
    seen_manager_after_days = forms.IntegerField(widget=forms.HiddenInput, required=False)
    seen_daily_at = forms.TimeField(widget=forms.HiddenInput, required=False)
    seen_quiet_from = forms.TimeField(widget=forms.HiddenInput, required=False)
    seen_quiet_until = forms.TimeField(widget=forms.HiddenInput, required=False)

    @classmethod
    def of(cls, organization: Organization) -> TimesForm:
        """The form with what holds now."""
        values = {name: getattr(organization, name) for name in cls.FIELDS}
        return cls(initial={**values, **{f"seen_{name}": value for name, value in values.items()}})

    def clean(self) -> dict[str, Any]:
        """Quiet hours have a beginning and an end."""
        data = super().clean() or {}
        begin, end = data.get("quiet_from"), data.get("quiet_until")
        if not self.errors and (begin is None) != (end is None):
            name = "quiet_until" if end is None else "quiet_from"
            self.add_error(name, gettext("Enter both hours, or neither"))
        return data

    def changes(self) -> dict[str, Any]:
        """What was entered."""
        return {name: self.cleaned_data[name] for name in self.FIELDS}

    def seen(self) -> dict[str, Any]:
        """What the page showed when it was opened."""
        return {name: self.cleaned_data[f"seen_{name}"] for name in self.FIELDS}


class WebhookForm(forms.Form):
    """Where to tell, and of what."""

    url = forms.URLField(
        label=_("Address"),
        max_length=500,
        assume_scheme="https",
        help_text=_("It answers with a status from 200 to 299 within 15 seconds. Only https on port 443 is called."),
        error_messages={
            "required": _("Enter an address"),
            "invalid": _("Enter an address like https://example.com/hook"),
        },
    )
    topics = forms.MultipleChoiceField(
        label=_("Told of"),
        choices=Webhook.Topic.choices,
        widget=forms.CheckboxSelectMultiple,
        initial=[Webhook.Topic.CERTIFICATES],
        error_messages={"required": _("Choose what it is told of")},
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    @classmethod
    def of(cls, row: Webhook) -> WebhookForm:
        """The form with what is saved."""
        return cls(initial={"url": row.url, "topics": row.topics, "version": row.version})
