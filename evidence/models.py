"""Evidence: a document, the files that were its versions, and the records it supports."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts import clock
from accounts.reach import Reach
from accounts.tenancy import EditableRow, OrganizationRow


class Blob(OrganizationRow):
    """Content that lies in the vault under its SHA-256; the same content is kept once in an organization."""

    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField()
    stored_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "sha256"], name="blob_once")]

    def __str__(self) -> str:
        return self.sha256

    @property
    def name(self) -> str:
        """Where the content lies in the vault."""
        return blob_name(self.organization_id, self.sha256)


def blob_name(organization_id: int, sha256: str) -> str:
    """The place of content in the vault: ``7/ab/cd/abcd…``."""
    return f"{organization_id}/{sha256[:2]}/{sha256[2:4]}/{sha256}"


class Evidence(EditableRow):
    """Objective evidence (ISO 9000 3.8.3) in the form of a document or a photo; its newest file is what counts."""

    title = models.CharField(_("title"), max_length=200)
    note = models.TextField(_("note"), blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("owner"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    expires_on = models.DateField(_("valid until"), null=True, blank=True)
    withdrawn_on = models.DateField(pgettext_lazy("evidence", "withdrawn"), null=True, editable=False)

    is_subject = False

    class Meta:
        verbose_name_plural = "evidence"
        indexes = [
            models.Index(fields=["organization", "expires_on", "id"], name="evidence_list"),
            models.Index(fields=["expires_on"], name="evidence_expiry", condition=models.Q(withdrawn_on=None)),
        ]

    def __str__(self) -> str:
        return self.title

    @classmethod
    def within(cls, reach: Reach) -> models.Q:
        """What supports a record that is reached."""
        return models.Q(uses__in=Use.objects.all())

    @property
    def current(self) -> Revision:
        """The newest file."""
        return next(iter(self.revisions.all()))


class Revision(OrganizationRow):
    """One file of a piece of evidence; a fact, never edited.

    ``effective_on`` is the civil date from which the content holds, ``uploaded_at`` the moment it arrived here.
    """

    evidence = models.ForeignKey(Evidence, on_delete=models.PROTECT, related_name="revisions")
    number = models.PositiveSmallIntegerField()
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="revisions")
    file_name = models.CharField(_("file"), max_length=160)
    media_type = models.CharField(max_length=100)
    effective_on = models.DateField(_("date of the document"))
    uploaded_at = models.DateTimeField()
    uploaded_by = models.CharField(max_length=200)
    reason = models.CharField(_("what changed"), max_length=500, blank=True)

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["evidence", "number"], name="revision_number_once")]

    def __str__(self) -> str:
        return f"{self.file_name} ({self.number})"


class Use(OrganizationRow):
    """A piece of evidence supports a record, named by type and id as history names it."""

    evidence = models.ForeignKey(Evidence, on_delete=models.PROTECT, related_name="uses")
    subject_type = models.CharField(max_length=40)
    subject_id = models.BigIntegerField()
    linked_at = models.DateTimeField()
    linked_by = models.CharField(max_length=200)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["evidence", "subject_type", "subject_id"], name="evidence_used_once")
        ]
        indexes = [models.Index(fields=["organization", "subject_type", "subject_id"], name="evidence_of")]

    def __str__(self) -> str:
        return f"{self.subject_type} {self.subject_id}"
