"""Forms of a report and of what follows from it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.fields import choose_from, day_field, one_of
from audits.forms.checklist import area
from audits.models import Audit
from audits.states import FindingGrade
from certifications.models import Standard
from followup.models import ReportDraft
from followup.states import Fulfilment


class DraftForm(forms.Form):
    """What the lead auditor writes for the report."""

    conclusions = area(_("Conclusions"), 4)
    fulfilment = forms.ChoiceField(
        label=_("Degree of fulfilment"), choices=[("", _("Not judged yet")), *Fulfilment.choices], required=False
    )
    recommendation = area(_("Recommendation"), 2)
    deviations = area(_("Deviations from the plan"), 2)
    changes = area(_("Significant changes since the last audit"), 2)
    certificate_use = area(_("Use of certificates and marks"), 2)
    unresolved = area(_("Unresolved issues"), 2)
    diverging = area(_("Diverging opinions"), 2)
    sampling = area(_("Sampling statement"), 2, help_text=_("Left empty, the report carries the usual sentence."))
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    @classmethod
    def of(cls, draft: ReportDraft) -> DraftForm:
        """The form with what has been written so far."""
        facts = {name: getattr(draft, name) for name in ReportDraft.TEXTS}
        return cls(initial={**facts, "version": draft.version})

    def facts(self) -> dict[str, Any]:
        """The facts in it, as the door takes them."""
        return {name: self.cleaned_data[name] for name in ReportDraft.TEXTS}


class IssueForm(forms.Form):
    """When a report is issued; which of the fields are shown depends on the audit."""

    ended_on = day_field(_("Last day of the audit"), _("Enter the last day of the audit"), required=False)
    issued_on = day_field(_("Issued"), _("Enter the day on which the report is issued"))
    reason = forms.CharField(label=_("What is corrected"), max_length=500, required=False)

    def __init__(self, *args: Any, audit: Audit, again: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if audit.ended_on:
            del self.fields["ended_on"]
        if not again:
            del self.fields["reason"]


class OutsideForm(forms.Form):
    """The report of a body: its days, its number, its file."""

    ended_on = day_field(_("Last day of the audit"), _("Enter the last day of the audit"))
    issued_on = day_field(_("Report issued"), _("Enter the day on which the report was issued"))
    reference = forms.CharField(label=_("Number of the report"), max_length=120, required=False)
    file = forms.FileField(label=_("Report as PDF"), required=False)


class OutsideFindingForm(forms.Form):
    """One finding of the body's report; an empty row is left out."""

    grade = forms.ChoiceField(label=_("Grade"), choices=[("", "–"), *FindingGrade.choices], required=False)
    clause = forms.CharField(label=_("Clause"), max_length=40, required=False)
    standard = one_of(label=_("Standard"), required=False, empty_label=_("All"))
    title = forms.CharField(label=_("In one line"), max_length=200, required=False)
    evidence = forms.CharField(
        label=_("Objective evidence"), required=False, max_length=10_000, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose_from(self, standard=Standard.objects.filter(certificates__isnull=False).distinct().order_by("code"))

    def clean(self) -> dict[str, Any]:
        """A row in which something is written needs its grade and what was seen."""
        given = self.cleaned_data
        if self.has_changed() and not given.get("grade"):
            self.add_error("grade", _("Choose the grade"))
        if given.get("grade") and not given.get("evidence"):
            self.add_error("evidence", _("Write what was seen"))
        if given.get("grade") in {"critical", "major", "minor"} and not given.get("clause"):
            self.add_error("clause", _("Name the clause"))
        return given


class VerifyForm(forms.Form):
    """The auditor's verdict on one nonconformity."""

    verdict = forms.ChoiceField(
        label=_("Verdict"),
        choices=[("accept", _("Accept")), ("return", _("Return"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("Accept it, or return it with a reason")},
    )
    on = day_field(_("Day"), _("Enter the day of the check"))
    note = area(_("What was seen, or why it is returned"), 3)

    def clean(self) -> dict[str, Any]:
        """Returning needs a reason."""
        given = self.cleaned_data
        if given.get("verdict") == "return" and not given.get("note", "").strip():
            self.add_error("note", _("Say what is missing, so that it can be mended."))
        return given
