"""Forms of the programme: the internal cycle, and the audit time calculator."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.fields import offer
from lifecycle.calculators import AuditTimeTables

TABLES = {
    "qms": _("Quality (ISO 9001)"),
    "ems_high": _("Environment, high complexity"),
    "ems_medium": _("Environment, medium complexity"),
    "ems_low": _("Environment, low complexity"),
    "ems_limited": _("Environment, limited complexity"),
    "ohs_high": _("Safety and health, high risk"),
    "ohs_medium": _("Safety and health, medium risk"),
    "ohs_low": _("Safety and health, low risk"),
}
REASONS = (
    ("mature", _("Mature system"), -10),
    ("automated", _("High degree of automation"), -10),
    ("repetitive", _("Many persons do the same simple work"), -15),
    ("known", _("The body knows the organization well"), -5),
    ("certified", _("Certified to another scheme already"), -5),
    ("small_site", _("Small premises for the number of persons"), -5),
    ("logistics", _("Several buildings, complicated logistics"), 10),
    ("languages", _("Several languages, interpreters"), 10),
    ("regulated", _("Highly regulated sector"), 10),
    ("complex", _("Complex processes or many of them"), 10),
    ("outsourced", _("Much outsourced work"), 5),
)


# How far several systems are one: documents, reviews, internal audits, aims, processes and responsibilities in common.
INTEGRATION = (
    (0, _("Not integrated")),
    (5, _("A little: policy and aims in common")),
    (10, _("Partly: reviews and internal audits in common, too")),
    (15, _("Largely: processes and documents in common, too")),
    (20, _("Wholly, and every auditor can audit each system")),
)


class CycleForm(forms.Form):
    """How often the organization audits itself."""

    every_months = forms.IntegerField(
        label=_("Each standard at each site every so many months"),
        min_value=1,
        max_value=36,
        error_messages={"required": _("Enter a number of months")},
    )


class TimeForm(forms.Form):
    """What the audit time depends on."""

    table = forms.ChoiceField(label=_("Management system"), error_messages={"required": _("Choose the system")})
    persons = forms.IntegerField(
        label=_("Effective number of personnel"),
        min_value=1,
        help_text=_("Part-time and shift work counted together; temporary work by its share of the year."),
        error_messages={"required": _("Enter the number of persons")},
    )
    further = forms.MultipleChoiceField(
        label=_("Audited together with"),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=_("An integrated audit of several systems (IAF MD 11)."),
    )
    integration = forms.TypedChoiceField(
        label=_("How far these systems are one"), coerce=int, required=False, initial=0
    )
    reasons = forms.MultipleChoiceField(
        label=_("Reasons to take less or more"),
        choices=[(name, words) for name, words, _percent in REASONS],
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=_("The body judges each and writes it down. Together they take at most 30 % away."),
    )

    def __init__(self, *args: Any, tables: AuditTimeTables, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        systems = [(name, str(TABLES.get(name, name))) for name in tables.names]
        offer(self, table=systems, further=systems)
        most = tables.data["integrated_max_reduction_percent"]["value"]
        saved = [(str(n), f"{words} (−{n} %)" if n else str(words)) for n, words in INTEGRATION if n <= most]
        offer(self, integration=saved)
        signed = [(name, f"{words} ({percent:+d} %)") for name, words, percent in REASONS]
        offer(self, reasons=signed)
        self.most = tables.most_persons

    def clean(self) -> dict[str, Any]:
        """The tables end somewhere, and no more than 30 percent may be taken away (MD 5)."""
        given = self.cleaned_data
        if (given.get("persons") or 0) > self.most:
            self.add_error(
                "persons",
                gettext("The tables end at %d persons; beyond them the days follow by progression.") % self.most,
            )
        chosen = given.get("reasons", [])
        total = sum(percent for name, _words, percent in REASONS if name in chosen)
        given["percent"] = max(-30, min(100, total))
        given["systems"] = list(dict.fromkeys([given.get("table"), *given.get("further", [])]))
        return given
