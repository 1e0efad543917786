"""Secrets of webhooks, kept sealed under the installation's key, and the signatures of Standard Webhooks."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.utils.translation import gettext_noop

PREFIX = "whsec_"


def new_secret() -> str:
    """A fresh secret as its receiver keeps it: ``whsec_`` and 32 random bytes in base64."""
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def seal(secret: str) -> str:
    """The secret as it is kept; only this installation's key opens it."""
    return _box().encrypt(secret.encode()).decode()


def unseal(sealed: str) -> str:
    """The secret; raises ``ValueError`` when the installation's key has changed since it was sealed."""
    try:
        return _box().decrypt(sealed.encode()).decode()
    except InvalidToken:
        text = gettext_noop("the secret was sealed under another key of this installation; make a new one")
        raise ValueError(text) from None


def _box() -> Fernet:
    digest = hashlib.sha256(b"isotrack webhook secrets|" + settings.SECRET_KEY.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(digest))


def signature(secrets_: Sequence[str], message_id: str, timestamp: int, body: str) -> str:
    """The header ``webhook-signature``: one signature for each secret that is good at the moment."""
    signed = f"{message_id}.{timestamp}.{body}".encode()
    made = (hmac.new(base64.b64decode(s.removeprefix(PREFIX)), signed, hashlib.sha256).digest() for s in secrets_)
    return " ".join("v1," + base64.b64encode(digest).decode() for digest in made)
