"""Forms of the person's own settings."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.forms import SetPasswordForm
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.zones import places

# Languages whose translations are shipped.
LANGUAGES = [("en", "English")]


class ProfileForm(forms.ModelForm):
    """What a person may change about themselves."""

    language = forms.ChoiceField(label="Language", choices=LANGUAGES)
    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        required=False,
        help_text=_("For clock times on pages. Deadlines follow the organization's."),
        error_messages={"invalid_choice": _("Choose a time zone of the list")},
    )

    class Meta:
        model = User
        fields = ("full_name", "language", "time_zone", "theme", "shortcuts")
        labels = {"full_name": "Full name", "theme": "Theme"}
        widgets = {"theme": forms.RadioSelect}
        error_messages = {"full_name": {"required": "Enter your full name"}}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zones: Any = self.fields["time_zone"]
        zones.choices = [("", "UTC"), *(place for place in places() if place[0] != "UTC")]


class NewPasswordForm(SetPasswordForm):
    """A new password, typed twice."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        first, second = self.fields["new_password1"], self.fields["new_password2"]
        first.label, second.label = "New password", "The same again"
        first.help_text = "At least 10 characters, not only digits, and none that others use."
        first.error_messages["required"] = "Enter a new password"
        second.error_messages["required"] = "Enter the new password again"
