"""The person's own settings, and choosing a password by a link."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import PasswordResetConfirmView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.utils.translation import gettext as _

from accounts.forms_settings import NewPasswordForm, ProfileForm
from accounts.models import User


@login_required
def profile(request: HttpRequest) -> HttpResponse:
    """Name, language and theme of the person; mail address and role are others' to change."""
    assert isinstance(request.user, User)
    form = ProfileForm(request.POST if request.method == "POST" else None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Your profile is saved."))
        return redirect("settings-profile")
    status = 422 if form.errors else 200
    return render(request, "settings/profile.html", {"form": form}, status=status)


class SetPasswordView(PasswordResetConfirmView):
    """The page behind a link that works once: choose a password, then sign in with it."""

    form_class = NewPasswordForm
    template_name = "settings/set_password.html"
    success_url = reverse_lazy("sign-in")

    def form_invalid(self, form: Any) -> HttpResponse:
        """A refused password answers 422."""
        return self.render_to_response(self.get_context_data(form=form), status=422)
