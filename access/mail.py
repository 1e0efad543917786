"""Mails about accounts go the way of all mails: written first, sent by a worker, kept without their secret."""

from __future__ import annotations

import secrets
from typing import Any

from django.core.mail import send_mail
from django.http import HttpRequest
from django.utils.translation import override

from access import letters
from accounts import clock, tenancy
from accounts.addresses import client_address
from accounts.models import Membership, User
from records.outbox import NewMessage, queue

LONGEST_BROWSER = 120


def where(request: HttpRequest) -> dict[str, Any]:
    """When, from where and with what somebody asked; their own mail tells it to the person."""
    return {
        "at": clock.now().isoformat(timespec="seconds"),
        "address": client_address(request),
        "browser": request.headers.get("User-Agent", "")[:LONGEST_BROWSER] or "-",
    }


def tell(user: User, kind: str, payload: dict[str, Any]) -> None:
    """Put a letter about the person's account on its way; somebody without an organization gets it at once."""
    with tenancy.across_organizations():
        first = Membership.objects.filter(user=user).order_by("pk").first()
        if first is not None:
            queue([message(first.organization_id, user, kind, payload)])
    if first is None:
        _send_now(user, kind, payload)


def message(organization_id: int, user: User, kind: str, payload: dict[str, Any]) -> NewMessage:
    """The letter as a row of the outbox."""
    return NewMessage(
        organization_id=organization_id,
        key=f"{kind}:{user.pk}:{secrets.token_hex(8)}",
        kind=kind,
        recipient_id=user.pk,
        subject_type="user",
        subject_id=user.pk,
        payload=payload,
    )


def _send_now(user: User, kind: str, payload: dict[str, Any]) -> None:
    with override(user.language):
        letter = letters.write(kind, user, payload, secret=True)
    rows = "\n".join(f"{label}: {text}" for label, text in letter.rows)
    text = f"{letter.sentence}\n\n{letter.button}: {letter.url}\n\n{rows}\n\n{letter.why}\n"
    send_mail(letter.subject, text, None, [user.email], fail_silently=True)
