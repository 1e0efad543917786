"""Pages of signing in. The library's views do the work; here they get our answers, limits and the page of overview."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.views import LoginView
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.socialaccount.providers.openid_connect import views as oidc
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST
from requests import RequestException

from access.limits import TOO_MANY
from access.middleware import demands_second_factor
from access.sign_on import operators_ways
from accounts.models import User
from accounts.views import safe_next

View = Callable[..., HttpResponseBase]


def refusing(view: View) -> View:
    """Answer 422 when the form of the page has errors, and 429 with the wait when it was tried too often."""

    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        form = (getattr(response, "context_data", None) or {}).get("form")
        if request.method == "POST" and isinstance(form, BaseForm) and form.is_bound and form.errors:
            wait = _wait(form)
            response.status_code = 429 if wait else 422
            if wait:
                response.headers["Retry-After"] = str(wait)
        return response

    return answered


def _wait(form: BaseForm) -> int:
    """Seconds to wait, when that is what the form complains of."""
    errors: list[ValidationError] = [error for found in form.errors.as_data().values() for error in found]
    return next((error.params["seconds"] for error in errors if error.code == TOO_MANY and error.params), 0)


class SignInView(LoginView):
    """The sign-in page."""

    template_name = "registration/login.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Adds where to go afterwards."""
        return super().get_context_data(**kwargs, next=safe_next(self.request, ""), sign_on=operators_ways())


def sign_on(request: HttpRequest, provider_id: str) -> HttpResponseBase:
    """Go to the identity provider; one that does not answer is said to."""
    try:
        answer: HttpResponseBase = oidc.login(request, provider_id)
    except RequestException:
        return render(request, "socialaccount/authentication_error.html", status=502)
    return answer


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session, also one that waits for its second step."""
    logout(request)
    return redirect("sign-in")


@never_cache
@login_required
def overview(request: HttpRequest) -> HttpResponse:
    """How the person signs in: password, second factor, passkeys, single sign-on, and where they are signed in."""
    assert isinstance(request.user, User)
    kept = list(Authenticator.objects.filter(user=request.user).order_by("created_at"))
    codes = next((row.wrap() for row in kept if row.type == Authenticator.Type.RECOVERY_CODES), None)
    sessions = sorted(UserSession.objects.purge_and_list(request.user), key=lambda row: row.created_at, reverse=True)
    context = {
        "app": next((row for row in kept if row.type == Authenticator.Type.TOTP), None),
        "passkeys": [row for row in kept if row.type == Authenticator.Type.WEBAUTHN],
        "codes_left": len(codes.get_unused_codes()) if codes else None,
        "sessions": sessions,
        "demanded": demands_second_factor(request),
        "connections": SocialAccount.objects.filter(user=request.user),
    }
    return render(request, "access/overview.html", context)


@login_required
@require_POST
def end_session(request: HttpRequest, pk: int) -> HttpResponse:
    """End one of the person's sessions elsewhere; whoever uses it is signed out at their next click."""
    found = get_object_or_404(UserSession, pk=pk, user=request.user)
    found.end()
    messages.success(request, _("That session is ended."))
    return redirect("mfa_index")


@login_required
@require_POST
def end_other_sessions(request: HttpRequest) -> HttpResponse:
    """End every session of the person but this one."""
    others = UserSession.objects.filter(user=request.user).exclude(session_key=request.session.session_key)
    count = len([row.end() for row in others])
    text = ngettext("%(count)d other session is ended.", "%(count)d other sessions are ended.", count)
    messages.success(request, text % {"count": count})
    return redirect("mfa_index")
