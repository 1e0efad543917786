"""Certificates, what the body decided about them, and who relies on them."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Site
from accounts.reach import Reach
from accounts.tenancy import EditableRow, OrganizationRow
from certifications.models.bodies import CertificationBody
from certifications.models.schemes import Scheme
from certifications.models.standards import Edition, Standard
from certifications.states import AuditHistory, CertificateStatus, DecisionKind, NoticeKind


class Certificate(EditableRow):
    """One certification of the organization to a standard, with the certificates that follow each other in it.

    The facts are above the line; below it stand values worked out from them by ``certifications.actions`` alone:
    ``status`` (by rule), ``confirmed_status`` (as the body has said), ``moves`` (transitions recorded so far),
    ``next_due_on`` (first day on which a rule or a reminder can fire; None when nothing can).
    """

    number = models.CharField(_("certificate number"), max_length=80)
    external_id = models.CharField(_("other number"), max_length=80, blank=True)
    standard = models.ForeignKey(
        Standard, verbose_name=_("standard"), on_delete=models.PROTECT, related_name="certificates"
    )
    edition = models.ForeignKey(
        Edition, verbose_name=_("edition"), on_delete=models.PROTECT, null=True, blank=True, related_name="certificates"
    )
    body = models.ForeignKey(
        CertificationBody,
        verbose_name=_("certification body"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="certificates",
    )
    accreditation_body = models.CharField(_("accreditation body"), max_length=60, blank=True)
    scheme = models.ForeignKey(Scheme, verbose_name=_("scheme"), on_delete=models.PROTECT, related_name="certificates")
    certified_on = models.DateField(_("initial decision"), null=True, blank=True)
    issued_on = models.DateField(_("issued"), null=True, blank=True)
    cycle_started_on = models.DateField(_("first day of the current cycle"), null=True, blank=True)
    expires_on = models.DateField(_("expires"), null=True, blank=True)
    audit_history = models.CharField(
        _("audits in the list"), max_length=10, choices=AuditHistory.choices, default=AuditHistory.PARTIAL
    )
    scope = models.TextField(_("scope"), blank=True)
    scope_parts = models.JSONField(_("parts of the scope"), default=list, blank=True)
    sites = models.ManyToManyField(
        Site, verbose_name=_("sites"), through="CertificateSite", related_name="certificates"
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("owner"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    owner_name = models.CharField(_("owner as written"), max_length=150, blank=True)
    note = models.TextField(_("note"), blank=True)

    status = models.CharField(
        _("status by rule"),
        max_length=10,
        choices=CertificateStatus.choices,
        default=CertificateStatus.NONE,
        editable=False,
    )
    confirmed_status = models.CharField(
        _("status confirmed by the body"),
        max_length=10,
        choices=CertificateStatus.choices,
        default=CertificateStatus.NONE,
        editable=False,
    )
    proposed_status = models.CharField(max_length=10, choices=CertificateStatus.choices, blank=True, editable=False)
    moves = models.JSONField(default=list, editable=False)
    derived = models.JSONField(default=list, editable=False)
    current_number = models.CharField(max_length=80, blank=True, editable=False)
    current_edition = models.CharField(max_length=20, blank=True, editable=False)
    current_expires_on = models.DateField(null=True, editable=False)
    flags = models.JSONField(default=list, editable=False)
    next_loss_on = models.DateField(null=True, editable=False)
    next_loss = models.JSONField(null=True, editable=False)
    next_due_on = models.DateField(null=True, editable=False)
    open_nonconformities = models.PositiveIntegerField(default=0, editable=False)
    failure = models.CharField(max_length=500, blank=True, editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "number"], name="certificate_number_once")]
        indexes = [
            models.Index(
                fields=["next_due_on", "id"], name="certificate_due", condition=models.Q(next_due_on__isnull=False)
            ),
            models.Index(fields=["organization", "next_loss_on", "id"], name="certificate_loss"),
            models.Index(fields=["organization", "current_expires_on", "id"], name="certificate_expiry"),
            models.Index(fields=["organization", "current_number", "id"], name="certificate_by_number"),
        ]

    def __str__(self) -> str:
        return self.current_number or self.number

    @classmethod
    def within(cls, reach: Reach) -> models.Q:
        """Certificates that cover a site, are to a standard, are audited, or whose work is the person's."""
        raised = models.Q(nonconformities__owner=reach.person_id)
        return reach.either(
            own=models.Q(owner=reach.person_id) | raised | models.Q(nonconformities__actions__owner=reach.person_id),
            sites=models.Q(sites__in=reach.sites or ()),
            standards=models.Q(standard__in=reach.standards or ()),
            audits=models.Q(audits__in=reach.audits or ()),
        )


class CertificateSite(OrganizationRow):
    """A site that a certificate covers; the main one comes first."""

    certificate = models.ForeignKey(Certificate, on_delete=models.CASCADE, related_name="site_links")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="certificate_links")
    main = models.BooleanField(default=False)

    class Meta:
        ordering = ["-main", "pk"]
        constraints = [models.UniqueConstraint(fields=["certificate", "site"], name="certificate_site_once")]


class Decision(OrganizationRow):
    """A decision of the certification body: a fact, never edited; a wrong one is struck with a reason."""

    certificate = models.ForeignKey(Certificate, on_delete=models.PROTECT, related_name="decisions")
    kind = models.CharField(_("decision"), max_length=20, choices=DecisionKind.choices)
    decided_on = models.DateField(_("date of the decision"))
    new_number = models.CharField(_("new certificate number"), max_length=80, blank=True)
    edition = models.CharField(_("edition"), max_length=20, blank=True)
    reason = models.CharField(_("reason"), max_length=60, blank=True)
    because = models.JSONField(_("because of"), default=list, blank=True)
    override = models.BooleanField(_("although the rules say otherwise"), default=False)
    until = models.DateField(_("until"), null=True, blank=True)
    parts = models.JSONField(_("parts of the scope"), default=list, blank=True)
    site_names = models.JSONField(_("sites"), default=list, blank=True)
    to_body = models.CharField(_("new body"), max_length=150, blank=True)
    outcome = models.CharField(
        _("outcome"), max_length=10, blank=True, choices=[("upheld", _("Upheld")), ("rejected", _("Rejected"))]
    )
    letter = models.CharField(_("letter reference"), max_length=200, blank=True)
    note = models.TextField(_("note"), blank=True)
    recorded_on = models.DateField(editable=False)
    struck_on = models.DateField(null=True, editable=False)
    struck_reason = models.CharField(max_length=500, blank=True, editable=False)

    class Meta:
        ordering = ["decided_on", "pk"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.decided_on}"


class Notice(OrganizationRow):
    """Something told about a certificate that never moves its status by itself."""

    certificate = models.ForeignKey(Certificate, on_delete=models.PROTECT, related_name="notices")
    kind = models.CharField(_("kind"), max_length=20, choices=NoticeKind.choices)
    happened_on = models.DateField(_("date"))
    note = models.TextField(_("note"), blank=True)
    recorded_on = models.DateField(editable=False)

    class Meta:
        ordering = ["happened_on", "pk"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.happened_on}"


class Reliance(EditableRow):
    """Who relies on a certificate: a contract or a customer, the price of doing nothing."""

    certificate = models.ForeignKey(Certificate, on_delete=models.CASCADE, related_name="reliances")
    kind = models.CharField(
        _("kind"),
        max_length=10,
        choices=[("customer", _("Customer")), ("contract", _("Contract")), ("tender", _("Tender"))],
    )
    name = models.CharField(_("name"), max_length=200)
    note = models.CharField(_("what it says"), max_length=300, blank=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
