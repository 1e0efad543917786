"""The theme, and where one may be sent back to."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.middleware import SESSION_KEY, memberships
from accounts.models import User

THEMES = {value for value, _ in User._meta.get_field("theme").choices or ()}


@login_required
@require_POST
def choose_theme(request: HttpRequest) -> HttpResponse:
    """Keep the person's theme and go back to the page they were on."""
    theme = request.POST.get("theme", "")
    if theme in THEMES:
        User.objects.filter(email=request.user.get_username()).update(theme=theme)
    return redirect(safe_next(request))


@login_required
def organizations(request: HttpRequest) -> HttpResponse:
    """The organizations of the person, whose records are shown now, and a button for each of the others."""
    if request.method == "POST":
        wanted = request.POST.get("organization")
        chosen = next((row for row in memberships(request) if str(row.organization_id) == wanted), None)
        if chosen is None:
            raise Http404
        request.session[SESSION_KEY] = chosen.organization_id
        messages.success(request, _("You see the records of %s now.") % chosen.organization)
        return redirect("portfolio")
    return render(request, "accounts/organizations.html", {"rows": memberships(request)})


def safe_next(request: HttpRequest, default: str = "/") -> str:
    """The address to go back to, if it is one of ours."""
    address = request.POST.get("next") or request.GET.get("next") or default
    return address if is_ours(request, address) else default


def is_ours(request: HttpRequest, address: str) -> bool:
    """Whether the address leads to this installation, and not elsewhere by a trick of writing.

    Browsers drop tabs and line ends and read a backslash as a slash, so an address with any of them is none of ours.
    """
    if not address.startswith(("/", "http://", "https://")):
        return False
    if any(character.isspace() or not character.isprintable() or character == "\\" for character in address):
        return False
    return url_has_allowed_host_and_scheme(address, {request.get_host()}, require_https=request.is_secure())
