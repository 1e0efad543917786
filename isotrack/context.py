"""What every page needs."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from accounts import clock
from accounts.permissions import Capability
from accounts.web import can
from alerts.views import may_read
from isotrack.health import banner
from isotrack.work import waiting_for


def page(request: HttpRequest) -> dict[str, Any]:
    """The organization of the request, whether this is the demonstration, and what every page must warn of."""
    organization = getattr(request, "organization", None)
    return {
        "organization": organization,
        "demo": settings.DEMO,
        "reads_outbox": may_read(request),
        "sees_settings": can(request, Capability.VIEW_ORGANIZATION),
        "counts": SimpleLazyObject(lambda: _counts(request)),
        "banner": SimpleLazyObject(lambda: banner(organization)),
    }


def _counts(request: HttpRequest) -> dict[str, int]:
    """What stands beside the places of the navigation."""
    organization = getattr(request, "organization", None)
    if organization is None or request.user.pk is None:
        return {}
    return waiting_for(request.user.pk, clock.today(organization))
