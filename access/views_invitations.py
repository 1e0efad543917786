"""Pages of invitations: the list for administrators, and the page behind the link of the mail."""

from __future__ import annotations

from typing import Any

from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django import forms
from django.contrib import messages
from django.contrib.auth import login
from django.core import signing
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from access import limits
from access.actions import NotOpen, accept, invite, send_again, withdraw
from access.limits import limited
from access.models import SALT, Invitation
from accounts import clock, tenancy
from accounts.forms_settings import NewPasswordForm
from accounts.middleware import SESSION_KEY
from accounts.models import Organization, User
from accounts.permissions import Capability
from accounts.reauthentication import has_second_factor
from accounts.web import allowed
from certifications.forms_settings import RoleForm
from certifications.web import actor, attempt, posted, show

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


class WhomForm(forms.Form):
    """Whom to invite."""

    email = forms.EmailField(
        label=gettext_lazy("Mail address"),
        max_length=254,
        error_messages={
            "required": gettext_lazy("Enter the mail address"),
            "invalid": gettext_lazy("Enter the whole mail address, such as name@example.com"),
        },
    )
    full_name = forms.CharField(
        label=gettext_lazy("Full name"),
        max_length=150,
        required=False,
        help_text=gettext_lazy("They can change it when they accept."),
    )


class InviteForm(WhomForm, RoleForm):
    """Whom to invite, as what."""

    field_order = ("email", "full_name", "role", "sites", "standards")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["was"]


class JoinForm(NewPasswordForm):
    """What a new person tells of themselves: name and password."""

    full_name = forms.CharField(
        label=gettext_lazy("Full name"),
        max_length=150,
        error_messages={"required": gettext_lazy("Enter your full name")},
    )
    field_order = ("full_name", "new_password1", "new_password2")


@allowed(Capability.MANAGE)
def invitations(request: HttpRequest) -> HttpResponse:
    """Invitations that nobody has accepted yet."""
    waiting = Invitation.objects.filter(accepted_at=None, withdrawn_at=None).select_related("user", "invited_by")
    return render(request, "access/invitations.html", {"rows": waiting, "now": clock.now()})


@allowed(Capability.MANAGE)
def add(request: HttpRequest) -> HttpResponse:
    """Invite somebody."""
    form = InviteForm(posted(request))
    organization: Organization = request.organization  # type: ignore[attr-defined]
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        narrowed = getattr(form, "limits", {})
        made = attempt(
            form,
            lambda: invite(
                organization, given["email"], given["full_name"], given["role"], actor(request), limits=narrowed
            ),
        )
        if made:
            messages.success(request, _("An invitation is on its way to %s.") % made.user.email)
            return redirect("invitations")
    return show(request, "access/invite.html", {}, form)


@require_POST
@allowed(Capability.MANAGE)
def again(request: HttpRequest, pk: int) -> HttpResponse:
    """Send an invitation again."""
    row = get_object_or_404(Invitation.objects.select_related("user", "organization"), pk=pk)
    try:
        send_again(row, actor(request))
        messages.success(
            request, _("A new mail is on its way to %s; the earlier link is useless now.") % row.user.email
        )
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
    return redirect("invitations")


@require_POST
@allowed(Capability.MANAGE)
def drop(request: HttpRequest, pk: int) -> HttpResponse:
    """Withdraw an invitation."""
    row = get_object_or_404(Invitation.objects.select_related("user", "organization"), pk=pk)
    withdraw(row, actor(request))
    messages.success(request, _("The invitation of %s is withdrawn.") % row.user.email)
    return redirect("invitations")


@never_cache
@limited(limits.link)
def answer(request: HttpRequest, token: str) -> HttpResponse:
    """The page behind the link: looking changes nothing; joining takes a button."""
    row = _invited(token)
    if row is None or not row.is_open or not row.user.is_active:
        return render(request, "access/invitation_over.html", status=410)
    with tenancy.acting_in(row.organization_id):
        if not request.user.is_authenticated and _is_new(row.user):
            return _join_as_new(request, row)
        return _join(request, row)


def _invited(token: str) -> Invitation | None:
    """The invitation that a link speaks of."""
    try:
        pk, nonce = signing.loads(token, salt=SALT)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    with tenancy.across_organizations():
        rows = Invitation.objects.select_related("user", "organization", "invited_by")
        found: Invitation | None = rows.filter(pk=pk, nonce=nonce).first()
    return found


def _is_new(user: User) -> bool:
    """Whether nobody can sign in as them yet."""
    other_ways = SocialAccount.objects.filter(user=user).exists() or has_second_factor(user)
    return not user.has_usable_password() and not other_ways


def _join(request: HttpRequest, row: Invitation) -> HttpResponse:
    """Somebody who has an account: they must be signed in as the one who was invited."""
    mine = request.user.is_authenticated and request.user.pk == row.user_id
    if request.method != "POST" or not mine:
        context = {"invitation": row, "mine": mine, "form": None}
        return render(request, "access/invitation.html", context, status=403 if request.method == "POST" else 200)
    try:
        accept(row)
    except NotOpen:
        return render(request, "access/invitation_over.html", status=410)
    return _welcome(request, row)


def _join_as_new(request: HttpRequest, row: Invitation) -> HttpResponse:
    """Somebody new chooses a password; joining and password are one step, or none."""
    form = JoinForm(row.user, posted(request), initial={"full_name": row.user.full_name})
    if request.method != "POST" or not form.is_valid():
        return show(request, "access/invitation.html", {"invitation": row, "mine": False}, form)
    try:
        with transaction.atomic():
            row.user.full_name = form.cleaned_data["full_name"].strip()
            form.save()
            accept(row)
    except NotOpen:
        return render(request, "access/invitation_over.html", status=410)
    login(request, row.user, backend=BACKEND)
    UserSession.objects.create_from_request(request)
    return _welcome(request, row)


def _welcome(request: HttpRequest, row: Invitation) -> HttpResponse:
    request.session[SESSION_KEY] = row.organization_id
    messages.success(request, _("You belong to %s now.") % row.organization)
    audits = row.limits.get("audits")
    return redirect("audit", audits[-1]) if audits else redirect("portfolio")
