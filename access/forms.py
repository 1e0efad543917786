"""Forms of signing in, in the words of the product."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import (
    ChangePasswordForm,
    LoginForm,
    ReauthenticateForm,
    ResetPasswordForm,
    ResetPasswordKeyForm,
    SetPasswordForm,
)
from allauth.core import context
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.base.forms import ReauthenticateForm as ReauthenticateByCodeForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm, EditWebAuthnForm
from django import forms
from django.utils.translation import gettext_lazy as _

from access.limits import failures_of_form, second_factor

CODE = {"autocomplete": "one-time-code", "inputmode": "numeric", "autocapitalize": "off", "spellcheck": "false"}


class SignInForm(LoginForm):
    """Mail address and password; says what is missing or wrong, never which of the two."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        name, password = self.fields["login"], self.fields["password"]
        name.label, password.label = _("Mail address"), _("Password")
        name.widget = forms.EmailInput(attrs={"autocomplete": "username"})
        name.error_messages |= {
            "required": _("Enter your mail address"),
            "invalid": _("Enter the whole mail address, such as name@example.com"),
        }
        password.error_messages["required"] = _("Enter your password")
        password.help_text = ""
        password.widget = forms.PasswordInput(attrs={"autocomplete": "current-password"})

    def clean_login(self) -> str:
        """Mail addresses are kept in lower case."""
        return str(self.cleaned_data["login"]).strip().lower()


class PasswordAgainForm(ReauthenticateForm):
    """The person's password once more."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["password"]
        field.label, field.help_text = _("Password"), ""
        field.error_messages["required"] = _("Enter your password")
        field.widget = forms.PasswordInput(attrs={"autocomplete": "current-password"})


class CodeWords:
    """A code of an authenticator app or a recovery code; wrong ones are counted."""

    fields: dict[str, forms.Field]
    user: Any

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["code"]
        field.label = _("Code")
        field.error_messages["required"] = _("Enter the code")
        field.widget = forms.TextInput(attrs=CODE)

    def clean_code(self) -> str:
        """The code, counted before it is checked."""
        with failures_of_form(second_factor(context.request, self.user.pk)):
            return str(super().clean_code())  # type: ignore[misc]


class CodeForm(CodeWords, AuthenticateForm):
    """The second step of a sign-in."""


class CodeAgainForm(CodeWords, ReauthenticateByCodeForm):
    """A code before something that matters."""


class ActivateAppForm(CodeWords, ActivateTOTPForm):
    """The first code of a new authenticator app."""


class NewPasswordWords:
    """A new password, typed twice."""

    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        first, second = self.fields["password1"], self.fields["password2"]
        first.label, second.label = _("New password"), _("The same again")
        first.help_text = _("At least 10 characters, not only digits, and none that others use.")
        first.error_messages["required"] = _("Enter a new password")
        second.error_messages["required"] = _("Enter the new password again")
        for field in (first, second):
            field.widget = forms.PasswordInput(attrs={"autocomplete": "new-password"})
        if "oldpassword" in self.fields:
            old = self.fields["oldpassword"]
            old.label, old.help_text = _("Your password now"), ""
            old.error_messages["required"] = _("Enter the password that you have now")
            old.widget = forms.PasswordInput(attrs={"autocomplete": "current-password"})


class ChangeForm(NewPasswordWords, ChangePasswordForm):
    """Change a password by someone who knows the old one; wrong ones are counted."""

    def clean_oldpassword(self) -> str:
        """The old password, counted before it is checked."""
        with failures_of_form(second_factor(context.request, self.user.pk)):
            return str(super().clean_oldpassword())


class FirstPasswordForm(NewPasswordWords, SetPasswordForm):
    """A first password, for someone who came by single sign-on."""


class ResetKeyForm(NewPasswordWords, ResetPasswordKeyForm):
    """A new password by a link."""


class ResetForm(ResetPasswordForm):
    """Where to send the link."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["email"]
        field.label = _("Mail address")
        field.widget = forms.EmailInput(attrs={"autocomplete": "username"})
        field.error_messages |= {
            "required": _("Enter your mail address"),
            "invalid": _("Enter the whole mail address, such as name@example.com"),
        }


class PasskeyNameWords:
    """The name by which a person tells their passkeys apart."""

    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["name"]
        field.label = _("Name of the passkey")
        field.help_text = _("For example the device that keeps it.")


class AddPasskeyForm(PasskeyNameWords, AddWebAuthnForm):
    """A new passkey; the browser adds the key itself."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["passwordless"].label = _("It signs in alone, without a password")
        self.fields["passwordless"].help_text = ""
        self.fields["passwordless"].initial = True


class RenamePasskeyForm(PasskeyNameWords, EditWebAuthnForm):
    """Another name for a passkey."""
