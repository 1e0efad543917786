"""Messages for tests of the outbox, written the way doors and sweeps write them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from accounts import tenancy
from accounts.models import Organization, User
from certifications.models import Certificate
from records import outbox
from records.models import Message
from records.outbox import NewMessage

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
SUSPENDED = {
    "date": "2026-06-09",
    "from": "active",
    "to": "suspended",
    "by": "rule",
    "rule": "nc.major.closure",
    "reason": "unresolved_nc",
    "because": [],
}


def new(organization: Organization, user: User, key: str = "one", **values: Any) -> NewMessage:
    """A message about a certificate's expiry."""
    given = {
        "kind": "deadline",
        "subject_type": "certificate",
        "subject_id": 0,
        "payload": {
            "deadline": "expiry",
            "subject": "C1",
            "due_on": "2028-05-01",
            "rule": "cycle",
            "days_before": 30,
            "as": "owner",
        },
        **values,
    }
    return NewMessage(organization_id=organization.pk, key=key, recipient_id=user.pk, **given)


def write(row: Certificate, user: User, *keys: str, **values: Any) -> None:
    """Queue a message about the certificate for each key."""
    organization = row.organization
    with tenancy.acting_in(organization):
        outbox.queue([new(organization, user, key, **{"subject_id": row.pk, **values}) for key in keys or ("one",)])


def stored(key: str = "one") -> Message:
    """The message with this key, as it is stored."""
    with tenancy.across_organizations():
        message: Message = Message.objects.get(key=key)
        return message


def states() -> dict[str, str]:
    """The state of each message by its key."""
    with tenancy.across_organizations():
        return dict(Message.objects.values_list("key", "state"))
