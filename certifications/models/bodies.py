"""Certification bodies."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.tenancy import EditableRow


class CertificationBody(EditableRow):
    """A third party that audits and certifies management systems (ISO/IEC 17021-1)."""

    name = models.CharField(_("name"), max_length=150)
    accreditation_body = models.CharField(_("accredited by"), max_length=60, blank=True)
    register_url = models.URLField(_("public register"), blank=True)

    class Meta:
        ordering = ["name"]
        verbose_name_plural = _("certification bodies")
        constraints = [models.UniqueConstraint(fields=["organization", "name"], name="body_once")]

    def __str__(self) -> str:
        return self.name
