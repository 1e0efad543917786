"""Keeping a list as it is looked at, sharing it, and letting it go."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.permissions import Capability
from accounts.web import allowed, check, plain
from records.lists.actions import keep_view, let_view_go
from records.lists.listing import SPECS
from records.models import SavedView
from records.record import Actor


@require_POST
@allowed(Capability.VIEW)
def save(request: HttpRequest, name: str) -> HttpResponse:
    """Keep the list under a name; the same name again means the same view as it looks now."""
    spec = SPECS.get(name)
    if spec is None:
        raise Http404
    check(request, spec.needs)
    given = plain(request.POST)
    query = given.get("query", "")
    try:
        view = keep_view(
            request.organization,  # type: ignore[attr-defined]
            request.user,  # type: ignore[arg-type]
            spec.name,
            given.get("name", ""),
            query,
            given.get("shared") == "on",
        )
        messages.success(request, _("The view “%s” is kept.") % view)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect(f"{reverse(spec.url)}?{query}")


@require_POST
@allowed(Capability.VIEW)
def forget(request: HttpRequest, pk: int) -> HttpResponse:
    """Let one of one's own views go."""
    view = get_object_or_404(SavedView.objects.filter(owner_id=request.user.pk), pk=pk)
    let_view_go(view, Actor.person(request.user))  # type: ignore[arg-type]
    messages.success(request, _("The view “%s” is gone.") % view)
    return redirect(SPECS[view.list].url) if view.list in SPECS else redirect("/")
