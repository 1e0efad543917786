"""The doors of messages: send again what could not be sent, and send a test of an alert rule."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import clock
from alerts.rehearsal import next_covered
from certifications.actions import Refused
from certifications.actions.reminding import deadline_payload
from certifications.alert_words import sentence
from certifications.alerting import Rule
from certifications.models import AlertRule
from records.models import Message
from records.outbox import NewMessage, queue, wake_delivery
from records.record import Actor, Entry, record


@transaction.atomic
def send_again(message: Message, by: Actor) -> Message:
    """Put a message that could not be sent back into the queue; raises ``Refused`` for any other."""
    revived = Message.objects.filter(pk=message.pk, state=Message.State.DEAD).update(
        state=Message.State.NEW, attempts=0, next_at=clock.now()
    )
    if not revived:
        raise Refused(_("Only a message that could not be sent can be sent again."))
    message.refresh_from_db()
    wake_delivery()
    today = clock.today(message.organization)
    record(by, [Entry.about(message, "message.sent_again", today, reason=message.last_error)])
    return message


@transaction.atomic
def send_test(rule: AlertRule, by: Actor) -> None:
    """Mail the person what the rule would say of the next deadline it covers; at once, whatever the hours.

    Raises ``Refused`` when it covers none.
    """
    found = next_covered(rule.organization, Rule.of(rule))
    if found is None or by.user_id is None:
        raise Refused(_("No deadline that this rule covers lies ahead, so there is nothing to try it with."))
    told, deadline = found
    now = clock.now()
    today = clock.today(rule.organization)
    payload = deadline_payload(deadline, (deadline.due_on - today).days, "test")
    key = f"test:{rule.pk}:{now.isoformat()}:{by.user_id}"
    queue([NewMessage(rule.organization_id, key, "test", by.user_id, told.subject_type, told.subject_id, payload)])
    record(by, [Entry.about(rule, "alertrule.tested", today, after={"rule": sentence(rule)})])
