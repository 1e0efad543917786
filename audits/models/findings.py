"""What an audit found."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Site
from accounts.tenancy import EditableRow
from audits.models.audits import Audit
from audits.models.checklists import ChecklistItem
from audits.states import FindingGrade
from certifications.models import Standard


class Finding(EditableRow):
    """A result of an audit against its criteria (ISO 19011 3.10), recorded once however often it is sent.

    ``uid`` is made where the finding is recorded. Two auditors never overwrite each other: both findings stay, and
    the lead auditor merges one into the other (``merged_into``) or strikes it with a reason. When the report is
    issued, findings of a grade that is a nonconformity become nonconformities with clocks.
    """

    audit = models.ForeignKey(Audit, on_delete=models.PROTECT, related_name="findings")
    uid = models.UUIDField(editable=False)
    number = models.PositiveSmallIntegerField(editable=False)
    item = models.ForeignKey(
        ChecklistItem,
        verbose_name=_("question"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="findings",
    )
    grade = models.CharField(_("grade"), max_length=20, choices=FindingGrade.choices)
    standard = models.ForeignKey(
        Standard,
        verbose_name=_("standard"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text=_("Without one it counts for every standard of the audit."),
    )
    clause = models.CharField(_("clause"), max_length=40, blank=True)
    title = models.CharField(_("in one line"), max_length=200, blank=True)
    requirement = models.TextField(_("requirement"), blank=True)
    evidence = models.TextField(_("what was seen"))
    site = models.ForeignKey(
        Site, verbose_name=_("site"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    place = models.CharField(_("place"), max_length=200, blank=True)
    interviewed = models.CharField(_("person interviewed (role)"), max_length=150, blank=True)
    made_at = models.DateTimeField(null=True, blank=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", editable=False
    )
    recorded_by_name = models.CharField(max_length=200, editable=False)
    recorded_at = models.DateTimeField(editable=False)
    struck_on = models.DateField(null=True, editable=False)
    struck_reason = models.CharField(max_length=500, blank=True, editable=False)
    merged_into = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="merged", editable=False)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["organization", "uid"], name="finding_once"),
            models.UniqueConstraint(fields=["audit", "number"], name="finding_number_once"),
        ]

    def __str__(self) -> str:
        return f"{self.audit} F{self.number}"

    @property
    def counts(self) -> bool:
        """Whether it stands: neither struck nor merged into another."""
        return self.struck_on is None and self.merged_into_id is None

    @property
    def headline(self) -> str:
        """Its line, or the beginning of what was seen."""
        return self.title or self.evidence.strip().splitlines()[0][:120]
