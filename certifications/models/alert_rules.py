"""Who is reminded of which deadlines, and on which days."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Site
from accounts.tenancy import EditableRow
from certifications.models.standards import Standard


class AlertRule(EditableRow):
    """One sentence: mail somebody so many days before some deadlines of some certificates.

    ``days`` are calendar days before the deadline; 0 is the day itself, negative ones lie after it. A rule speaks of
    days from ``since`` on, so that a new one does not tell at once what is long past.
    """

    class Recipient(models.TextChoices):
        """Who gets the mail."""

        OWNER = "owner", _("the owner")
        OFFICERS = "officers", _("the compliance officers")
        MANAGERS = "managers", _("the managers")
        PERSON = "person", _("one person")

    class About(models.TextChoices):
        """Of which deadlines it tells."""

        ANY = "any", _("any deadline")
        NONCONFORMITIES = "nonconformities", _("deadlines of nonconformities")
        AUDITS = "audits", _("audits that must be held")
        EXPIRY = "expiry", _("the expiry")
        SUSPENSION = "suspension", _("the end of a suspension")

    recipient = models.CharField(_("who"), max_length=10, choices=Recipient.choices, default=Recipient.OWNER)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    days = models.JSONField(_("days before"))
    about = models.CharField(_("about"), max_length=20, choices=About.choices, default=About.ANY)
    standard = models.ForeignKey(Standard, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    site = models.ForeignKey(Site, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    since = models.DateField()

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.get_recipient_display()}, {self.get_about_display()}"
