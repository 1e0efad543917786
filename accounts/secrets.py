"""Secrets that must be read again (a second factor's seed, a provider's password): encrypted where they are kept.

The key is ``ISOTRACK_FIELD_KEY``; without one it is derived from the secret key. It is not part of a backup's content,
so a restored installation needs the same key.
"""

from __future__ import annotations

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


class WrongKey(RuntimeError):
    """The value was encrypted with a key that this installation does not have."""

    def __str__(self) -> str:
        return "a kept secret cannot be read: ISOTRACK_FIELD_KEY (or ISOTRACK_SECRET_KEY) is another one than before"


def seal(text: str) -> str:
    """The text encrypted, for the database."""
    return _fernet().encrypt(text.encode()).decode()


def unseal(sealed: str) -> str:
    """The text again; raises ``WrongKey``."""
    try:
        return _fernet().decrypt(sealed.encode()).decode()
    except InvalidToken as error:
        raise WrongKey from error


def _fernet() -> MultiFernet:
    """The first key encrypts; the others, separated by commas, still decrypt after a change of keys."""
    given = [key for key in settings.FIELD_KEY.split(",") if key] or [settings.SECRET_KEY]
    digests = [hashlib.sha256(b"isotrack.field:" + key.strip().encode()).digest() for key in given]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(digest)) for digest in digests])
