"""Who may do what through the API: the role of the person, and no more than the key allows."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from rest_framework.exceptions import MethodNotAllowed, PermissionDenied
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from accounts.models import ApiKey
from accounts.permissions import FAMILY_OF, OPEN_TO_EVERY_KEY, Capability, Family, Role, may
from accounts.templatetags.ui import noun
from accounts.web import check


class RoleAndKey(BasePermission):
    """Asks the role for the view's capability, and the key for its resources, its role at most, and writing."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """True, or ``PermissionDenied`` with a sentence that names who may; first of all there must be a method."""
        if not request.user or not request.user.is_authenticated:
            return False
        if view.action is None:
            raise MethodNotAllowed(str(request.method))
        capability: Capability = view.capability()
        check(request._request, capability)
        if isinstance(request.auth, ApiKey):
            _check_key(request, request.auth, capability, view.stores)
        return True


def _check_key(request: Request, key: ApiKey, capability: Capability, stores: bool) -> None:
    if key.role_cap and not may(key.role_cap, capability):
        raise PermissionDenied(
            _("This API key may do no more than the role %(role)s allows.") % {"role": noun(Role(key.role_cap).label)}
        )
    place = request.path.split("/")[3:4]
    allowed = _allowed(key, place[0] if place else "")
    changes = stores and request.method not in SAFE_METHODS
    if changes and not key.writes:
        raise PermissionDenied(_("This API key may only read. Use a key that may write."))
    if not allowed or (changes and allowed != "write"):
        family = str(Family(FAMILY_OF.get(place[0], Family.REFERENCE)).label)
        raise PermissionDenied(
            (_("This API key may not change “%(family)s”.") if changes else _("This API key may not see “%(family)s”."))
            % {"family": family}
        )


def _allowed(key: ApiKey, place: str) -> str:
    """``read`` or ``write`` for the resources at this place; empty when the key may not use them."""
    if not key.families or place in OPEN_TO_EVERY_KEY:
        return "write" if key.writes else "read"
    return str(key.families.get(FAMILY_OF.get(place, Family.REFERENCE).value, ""))


def may_move(request: Request, capability: Capability) -> bool:
    """Whether the key of the request, if there is one, may make moves that need this capability where it asks."""
    if not isinstance(request.auth, ApiKey):
        return True
    key, place = request.auth, request.path.split("/")[3:4]
    return (
        key.writes
        and _allowed(key, place[0] if place else "") == "write"
        and (not key.role_cap or may(key.role_cap, capability))
    )
