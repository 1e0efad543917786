"""Changes of the organization that a certification body must be told about."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.tenancy import OrganizationRow
from certifications.models.certificates import Certificate
from records.terms import say_codes


class Question(models.TextChoices):
    """What ISO/IEC 17021-1:2015, 8.5.3, wants the holder to tell without delay, as six short questions."""

    LEGAL = "legal", _("Does the legal status, the name or the owner change?")
    PEOPLE = "people", _("Do top managers or other key people change?")
    SITES = "sites", _("Does a site open, move or close, or its address change?")
    SCOPE = "scope", _("Does what you make or offer change, so that the scope no longer fits?")
    PROCESSES = "processes", _("Do important processes, technology or the management system change?")
    NUMBERS = "numbers", _("Does the number of people or shifts change noticeably?")


say_codes("answers", dict(Question.choices))


class ReportedChange(OrganizationRow):
    """A change as it was reported; a fact, never edited. ``answers`` are the questions answered with yes."""

    title = models.CharField(_("what changes"), max_length=200)
    note = models.TextField(_("more about it"), blank=True)
    happens_on = models.DateField(_("from"))
    answers = models.JSONField(default=list)
    site_names = models.JSONField(default=list, blank=True)
    reported_by = models.CharField(max_length=200)
    reported_on = models.DateField()

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.title


class ChangedCertificate(OrganizationRow):
    """A certificate that a reported change touches, and when its body was told."""

    change = models.ForeignKey(ReportedChange, on_delete=models.CASCADE, related_name="touched")
    certificate = models.ForeignKey(Certificate, on_delete=models.PROTECT, related_name="reported_changes")
    because = models.JSONField(default=list)
    told_on = models.DateField(_("the body was told"), null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["change", "certificate"], name="change_touches_once")]

    def __str__(self) -> str:
        return f"{self.change}: {self.certificate}"
