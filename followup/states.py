"""Words of a report."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Fulfilment(models.TextChoices):
    """How far the criteria are fulfilled (ISO 19011 6.5.1 i)."""

    FULL = "full", _("The criteria are fulfilled")
    MOSTLY = "mostly", _("The criteria are fulfilled but for the findings")
    PARTLY = "partly", _("The criteria are fulfilled in part")
    NOT = "not", _("The criteria are not fulfilled")
