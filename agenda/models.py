"""Private addresses under which calendar programs fetch dates."""

from __future__ import annotations

import hashlib
import secrets

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts import clock
from accounts.models import Site
from accounts.reach import Reach
from accounts.tenancy import OrganizationRow
from agenda.states import Choice
from certifications.models import Standard
from nonconformities.models import CorrectiveAction


class CalendarAddress(OrganizationRow):
    """A secret address of one person; only the hash of its secret is kept.

    A revoked address stays, so that a calendar program that still asks learns that it was reset.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    choice = models.CharField(_("what it holds"), max_length=10, choices=Choice.choices, default=Choice.MINE)
    site = models.ForeignKey(Site, verbose_name=_("site"), null=True, blank=True, on_delete=models.PROTECT)
    standard = models.ForeignKey(Standard, verbose_name=_("standard"), null=True, blank=True, on_delete=models.PROTECT)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    revoked_at = models.DateTimeField(null=True, editable=False)

    is_subject = False

    class Meta:
        indexes = [models.Index(fields=["organization", "user"], name="calendar_address_of")]

    def __str__(self) -> str:
        return str(self.site or self.standard or self.get_choice_display())

    @classmethod
    def within(cls, reach: Reach) -> models.Q:
        """The person's own."""
        return models.Q(user=reach.person_id)

    def clean(self) -> None:
        """A site or a standard is named where one was chosen, and only there."""
        for name, missing in ((Choice.SITE, _("Choose the site.")), (Choice.STANDARD, _("Choose the standard."))):
            if self.choice != name:
                setattr(self, name.value, None)
            elif getattr(self, name.value) is None:
                raise ValidationError({name.value: missing})

    @staticmethod
    def new_secret() -> str:
        """The secret part of an address: 256 random bits."""
        return secrets.token_urlsafe(32)

    @staticmethod
    def hash(secret: str) -> str:
        """What is kept of it; the secret is random, so one round is enough."""
        return hashlib.sha256(secret.encode()).hexdigest()


class TimeRequest(OrganizationRow):
    """Somebody asks for a later due date of a corrective action; a fact, answered once."""

    action = models.ForeignKey(CorrectiveAction, on_delete=models.CASCADE, related_name="time_requests")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    asked_on = models.DateField()
    due_on = models.DateField(_("new due date"))
    reason = models.CharField(_("why"), max_length=300)
    answered_on = models.DateField(null=True, blank=True, editable=False)
    granted = models.BooleanField(default=False, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["action"], condition=models.Q(answered_on=None), name="one_open_time_request"
            )
        ]

    def __str__(self) -> str:
        return f"{self.action}, {self.due_on}"
