"""How often the organization audits itself."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.tenancy import EditableRow


class AuditCycle(EditableRow):
    """The cycle of internal audits (ISO 9001 9.2.2): each standard at each site again after so many months."""

    USUAL_MONTHS = 12

    every_months = models.PositiveSmallIntegerField(_("months"), default=USUAL_MONTHS)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization"], name="one_audit_cycle")]

    def __str__(self) -> str:
        words = ngettext("every %(months)d month", "every %(months)d months", self.every_months)
        return words % {"months": self.every_months}

    @classmethod
    def months(cls) -> int:
        """The months of the current organization; a year when nothing is set."""
        row = cls.objects.first()
        return int(row.every_months) if row else cls.USUAL_MONTHS
