"""Forms of nonconformities: one for the record, and a small one for each door."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.fields import choose_from, day_field, offer, one_of, people, several_of
from accounts.models import Site
from accounts.templatetags.ui import state_word
from audits.models import Audit
from certifications.models import Certificate
from nonconformities.models import CorrectiveAction, Nonconformity
from nonconformities.states import Source, Step
from records.forms import SignatureForm


def text_field(label: Any, rows: int = 3, required: bool = False, missing: Any = "", **kwargs: Any) -> forms.CharField:
    """A text of several lines; ``missing`` is said when it is required and empty."""
    widget = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(
        label=label, required=required, widget=widget, error_messages={"required": missing}, **kwargs
    )


class NonconformityForm(forms.Form):
    """What was found, against which requirement, and whom it concerns."""

    number = forms.CharField(
        label=_("Number"), max_length=80, error_messages={"required": _("Enter a number, like NC-0142")}
    )
    title = forms.CharField(
        label=_("Title"),
        max_length=200,
        help_text=_("One line that says what is not fulfilled."),
        error_messages={"required": _("Enter a title")},
    )
    source = forms.ChoiceField(
        label=_("Where it comes from"),
        choices=Source.choices,
        initial=Source.BODY,
        help_text=_("Only those of the certification body move a certificate."),
        error_messages={"required": _("Choose where it comes from")},
    )
    grade = forms.ChoiceField(
        label=_("Grade"), choices=[], widget=forms.RadioSelect, error_messages={"required": _("Choose the grade")}
    )
    certificates = several_of(_("Certificates it concerns"))
    audit = one_of(label=_("Audit"), required=False, empty_label=pgettext_lazy("audit", "None"))
    raised_on = day_field(_("Raised"), _("Enter the day on which it was raised"))
    notified_on = day_field(
        _("Notified"), "", required=False, help_text=_("Only where it differs from the day it was raised.")
    )
    clause = forms.CharField(label=_("Clause"), max_length=40, required=False)
    site = one_of(label=_("Site"), required=False, empty_label=_("Not stated"))
    scope_part = forms.CharField(label=_("Process or part of the scope"), max_length=200, required=False)
    statement = text_field(
        _("Statement of nonconformity"), help_text=_("The requirement, and how it is not fulfilled.")
    )
    evidence = text_field(_("Objective evidence"), help_text=_("What was seen: record, place, sample."))
    correction = text_field(_("Correction"), 2, help_text=_("What was done at once about the instance itself."))
    owner = one_of(label=_("Owner"), required=False, empty_label=_("Nobody yet"))
    note = text_field(_("Note"), 2)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    FACTS = (
        "number", "title", "source", "grade", "audit", "raised_on", "notified_on", "clause", "site", "scope_part",
        "statement", "evidence", "correction", "owner", "note",
    )  # fmt: skip

    def __init__(self, *args: Any, grades: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, grade=[(grade, state_word(grade)) for grade in grades])
        choose_from(
            self,
            certificates=Certificate.objects.select_related("standard").order_by("standard__code", "number"),
            audit=Audit.objects.order_by("-pk"),
            site=Site.objects.order_by("name"),
            owner=people(),
        )
        certificates: Any = self.fields["certificates"]
        certificates.label_from_instance = lambda row: f"{row.standard}, {row}"

    @classmethod
    def of(cls, row: Nonconformity, grades: list[str]) -> NonconformityForm:
        """The form with the facts of a nonconformity."""
        concerned = list(row.certificate_links.values_list("certificate_id", flat=True))
        facts = {name: getattr(row, name) for name in cls.FACTS}
        return cls(initial={**facts, "certificates": concerned, "version": row.version}, grades=grades)

    def facts(self) -> dict[str, Any]:
        """The facts in it, as the doors take them."""
        return {name: self.cleaned_data[name] for name in self.FACTS}

    def concerned(self) -> list[Certificate]:
        """The certificates it concerns."""
        return list(self.cleaned_data["certificates"])


class AcceptForm(forms.Form):
    """The auditor accepts the plan."""

    accepted_on = day_field(_("Accepted"), _("Enter the day on which the auditor accepted it"))


class ReturnForm(forms.Form):
    """The auditor sends the plan back."""

    returned_on = day_field(_("Returned"), _("Enter the day on which it was returned"))
    reason = text_field(
        _("What is missing"), 2, required=True, missing=_("Say what is missing, so that it can be mended")
    )


class DoneForm(forms.Form):
    """All corrective action is done."""

    done_on = day_field(_("Done"), _("Enter the day on which the last action was done"))


class VerifyForm(SignatureForm):
    """The auditor's check of effectiveness."""

    result = forms.ChoiceField(
        label=_("Was the corrective action effective?"),
        choices=[("effective", _("Yes, effective")), ("not_effective", _("No, not effective"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose whether the action was effective")},
    )
    verified_on = day_field(_("Verified"), _("Enter the day of the verification"))
    verified_by = forms.CharField(label=_("Verified by"), max_length=150, required=False)
    note = text_field(_("What was seen"), 2)


class CloseForm(SignatureForm):
    """The body has closed the nonconformity."""

    closed_on = day_field(pgettext_lazy("day", "Closed"), _("Enter the day on which it was closed"))
    note = text_field(_("Note"), 2)


class ReopenForm(forms.Form):
    """A closure recorded by mistake."""

    reason = text_field(
        _("Why the closure is taken back"), 2, required=True, missing=_("Say why the closure is taken back")
    )


class ExtendForm(forms.Form):
    """A later date that the body granted."""

    step = forms.ChoiceField(label=_("For which step"), choices=Step.choices, initial=Step.CLOSURE)
    granted_on = day_field(_("Granted"), _("Enter the day on which the body granted it"))
    due_on = day_field(_("New due date"), _("Enter the new due date"))
    reason = forms.CharField(label=_("Reason"), max_length=500, required=False)


class ActionForm(forms.Form):
    """What removes the cause, by whom and by when."""

    description = text_field(_("Action"), 2, required=True, missing=_("Say what will be done"))
    cause = forms.ChoiceField(label=_("Root cause it removes"), required=False)
    owner = one_of(label=_("Owner"), required=False, empty_label=_("Choose"))
    due_on = day_field(_("Due"), _("Enter the day by which the action is done"))
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, causes: Sequence[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose_from(self, owner=people())
        offer(self, cause=[("", _("Not said yet")), *((cause, cause) for cause in causes)])
        if not causes:
            del self.fields["cause"]

    @classmethod
    def of(cls, action: CorrectiveAction, causes: Sequence[str] = ()) -> ActionForm:
        """The form with the facts of an action."""
        names = ("description", "owner", "due_on", "cause", "version")
        return cls(initial={name: getattr(action, name) for name in names}, causes=causes)

    def facts(self) -> dict[str, Any]:
        """The facts in it, as the doors take them."""
        return {
            name: self.cleaned_data[name] for name in ("description", "owner", "due_on", "cause") if name in self.fields
        }


class ReasonForm(forms.Form):
    """Why an action is cancelled or taken up again."""

    reason = forms.CharField(label=_("Why"), max_length=300, error_messages={"required": _("Say why")})
