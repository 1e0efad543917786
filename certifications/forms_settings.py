"""Forms of the settings pages: the organization, its sites, bodies and people, and ends of editions."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from accounts.fields import PaperDateField
from accounts.models import Organization, Site
from accounts.permissions import Role
from accounts.tenancy import EditableRow
from accounts.zones import places
from certifications.models import CertificationBody, Standard
from lifecycle.facts import EditionEnd


class OrganizationForm(forms.Form):
    """Name and civil day; what was shown comes back in hidden fields."""

    FIELDS = ("name", "time_zone")

    name = forms.CharField(
        label=_("Name"), max_length=200, error_messages={"required": _("Enter the organization's name")}
    )
    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        help_text=_("A day begins and ends here: deadlines pass at this midnight."),
        error_messages={"invalid_choice": _("Choose a time zone of the list")},
    )
    seen_name = forms.CharField(widget=forms.HiddenInput, required=False)
    seen_time_zone = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zones: Any = self.fields["time_zone"]
        zones.choices = places()

    @classmethod
    def of(cls, organization: Organization) -> OrganizationForm:
        """The form with what holds now."""
        values = {name: getattr(organization, name) for name in cls.FIELDS}
        return cls(initial={**values, **{f"seen_{name}": value for name, value in values.items()}})

    def changes(self) -> dict[str, Any]:
        """What was entered."""
        return {name: self.cleaned_data[name] for name in self.FIELDS}

    def seen(self) -> dict[str, Any]:
        """What the page showed when it was opened."""
        return {name: self.cleaned_data[f"seen_{name}"] for name in self.FIELDS}


class RowForm(forms.Form):
    """A row that people add and edit, with the version they looked at."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    @classmethod
    def of(cls, row: EditableRow) -> RowForm:
        """The form with what is saved."""
        names = [name for name in cls.base_fields if name != "version"]
        return cls(initial={**{name: getattr(row, name) for name in names}, "version": row.version})

    def facts(self) -> dict[str, Any]:
        """What was entered, as the doors take it."""
        return {name: value for name, value in self.cleaned_data.items() if name != "version"}


class SiteForm(RowForm):
    """A place that certificates and audits cover."""

    model = Site
    name = forms.CharField(label=_("Name"), max_length=150, error_messages={"required": _("Enter the site's name")})
    address = forms.CharField(label=_("Address"), max_length=300, required=False)
    city = forms.CharField(label=_("City"), max_length=100, required=False)
    country = forms.CharField(label=_("Country"), max_length=100, required=False)


class BodyForm(RowForm):
    """A certification body."""

    model = CertificationBody
    name = forms.CharField(label=_("Name"), max_length=150, error_messages={"required": _("Enter the body's name")})
    accreditation_body = forms.CharField(
        label=_("Accredited by"),
        max_length=60,
        required=False,
        help_text=_("For example UKAS. The end of an edition can differ by accreditation body."),
    )
    register_url = forms.URLField(
        label=_("Public register"),
        required=False,
        max_length=200,
        assume_scheme="https",
        help_text=_("Where the body lists its certificates."),
        error_messages={"invalid": _("Public register: enter an address like https://register.example")},
    )


ROLE_MEANING = {
    Role.ADMINISTRATOR: _("everything, people and keys included"),
    Role.COMPLIANCE_OFFICER: _("certificates, audits, nonconformities and scheme rules"),
    Role.AUDITOR: _("plans and records audits, works on and closes nonconformities"),
    Role.MANAGER: _("looks, and is told of missed deadlines"),
    Role.CONTRIBUTOR: _("raises nonconformities and works on their own tasks, and sees these alone"),
    Role.VIEWER: _("looks"),
}
ROLES = [(role.value, format_lazy("{}: {}", role.label, meaning)) for role, meaning in ROLE_MEANING.items()]


class MemberForm(forms.Form):
    """A new member."""

    email = forms.EmailField(
        label=_("Mail address"),
        max_length=254,
        error_messages={
            "required": _("Enter the mail address"),
            "invalid": _("Enter a mail address like name@example.com"),
        },
    )
    full_name = forms.CharField(
        label=_("Full name"), max_length=150, error_messages={"required": _("Enter the full name")}
    )
    role = forms.ChoiceField(
        label=_("Role"), choices=ROLES, widget=forms.RadioSelect, error_messages={"required": _("Choose a role")}
    )


class RoleForm(forms.Form):
    """Another role and other limits for a member; ``was`` is the role that the page showed."""

    role = forms.ChoiceField(
        label=_("Role"), choices=ROLES, widget=forms.RadioSelect, error_messages={"required": _("Choose a role")}
    )
    sites = forms.MultipleChoiceField(
        label=_("Only these sites"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None chosen is no limit. Certificates, audits and nonconformities elsewhere are not shown."),
    )
    standards = forms.MultipleChoiceField(
        label=_("Only these standards"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None chosen is no limit. Whoever is limited sees no settings and imports nothing."),
    )
    was = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        certified = Standard.objects.filter(certificates__isnull=False).distinct()
        for name, rows in (("sites", Site.objects.all()), ("standards", certified)):
            choices = [(str(row.pk), str(row)) for row in rows]
            self.fields[name].choices = choices  # type: ignore[attr-defined]
            if not choices:
                del self.fields[name]

    @property
    def limits(self) -> dict[str, list[int]]:
        """The ids that were chosen."""
        return {name: [int(pk) for pk in self.cleaned_data.get(name, ())] for name in ("sites", "standards")}


class EndForm(forms.Form):
    """The end of an edition as the organization knows it."""

    ends_on = PaperDateField(
        label=_("Last day of certificates"),
        required=False,
        help_text=_("From the day after, certificates to it have ended."),
    )
    no_end = forms.BooleanField(label=_("No end is set"), required=False)
    last_new_audit_on = PaperDateField(
        label=_("Last day for new audits"), required=False, help_text=_("For initial and recertification audits to it.")
    )
    accreditation_body = forms.CharField(
        label=_("Accreditation body"),
        max_length=60,
        required=False,
        help_text=_("Empty: for certificates of every accreditation body."),
    )
    source = forms.CharField(
        label=_("Source"),
        max_length=300,
        help_text=_("Who published it, and where."),
        error_messages={"required": _("Enter where the date was published")},
    )

    def clean(self) -> dict[str, Any]:
        """Either a day or none."""
        data = super().clean() or {}
        if "ends_on" in data and bool(data["ends_on"]) == bool(data.get("no_end")):
            text = (
                _("Enter the last day, or tick that no end is set")
                if not data["ends_on"]
                else _("Enter the last day or tick that no end is set, not both")
            )
            self.add_error("ends_on", text)
        last, ends_on = data.get("last_new_audit_on"), data.get("ends_on")
        if last and ends_on and last > ends_on:
            self.add_error("last_new_audit_on", _("The last day for new audits must not be after the last day"))
        return data

    def facts(self) -> dict[str, Any]:
        """What was entered, as the door takes it."""
        return {name: value for name, value in self.cleaned_data.items() if name != "no_end"}

    def end(self, standard: str, edition: str, today: Any) -> EditionEnd:
        """The same as the engine would know it, recorded today."""
        given = self.cleaned_data
        return EditionEnd(
            standard=standard,
            edition=edition,
            ends_on=given["ends_on"],
            last_new_audit_on=given["last_new_audit_on"],
            accreditation_body=given["accreditation_body"] or None,
            recorded_on=today,
        )
