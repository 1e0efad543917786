"""Forms of the programme: the internal cycle, and the audit time calculator."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.fields import offer
from lifecycle.calculators import AuditTimeTables

L = gettext_lazy
TABLES = {
    "qms": L("Quality (ISO 9001)"),
    "ems_high": L("Environment, high complexity"),
    "ems_medium": L("Environment, medium complexity"),
    "ems_low": L("Environment, low complexity"),
    "ems_limited": L("Environment, limited complexity"),
    "ohs_high": L("Safety and health, high risk"),
    "ohs_medium": L("Safety and health, medium risk"),
    "ohs_low": L("Safety and health, low risk"),
}
REASONS = (
    ("mature", L("Mature system"), -10),
    ("automated", L("High degree of automation"), -10),
    ("repetitive", L("Many persons do the same simple work"), -15),
    ("known", L("The body knows the organization well"), -5),
    ("certified", L("Certified to another scheme already"), -5),
    ("small_site", L("Small premises for the number of persons"), -5),
    ("logistics", L("Several buildings, complicated logistics"), 10),
    ("languages", L("Several languages, interpreters"), 10),
    ("regulated", L("Highly regulated sector"), 10),
    ("complex", L("Complex processes or many of them"), 10),
    ("outsourced", L("Much outsourced work"), 5),
)


# How far several systems are one: documents, reviews, internal audits, aims, processes and responsibilities in common.
INTEGRATION = (
    (0, L("Not integrated")),
    (5, L("A little: policy and aims in common")),
    (10, L("Partly: reviews and internal audits in common, too")),
    (15, L("Largely: processes and documents in common, too")),
    (20, L("Wholly, and every auditor can audit each system")),
)


class CycleForm(forms.Form):
    """How often the organization audits itself."""

    every_months = forms.IntegerField(
        label=L("Each standard at each site every so many months"),
        min_value=1,
        max_value=36,
        error_messages={"required": L("Enter a number of months")},
    )


class TimeForm(forms.Form):
    """What the audit time depends on."""

    table = forms.ChoiceField(label=L("Management system"), error_messages={"required": L("Choose the system")})
    persons = forms.IntegerField(
        label=L("Effective number of personnel"),
        min_value=1,
        help_text=L("Part-time and shift work counted together; temporary work by its share of the year."),
        error_messages={"required": L("Enter the number of persons")},
    )
    further = forms.MultipleChoiceField(
        label=L("Audited together with"),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=L("An integrated audit of several systems (IAF MD 11)."),
    )
    integration = forms.TypedChoiceField(
        label=L("How far these systems are one"), coerce=int, required=False, initial=0
    )
    reasons = forms.MultipleChoiceField(
        label=L("Reasons to take less or more"),
        choices=[(name, words) for name, words, _percent in REASONS],
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=L("The body judges each and writes it down. Together they take at most 30 % away."),
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
                "persons", _("The tables end at %d persons; beyond them the days follow by progression.") % self.most
            )
        chosen = given.get("reasons", [])
        total = sum(percent for name, _words, percent in REASONS if name in chosen)
        given["percent"] = max(-30, min(100, total))
        given["systems"] = list(dict.fromkeys([given.get("table"), *given.get("further", [])]))
        return given
