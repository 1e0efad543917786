"""Telling webhooks: events become deliveries, deliveries are posted under a lease, each webhook at its own pace."""

from __future__ import annotations

import json
import logging
import secrets
from collections.abc import Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext_noop

from accounts import clock, tenancy
from alerts.models import Webhook, WebhookDelivery
from alerts.posting import Posted, post
from alerts.signing import signature, unseal
from records.bulk import lock
from records.models import Event
from records.record import RULES, Entry, record

AT_ONCE, PER_WEBHOOK, EVENTS = 8, 200, 1000
LEASE = timedelta(minutes=2)
# Seconds to wait after the first, second ... attempt that failed: more than three days in all.
WAITS = (5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400)
GIVE_UP_AFTER = timedelta(days=5)
State = WebhookDelivery.State
Running = dict[Future[Posted], WebhookDelivery]
log = logging.getLogger(__name__)


@dataclass(slots=True)
class Told:
    """How a run went, in deliveries."""

    sent: int = 0
    later: int = 0
    dead: int = 0


def tell() -> Told:
    """Write what webhooks have to be told and post it; any number of workers may do so at once."""
    done = Told()
    with tenancy.across_organizations():
        for pk in list(Webhook.objects.filter(active=True).values_list("pk", flat=True)):
            write_deliveries(pk)
        _post_all(done)
    return done


@transaction.atomic
def write_deliveries(pk: int) -> int:
    """A delivery for each event since the last time that the webhook wants to hear of; returns how many."""
    found: list[Webhook] = lock(Webhook.objects.filter(pk=pk, active=True))
    if not found:
        return 0
    webhook, now = found[0], clock.now()
    events = list(
        Event.objects.filter(organization_id=webhook.organization_id, number__gt=webhook.last_number)
        .select_related("organization")
        .order_by("number")[:EVENTS]
    )
    made = [
        WebhookDelivery(
            organization_id=webhook.organization_id,
            webhook=webhook,
            key=f"event:{event.number}",
            kind=event.kind,
            body=body_of(event),
            created_at=now,
            next_at=now,
        )
        for event in events
        if wants(webhook, event)
    ]
    WebhookDelivery.objects.bulk_create(made, ignore_conflicts=True)
    if events:
        Webhook.objects.filter(pk=pk).update(last_number=events[-1].number)
    return len(made)


def wants(webhook: Webhook, event: Event) -> bool:
    """Whether the webhook is told of this event."""
    return Webhook.Topic.EVERYTHING in webhook.topics or event.subject_type in webhook.topics


def body_of(event: Event) -> str:
    """What is told of an event: which, of what, since when. What it says is asked for through the API."""
    data = {
        "organization": event.organization.slug,
        "event": event.number,
        "subject": {"type": event.subject_type, "id": event.subject_id, "label": event.subject_label},
        "effective_on": event.effective_on.isoformat(),
    }
    return written(event.kind, event.recorded_at, data)


def written(kind: str, at: datetime, data: dict[str, Any]) -> str:
    """A payload in the form of Standard Webhooks."""
    payload = {"type": kind, "timestamp": at.isoformat(), "version": 1, "data": data}
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":"))


def _post_all(done: Told) -> None:
    """Post what waits, one at a time for each webhook, so that a slow one holds up nobody else."""
    waiting = list(_waiting().order_by().values_list("webhook_id", flat=True).distinct())
    left = dict.fromkeys(waiting, PER_WEBHOOK)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        running: Running = {}
        _start(pool, running, waiting, left)
        while running:
            finished, _others = wait(running, return_when=FIRST_COMPLETED)
            for future in finished:
                delivery = running.pop(future)
                posted = future.result()
                settle(delivery, posted, done)
                if posted.taken:
                    _start(pool, running, [delivery.webhook_id], left)


def _start(pool: ThreadPoolExecutor, running: Running, webhooks: Iterable[int], left: dict[int, int]) -> None:
    """Post the next delivery of each of these webhooks, as long as its share of the run lasts."""
    for pk in webhooks:
        delivery = claim(pk) if left[pk] else None
        if delivery is not None:
            left[pk] -= 1
            running[pool.submit(_post, *_parts(delivery))] = delivery


def _waiting() -> QuerySet[WebhookDelivery]:
    now = clock.now()
    due = Q(state=State.NEW, next_at__lte=now) | Q(state=State.LEASED, lease_until__lte=now)
    return WebhookDelivery.objects.filter(due, state__in=(State.NEW, State.LEASED), webhook__active=True)


