"""Audits: external and internal are one model with a kind."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Site
from accounts.reach import Reach
from accounts.tenancy import EditableRow, OrganizationRow
from audits.states import AuditKind, AuditMethod, AuditState
from certifications.models import Certificate, CertificationBody


class Audit(EditableRow):
    """An audit of one or several certificates, planned or held."""

    number = models.CharField(_("audit number"), max_length=80)
    kind = models.CharField(_("kind"), max_length=20, choices=AuditKind.choices)
    state = models.CharField(
        _("state"), max_length=10, choices=AuditState.choices, default=AuditState.PLANNED, editable=False
    )
    certificates = models.ManyToManyField(
        Certificate, verbose_name=_("certificates"), through="AuditCertificate", related_name="audits"
    )
    site = models.ForeignKey(
        Site, verbose_name=_("site"), null=True, blank=True, on_delete=models.PROTECT, related_name="audits"
    )
    body = models.ForeignKey(
        CertificationBody,
        verbose_name=_("certification body"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="audits",
    )
    lead_auditor = models.CharField(_("lead auditor"), max_length=150, blank=True)
    planned_on = models.DateField(_("planned from"), null=True, blank=True)
    planned_until = models.DateField(_("planned to"), null=True, blank=True)
    started_on = models.DateField(_("first day"), null=True, blank=True)
    ended_on = models.DateField(_("last day"), null=True, blank=True)
    edition = models.CharField(_("edition audited"), max_length=20, blank=True)
    days = models.DecimalField(_("audit days"), max_digits=6, decimal_places=2, null=True, blank=True)
    objectives = models.TextField(_("objectives"), blank=True)
    scope = models.TextField(_("scope of the audit"), blank=True)
    criteria = models.TextField(_("criteria"), blank=True)
    method = models.CharField(
        _("carried out"), max_length=10, choices=AuditMethod.choices, default=AuditMethod.ON_SITE, blank=True
    )
    note = models.TextField(_("note"), blank=True)
    recorded_on = models.DateField(null=True, editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "number"], name="audit_number_once")]

    def __str__(self) -> str:
        return self.number

    @classmethod
    def within(cls, reach: Reach) -> models.Q:
        """Audits at a site, of a standard, the guest's own, the person's team's, or those that brought them work."""
        sites, person = reach.sites or (), reach.person_id
        raised = models.Q(nonconformities__owner=person) | models.Q(nonconformities__actions__owner=person)
        held = models.Q(site__in=sites) | models.Q(site_links__site__in=sites)
        return reach.either(
            own=raised | models.Q(team__user=person),
            sites=held | models.Q(site=None, site_links=None, certificates__sites__in=sites),
            standards=models.Q(certificates__standard__in=reach.standards or ()),
            audits=models.Q(pk__in=reach.audits or ()),
        )

    @property
    def is_external(self) -> bool:
        """True for audits of a certification body; only these count for a certificate."""
        return self.kind not in {AuditKind.INTERNAL, AuditKind.SUPPLIER}

    @property
    def places(self) -> list[Site]:
        """Every site that it visits, the first one first; reads ``site_links`` unless they are prefetched."""
        further = [link.site for link in self.site_links.all()]
        return ([self.site] if self.site else []) + [site for site in further if site != self.site]


class AuditCertificate(OrganizationRow):
    """An audit covers a certificate."""

    audit = models.ForeignKey(Audit, on_delete=models.CASCADE, related_name="certificate_links")
    certificate = models.ForeignKey(Certificate, on_delete=models.PROTECT, related_name="audit_links")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["audit", "certificate"], name="audit_certificate_once")]


class AuditSite(OrganizationRow):
    """A further site that an audit visits, beside its first one."""

    audit = models.ForeignKey(Audit, on_delete=models.CASCADE, related_name="site_links")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="audit_links")

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["audit", "site"], name="audit_site_once")]
