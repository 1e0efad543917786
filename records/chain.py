"""The hash chain of one organization's history: what is hashed, in which form. Standard library only.

Each entry is hashed together with the hash of the one before it. What may have to be erased one day (names, texts,
values) enters as a salted digest, so that the chain still verifies after it is gone. ``scripts/verify_history.py``
does the same without this product; ``docs/history.md`` describes the form, and its version never changes its meaning.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256
from operator import attrgetter
from typing import Any

VERSION = "v1"
START = "0" * 64
SALT_LENGTH = 32
PUBLIC = (
    "organization_id",
    "number",
    "recorded_at",
    "actor_kind",
    "actor_id",
    "via_key",
    "kind",
    "subject_type",
    "subject_id",
    "effective_on",
    "rule",
    "because",
    "key",
    "request_id",
)
WHO = ("actor_label",)
WHAT = ("subject_label", "reason", "before", "after")
_public, _what = attrgetter(*PUBLIC), attrgetter(*WHAT)
_encode = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode


def canonical(values: Sequence[Any]) -> str:
    """Values as one text: JSON without spaces, names in order, letters as they are."""
    return _encode(values)


def moment(at: datetime) -> str:
    """A moment in UTC with microseconds."""
    return f"{at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='microseconds')}Z"


def new_salts(number: int) -> list[str]:
    """So many salts."""
    text = os.urandom(number * SALT_LENGTH // 2).hex()
    return [text[i : i + SALT_LENGTH] for i in range(0, len(text), SALT_LENGTH)]


def digest(seal: str, values: Sequence[Any]) -> str:
    """The digest of the part that may be erased; once it is erased, the seal is the digest itself."""
    return sha256(f"{seal}|{canonical(values)}".encode()).hexdigest() if len(seal) == SALT_LENGTH else seal


def link(previous: str, public: Sequence[Any], who: str, what: str) -> str:
    """The hash of an entry: of the one before it, its public values in the order of ``PUBLIC``, and both digests."""
    return sha256(f"{VERSION}|{previous}|{canonical([*public, who, what])}".encode()).hexdigest()


def parts_of(row: Any) -> tuple[list[Any], str, str]:
    """What ``link`` hashes of a stored entry: its public values and both digests."""
    public = list(_public(row))
    public[2], public[9] = moment(public[2]), public[9].isoformat()
    return public, digest(row.who_seal, (row.actor_label,)), digest(row.what_seal, _what(row))