def claim(webhook_id: int) -> WebhookDelivery | None:
    """Lease the webhook's next delivery to the caller alone."""
    token = secrets.token_hex(16)
    with transaction.atomic():
        ids = [d.pk for d in lock(_waiting().filter(webhook_id=webhook_id).order_by("next_at", "pk").only("pk"), 1)]
        WebhookDelivery.objects.filter(pk__in=ids).update(
            state=State.LEASED, lease_token=token, lease_until=clock.now() + LEASE, attempts=F("attempts") + 1
        )
    rows = WebhookDelivery.objects.filter(pk__in=ids, lease_token=token)
    return rows.select_related("webhook", "webhook__organization").first()


def _parts(delivery: WebhookDelivery) -> tuple[str, str, dict[str, str], str]:
    """Address, body, headers and what stands against sending; the id is the same for every attempt."""
    webhook, stamp = delivery.webhook, int(clock.now().timestamp())
    message_id = f"msg_{delivery.organization_id}_{webhook.pk}_{delivery.pk}"
    headers = {"webhook-id": message_id, "webhook-timestamp": str(stamp), "User-Agent": "isotrack"}
    try:
        headers["webhook-signature"] = signature(_secrets(webhook), message_id, stamp, delivery.body)
    except ValueError as problem:
        return webhook.url, delivery.body, headers, str(problem)
    return webhook.url, delivery.body, headers, ""


def _secrets(webhook: Webhook) -> list[str]:
    """The secret, and the former one for as long as it is good."""
    former = webhook.former_until is not None and clock.now() < webhook.former_until
    return [unseal(sealed) for sealed in (webhook.sealed, webhook.sealed_former if former else "") if sealed]


def _post(url: str, body: str, headers: dict[str, str], problem: str) -> Posted:
    if problem:
        return Posted(None, error=problem)
    try:
        return post(url, body.encode(), headers)
    except Exception as error:  # whatever one receiver does must not keep the others from being told
        log.exception("posting to a webhook failed")
        return Posted(None, error=f"{type(error).__name__}: {error}")


@transaction.atomic
def settle(delivery: WebhookDelivery, posted: Posted, done: Told) -> None:
    """Keep what came of it, if the lease is still the caller's; a failure is tried again at growing intervals."""
    now, kept = (
        clock.now(),
        {"answer_code": posted.code, "answer_text": posted.text[:500], "last_error": posted.error[:500]},
    )
    if posted.taken:
        values: dict[str, Any] = {"state": State.SENT, "sent_at": now}
        done.sent += 1
    elif delivery.attempts > len(WAITS) or posted.code == 410:
        values = {"state": State.DEAD}
        done.dead += 1
    else:
        values = {"state": State.NEW, "next_at": now + timedelta(seconds=WAITS[delivery.attempts - 1])}
        done.later += 1
    mine = WebhookDelivery.objects.filter(pk=delivery.pk, state=State.LEASED, lease_token=delivery.lease_token)
    if mine.update(**values, **kept, lease_token="", lease_until=None):
        _note(delivery.webhook, posted, now)


def _note(webhook: Webhook, posted: Posted, now: datetime) -> None:
    """Remember since when a webhook fails; one that is gone, or has failed for five days, is stopped."""
    rows = Webhook.objects.filter(pk=webhook.pk)
    if posted.taken:
        rows.filter(failing_since__isnull=False).update(failing_since=None)
        return
    rows.filter(failing_since__isnull=True).update(failing_since=now)
    row = rows.get()
    if posted.code == 410:
        stop(row, gettext_noop("the receiver says that it is gone (410)"))
    elif row.failing_since is not None and now - row.failing_since > GIVE_UP_AFTER:
        stop(row, gettext_noop("every delivery of the last five days failed"))


def stop(webhook: Webhook, reason: str) -> None:
    """Tell a webhook nothing any more until somebody starts it again."""
    if Webhook.objects.filter(pk=webhook.pk, active=True).update(active=False, stopped_because=reason):
        record(RULES, [Entry.about(webhook, "webhook.stopped", clock.today(webhook.organization), reason=reason)])


def forget_old() -> int:
    """Deliveries that arrived more than 30 days ago are not kept."""
    with tenancy.across_organizations():
        old = WebhookDelivery.objects.filter(state=State.SENT, sent_at__lt=clock.now() - timedelta(days=30))
        return old.delete()[0]
