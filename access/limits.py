"""How often people and strangers may try what could be guessed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import wraps
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts import ratelimit
from accounts.addresses import client_address, network_of
from accounts.ratelimit import Limit, TooMany, wait_in_words

Counted = Sequence[tuple[Limit, str]]
TOO_MANY = "too_many"

QUARTER, HOUR = 15 * 60, 60 * 60


def sign_in(request: HttpRequest, email: str) -> Counted:
    """Wrong passwords: for each account, and for each network address."""
    return [
        (Limit("password", settings.SIGN_IN_TRIES, QUARTER), email),
        (Limit("password-from", settings.SIGN_IN_TRIES_FROM_ADDRESS, QUARTER), network(request)),
    ]


def second_factor(request: HttpRequest, user_id: int) -> Counted:
    """Wrong codes of an authenticator app or wrong recovery codes."""
    return [(Limit("code", settings.SIGN_IN_TRIES, QUARTER), str(user_id))]


def reset(request: HttpRequest) -> Counted:
    """Mails with a link to choose a password: for each address they are asked for, and for each who asks."""
    email = request.POST.get("email", "").strip()
    return [(Limit("reset", 5, HOUR), email), (Limit("reset-from", 50, HOUR), network(request))]


def link(request: HttpRequest) -> Counted:
    """Opening links of invitations and passwords that might be guessed."""
    return [(Limit("link-from", 60, QUARTER), network(request))]


def passkey(request: HttpRequest) -> Counted:
    """Signing in with a passkey: nothing to guess, but each try costs."""
    return [(Limit("passkey-from", settings.SIGN_IN_TRIES_FROM_ADDRESS, QUARTER), network(request))]


def answer(request: HttpRequest) -> Counted:
    """Answers of an identity provider that are not believed: each costs a look at its signature."""
    return [(Limit("answer-from", settings.SIGN_IN_TRIES_FROM_ADDRESS, QUARTER), network(request))]


def network(request: HttpRequest) -> str:
    """The network address a request is counted for."""
    return network_of(client_address(request))


@contextmanager
def failures(counted: Counted) -> Iterator[None]:
    """Count a try before it is checked, and take it back when the check passes."""
    for limit, who in counted:
        ratelimit.take(limit, who)
    yield
    for limit, who in counted:
        ratelimit.give_back(limit, who)


@contextmanager
def failures_of_form(counted: Counted) -> Iterator[None]:
    """The same for a form, whose page tells the wait."""
    try:
        with failures(counted):
            yield
    except TooMany as refusal:
        raise as_form_error(refusal) from refusal


def as_form_error(refusal: TooMany) -> ValidationError:
    """The refusal as the error of a form; the page answers 429 for it."""
    return ValidationError(str(refusal), code=TOO_MANY, params={"seconds": refusal.seconds})


def limited(counted: Callable[[HttpRequest], Counted]) -> Callable[[Any], Any]:
    """Count every POST to a view; beyond the limit a page says how long to wait."""

    def wrap(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.method == "POST":
                try:
                    for limit, who in counted(request):
                        ratelimit.take(limit, who)
                except TooMany as refusal:
                    return too_many(request, refusal)
            return view(request, *args, **kwargs)

        return guarded

    return wrap


def too_many(request: HttpRequest, refusal: TooMany) -> HttpResponse:
    """The page that says how long to wait."""
    context = {"wait": wait_in_words(refusal.seconds)}
    response = render(request, "429.html", context, status=429)
    response.headers["Retry-After"] = str(refusal.seconds)
    return response
