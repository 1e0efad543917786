"""Messages are written in the transaction of their cause and sent later by a worker that leases them."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db import models, transaction
from django.db.models import Case, F, Q, QuerySet, Value, When
from django.utils.translation import gettext_noop

from accounts import clock
from records.bulk import insert_rows, lock
from records.faults import faultpoint
from records.models import Message
from records.wake import wake

LEASE = timedelta(minutes=10)
# Minutes to wait after the first, second ... attempt that failed: more than three days in all.
BACKOFF = (1, 5, 15, 60, 240, 720, 720, 720, 720, 720, 720)
State = Message.State
TOLD_BY = gettext_noop("told by another message")


@dataclass(frozen=True, slots=True)
class NewMessage:
    """A message to write; ``key`` is its meaning and is unique in the organization.

    ``told_by`` is the key of another message that says this one's news as well: it is kept, but not sent.
    ``not_before`` keeps it from being sent earlier, for quiet hours and for the mail of the day.
    """

    organization_id: int
    key: str
    kind: str
    recipient_id: int
    subject_type: str
    subject_id: int
    payload: dict[str, Any]
    late: bool = False
    told_by: str = ""
    not_before: datetime | None = None


def queue(messages: Sequence[NewMessage]) -> int:
    """Write messages; one whose key another worker has just written is left out. Returns how many were given.

    A worker is woken once they are committed, so that nobody waits for the next turn of the scheduler.
    """
    now = clock.now()
    insert_rows(Message, _COLUMNS, [_row(message, now) for message in messages], known_stay=True)
    if any(not message.told_by for message in messages):
        wake_delivery()
    return len(messages)


def wake_delivery() -> None:
    """Let a worker send what waits, once the present transaction is committed."""
    transaction.on_commit(partial(wake, "alerts.deliver"))


_COLUMNS = (
    "organization",
    "key",
    "kind",
    "recipient",
    "subject_type",
    "subject_id",
    "payload",
    "late",
    "state",
    "last_error",
    "created_at",
    "next_at",
    "attempts",
    "maybe_twice",
    "lease_token",
    "mail_subject",
    "mail_text",
    "mail_html",
)


def _row(message: NewMessage, now: datetime) -> tuple[Any, ...]:
    """The values of ``_COLUMNS``."""
    return (
        message.organization_id,
        message.key,
        message.kind,
        message.recipient_id,
        message.subject_type,
        message.subject_id,
        message.payload,
        message.late,
        State.CANCELLED.value if message.told_by else State.NEW.value,
        f"{TOLD_BY}: {message.told_by}" if message.told_by else "",
        now,
        max(now, message.not_before or now),
        0,
        False,
        "",
        "",
        "",
        "",
    )


def unknown(messages: Sequence[NewMessage]) -> list[NewMessage]:
    """Those whose key was not written before, each once; one query."""
    keys = {message.key for message in messages}
    if not keys:
        return []
    organizations = {message.organization_id for message in messages}
    known = Message.objects.filter(organization_id__in=organizations, key__in=keys)
    seen = set(known.values_list("organization_id", "key"))
    fresh = []
    for message in messages:
        if (message.organization_id, message.key) not in seen:
            seen.add((message.organization_id, message.key))
            fresh.append(message)
    return fresh


def cancel_outdated(subject_type: str, subject_ids: Collection[int], stems: Collection[str]) -> int:
    """Cancel waiting deadline messages about these subjects whose deadline has moved or gone.

    ``stems`` are the keys of the deadlines that still stand, without threshold and person.
    """
    unsent = (State.NEW, State.HELD)
    waiting = Message.objects.filter(
        subject_type=subject_type, subject_id__in=subject_ids, state__in=unsent, kind="deadline"
    )
    outdated = [pk for pk, key in waiting.values_list("pk", "key") if key.rsplit(":", 2)[0] not in stems]
    if outdated:
        Message.objects.filter(pk__in=outdated, state__in=unsent).update(
            state=State.CANCELLED, last_error=gettext_noop("the deadline has moved or gone")
        )
    return len(outdated)


def organizations_waiting() -> list[int]:
    """Organizations with messages to send now, the one that has waited longest first."""
    waiting = _waiting(clock.now()).values("organization_id").annotate(since=models.Min("next_at"))
    return [row["organization_id"] for row in waiting.order_by("since", "organization_id")]


def claim(organization_id: int, limit: int) -> list[Message]:
    """Lease the organization's next messages to the caller alone, for ten minutes.

    A message whose lease another worker let run out may have been sent by it, and is marked so.
    """
    now = clock.now()
    token = secrets.token_hex(16)
    with transaction.atomic():
        waiting = _waiting(now).filter(organization_id=organization_id).order_by("next_at", "pk")
        ids = [message.pk for message in lock(waiting.only("pk"), limit)]
        Message.objects.filter(pk__in=ids).update(
            state=State.LEASED,
            lease_token=token,
            lease_until=now + LEASE,
            attempts=F("attempts") + 1,
            maybe_twice=_maybe_twice(),
        )
    faultpoint("mail.after_claim")
    leased = Message.objects.filter(pk__in=ids, lease_token=token).order_by("next_at", "pk")
    return list(leased.select_related("recipient", "organization"))


def _maybe_twice() -> Case:
    """A message that was leased may have been sent already."""
    return Case(When(state=State.LEASED, then=Value(True)), default=F("maybe_twice"))


def _waiting(now: datetime) -> QuerySet[Message]:
    """Messages to send: new ones whose time has come, and leased ones whose worker has gone."""
    new = Q(state=State.NEW, next_at__lte=now)
    abandoned = Q(state=State.LEASED, lease_until__lte=now)
    return Message.objects.filter(new | abandoned, state__in=(State.NEW, State.LEASED))


def is_leased(message: Message, seconds: float) -> bool:
    """True while the caller's lease lasts for at least so many seconds more."""
    return message.lease_until is not None and clock.now() + timedelta(seconds=seconds) < message.lease_until


