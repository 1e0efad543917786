"""Doors of webhooks: make, change, start and stop, a new secret, a ping, sending again, removing."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts import clock
from accounts.models import Organization
from alerts.models import Webhook, WebhookDelivery
from alerts.posting import NotAllowed, target_of
from alerts.signing import new_secret, seal
from alerts.telling import written
from certifications.actions import Refused
from records.editing import check, save_changes
from records.models import EventCounter
from records.record import Actor, Entry, record
from records.wake import wake

FORMER_FOR = timedelta(hours=24)


@transaction.atomic
def add_webhook(organization: Organization, fields: dict[str, Any], by: Actor) -> tuple[Webhook, str]:
    """Make a webhook that is told of what happens from now on; returns it with its secret, which is shown once.

    Raises ``ValidationError`` by field.
    """
    secret = new_secret()
    known = EventCounter.objects.filter(pk=organization.pk).values_list("last_number", flat=True).first()
    row = Webhook(organization=organization, sealed=seal(secret), last_number=known or 0, created_by_id=by.user_id)
    row.url, row.topics = fields["url"], list(fields["topics"])
    _check(row)
    row.save()
    _tell(row, "webhook.added", by, after={"url": row.url, "topics": row.topics})
    return row, secret


@transaction.atomic
def change_webhook(row: Webhook, version: int, fields: dict[str, Any], by: Actor) -> Webhook:
    """Change address and topics; raises ``ValidationError``, or ``Conflict`` for a second save."""
    changes = {"url": fields["url"], "topics": list(fields["topics"])}
    draft = Webhook(organization=row.organization, sealed=row.sealed, **changes)
    _check(draft)
    saved = save_changes(row, version, changes, by, clock.today(row.organization))
    assert isinstance(saved, Webhook)
    return saved


def _check(row: Webhook) -> None:
    check(row)
    if not row.topics:
        raise ValidationError({"topics": _("Choose what it is told of.")})
    try:
        target_of(row.url)
    except NotAllowed as reason:
        raise ValidationError({"url": str(reason)}) from reason


@transaction.atomic
def rotate_secret(row: Webhook, by: Actor) -> str:
    """Make a new secret, shown once; for 24 hours the former one signs beside it."""
    secret = new_secret()
    Webhook.objects.filter(pk=row.pk).update(
        sealed=seal(secret), sealed_former=row.sealed, former_until=clock.now() + FORMER_FOR
    )
    _tell(row, "webhook.secret_renewed", by)
    return secret


@transaction.atomic
def set_active(row: Webhook, active: bool, by: Actor) -> None:
    """Stop a webhook, or start it again: what happened meanwhile is told then."""
    changed = Webhook.objects.filter(pk=row.pk, active=not active)
    if changed.update(active=active, stopped_because="", failing_since=None):
        _tell(row, "webhook.started" if active else "webhook.paused", by)
        _wake()


@transaction.atomic
def ping(row: Webhook, by: Actor) -> WebhookDelivery:
    """Send a test; it obeys the same rules as everything else. Raises ``Refused`` while the webhook is stopped."""
    if not row.active:
        raise Refused(_("This webhook is stopped; start it first."))
    now = clock.now()
    made: WebhookDelivery = WebhookDelivery.objects.create(
        organization_id=row.organization_id,
        webhook=row,
        key=f"ping:{now.isoformat()}",
        kind="ping",
        body=written("ping", now, {"organization": row.organization.slug}),
        created_at=now,
        next_at=now,
    )
    _tell(row, "webhook.pinged", by)
    _wake()
    return made


@transaction.atomic
def send_again(delivery: WebhookDelivery, by: Actor) -> None:
    """Post a delivery once more, under its own id, whatever became of it; raises ``Refused`` while it is on its way."""
    settled = (WebhookDelivery.State.SENT, WebhookDelivery.State.DEAD)
    revived = WebhookDelivery.objects.filter(pk=delivery.pk, state__in=settled).update(
        state=WebhookDelivery.State.NEW, attempts=0, next_at=clock.now()
    )
    if not revived:
        raise Refused(_("This delivery is still on its way."))
    _tell(delivery.webhook, "webhook.sent_again", by, after={"delivery": str(delivery)})
    _wake()


@transaction.atomic
def remove_webhook(row: Webhook, by: Actor) -> None:
    """Tell this address nothing any more; its deliveries go, its history stays."""
    _tell(row, "webhook.removed", by, before={"url": row.url})
    row.delete()


def _tell(row: Webhook, kind: str, by: Actor, **fields: Any) -> None:
    record(by, [Entry.about(row, kind, clock.today(row.organization), **fields)])


def _wake() -> None:
    transaction.on_commit(partial(wake, "alerts.tell_webhooks"))
