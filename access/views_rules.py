"""What an organization asks of those who sign in: a second factor, and its own identity provider."""

from __future__ import annotations

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from access.actions import remove_sign_on, set_rules, set_sign_on
from access.models import SingleSignOn
from access.sign_on import address_of
from accounts.models import Organization
from accounts.permissions import Capability
from accounts.web import allowed
from certifications.web import actor, attempt, posted, show

MANAGE = Capability.MANAGE


class RulesForm(forms.Form):
    """Whether everybody needs a second factor."""

    require_second_factor = forms.BooleanField(
        label=gettext_lazy("Everybody needs a second factor"),
        required=False,
        help_text=gettext_lazy(
            "Who has none is led to add an authenticator app or a passkey and sees nothing else until then."
        ),
    )


class SignOnForm(forms.Form):
    """The identity provider."""

    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=60,
        error_messages={"required": gettext_lazy("Enter a name that your people know")},
    )
    server_url = forms.URLField(
        label=gettext_lazy("Address of the provider"),
        max_length=300,
        assume_scheme="https",
        help_text=gettext_lazy("The issuer: the part before /.well-known/openid-configuration."),
        error_messages={"required": gettext_lazy("Enter the address of the provider")},
    )
    client_id = forms.CharField(
        label=gettext_lazy("Client id"),
        max_length=190,
        error_messages={"required": gettext_lazy("Enter the client id that the provider gave you")},
    )
    secret = forms.CharField(
        label=gettext_lazy("Client secret"),
        required=False,
        max_length=500,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=gettext_lazy("Kept encrypted and never shown; leave it empty to keep the one that is there."),
    )


@allowed(MANAGE)
def rules(request: HttpRequest) -> HttpResponse:
    """What is asked of everybody, and the provider if there is one."""
    organization: Organization = request.organization  # type: ignore[attr-defined]
    form = RulesForm(posted(request), initial={"require_second_factor": organization.require_second_factor})
    if request.method == "POST" and form.is_valid():
        required = form.cleaned_data["require_second_factor"]
        attempt(form, lambda: set_rules(organization, required, actor(request)))
        if not form.errors:
            messages.success(request, _("The rules for signing in are saved."))
            return redirect("sign-in-rules")
    context = {
        "provider": SingleSignOn.objects.filter(organization=organization).first(),
        "address": f"{settings.BASE_URL}{address_of(organization.slug)}",
    }
    return show(request, "access/rules.html", context, form)


@allowed(MANAGE)
def sign_on(request: HttpRequest) -> HttpResponse:
    """Set the identity provider up, or change it."""
    organization: Organization = request.organization  # type: ignore[attr-defined]
    row = SingleSignOn.objects.filter(organization=organization).first()
    kept = {name: getattr(row, name) for name in ("name", "server_url", "client_id")} if row else {}
    form = SignOnForm(posted(request), initial=kept)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        if attempt(form, lambda: set_sign_on(organization, given, given["secret"], actor(request))):
            messages.success(request, _("Single sign-on is saved. Try it in a private window before you tell others."))
            return redirect("sign-in-rules")
    back = f"{settings.BASE_URL}{address_of(organization.slug)}back/"
    return show(request, "access/sign_on.html", {"back": back}, form)


@require_POST
@allowed(MANAGE)
def sign_on_remove(request: HttpRequest) -> HttpResponse:
    """Take the identity provider away."""
    remove_sign_on(request.organization, actor(request))  # type: ignore[attr-defined]
    messages.success(request, _("Single sign-on is removed; people sign in with their passwords."))
    return redirect("sign-in-rules")
