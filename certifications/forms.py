"""Forms of certificates. What the rules refuse is said by the doors and put beside the fields."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from accounts.fields import PaperDateField, choose_from, day_field, offer, one_of, people, several_of
from accounts.models import Site
from certifications.models import Certificate, CertificationBody, Edition, Question, Reliance, Scheme, Standard
from certifications.states import AuditHistory, DecisionKind
from records.forms import SignatureForm


class CertificateForm(forms.Form):
    """The facts of a certificate as they stand on its paper."""

    number = forms.CharField(
        label=_("Certificate number"), max_length=80, error_messages={"required": _("Enter the certificate number")}
    )
    standard = one_of(
        label=_("Standard"), empty_label=_("Choose"), error_messages={"required": _("Choose the standard")}
    )
    edition = one_of(
        label=_("Edition"),
        required=False,
        empty_label=_("Not stated"),
        help_text=_("The year behind the standard."),
    )
    sites = several_of(_("Sites covered"))
    main_site = one_of(label=_("Main site"), required=False, empty_label=_("The first one"))
    scope = forms.CharField(
        label=_("Scope"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Word for word from the certificate"),
    )
    body = one_of(label=_("Certification body"), required=False, empty_label=_("Not stated"))
    accreditation_body = forms.CharField(label=_("Accreditation body"), max_length=60, required=False)
    scheme = one_of(
        label=_("Scheme"),
        empty_label=_("Choose"),
        help_text=_("Its rules set every date."),
        error_messages={"required": _("Choose the scheme whose rules hold")},
    )
    certified_on = PaperDateField(
        label=_("Initial decision"),
        required=False,
        help_text=_("First decision of the body. All dates follow from it."),
    )
    issued_on = PaperDateField(
        label=_("Issued"), required=False, help_text=_("Only where it differs from the decision.")
    )
    cycle_started_on = PaperDateField(
        label=_("First day of the current cycle"),
        required=False,
        help_text=_("After a recertification; else leave it empty."),
    )
    expires_on = PaperDateField(
        label=_("Expires"), required=False, help_text=_("The last valid day on the certificate.")
    )
    audit_history = forms.ChoiceField(
        label=_("Audits in the list"),
        choices=AuditHistory.choices,
        initial=AuditHistory.PARTIAL,
        widget=forms.RadioSelect,
        help_text=_("Only a complete list lets a missing audit suspend the certificate."),
        error_messages={"required": _("Choose whether all audits are listed")},
    )
    owner = one_of(label=_("Owner"), required=False, empty_label=_("Nobody yet"))
    note = forms.CharField(label=_("Note"), required=False, widget=forms.Textarea(attrs={"rows": 2}))
    reason = forms.CharField(
        label=_("Why it changes"), required=False, max_length=300, help_text=_("Goes into the history.")
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    FACTS = (
        "number", "standard", "edition", "scope", "body", "accreditation_body", "scheme", "certified_on", "issued_on",
        "cycle_started_on", "expires_on", "audit_history", "owner", "note",
    )  # fmt: skip

    def __init__(self, *args: Any, adding: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose_from(
            self,
            standard=Standard.objects.order_by("code"),
            edition=Edition.objects.select_related("standard"),
            sites=Site.objects.order_by("name"),
            main_site=Site.objects.order_by("name"),
            body=CertificationBody.objects.order_by("name"),
            scheme=Scheme.objects.filter(own_deadlines=False).order_by("title"),
            owner=people(),
        )
        if adding:
            del self.fields["reason"]

    def clean(self) -> dict[str, Any]:
        """The edition must be one of the standard's; the main site one of those covered."""
        data = super().clean() or {}
        standard, edition = data.get("standard"), data.get("edition")
        if standard and edition and edition.standard_id != standard.pk:
            self.add_error(
                "edition",
                gettext("%(edition)s is no edition of %(standard)s; choose one of its own")
                % {"edition": edition, "standard": standard},
            )
        main, sites = data.get("main_site"), data.get("sites")
        if main and sites is not None and main not in sites:
            self.add_error("main_site", _("The main site must be one of the sites covered; tick it above"))
        return data

    @classmethod
    def of(cls, certificate: Certificate) -> CertificateForm:
        """The form with the facts of a certificate."""
        sites = [link.site_id for link in certificate.site_links.all()]
        facts = {name: getattr(certificate, name) for name in cls.FACTS}
        own = {"sites": sites, "main_site": sites[0] if sites else None, "version": certificate.version}
        return cls(initial={**facts, **own})

    def facts(self) -> dict[str, Any]:
        """The facts in it, as the doors take them."""
        return {name: self.cleaned_data[name] for name in self.FACTS}

    def covered(self) -> list[Site]:
        """The sites, the main one first."""
        main = self.cleaned_data["main_site"]
        return sorted(self.cleaned_data["sites"], key=lambda site: (site != main, site.name))


