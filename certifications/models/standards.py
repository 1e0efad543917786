"""Standards, their editions, the clauses, and the ends of transition periods."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.reach import Reach
from accounts.tenancy import EditableRow, OrganizationRow


class Standard(OrganizationRow):
    """A normative document, for example ISO 9001."""

    code = models.CharField(_("standard"), max_length=60)
    title = models.CharField(_("title"), max_length=200, blank=True)

    class Meta:
        ordering = ["code"]
        constraints = [models.UniqueConstraint(fields=["organization", "code"], name="standard_once")]

    def __str__(self) -> str:
        return self.code

    @classmethod
    def within(cls, reach: Reach) -> models.Q:
        """The standards themselves; for a guest those of the certificates of the audit."""
        audits = models.Q(certificates__audits__in=reach.audits or ())
        return reach.either(own=models.Q(), standards=models.Q(pk__in=reach.standards or ()), audits=audits)


class Edition(OrganizationRow):
    """An edition of a standard, named by its year."""

    standard = models.ForeignKey(Standard, on_delete=models.PROTECT, related_name="editions")
    name = models.CharField(_("edition"), max_length=20)
    successor = models.CharField(_("followed by"), max_length=60, blank=True)
    expected = models.CharField(_("end expected"), max_length=60, blank=True)

    class Meta:
        ordering = ["standard__code", "name"]
        constraints = [models.UniqueConstraint(fields=["standard", "name"], name="edition_once")]

    def __str__(self) -> str:
        return f"{self.standard}:{self.name}"


class EditionEnd(EditableRow):
    """The last day of certificates to an edition, for one accreditation body or for all.

    Rows that the organization entered come before those of the shipped catalog; the later recorded one holds.
    """

    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="ends")
    accreditation_body = models.CharField(_("accreditation body"), max_length=60, blank=True)
    ends_on = models.DateField(_("last day"), null=True, blank=True)
    last_new_audit_on = models.DateField(_("last day for new audits"), null=True, blank=True)
    from_catalog = models.BooleanField(default=False, editable=False)
    recorded_on = models.DateField(null=True, blank=True, editable=False)
    source = models.CharField(_("source"), max_length=300, blank=True)
    verified = models.CharField(_("checked"), max_length=10, default="no", editable=False)

    def __str__(self) -> str:
        return f"{self.edition} {self.ends_on or ''}"


class Clause(OrganizationRow):
    """A clause of an edition."""

    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="clauses")
    number = models.CharField(_("clause"), max_length=20)
    title = models.CharField(_("title"), max_length=200)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["edition", "number"], name="clause_once")]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"
