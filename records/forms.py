"""What forms share that end with a signature."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import reauthentication
from accounts.models import User
from records.record import Actor
from records.signatures import ACTS, Act, Signing, as_shown, is_asked, new_token, read_token, signed_by


class SignatureForm(forms.Form):
    """A form that may end with a signature: give it ``act``, ``row`` and ``request`` with ``ask_to_sign``.

    Where the organization asks for one, the form shows what is signed (``records/_signature.html``) and takes the
    password of the person who is signed in; elsewhere nothing changes.
    """

    act: Act | None = None
    shown: list[list[str]]
    _request: HttpRequest
    _row: Any
    _signing: Signing | None = None

    def ask_to_sign(self, act: str, row: Any, request: HttpRequest) -> None:
        """Ask for a signature under this act, if the organization wants one."""
        if not is_asked(row.organization_id, act) or self.act is not None:
            return
        self.act, self._row, self._request = ACTS[act], row, request
        self.shown = as_shown(self.act, row)
        self.fields["signature_password"] = forms.CharField(
            label=gettext_lazy("Your password"),
            strip=False,
            widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
            error_messages={"required": _("Enter your password to sign")},
        )
        self.fields["signature_seen"] = forms.CharField(widget=forms.HiddenInput, required=False)
        self.initial["signature_seen"] = self._token()
        if self.is_bound and self.add_prefix("signature_seen") not in self.data:
            self._put_token()

    def _put_token(self) -> None:
        data: Any = self.data.copy()  # type: ignore[attr-defined]
        data[self.add_prefix("signature_seen")] = self._token()
        self.data = data

    def _token(self) -> str:
        assert self.act is not None
        return new_token(self.act, self._row, self._person())

    def _person(self) -> User:
        assert isinstance(self._request.user, User)
        return self._request.user

    def clean(self) -> dict[str, Any]:
        """Take the signature when everything else is right; a refused one leaves a fresh form to read again."""
        given: dict[str, Any] = super().clean() or self.cleaned_data
        if self.act is None:
            return given
        password, seen = given.pop("signature_password", ""), given.pop("signature_seen", "")
        if not self.errors:
            self._take(password, seen)
        return given

    def _take(self, password: str, seen: str) -> None:
        assert self.act is not None
        if problem := reauthentication.problem_with(self._request, password):
            self.add_error("signature_password", problem)
            return
        try:
            self._signing = read_token(seen, self.act, self._row, self._person())
        except ValidationError as error:
            self.add_error(None, error)

    def add_error(self, field: str | None, error: Any) -> None:
        """Note an error; what is signed is then read and signed anew, as it stands now."""
        super().add_error(field, error)
        if self.act is None:
            return
        self._signing = None
        self._row = type(self._row).objects.get(pk=self._row.pk)
        self.shown = as_shown(self.act, self._row)
        self._put_token()

    def signer(self, by: Actor) -> Actor:
        """The actor for the door, with the signature that was given."""
        return signed_by(by, self._signing)
