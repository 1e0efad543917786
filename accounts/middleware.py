"""Puts each signed-in request into the scope of one organization and into the language of the person."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.cache import patch_cache_control, patch_vary_headers

from accounts import tenancy
from accounts.models import Membership
from accounts.reach import only_reading

SESSION_KEY = "organization"
READING = {"GET", "HEAD", "OPTIONS"}


class LanguageMiddleware:
    """Answers a person in the language and the time zone of their profile, anybody else as their client asks."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with translation.override(_language(request)), timezone.override(_zone(request)):
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", translation.get_language() or "en")
        patch_vary_headers(response, ("Accept-Language",))
        return response


def _language(request: HttpRequest) -> str:
    if request.user.is_authenticated and not request.path.startswith("/api/"):
        return request.user.language
    return translation.get_language_from_request(request)


def _zone(request: HttpRequest) -> ZoneInfo | None:
    """Where the person of the request reads clock times; None is UTC."""
    name = request.user.time_zone if request.user.is_authenticated else ""
    return ZoneInfo(name) if name and not request.path.startswith("/api/") else None


class OrganizationMiddleware:
    """Sets ``request.membership`` and ``request.organization`` and opens the scope for the request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        signed_in = request.user.is_authenticated  # asked now: a view of the API may put somebody else in the place
        membership = _membership(request)
        request.membership = membership  # type: ignore[attr-defined]
        request.organization = membership.organization if membership else None  # type: ignore[attr-defined]
        with ExitStack() as stack:
            if request.user.is_superuser and request.path.startswith(reverse("admin:index")):
                stack.enter_context(tenancy.across_organizations())
            elif membership:
                stack.enter_context(tenancy.acting_as(membership))
            if request.method in READING:
                stack.enter_context(only_reading())
            response = self.get_response(request)
        if signed_in and "Cache-Control" not in response:
            # No shared cache keeps it; a browser asks again, yet the way back finds what was typed.
            patch_cache_control(response, private=True, no_cache=True)
        return response


def _membership(request: HttpRequest) -> Membership | None:
    """The membership chosen in this session, else the person's first one."""
    if not request.user.is_authenticated:
        return None
    mine = memberships(request)
    request.belongs_to_several = len(mine) > 1  # type: ignore[attr-defined]
    chosen = request.session.get(SESSION_KEY)
    return next((m for m in mine if m.organization_id == chosen), mine[0] if mine else None)


def memberships(request: HttpRequest) -> list[Membership]:
    """The organizations of the person of the request, in the order in which they joined."""
    with tenancy.across_organizations():
        return list(Membership.objects.filter(user=request.user.pk).select_related("organization").order_by("pk"))
