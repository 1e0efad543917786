"""Single sign-on: which identity providers there are, and whom each may let in.

The operator's provider (environment) may let in everybody who has an account. The provider of an organization speaks
for its own people alone: an account that opens anything elsewhere is not opened by it, since whoever runs that
provider could name any mail address.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from allauth.socialaccount.models import SocialApp
from django.conf import settings
from django.urls import reverse

from access.models import SingleSignOn
from accounts import tenancy
from accounts.models import Membership, User
from accounts.secrets import unseal

OPERATORS = "operator"


@dataclass(frozen=True)
class Way:
    """A provider that the sign-in page offers."""

    name: str
    url: str


def operators_way() -> list[Way]:
    """The operator's provider, if there is one."""
    return [Way(settings.OIDC_NAME, address_of(OPERATORS))] if settings.OIDC_URL else []


def address_of(provider_id: str) -> str:
    """Where signing in with this provider begins."""
    return reverse("openid_connect_login", kwargs={"provider_id": provider_id})


def apps(provider: str | None) -> list[SocialApp]:
    """The providers as the library knows them: all, or the one with this id."""
    found = []
    if settings.OIDC_URL and provider in {None, "openid_connect", OPERATORS}:
        found.append(
            _app(OPERATORS, settings.OIDC_NAME, settings.OIDC_URL, settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET)
        )
    if provider and provider != OPERATORS:
        found += [
            _app(row.organization.slug, row.name, row.server_url, row.client_id, unseal(row.sealed_secret))
            for row in _rows(provider)
            if is_allowed_host(row.server_url)
        ]
    return found


def _rows(slug: str) -> list[SingleSignOn]:
    with tenancy.across_organizations():
        return list(SingleSignOn.objects.filter(organization__slug=slug).select_related("organization"))


def _app(provider_id: str, name: str, url: str, client_id: str, secret: str) -> SocialApp:
    return SocialApp(
        provider="openid_connect",
        provider_id=provider_id,
        name=name,
        client_id=client_id,
        secret=secret,
        settings={"server_url": url.rstrip("/"), "oauth_pkce_enabled": True},
    )


def is_allowed_host(url: str) -> bool:
    """Whether the operator lets organizations use a provider at this host; the product itself connects to it."""
    return urlsplit(url).hostname in settings.SSO_HOSTS


def may_let_in(provider_id: str, user: User) -> bool:
    """Whether this provider may sign this person in."""
    if provider_id == OPERATORS:
        return True
    if user.is_staff or user.is_superuser or user.is_service:
        return False
    with tenancy.across_organizations():
        mine = set(Membership.objects.filter(user=user).values_list("organization__slug", flat=True))
    return mine == {provider_id}


def person_named(account: Any, addresses: list[Any]) -> User | None:
    """The person whose mail address the provider has verified."""
    verified = [address.email for address in addresses if address.verified]
    return User.objects.filter(email__iexact=verified[0]).first() if len(verified) == 1 else None
