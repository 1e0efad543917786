"""Posting to an address that a person typed, without letting it reach into the network of this installation.

The name is resolved once, every address found is checked, and the connection goes to the checked address: a name
that answers differently a moment later gains nothing. Redirects are not followed, time and size are limited.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import SplitResult, quote, urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

SECONDS, MOST_BYTES = 15.0, 64 * 1024
# Networks that carry IPv4 addresses inside IPv6 ones or that lead nowhere public, whatever the tables say.
REFUSED = tuple(
    ipaddress.ip_network(network)
    for network in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "100.64.0.0/10", "192.88.99.0/24")
)


class NotAllowed(ValueError):
    """The address is none that may be told; the message says why."""


@dataclass(frozen=True, slots=True)
class Posted:
    """What came of it: the receiver's status and the beginning of its words, or why there was no answer."""

    code: int | None
    text: str = ""
    error: str = ""

    @property
    def taken(self) -> bool:
        """Whether the receiver has taken it."""
        return self.code is not None and 200 <= self.code < 300


@dataclass(frozen=True, slots=True)
class Target:
    """An address taken apart; ``trusted`` when the operator has named it."""

    scheme: str
    host: str
    port: int
    path: str
    trusted: bool


def target_of(url: str) -> Target:
    """Take an address apart; raises ``NotAllowed`` for one that must not be called, before any name is looked up."""
    try:
        parts = urlsplit(url)
        port = parts.port or {"https": 443, "http": 80}.get(parts.scheme, 0)
        host = (parts.hostname or "").rstrip(".").encode("idna").decode()
    except ValueError:
        raise NotAllowed(_("This is no address that can be called.")) from None
    if not host or any(character.isspace() or ord(character) < 32 for character in url):
        raise NotAllowed(_("This is no address that can be called."))
    trusted = f"{host}:{port}" in settings.WEBHOOK_TRUSTED
    if parts.username is not None or parts.password is not None:
        raise NotAllowed(_("An address must not hold a user name or password; the signature proves who sends."))
    if not trusted and (parts.scheme != "https" or port != 443):
        raise NotAllowed(_("Only https on port 443 is called."))
    return Target(parts.scheme, host, port, _path(parts), trusted)


def _path(parts: SplitResult) -> str:
    whole = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return quote(whole, safe="/%:=&?~+!$,;'@()*[]")


def address_for(target: Target) -> str:
    """The checked IP address of the target; raises ``NotAllowed`` when any address of its name is not public."""
    try:
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NotAllowed(_("%(host)s cannot be found (%(why)s).") % {"host": target.host, "why": error}) from None
    addresses = [str(info[4][0]) for info in found]
    if not target.trusted and not all(is_public(address) for address in addresses):
        raise NotAllowed(_("%s leads into a network that is not public.") % target.host)
    return addresses[0]


def is_public(text: str) -> bool:
    """Whether an IP address belongs to the public internet."""
    address = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    inside = any(address.version == network.version and address in network for network in REFUSED)
    return address.is_global and not address.is_multicast and not inside


def post(url: str, body: bytes, headers: Mapping[str, str]) -> Posted:
    """Post once; whatever goes wrong is told in the answer. At most 15 seconds and 64 KB are given to the receiver."""
    try:
        target = target_of(url)
        address = address_for(target)
    except NotAllowed as reason:
        return Posted(None, error=str(reason))
    connection = http.client.HTTPConnection(target.host, target.port, timeout=SECONDS)
    connection.default_port = 443 if target.scheme == "https" else 80
    alarm = threading.Timer(SECONDS, _hang_up, [connection])
    began = time.monotonic()
    alarm.start()
    try:
        _connect(connection, target, address)
        connection.request("POST", target.path, body, {**headers, "Content-Type": "application/json"})
        answer = connection.getresponse()
        return Posted(answer.status, answer.read(MOST_BYTES).decode("utf-8", "replace"))
    except (OSError, http.client.HTTPException, AttributeError) as error:
        late = isinstance(error, TimeoutError) or time.monotonic() - began >= SECONDS
        return Posted(None, error=_("no answer within 15 seconds") if late else f"{type(error).__name__}: {error}")
    finally:
        alarm.cancel()
        connection.close()


def _connect(connection: http.client.HTTPConnection, target: Target, address: str) -> None:
    """Connect to the checked address, and speak there under the target's name."""
    connection.sock = socket.create_connection((address, target.port), timeout=SECONDS)
    if target.scheme == "https":
        context = ssl.create_default_context()
        wrapped = context.wrap_socket(connection.sock, server_hostname=target.host, do_handshake_on_connect=False)
        connection.sock = wrapped
        wrapped.do_handshake()


def _hang_up(connection: http.client.HTTPConnection) -> None:
    """End a conversation that takes too long, wherever it stands."""
    sock = connection.sock
    if sock is not None:
        with suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)
