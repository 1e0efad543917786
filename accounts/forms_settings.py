"""Forms of the person's own settings."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.forms import SetPasswordForm
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.zones import places


class ProfileForm(forms.ModelForm):
    """What a person may change about themselves."""

    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        required=False,
        help_text=_("For clock times on pages. Deadlines follow the organization's."),
        error_messages={"invalid_choice": _("Choose a time zone of the list")},
    )

    class Meta:
        model = User
        fields = ("full_name", "language", "time_zone", "theme", "shortcuts")
        labels = {"full_name": _("Full name"), "theme": _("Theme")}
        widgets = {"theme": forms.RadioSelect}
        error_messages = {"full_name": {"required": _("Enter your full name")}}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zones: Any = self.fields["time_zone"]
        zones.choices = [("", "UTC"), *(place for place in places() if place[0] != "UTC")]


class NewPasswordForm(SetPasswordForm):
    """A new password, typed twice."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        first, second = self.fields["new_password1"], self.fields["new_password2"]
        first.label, second.label = _("New password"), _("The same again")
        first.help_text = _("At least 10 characters, not only digits, and none that others use.")
        first.error_messages["required"] = _("Enter a new password")
        second.error_messages["required"] = _("Enter the new password again")
