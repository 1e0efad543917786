"""Reports of audits, and which nonconformity came from which finding."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.tenancy import EditableRow, OrganizationRow
from audits.models import Audit, Finding
from followup.states import Fulfilment
from nonconformities.models import Nonconformity


class ReportDraft(EditableRow):
    """What the lead auditor writes for the report (ISO 19011 6.5.1, ISO/IEC 17021-1 9.4.8), until it is issued."""

    audit = models.OneToOneField(Audit, on_delete=models.CASCADE, related_name="draft")
    conclusions = models.TextField(_("conclusions"), blank=True)
    fulfilment = models.CharField(
        _("degree to which the criteria are fulfilled"), max_length=10, choices=Fulfilment.choices, blank=True
    )
    recommendation = models.TextField(_("recommendation"), blank=True)
    deviations = models.TextField(_("deviations from the plan"), blank=True)
    changes = models.TextField(_("significant changes since the last audit"), blank=True)
    certificate_use = models.TextField(_("use of certificates and marks"), blank=True)
    unresolved = models.TextField(_("unresolved issues"), blank=True)
    diverging = models.TextField(_("diverging opinions"), blank=True)
    sampling = models.TextField(_("sampling statement"), blank=True)

    TEXTS: ClassVar[tuple[str, ...]] = (
        "conclusions",
        "fulfilment",
        "recommendation",
        "deviations",
        "changes",
        "certificate_use",
        "unresolved",
        "diverging",
        "sampling",
    )

    def __str__(self) -> str:
        return f"{self.audit}"


class AuditReport(OrganizationRow):
    """A report as it was issued: never changed; a correction is the next version with its reason.

    ``content`` is all that the report says; ``digest`` is the SHA-256 of its canonical JSON.
    """

    audit = models.ForeignKey(Audit, on_delete=models.PROTECT, related_name="reports")
    number = models.PositiveSmallIntegerField(_("version"))
    issued_on = models.DateField(_("issued"))
    issued_at = models.DateTimeField()
    issued_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    issued_by_name = models.CharField(max_length=200)
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    reference = models.CharField(_("reference of the body"), max_length=120, blank=True)
    content = models.JSONField()
    digest = models.CharField(max_length=64)

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["audit", "number"], name="audit_report_version_once")]

    def __str__(self) -> str:
        return f"{self.audit}, {self.number}"


class RaisedFinding(OrganizationRow):
    """The nonconformity that a finding became when the report was issued."""

    finding = models.OneToOneField(Finding, on_delete=models.PROTECT, related_name="raised")
    nonconformity = models.OneToOneField(Nonconformity, on_delete=models.PROTECT, related_name="raised_from")

    def __str__(self) -> str:
        return f"{self.finding}: {self.nonconformity}"
