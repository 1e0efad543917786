"""Asking the person who is signed in to prove once more that it is them: their password, or a code."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from django.contrib.auth import authenticate
from django.http import HttpRequest
from django.utils.translation import gettext as _

from accounts import ratelimit
from accounts.models import User
from accounts.ratelimit import Limit, TooMany

AT_MOST = Limit("proof", 5, 15 * 60)


def problem_with(request: HttpRequest, secret: str) -> str:
    """Why this is no proof, in words; empty when it is.

    The password of the account counts, and so does a code of its authenticator app or one of its recovery codes.
    After five wrong ones the account proves nothing for a quarter of an hour, in whatever session.
    """
    user = request.user
    assert isinstance(user, User)
    if not user.has_usable_password() and not has_code(user):
        return _("You sign in without a password here. Choose one, or add an authenticator app, then sign.")
    try:
        ratelimit.take(AT_MOST, str(user.pk))
    except TooMany as refusal:
        return _("Too many wrong passwords.") + f" {refusal}"
    if not (_is_password(request, user, secret) or is_code(user, secret)):
        return _("This is not your password.")
    ratelimit.give_back(AT_MOST, str(user.pk))
    return ""


def has_second_factor(user: User) -> bool:
    """Whether an authenticator app or a passkey belongs to the account."""
    kinds = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
    return bool(Authenticator.objects.filter(user=user, type__in=kinds).exists())


def has_code(user: User) -> bool:
    """Whether the account has codes that can be typed: of an app, or recovery codes."""
    return bool(Authenticator.objects.filter(user=user).exclude(type=Authenticator.Type.WEBAUTHN).exists())


def is_code(user: User, code: str) -> bool:
    """Whether this is a code of the account now; it is used up by the asking."""
    rows = Authenticator.objects.filter(user=user).exclude(type=Authenticator.Type.WEBAUTHN)
    return any(row.wrap().validate_code(code.strip()) for row in rows)


def _is_password(request: HttpRequest, user: User, secret: str) -> bool:
    found = authenticate(request, username=user.get_username(), password=secret)
    return found is not None and found.pk == user.pk
