"""One short form for each kind of event; the certificate is known already."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.fields import choose_from, day_field, offer, one_of, people, several_of
from accounts.models import Site
from accounts.templatetags.ui import state_word
from audits.models import Audit
from audits.states import EXTERNAL_KINDS, AuditKind
from certifications.catalog import catalog
from certifications.models import Certificate
from certifications.states import NoticeKind
from nonconformities.models import Nonconformity
from nonconformities.states import Step
from records.numbering import next_number


class EventForm(forms.Form):
    """A form that knows its certificate."""

    def __init__(self, *args: Any, certificate: Certificate, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.certificate = certificate


def _last(rows: Any) -> str | None:
    last: str | None = rows.order_by("-pk").values_list("number", flat=True).first()
    return last


class AuditHeldForm(EventForm):
    """An audit of the body has taken place: one that was booked, or one that nobody had planned."""

    audit = one_of(label=_("Which audit"), required=False, empty_label=_("One that was not planned here"))
    kind = forms.ChoiceField(
        label=_("Kind"),
        choices=[(kind.value, kind.label) for kind in AuditKind if kind in EXTERNAL_KINDS],
        initial=AuditKind.SURVEILLANCE,
        help_text=_("For an audit that was not planned here."),
    )
    number = forms.CharField(
        label=_("Audit number"),
        max_length=80,
        required=False,
        help_text=_("For an audit that was not planned here; empty for the next one."),
    )
    started_on = day_field(_("First day"), "", required=False)
    ended_on = day_field(_("Last day"), _("Enter the last day of the audit"))
    lead_auditor = forms.CharField(label=_("Lead auditor"), max_length=150, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        booked = Audit.objects.filter(
            certificate_links__certificate=self.certificate, kind__in=EXTERNAL_KINDS, state__in=["planned", "started"]
        )
        choose_from(self, audit=booked.order_by("planned_on", "pk"))
        field: Any = self.fields["audit"]
        field.label_from_instance = lambda row: f"{row.get_kind_display()} {row}"
        if not booked.exists():
            del self.fields["audit"]

    def new_facts(self) -> dict[str, Any]:
        """What is recorded of an audit that was not planned."""
        given = self.cleaned_data
        site = self.certificate.site_links.all()[:1]
        return {
            "number": given["number"] or next_number(_last(Audit.objects), "A-1"),
            "kind": given["kind"],
            "started_on": given["started_on"] or given["ended_on"],
            "ended_on": given["ended_on"],
            "lead_auditor": given["lead_auditor"],
            "body": self.certificate.body,
            "site": site[0].site if site else None,
        }


class RaisedForm(EventForm):
    """The body has raised a nonconformity."""

    title = forms.CharField(
        label=_("Title"),
        max_length=200,
        help_text=_("One line that says what is not fulfilled."),
        error_messages={"required": _("Enter a title")},
    )
    grade = forms.ChoiceField(
        label=_("Grade"), widget=forms.RadioSelect, error_messages={"required": _("Choose the grade")}
    )
    raised_on = day_field(_("Raised"), _("Enter the day on which it was raised"))
    clause = forms.CharField(label=_("Clause"), max_length=40, required=False)
    audit = one_of(label=_("Audit"), required=False, empty_label=pgettext_lazy("audit", "None"))
    owner = one_of(label=_("Owner"), required=False, empty_label=_("Nobody yet"))
    number = forms.CharField(label=_("Number"), max_length=80, required=False, help_text=_("Empty for the next one."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        grades = catalog().policy(self.certificate.scheme.catalog_id).grades
        offer(self, grade=[(grade, state_word(grade)) for grade in grades])
        audits = Audit.objects.filter(certificate_links__certificate=self.certificate, state__in=["started", "held"])
        choose_from(self, audit=audits.order_by("-ended_on", "-pk"), owner=people())

    def facts(self) -> dict[str, Any]:
        """What is recorded; the next number where none was given."""
        number = self.cleaned_data["number"] or next_number(_last(Nonconformity.objects), "NC-0001")
        return {**self.cleaned_data, "number": number}


class ExtensionForm(EventForm):
    """The body has granted a later date for a step of a nonconformity."""

    nonconformity = one_of(
        label=_("Nonconformity"), empty_label=_("Choose"), error_messages={"required": _("Choose the nonconformity")}
    )
    step = forms.ChoiceField(label=_("Step"), choices=Step.choices, initial=Step.CLOSURE)
    granted_on = day_field(_("Granted"), _("Enter the day on which it was granted"))
    due_on = day_field(_("New due date"), _("Enter the new due date"))
    reason = forms.CharField(label=_("Reason"), required=False, max_length=500)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = Nonconformity.objects.filter(
            certificate_links__certificate=self.certificate, state="open", source="body"
        )
        choose_from(self, nonconformity=rows.order_by("number"))
        field: Any = self.fields["nonconformity"]
        field.label_from_instance = lambda row: f"{row}: {row.title}"


class ScopeForm(EventForm):
    """The certificate covers something else from now on."""

    scope = forms.CharField(
        label=_("Scope"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Word for word from the certificate"),
    )
    sites = several_of(_("Sites covered"))
    reason = forms.CharField(
        label=_("Why it changes"), max_length=300, error_messages={"required": _("Say why the scope changes")}
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, certificate: Certificate, **kwargs: Any) -> None:
        covered = [link.site_id for link in certificate.site_links.all()]
        initial = {"scope": certificate.scope, "sites": covered, "version": certificate.version}
        super().__init__(*args, certificate=certificate, initial=initial, **kwargs)
        choose_from(self, sites=Site.objects.order_by("name"))

    def covered(self) -> list[Site]:
        """The sites, the main one first as before."""
        order = [link.site_id for link in self.certificate.site_links.all()]
        chosen = list(self.cleaned_data["sites"])
        return sorted(chosen, key=lambda site: order.index(site.pk) if site.pk in order else len(order))


class NoticeForm(EventForm):
    """Something that moves no status by itself, but opens what the rules allow next."""

    kind = forms.ChoiceField(
        label=_("What happened"),
        choices=NoticeKind.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what happened")},
    )
    happened_on = day_field(_("Date"), _("Enter the day on which it happened"))
    note = forms.CharField(label=_("Note"), required=False, widget=forms.Textarea(attrs={"rows": 3}))
