"""Signed heads: the end of each chain, signed once a day and handed out, so that others can prove what was recorded."""

from __future__ import annotations

import base64
import json
import logging
import os
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.conf import settings
from django.db import transaction

from accounts import clock, tenancy
from accounts.models import Organization
from records import chain
from records.models import EventCounter, SignedHead
from records.outbox import NewMessage, queue
from records.policy import policy_of
from records.signing_key import key_id, public_key, signing_key

FORMAT = "isotrack-heads-v1"
log = logging.getLogger(__name__)


class HeadsUnreadable(ValueError):
    """A file of heads that is not one, or whose signatures do not hold; the text says why."""


def signed_text(slug: str, organization_id: int, number: int, last: str, signed_at: datetime) -> bytes:
    """What the signature is over."""
    return f"{FORMAT}|{chain.canonical([slug, organization_id, number, last, chain.moment(signed_at)])}".encode()


@transaction.atomic
def sign_head(organization: Organization) -> SignedHead | None:
    """Sign the end of the chain and hand it out; None when nothing was recorded since the last one."""
    head = EventCounter.objects.filter(pk=organization.pk).first()
    if head is None or not head.last_number:
        return None
    if SignedHead.objects.filter(organization=organization, number=head.last_number).exists():
        return None
    now, public = clock.now(), public_key()
    text = signed_text(organization.slug, organization.pk, head.last_number, head.last_hash, now)
    signed = SignedHead.objects.create(
        organization=organization,
        number=head.last_number,
        hash=head.last_hash,
        signed_at=now,
        key_id=key_id(public),
        public_key=public,
        signature=base64.b64encode(signing_key().sign(text)).decode(),
    )
    _send(signed)
    transaction.on_commit(lambda: keep_in_file(signed))
    return signed


def _send(head: SignedHead) -> None:
    """A mail to the person who keeps the heads."""
    recipient = policy_of(head.organization_id).heads_to
    if recipient:
        queue(
            [
                NewMessage(
                    head.organization_id,
                    f"head:{head.number}",
                    "head",
                    recipient.pk,
                    "signedhead",
                    head.pk,
                    as_document(head),
                )
            ]
        )


def as_document(head: SignedHead) -> dict[str, Any]:
    """A head as it is handed out."""
    return {
        "organization": head.organization.slug,
        "organization_id": head.organization_id,
        "number": head.number,
        "hash": head.hash,
        "signed_at": chain.moment(head.signed_at),
        "key_id": head.key_id,
        "public_key": head.public_key,
        "signature": head.signature,
    }


def as_file(heads: Iterable[SignedHead]) -> str:
    """A file of heads, oldest first."""
    return json.dumps({"format": FORMAT, "heads": [as_document(head) for head in heads]}, indent=1) + "\n"


def keep_in_file(head: SignedHead) -> None:
    """Keep all heads of the organization in a file beside the database, for backups and other machines to fetch."""
    folder: Path = settings.HEADS_DIR
    with tenancy.acting_in(head.organization_id):
        heads = SignedHead.objects.filter(organization_id=head.organization_id).select_related("organization")
        text = as_file(heads.order_by("number"))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        fresh = folder / f".{head.organization.slug}.{os.getpid()}"
        fresh.write_text(text)
        fresh.replace(folder / f"{head.organization.slug}.json")
    except OSError as error:
        log.error("heads of %s could not be kept in %s: %s", head.organization, folder, error)


def read_heads(text: str) -> dict[str, dict[int, str]]:
    """Hashes by number, for each organization by its short name; raises ``HeadsUnreadable``."""
    try:
        document = json.loads(text)
        given = document["heads"] if document["format"] == FORMAT else None
        assert isinstance(given, list)
        found: dict[str, dict[int, str]] = {}
        for head in given:
            _check(head)
            found.setdefault(head["organization"], {})[head["number"]] = head["hash"]
    except (ValueError, KeyError, TypeError, AssertionError) as error:
        if isinstance(error, HeadsUnreadable):
            raise
        raise HeadsUnreadable(f"This is no file of heads ({FORMAT}).") from error
    return found


def _check(head: dict[str, Any]) -> None:
    values = [head[name] for name in ("organization", "organization_id", "number", "hash", "signed_at")]
    text = f"{FORMAT}|{chain.canonical(values)}".encode()
    try:
        public = Ed25519PublicKey.from_public_bytes(base64.b64decode(head["public_key"]))
        public.verify(base64.b64decode(head["signature"]), text)
    except InvalidSignature as error:
        raise HeadsUnreadable(f"The signature of head {head['number']} does not hold.") from error
    if key_id(head["public_key"]) != head["key_id"]:
        raise HeadsUnreadable(f"Head {head['number']} names another key than the one that signed it.")
