"""Signing in with the operator's SAML provider: away by a link, back by a form that the provider's page sends.

That form comes from another site, so it carries no session cookie. What it says is checked where it arrives, kept for
one step under a cookie of its own, and bound to the session at the address it is led on to.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import asdict
from functools import wraps
from types import ModuleType
from typing import Any

from allauth.account.utils import get_next_redirect_url
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.helpers import complete_social_login, render_authentication_error
from allauth.socialaccount.internal.statekit import STATE_TTL
from allauth.socialaccount.providers.base import AuthProcess
from allauth.socialaccount.sessions import LoginSession
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from access import limits
from access.sign_on import OPERATORS_SAML, saml_is_on
from accounts.ratelimit import TooMany

KEPT_BY = ("saml_answer", "saml-answer")
log = logging.getLogger(__name__)


def with_saml(view: Callable[[HttpRequest, Any], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:
    """Only where the operator has set a provider; one that cannot be used is said to be so."""

    @wraps(view)
    def answered(request: HttpRequest) -> HttpResponseBase:
        if not saml_is_on():
            raise Http404
        from access import saml  # its packages are an extra

        try:
            return view(request, saml)
        except saml.Unusable as error:
            log.error("ISOTRACK_SAML_METADATA cannot be used: %s", error)
            return render(request, "socialaccount/authentication_error.html", status=502)

    return answered


@never_cache
@with_saml
def start(request: HttpRequest, saml: ModuleType) -> HttpResponseBase:
    """Go to the provider; the session keeps what was asked and where the person wanted to go."""
    address, request_id = saml.ask()
    _provider(request).stash_redirect_state(
        request, AuthProcess.LOGIN, get_next_redirect_url(request), state_id=request_id
    )
    return redirect(address)


@csrf_exempt  # another site sends it: the signature, and at the next step the id kept in the session, stand for a token
@require_POST
@never_cache
@with_saml
def back(request: HttpRequest, saml: ModuleType) -> HttpResponseBase:
    """What the provider says; nothing is kept of an answer that is not believed."""
    try:
        with limits.failures(limits.answer(request)):
            answer = saml.read(request.POST.get("SAMLResponse", ""))
    except TooMany as refusal:
        return limits.too_many(request, refusal)
    except saml.NotBelieved as error:
        return _refused(request, str(error))
    response = redirect("saml-finish")
    kept = LoginSession(request, *KEPT_BY)
    kept.store["answer"] = asdict(answer)
    kept.store.set_expiry(STATE_TTL)
    kept.save(response)
    response.cookies[KEPT_BY[1]]["httponly"] = True
    return response


@never_cache
@with_saml
def finish(request: HttpRequest, saml: ModuleType) -> HttpResponseBase:
    """Sign in whom the answer names, if this browser has asked for it; each request is answered once."""
    kept = LoginSession(request, *KEPT_BY)
    if "answer" not in kept.store:
        return _refused(request, "no answer")
    answer = saml.Answer(**kept.store["answer"])
    kept.delete()
    provider = _provider(request)
    try:
        state = provider.unstash_redirect_state(request, answer.request_id)
    except PermissionDenied:
        return _refused(request, "not asked for by this browser")
    login = provider.sociallogin_from_response(request, answer)
    login.state = state
    response: HttpResponseBase = complete_social_login(request, login)
    return response


@with_saml
def metadata(request: HttpRequest, saml: ModuleType) -> HttpResponse:
    """Our description for the provider's administrator."""
    return HttpResponse(saml.description(), content_type="application/samlmetadata+xml")


def _provider(request: HttpRequest) -> Any:
    return get_adapter().get_provider(request, OPERATORS_SAML)


def _refused(request: HttpRequest, why: str) -> HttpResponse:
    """The page says that it did not work; why is for the operator alone."""
    log.warning("an answer of the SAML provider was refused: %r", why[:300])
    response: HttpResponse = render_authentication_error(request, _provider(request))
    return response
