"""Single sign-on: which identity providers there are, and whom each may let in.

The operator's providers (environment: OpenID Connect, SAML) may let in everybody who has an account. The provider of an
organization speaks for its own people alone: an account that opens anything elsewhere is not opened by it, since
whoever runs that provider could name any mail address.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any
from urllib.parse import urlsplit

from allauth.socialaccount.models import SocialApp
from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from access.models import SingleSignOn
from accounts import tenancy
from accounts.models import Membership, User
from accounts.secrets import unseal

OPERATORS = "operator"
# No short name of an organization has a colon, so none of their providers can pass for this one.
OPERATORS_SAML = "operator:saml"
# Under which names SAML providers tell a mail address, and that they have verified it.
ATTRIBUTES = {
    "email": [
        "email",
        "mail",
        "urn:oid:0.9.2342.19200300.100.1.3",
        "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress",
    ],
    "email_verified": ["email_verified", "http://schemas.auth0.com/email_verified"],
}


@dataclass(frozen=True)
class Way:
    """A provider that the sign-in page offers."""

    name: str
    url: str


def operators_ways() -> list[Way]:
    """The operator's providers, if there are any."""
    ways = [Way(_(settings.OIDC_NAME), address_of(OPERATORS))] if settings.OIDC_URL else []
    return ways + ([Way(_(settings.SAML_NAME), reverse("saml"))] if saml_is_on() else [])


def saml_is_on() -> bool:
    """Whether the operator has set a SAML provider, and the packages of the extra are installed."""
    return bool(settings.SAML_METADATA) and has_saml_packages()


def has_saml_packages() -> bool:
    """Whether the packages of the extra ``saml`` are installed."""
    return find_spec("onelogin") is not None


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
    if saml_is_on() and provider in {None, OPERATORS_SAML}:
        found.append(_saml_app())
    if provider and provider not in {OPERATORS, OPERATORS_SAML}:
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


def _saml_app() -> SocialApp:
    """Addresses in the operator's domains count as verified: few SAML providers say so of each."""
    return SocialApp(
        provider="saml",
        provider_id=OPERATORS_SAML,
        name=settings.SAML_NAME,
        settings={"attribute_mapping": ATTRIBUTES, "verified_email": settings.SAML_DOMAINS},
    )


def is_allowed_host(url: str) -> bool:
    """Whether the operator lets organizations use a provider at this host; the product itself connects to it."""
    return urlsplit(url).hostname in settings.SSO_HOSTS


def may_let_in(provider_id: str, user: User) -> bool:
    """Whether this provider may sign this person in."""
    if provider_id in {OPERATORS, OPERATORS_SAML}:
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
