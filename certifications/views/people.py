"""People of the organization: add by mail address, role, link to a password, remove."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.tokens import default_token_generator
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.models import Membership, Organization, User
from accounts.permissions import Capability
from accounts.ratelimit import wait_in_words
from accounts.templatetags.ui import noun
from accounts.web import allowed
from certifications.forms_settings import MemberForm, RoleForm
from certifications.views.shared import looks
from certifications.web import actor, attempt, posted, show
from records.people import LastAdministrator, add_member, let_choose_password, remove_member, set_role

MANAGE = Capability.MANAGE
SHOWN_ONCE = "password_link"


@allowed(Capability.VIEW_ORGANIZATION)
def people(request: HttpRequest) -> HttpResponse:
    """Everybody in the organization with their role; a link to a password is shown once, after it was asked for."""
    rows = Membership.objects.select_related("user").order_by("user__full_name", "pk")
    context = {
        "rows": rows,
        "link": request.session.pop(SHOWN_ONCE, None),
        "lasts": wait_in_words(settings.PASSWORD_RESET_TIMEOUT),
        **looks(request, MANAGE),
    }
    return render(request, "settings/people.html", context)


@allowed(MANAGE)
def add(request: HttpRequest) -> HttpResponse:
    """Add a person; a new one gets a link with which they choose their password."""
    form = MemberForm(posted(request))
    organization: Organization = request.organization  # type: ignore[attr-defined]
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        made = attempt(
            form, lambda: add_member(organization, given["email"], given["full_name"], given["role"], actor(request))
        )
        if made:
            messages.success(
                request,
                _("%(user)s is added as %(role)s.") % {"user": made.user, "role": noun(made.get_role_display())},
            )
            if not made.user.has_usable_password():
                _show_link(request, made.user)
            return redirect("settings-people")
    return show(request, "settings/person_new.html", {}, form)


@allowed(MANAGE)
def role(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a member another role."""
    row = _member(pk)
    form = RoleForm(posted(request), initial={"role": row.role, "was": row.role, **row.limits})
    if request.method == "POST" and form.is_valid():
        if form.cleaned_data["was"] != row.role:
            words = {"user": row.user, "role": noun(row.get_role_display())}
            form.add_error("role", _("Somebody made %(user)s %(role)s meanwhile; choose again") % words)
            form.data = {**request.POST.dict(), "was": row.role}
        else:
            try:
                saved = set_role(row, form.cleaned_data["role"], actor(request), form.limits)
            except (LastAdministrator, ValidationError) as refusal:
                form.add_error("role", getattr(refusal, "messages", [str(refusal)]))
            else:
                messages.success(
                    request,
                    _("%(user)s is now %(role)s.") % {"user": saved.user, "role": noun(saved.get_role_display())},
                )
                return redirect("settings-people")
    return show(request, "settings/role.html", {"member": row}, form)


@allowed(MANAGE)
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a person out of the organization, after asking."""
    row = _member(pk)
    if request.method == "POST":
        try:
            remove_member(row, actor(request))
            messages.success(request, _("%s is no longer in the organization.") % row.user)
        except LastAdministrator as refusal:
            messages.error(request, str(refusal))
        return redirect("settings-people")
    return render(request, "settings/person_remove.html", {"member": row})


@allowed(MANAGE)
@require_POST
def link(request: HttpRequest, pk: int) -> HttpResponse:
    """Make a link with which the member chooses a new password."""
    row = _member(pk)
    try:
        _show_link(request, let_choose_password(row, actor(request)))
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
    return redirect("settings-people")


def _member(pk: int) -> Membership:
    found: Membership = get_object_or_404(Membership.objects.select_related("user", "organization"), pk=pk)
    return found


def _show_link(request: HttpRequest, user: User) -> None:
    """Keep the link until the next page has shown it."""
    uid = urlsafe_base64_encode(force_bytes(user.pk))
    path = reverse("set-password", args=[uid, default_token_generator.make_token(user)])
    request.session[SHOWN_ONCE] = {"person": str(user), "address": request.build_absolute_uri(path)}
