"""Sign-in of other systems: ``Authorization: Bearer iso_….…``."""

from __future__ import annotations

import hmac
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from accounts import clock, tenancy
from accounts.models import ApiKey, Membership, User

USE_NOTED_EVERY = timedelta(minutes=1)


class ApiKeyAuthentication(BaseAuthentication):
    """Accepts a key that is known, not expired, not revoked, and whose person is still a member."""

    def authenticate(self, request: Request) -> tuple[User, ApiKey] | None:
        """The person behind the key and the key, or None when no bearer key was sent."""
        scheme, _, text = get_authorization_header(request).decode("latin-1").partition(" ")
        if scheme.lower() != "bearer":
            return None
        with tenancy.across_organizations():
            key = _usable_key(text.strip())
            membership = Membership.objects.select_related("organization").get(
                user_id=key.user_id, organization_id=key.organization_id
            )
        request._request.membership = membership  # type: ignore[attr-defined]
        request._request.organization = membership.organization  # type: ignore[attr-defined]
        return key.user, key

    def authenticate_header(self, request: Request) -> str:
        """Asks for a bearer key."""
        return 'Bearer realm="isotrack"'


def _usable_key(text: str) -> ApiKey:
    prefix = text.partition(".")[0]
    known = ApiKey.objects.select_related("user").filter(prefix=prefix) if prefix.isprintable() else ()
    key: Any = next(iter(known), None)
    now = clock.now()
    if key is None or not hmac.compare_digest(key.digest, ApiKey.hash(text)):
        raise AuthenticationFailed(_("This API key is not known."))
    if key.revoked_at or (key.expires_at and key.expires_at <= now) or not key.user.is_active:
        raise AuthenticationFailed(_("This API key has expired or was revoked."))
    if not Membership.objects.filter(user_id=key.user_id, organization_id=key.organization_id).exists():
        raise AuthenticationFailed(_("The person behind this API key is no longer a member of the organization."))
    if key.last_used_at is None or now - key.last_used_at > USE_NOTED_EVERY:
        ApiKey.objects.filter(pk=key.pk).update(last_used_at=now)
    return key
