"""The page of API keys: what other systems may do in the organization's name, made, replaced and revoked here."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts import clock
from accounts.models import ApiKey, Membership
from accounts.permissions import Capability, Family, Role
from accounts.web import allowed
from certifications.web import actor, attempt, posted, show
from records.keys import Grant, add_service_account, issue_key, revoke_key, rotate_key

SHOWN_ONCE = "new_key"
LIFETIMES = [
    ("30", gettext_lazy("30 days")),
    ("90", gettext_lazy("90 days")),
    ("365", gettext_lazy("A year")),
    ("", gettext_lazy("Until it is revoked")),
]
LEVELS = [("", gettext_lazy("nothing")), ("read", gettext_lazy("read")), ("write", gettext_lazy("read and write"))]
OVERLAPS = [
    ("0", gettext_lazy("at once")),
    ("1", gettext_lazy("after a day")),
    ("7", gettext_lazy("after a week")),
    ("30", gettext_lazy("after 30 days")),
]


class KeyForm(forms.Form):
    """What the key is for, for whom it speaks, what it may, and how long it lives."""

    name = forms.CharField(
        label=gettext_lazy("What it is for"),
        max_length=100,
        help_text=gettext_lazy("For example the name of the other system."),
        error_messages={"required": gettext_lazy("Enter what the key is for")},
    )
    speaks_for = forms.ChoiceField(label=gettext_lazy("It speaks for"), required=False)
    service_name = forms.CharField(
        label=gettext_lazy("Name of the new service account"),
        max_length=150,
        required=False,
        help_text=gettext_lazy("Only when it speaks for a new one. History names it as the one who acted."),
    )
    role_cap = forms.ChoiceField(
        label=gettext_lazy("It may at most what this role may"),
        required=False,
        choices=[("", gettext_lazy("What the one it speaks for may")), *Role.choices],
    )
    writes = forms.BooleanField(label=gettext_lazy("It may write, not only read"), required=False)
    families = forms.MultipleChoiceField(
        label=gettext_lazy("Resources"),
        required=False,
        choices=Family.choices,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("None chosen means all."),
    )
    days = forms.ChoiceField(label=gettext_lazy("It ends after"), choices=LIFETIMES, required=False, initial="90")

    def __init__(self, *args: Any, members: list[Membership], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        services = [(str(row.pk), str(row.user)) for row in members if row.user.is_service]
        choices = [("", _("You")), *services, ("new", _("A new service account"))]
        self.fields["speaks_for"].choices = choices  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """A new service account needs a name and a role."""
        given: dict[str, Any] = super().clean() or self.cleaned_data
        if given.get("speaks_for") == "new":
            if not given.get("service_name", "").strip():
                self.add_error("service_name", _("Enter the name of the other system"))
            if not given.get("role_cap"):
                self.add_error("role_cap", _("Choose the role of the new service account"))
        return given

    def grant(self) -> Grant:
        """What the key may."""
        given = self.cleaned_data
        level = "write" if given["writes"] else "read"
        return Grant(given["writes"], dict.fromkeys(given["families"], level), given["role_cap"])


@never_cache
@allowed(Capability.MANAGE)
def keys(request: HttpRequest) -> HttpResponse:
    """The keys of the organization; the text of a new one is shown once."""
    members = list(Membership.objects.filter(user__is_service=True).select_related("user").order_by("pk"))
    form, text = KeyForm(posted(request), members=members), request.session.pop(SHOWN_ONCE, "")
    if request.method == "POST" and form.is_valid():
        made = attempt(form, lambda: _issue(request, form, members))
        if made:
            text, form = made[1], KeyForm(members=members)
    rows = ApiKey.objects.select_related("user", "replaced_by").order_by("revoked_at", "-pk")
    context = {
        "rows": rows,
        "text": text,
        "now": clock.now(),
        "overlaps": OVERLAPS,
        "address": f"{settings.BASE_URL}/api/v1/certificates/",
    }
    return show(request, "accounts/keys.html", context, form)


def _issue(request: HttpRequest, form: KeyForm, members: list[Membership]) -> tuple[ApiKey, str]:
    given = form.cleaned_data
    membership: Membership = request.membership  # type: ignore[attr-defined]
    if given["speaks_for"] == "new":
        organization = membership.organization
        membership = add_service_account(organization, given["service_name"], given["role_cap"], actor(request))
    elif given["speaks_for"]:
        membership = next(row for row in members if str(row.pk) == given["speaks_for"])
    expires_at = clock.now() + timedelta(days=int(given["days"])) if given["days"] else None
    return issue_key(membership, given["name"], actor(request), expires_at=expires_at, grant=form.grant())


@require_POST
@allowed(Capability.MANAGE)
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """Close a key; what it signed stays in the history."""
    key = get_object_or_404(ApiKey, pk=pk)
    revoke_key(key, actor(request))
    messages.success(request, _("The key %s opens nothing any more.") % key.name)
    return redirect("keys")


@require_POST
@allowed(Capability.MANAGE)
def rotate(request: HttpRequest, pk: int) -> HttpResponse:
    """Replace a key by a new one with the same rights; the old one works for a while longer."""
    key = get_object_or_404(ApiKey, pk=pk)
    days = request.POST.get("overlap", "7")
    try:
        overlap = timedelta(days=int(days) if days in dict(OVERLAPS) else 7)
        _new, request.session[SHOWN_ONCE] = rotate_key(key, actor(request), overlap)
        messages.success(
            request, _("%s has a new key. Put it into the other system before the old one ends.") % key.name
        )
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
    return redirect("keys")
