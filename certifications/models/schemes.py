"""Scheme rules as rows: a scheme and its published versions."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.tenancy import EditableRow, OrganizationRow
from certifications.states import Moving


class Scheme(EditableRow):
    """The rules under which certificates move.

    ``catalog_id`` names the shipped profile it starts from; published versions change single numbers of it.
    """

    catalog_id = models.CharField(_("starts from"), max_length=60)
    title = models.CharField(_("title"), max_length=200)
    moving = models.CharField(
        _("when a deadline passes"), max_length=10, choices=Moving.choices, default=Moving.AUTOMATIC
    )
    own_deadlines = models.BooleanField(
        default=False, editable=False, help_text=_("Deadlines of the organization itself, for what no body raised.")
    )

    class Meta:
        ordering = ["title"]
        constraints = [models.UniqueConstraint(fields=["organization", "title"], name="scheme_title_once")]

    def __str__(self) -> str:
        return self.title


class SchemeVersion(OrganizationRow):
    """Numbers that hold from a day on: ``rules`` is ``{rule id: {parameter: value}}`` laid over the catalog."""

    scheme = models.ForeignKey(Scheme, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    effective_on = models.DateField(_("effective from"))
    rules = models.JSONField(default=dict)
    reason = models.CharField(_("reason"), max_length=500)
    published_at = models.DateTimeField()
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["scheme", "number"]
        constraints = [
            models.UniqueConstraint(fields=["scheme", "number"], name="scheme_version_once"),
            models.UniqueConstraint(fields=["scheme", "effective_on"], name="scheme_version_per_day"),
        ]

    def __str__(self) -> str:
        return f"{self.scheme}, version {self.number}"

    @property
    def reason_words(self) -> str:
        """Why it was published: as a person wrote it, or in the reader's language where the product shipped it."""
        return self.reason if self.published_by_id else gettext(self.reason)
