"""The key that signs heads: Ed25519, from a setting or made once beside the other files of the installation."""

from __future__ import annotations

import base64
import os
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


def signing_key() -> Ed25519PrivateKey:
    """The private key; raises ``ImproperlyConfigured`` when the setting is no key."""
    try:
        return Ed25519PrivateKey.from_private_bytes(base64.b64decode(_seed(), validate=True))
    except ValueError as error:
        raise ImproperlyConfigured("ISOTRACK_SIGNING_KEY is 32 random bytes in base64") from error


def _seed() -> str:
    if settings.SIGNING_KEY:
        return str(settings.SIGNING_KEY)
    file: Path = settings.SIGNING_KEY_FILE
    if not file.exists():
        _make(file)
    return file.read_text().strip()


def _make(file: Path) -> None:
    """Write a new key that only this account can read; another process may be first."""
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with os.fdopen(handle, "w") as out:
        out.write(base64.b64encode(os.urandom(32)).decode() + "\n")


def public_key() -> str:
    """The public key in base64."""
    raw = signing_key().public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return base64.b64encode(raw).decode()


def key_id(public: str) -> str:
    """The short name of a public key: the start of its digest."""
    return sha256(base64.b64decode(public)).hexdigest()[:16]
