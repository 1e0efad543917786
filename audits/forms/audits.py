"""Forms of audits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.fields import choose_from, day_field, one_of, several_of
from accounts.models import Site
from audits.models import Audit
from audits.programme.window import Planned
from audits.states import AuditKind, AuditMethod
from certifications.models import Certificate, CertificationBody


class AuditForm(forms.Form):
    """What an audit is for, what it covers and when it is planned."""

    number = forms.CharField(
        label=_("Audit number"), max_length=80, error_messages={"required": _("Enter a number for the audit")}
    )
    kind = forms.ChoiceField(
        label=_("Kind"),
        choices=[("", _("Choose")), *AuditKind.choices],
        error_messages={"required": _("Choose the kind of audit")},
    )
    certificates = several_of(_("Certificates"), help_text=_("Every certificate that the audit counts for."))
    site = one_of(label=_("Site"), required=False, empty_label=_("Not stated"))
    further_sites = several_of(_("Further sites"), help_text=_("Sites that it visits beside the first."))
    body = one_of(
        label=_("Certification body"),
        required=False,
        empty_label=_("None"),
        help_text=_("For audits of a certification body."),
    )
    lead_auditor = forms.CharField(label=_("Lead auditor"), max_length=150, required=False)
    edition = forms.CharField(
        label=_("Edition audited"),
        max_length=20,
        required=False,
        help_text=_("Only where it differs from the certificate."),
    )
    days = forms.DecimalField(label=_("Audit days"), min_value=0, max_digits=6, decimal_places=2, required=False)
    note = forms.CharField(label=_("Note"), required=False, widget=forms.Textarea(attrs={"rows": 2}))
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    objectives = forms.CharField(label=_("Objectives"), required=False, widget=forms.Textarea(attrs={"rows": 2}))
    scope = forms.CharField(label=_("Scope"), required=False, widget=forms.Textarea(attrs={"rows": 2}))
    criteria = forms.CharField(label=_("Criteria"), required=False, widget=forms.Textarea(attrs={"rows": 2}))
    method = forms.ChoiceField(
        label=_("Carried out"), choices=AuditMethod.choices, initial=AuditMethod.ON_SITE, required=False
    )

    FACTS = (
        "number", "kind", "site", "body", "lead_auditor", "edition", "days", "note", "objectives", "scope", "criteria",
        "method",
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose_from(
            self,
            certificates=Certificate.objects.select_related("standard").order_by("standard__code", "number"),
            site=Site.objects.order_by("name"),
            further_sites=Site.objects.order_by("name"),
            body=CertificationBody.objects.order_by("name"),
        )
        certificates: Any = self.fields["certificates"]
        certificates.label_from_instance = lambda row: f"{row.standard}, {row}"

    def facts(self) -> dict[str, Any]:
        """The facts in it, as the doors take them."""
        return {name: self.cleaned_data[name] for name in (*self.FACTS, *self.DAYS)}

    def covered(self) -> list[Certificate]:
        """The certificates that the audit covers."""
        return list(self.cleaned_data["certificates"])

    def visited(self) -> list[Site]:
        """The sites that it visits beside the first."""
        return list(self.cleaned_data["further_sites"])

    DAYS: tuple[str, ...] = ()


class DaysForm(forms.Form):
    """The days of an audit that is to take place; deadlines that move with it are shown before it is saved."""

    planned_on = day_field(_("Planned from"), _("Enter the first day"))
    planned_until = day_field(_("Planned to"), "", required=False)
    moves_seen = forms.DateField(widget=forms.HiddenInput, required=False)

    @property
    def last(self) -> date:
        """Its last day."""
        return self.cleaned_data["planned_until"] or self.cleaned_data["planned_on"]

    def first_seen(self, moves: Sequence[Any]) -> bool:
        """Whether deadlines move to a day that has not been shown yet; then the form is shown once more."""
        if not moves or self.cleaned_data["moves_seen"] == self.last:
            return False
        self.data = self.data.copy()  # type: ignore[attr-defined]
        self.data["moves_seen"] = self.last.isoformat()  # type: ignore[index]
        return True


class PlanForm(DaysForm, AuditForm):
    """An audit that is to take place."""

    outside_reason = forms.CharField(
        label=_("Why on this day all the same"), max_length=500, required=False, widget=forms.HiddenInput
    )

    DAYS = ("planned_on", "planned_until")

    def planned(self, pk: int | None = None) -> Planned:
        """The days as they would be saved."""
        given = self.cleaned_data
        return Planned(given["kind"], given["planned_on"], self.last, given["edition"], pk)

    def warn(self, texts: list[str]) -> bool:
        """Whether it must be shown again: something is missed and nobody has said why that is wanted."""
        if not texts or self.cleaned_data["outside_reason"].strip():
            return False
        self.fields["outside_reason"].widget = forms.TextInput()
        self.add_error("outside_reason", _("Say why, or choose another day."))
        return True

    @classmethod
    def of(cls, audit: Audit) -> PlanForm:
        """The form with the facts of an audit."""
        covered = list(audit.certificate_links.values_list("certificate_id", flat=True))
        facts = {name: getattr(audit, name) for name in (*cls.FACTS, *cls.DAYS)}
        further = list(audit.site_links.values_list("site_id", flat=True))
        return cls(initial={**facts, "certificates": covered, "further_sites": further, "version": audit.version})


class RecordForm(AuditForm):
    """An audit that has taken place, or has begun."""

    started_on = day_field(_("First day"), _("Enter the first day"))
    ended_on = day_field(_("Last day"), "", required=False, help_text=_("Leave it empty while the audit is under way."))

    DAYS = ("started_on", "ended_on")


class HeldForm(forms.Form):
    """When an audit took place."""

    started_on = day_field(_("First day"), "", required=False, help_text=_("Only where it differs from the plan."))
    ended_on = day_field(_("Last day"), _("Enter the last day of the audit"))


class StartForm(forms.Form):
    """When an audit began."""

    started_on = day_field(_("First day"), _("Enter the first day of the audit"))


class CancelForm(forms.Form):
    """Why an audit does not take place."""

    reason = forms.CharField(
        label=_("Why it is cancelled"), max_length=300, error_messages={"required": _("Say why the audit is cancelled")}
    )


class NothingForm(forms.Form):
    """A step that needs no more than a person's yes."""


class RefuseForm(forms.Form):
    """Why the organization did not let an audit take place."""

    reason = forms.CharField(
        label=_("Why it was refused"), max_length=300, error_messages={"required": _("Say why the audit was refused")}
    )


class AgainForm(DaysForm):
    """New days of a cancelled audit."""