def sent(message: Message, subject: str, text: str, html: str) -> bool:
    """The mail server has taken the message; what was sent is kept. False when the lease was lost meanwhile."""
    return _settle(
        message,
        state=State.SENT,
        sent_at=clock.now(),
        mail_subject=subject,
        mail_text=text,
        mail_html=html,
        last_error="",
    )


def failed(message: Message, error: str, maybe_sent: bool = False) -> bool:
    """Try again later, at growing intervals; after the last one the message is dead and shown to people."""
    maybe_twice = message.maybe_twice or maybe_sent
    if message.attempts > len(BACKOFF):
        return _settle(message, state=State.DEAD, last_error=error[:500], maybe_twice=maybe_twice)
    wait = timedelta(minutes=BACKOFF[message.attempts - 1])
    return _settle(
        message, state=State.NEW, next_at=clock.now() + wait, last_error=error[:500], maybe_twice=maybe_twice
    )


def dead(message: Message, error: str) -> bool:
    """The message cannot be sent at all; it is shown to people, who can send it again."""
    return _settle(message, state=State.DEAD, last_error=error[:500])


def cancel(message: Message, reason: str) -> bool:
    """The message is not needed any more."""
    return _settle(message, state=State.CANCELLED, last_error=reason)


def give_back(messages: Sequence[Message]) -> None:
    """Return leases without an attempt; another turn or worker takes the messages up."""
    for message in messages:
        _settle(message, state=State.NEW, attempts=message.attempts - 1)


def _settle(message: Message, **values: Any) -> bool:
    """Write the result if the lease is still the caller's."""
    mine = Message.objects.filter(pk=message.pk, state=State.LEASED, lease_token=message.lease_token)
    return mine.update(**values, lease_token="", lease_until=None) == 1


def message_id(message: Message, domain: str) -> str:
    """The Message-ID, derived from the meaning: a mail sent twice is the same mail for its reader."""
    digest = hashlib.sha256(f"{message.organization_id}:{message.key}".encode()).hexdigest()[:32]
    return f"<{digest}@{domain}>"


def hold() -> int:
    """Keep everything that waits from being sent, for example after a restored backup; returns how many."""
    waiting = Message.objects.filter(state__in=(State.NEW, State.LEASED))
    return waiting.update(state=State.HELD, lease_token="", maybe_twice=_maybe_twice())


def release() -> int:
    """Let held messages go; returns how many."""
    return Message.objects.filter(state=State.HELD).update(state=State.NEW, next_at=clock.now(), lease_until=None)
