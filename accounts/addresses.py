"""From which network address a request came, as far as that can be believed."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest

UNKNOWN = "0.0.0.0"


def client_address(request: HttpRequest) -> str:
    """The address of the client: what the outermost of our own proxies saw, never what the client claims.

    ``X-Forwarded-For`` is read only when ``ISOTRACK_TRUSTED_PROXIES`` says how many of its last entries are ours.
    """
    seen = str(request.META.get("REMOTE_ADDR", ""))
    if settings.TRUSTED_PROXIES > 0:
        named = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",") if part.strip()]
        if len(named) >= settings.TRUSTED_PROXIES:
            seen = named[-settings.TRUSTED_PROXIES]
    return _clean(seen)


def network_of(address: str) -> str:
    """What is counted as one client: an IPv4 address, or the /64 that one IPv6 client gets from its provider."""
    if isinstance(ip_address(address), IPv6Address):
        return str(ip_network(f"{address}/64", strict=False).network_address)
    return address


def _clean(text: str) -> str:
    """The address in its usual form, without port and brackets; one that cannot be read counts as one client."""
    host = text.strip()
    if host.startswith("["):
        host = host[1:].partition("]")[0]
    elif host.count(":") == 1:
        host = host.partition(":")[0]
    try:
        found = ip_address(host.partition("%")[0])
    except ValueError:
        return UNKNOWN
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return str(mapped or found)
