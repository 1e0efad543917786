"""The operator's pages: for superusers with a second factor alone, never for administrators of organizations."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.reauthentication import has_second_factor


class OperationsSite(AdminSite):
    """Signs nobody in by itself: the product's own sign-in asks for the second step."""

    def has_permission(self, request: HttpRequest) -> bool:
        """A superuser whose account has a second factor, and who has therefore passed it."""
        user = request.user
        return isinstance(user, User) and user.is_active and user.is_superuser and has_second_factor(user)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The way in: sign-in first, then a second factor, then back here."""
        if not request.user.is_authenticated:
            return redirect_to_login(request.GET.get("next", request.path))
        if isinstance(request.user, User) and request.user.is_superuser:
            messages.warning(request, _("The operator's pages ask for a second factor. Add one, then open them again."))
            return redirect("mfa_index")
        return redirect("portfolio")