NEEDS: dict[str, tuple[str, ...]] = {
    "certify": ("new_number", "edition"),
    "recertify": ("edition",),
    "transition": ("edition",),
    "suspend": ("reason", "because"),
    "lift": ("override",),
    "extend_suspension": ("until",),
    "withdraw": ("reason", "because"),
    "reinstate": ("override",),
    "reduce_scope": ("parts", "site_names"),
    "transfer": ("to_body",),
    "appeal_outcome": ("outcome",),
}
OWN_FIELDS = tuple(dict.fromkeys(name for names in NEEDS.values() for name in names))


class DecisionForm(SignatureForm):
    """A decision of the certification body: the fields its kind needs, then date, letter and note."""

    decided_on = PaperDateField(
        label=_("Date of the decision"),
        missing=_("Enter the date of the decision"),
        help_text=_("As in the letter of the body."),
    )
    new_number = forms.CharField(
        label=_("New certificate number"),
        required=False,
        max_length=80,
        help_text=_("If the body issued another number."),
    )
    edition = forms.ChoiceField(label=_("Edition"), required=False)
    reason = forms.CharField(label=_("Reason the body gave"), required=False, max_length=60)
    because = forms.MultipleChoiceField(
        label=_("Because of"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Records that the body named."),
    )
    override = forms.BooleanField(label=_("The body decided so although the rules say otherwise"), required=False)
    until = PaperDateField(
        label=_("Suspension may last until"),
        required=False,
        help_text=_("The last day the body allows for resolving it."),
    )
    parts = forms.MultipleChoiceField(
        label=_("Parts of the scope left out"), required=False, widget=forms.CheckboxSelectMultiple
    )
    site_names = forms.MultipleChoiceField(
        label=_("Sites left out"), required=False, widget=forms.CheckboxSelectMultiple
    )
    to_body = forms.CharField(label=_("New certification body"), required=False, max_length=150)
    outcome = forms.ChoiceField(
        label=_("Outcome"),
        required=False,
        widget=forms.RadioSelect,
        choices=[("upheld", _("Upheld")), ("rejected", _("Rejected"))],
    )
    letter = forms.CharField(label=_("Letter reference"), required=False, max_length=200)
    note = forms.CharField(label=_("Note"), required=False, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(
        self, *args: Any, kind: str, certificate: Certificate, records: list[tuple[str, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.kind = DecisionKind(kind)
        editions = certificate.standard.editions.values_list("name", flat=True)
        choices: dict[str, list[tuple[str, Any]]] = {
            "edition": [("", _("As before")), *((name, name) for name in editions)],
            "because": records,
            "parts": [(part, part) for part in certificate.scope_parts],
            "site_names": [(link.site.name, link.site.name) for link in certificate.site_links.all()],
        }
        offer(self, **choices)
        self._keep_only(NEEDS[kind], {name for name, offered in choices.items() if not offered})

    def _keep_only(self, needed: tuple[str, ...], empty: set[str]) -> None:
        for name in OWN_FIELDS:
            if name not in needed or name in empty:
                del self.fields[name]

    def facts(self) -> dict[str, Any]:
        """The decision, as the doors take it."""
        return {"kind": self.kind.value, **self.cleaned_data}


class StrikeForm(forms.Form):
    """Why a decision was recorded by mistake."""

    reason = forms.CharField(
        label=_("Why it is struck"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Say why this decision is struck")},
    )


class RelianceForm(forms.Form):
    """Who relies on the certificate."""

    kind = forms.ChoiceField(
        label=_("Kind"),
        choices=Reliance._meta.get_field("kind").choices or (),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose who it is")},
    )
    name = forms.CharField(label=_("Name"), max_length=200, error_messages={"required": _("Enter the name")})
    note = forms.CharField(
        label=_("What it says"),
        required=False,
        max_length=300,
        help_text=_("For example: ends when the certificate is suspended."),
    )


class StartForm(forms.Form):
    """The one date from which all others follow."""

    certified_on = PaperDateField(
        label=_("Decision date"),
        missing=_("Enter the decision date"),
        help_text=_("Enter the decision date. All dates follow from it."),
    )


class ChangeForm(forms.Form):
    """Six short questions, where and when."""

    answers = forms.MultipleChoiceField(
        label=_("What changes? Tick every yes"),
        choices=Question.choices,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Tick at least one question; otherwise nothing has to be told")},
    )
    title = forms.CharField(
        label=_("The change in one line"),
        max_length=200,
        help_text=_("For example: Kraków lab moves to Nowa Huta."),
        error_messages={"required": _("Say what changes in one line")},
    )
    happens_on = day_field(pgettext_lazy("day", "From"), _("Enter the day from which it holds"))
    sites = several_of(_("Sites"), help_text=_("Only where the change is limited to some."))
    note = forms.CharField(label=_("More about it"), required=False, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose_from(self, sites=Site.objects.order_by("name"))


class ToldForm(forms.Form):
    """When the body was told."""

    told_on = day_field(_("The certification body was told on"), _("Enter the day on which it was told"))
