"""Forms of the team and the plan, and of the registers of competence and responsibility."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.fields import choose_from, day_field, one_of, people
from accounts.models import Site
from audits.models import Audit, PlanEntry, TeamMember
from audits.states import AUDITING, TeamRole
from certifications.models import Standard


class MemberForm(forms.Form):
    """Someone joins the team."""

    user = one_of(label=_("Person"), required=False, empty_label=_("Someone from outside"))
    name = forms.CharField(label=_("Name, if from outside"), max_length=150, required=False)
    role = forms.ChoiceField(label=_("Role"), choices=TeamRole.choices, initial=TeamRole.AUDITOR)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose_from(self, user=people())


def clock_field(label: Any, **kwargs: Any) -> forms.TimeField:
    """A time of the day."""
    return forms.TimeField(label=label, widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}), **kwargs)


class EntryForm(forms.Form):
    """One line of the plan."""

    day = day_field(_("Day"), _("Enter the day"))
    starts_at = clock_field(_("From"), error_messages={"required": _("Enter when it begins")})
    ends_at = clock_field(_("To"), required=False)
    process = forms.CharField(
        label=_("Process or topic"), max_length=200, error_messages={"required": _("Say what is audited")}
    )
    clauses = forms.CharField(
        label=_("Clauses"), max_length=300, required=False, help_text=_("Numbers with commas, like 7.2, 8.5.1.")
    )
    site = one_of(label=_("Site"), required=False, empty_label=_("Not stated"))
    auditor = one_of(label=_("Auditor"), required=False, empty_label=_("Nobody yet"))
    auditees = forms.CharField(
        label=_("Auditees"), max_length=200, required=False, help_text=_("By role: head of purchasing, shift lead.")
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    FACTS = ("day", "starts_at", "ends_at", "process", "clauses", "site", "auditor", "auditees")

    def __init__(self, *args: Any, audit: Audit, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose_from(
            self,
            site=Site.objects.order_by("name"),
            auditor=TeamMember.objects.filter(audit=audit, role__in=(*AUDITING, "expert", "trainee")),
        )

    def clean_clauses(self) -> list[str]:
        """The numbers, each once."""
        return list(dict.fromkeys(part for part in re.split(r"[,;\s]+", self.cleaned_data["clauses"]) if part))

    @classmethod
    def of(cls, entry: PlanEntry) -> EntryForm:
        """The form with a line of the plan."""
        facts = {name: getattr(entry, name) for name in cls.FACTS}
        initial = {**facts, "clauses": ", ".join(entry.clauses), "version": entry.version}
        return cls(audit=entry.audit, initial=initial)

    def facts(self) -> dict[str, Any]:
        """The facts in it, as the door takes them."""
        return {name: self.cleaned_data[name] for name in self.FACTS}


class CompetenceForm(forms.Form):
    """What someone may audit."""

    user = one_of(label=_("Person"), required=False, empty_label=_("Someone from outside"))
    name = forms.CharField(label=_("Name, if from outside"), max_length=150, required=False)
    standard = one_of(label=_("Standard"), error_messages={"required": _("Choose the standard")})
    role = forms.ChoiceField(label=_("May act as"), choices=TeamRole.choices, initial=TeamRole.AUDITOR)
    shown_by = forms.CharField(
        label=_("Shown by"), max_length=300, required=False, help_text=_("Course, register, witnessed audits.")
    )
    valid_until = day_field(_("Valid until"), "", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose_from(self, user=people(), standard=Standard.objects.order_by("code"))


class ResponsibilityForm(forms.Form):
    """Who answers for a process."""

    user = one_of(label=_("Person"), error_messages={"required": _("Choose the person")})
    process = forms.CharField(
        label=_("Process or area"), max_length=150, error_messages={"required": _("Name the process")}
    )
    site = one_of(label=_("Site"), required=False, empty_label=_("Every site"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose_from(self, user=people(), site=Site.objects.order_by("name"))
