"""Who audits, with what competence, and when they look at what."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Site
from accounts.tenancy import EditableRow, OrganizationRow
from audits.models.audits import Audit
from audits.states import TeamRole
from certifications.models import Standard


class TeamMember(OrganizationRow):
    """Someone on the team of an audit: a person of the product, or a name from outside."""

    audit = models.ForeignKey(Audit, on_delete=models.CASCADE, related_name="team")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("person"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    name = models.CharField(_("name"), max_length=150, blank=True)
    role = models.CharField(_("role"), max_length=10, choices=TeamRole.choices, default=TeamRole.AUDITOR)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["audit", "user"], name="audit_member_once", condition=models.Q(user__isnull=False)
            )
        ]

    def __str__(self) -> str:
        return str(self.user) if self.user else self.name


class Competence(EditableRow):
    """What someone may audit, and until when (ISO 19011 clause 7)."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("person"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    name = models.CharField(_("name"), max_length=150, blank=True)
    standard = models.ForeignKey(
        Standard, verbose_name=_("standard"), on_delete=models.PROTECT, related_name="competences"
    )
    role = models.CharField(_("may act as"), max_length=10, choices=TeamRole.choices, default=TeamRole.AUDITOR)
    shown_by = models.CharField(_("shown by"), max_length=300, blank=True)
    valid_until = models.DateField(_("valid until"), null=True, blank=True)

    class Meta:
        ordering = ["standard__code", "pk"]

    def __str__(self) -> str:
        return f"{self.user or self.name}, {self.standard}"


class Responsibility(EditableRow):
    """A process that someone answers for, at one site or everywhere; nobody audits their own area."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("person"), on_delete=models.PROTECT, related_name="+"
    )
    process = models.CharField(_("process or area"), max_length=150)
    site = models.ForeignKey(
        Site, verbose_name=_("site"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["process", "pk"]

    def __str__(self) -> str:
        return f"{self.process}, {self.user}"


class PlanEntry(EditableRow):
    """One line of the audit plan: when, what, where, by whom, with whom."""

    audit = models.ForeignKey(Audit, on_delete=models.CASCADE, related_name="entries")
    day = models.DateField(_("day"))
    starts_at = models.TimeField(_("from"))
    ends_at = models.TimeField(_("to"), null=True, blank=True)
    process = models.CharField(_("process or topic"), max_length=200)
    clauses = models.JSONField(_("clauses"), default=list, blank=True)
    site = models.ForeignKey(
        Site, verbose_name=_("site"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    auditor = models.ForeignKey(
        TeamMember,
        verbose_name=_("auditor"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="entries",
    )
    auditees = models.CharField(_("auditees"), max_length=200, blank=True)

    class Meta:
        ordering = ["day", "starts_at", "pk"]

    def __str__(self) -> str:
        return f"{self.day} {self.starts_at:%H:%M} {self.process}"
