"""What every request of a signed-in person must pass: sessions end, and an organization may ask for a second factor."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.core import signing
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import clock
from accounts.models import User
from accounts.reauthentication import has_second_factor

SIGNED_IN = "signed_in_at"
SEEN_COOKIE = "seen"
SEEN_EVERY = timedelta(minutes=1)
# What somebody without a second factor may still open: adding one, signing out, and going to another organization.
OPEN_WITHOUT = ("/settings/sign-in/", "/sign-in/", "/sign-out/", "/password/", "/invitation/", "/theme/", "/static/")
ADD_ONE = gettext_lazy("Your organization asks for a second factor. Sign in on the pages and add one.")


def note_sign_in(request: HttpRequest | None = None, **kwargs: Any) -> None:
    """Keep when the session began."""
    if request is not None and hasattr(request, "session"):
        request.session[SIGNED_IN] = clock.now().timestamp()


class SessionLimits:
    """Signs a person out whose session has rested or lasted too long.

    When they were last seen stands in a signed cookie bound to the session, so that reading a page writes nothing.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        seen = _last_seen(request) if request.user.is_authenticated else None
        if seen and _is_over(request, seen):
            logout(request)
            messages.info(request, _("You were signed out after a time without activity. Sign in to go on."))
        response = self.get_response(request)
        if request.user.is_authenticated and (seen is None or clock.now() - seen > SEEN_EVERY):
            _note_seen(request, response)
        elif SEEN_COOKIE in request.COOKIES and not request.user.is_authenticated:
            response.delete_cookie(SEEN_COOKIE, samesite="Lax")
        return response


class SecondFactor:
    """Where an organization asks for a second factor, who has none is led to add one and sees nothing else."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith(OPEN_WITHOUT) or not demands_second_factor(request):
            return self.get_response(request)
        if request.path.startswith("/api/"):
            said = {"type": "about:blank", "title": "Forbidden", "status": 403, "detail": str(ADD_ONE)}
            return JsonResponse(said, status=403, content_type="application/problem+json")
        return redirect("mfa_index")


def demands_second_factor(request: HttpRequest) -> bool:
    """Whether the organization of the request asks this person for a second factor that they do not have."""
    organization = getattr(request, "organization", None)
    if organization is None or not organization.require_second_factor:
        return False
    return isinstance(request.user, User) and not has_second_factor(request.user)


def _is_over(request: HttpRequest, seen: datetime) -> bool:
    now = clock.now()
    began = _began(request)
    rested = now - seen > timedelta(seconds=settings.SESSION_IDLE_SECONDS)
    return rested or now - began > timedelta(seconds=settings.SESSION_COOKIE_AGE)


def _began(request: HttpRequest) -> datetime:
    """When the person signed in; a session that does not say so is over."""
    return datetime.fromtimestamp(request.session.get(SIGNED_IN, 0), tz=clock.now().tzinfo)


def _last_seen(request: HttpRequest) -> datetime:
    """The last request of this session; the sign-in itself where the cookie is missing or another session's."""
    began = _began(request)
    try:
        value = signing.loads(request.COOKIES.get(SEEN_COOKIE, ""), salt=_salt(request))
        return max(began, datetime.fromtimestamp(value, tz=began.tzinfo))
    except (signing.BadSignature, TypeError, ValueError):
        return began


def _note_seen(request: HttpRequest, response: HttpResponse) -> None:
    value = signing.dumps(int(clock.now().timestamp()), salt=_salt(request))
    response.set_cookie(
        SEEN_COOKIE,
        value,
        max_age=settings.SESSION_COOKIE_AGE,
        httponly=True,
        secure=settings.SESSION_COOKIE_SECURE,
        samesite="Lax",
    )


def _salt(request: HttpRequest) -> str:
    return f"access.seen.{request.session.session_key}"
