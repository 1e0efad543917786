"""Webhooks: where other systems are told what happens, and each telling on its way."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.tenancy import EditableRow, OrganizationRow
from records.terms import say_codes


class Webhook(EditableRow):
    """An address that is told of events. Its secret is kept sealed and shown once.

    ``last_number`` is the last event for which deliveries were written. After a new secret was made the former one
    signs beside it until ``former_until``.
    """

    class Topic(models.TextChoices):
        """What it is told of."""

        CERTIFICATES = "certificate", _("certificates")
        NONCONFORMITIES = "nonconformity", _("nonconformities")
        AUDITS = "audit", _("audits")
        EVERYTHING = "everything", _("everything in the history")

    url = models.URLField(_("address"), max_length=500)
    topics = models.JSONField(_("told of"), default=list)
    active = models.BooleanField(_("active"), default=True)
    stopped_because = models.CharField(max_length=300, blank=True, editable=False)
    sealed = models.TextField(editable=False)
    sealed_former = models.TextField(blank=True, editable=False)
    former_until = models.DateTimeField(null=True, editable=False)
    last_number = models.PositiveBigIntegerField(default=0, editable=False)
    failing_since = models.DateTimeField(null=True, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, editable=False, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.url


say_codes("topics", dict(Webhook.Topic.choices))


class WebhookDelivery(OrganizationRow):
    """One telling: written once for its event, leased, posted, kept."""

    class State(models.TextChoices):
        """Where it is on its way."""

        NEW = "new", _("Waiting")
        LEASED = "leased", _("Being sent")
        SENT = "sent", _("Sent")
        DEAD = "dead", _("Could not be sent")

    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="deliveries")
    key = models.CharField(max_length=100)
    kind = models.CharField(max_length=60)
    body = models.TextField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.NEW)
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField()
    next_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True)
    lease_token = models.CharField(max_length=32, blank=True)
    sent_at = models.DateTimeField(null=True)
    answer_code = models.PositiveSmallIntegerField(null=True)
    answer_text = models.CharField(max_length=500, blank=True)
    last_error = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [models.UniqueConstraint(fields=["organization", "webhook", "key"], name="delivery_key_once")]
        indexes = [
            models.Index(
                fields=["next_at", "id"], name="delivery_waiting", condition=models.Q(state__in=["new", "leased"])
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"
