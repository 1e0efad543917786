"""What an entry of the calendar is, and what a calendar address holds."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Kind(models.TextChoices):
    """What happens on the day."""

    AUDIT = "audit", _("Audit")
    WINDOW = "window", _("Window opens")
    DEADLINE = "deadline", _("Deadline")
    EXPIRY = "expiry", _("Expiry")
    FORECAST = "forecast", _("Forecast")


class Choice(models.TextChoices):
    """Which entries a calendar address holds."""

    ALL = "all", _("Everything")
    MINE = "mine", _("My work")
    SITE = "site", _("One site")
    STANDARD = "standard", _("One standard")
