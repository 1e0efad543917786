"""One import of a list: the file, what a person answered, and what became of it."""

from __future__ import annotations

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.tenancy import EditableRow

LONG = 500  # records
ROW_NAMES = {"certificates": "certificate", "audits": "audit", "nonconformities": "nonconformity"}


class ImportRun(EditableRow):
    """A file on its way into the organization.

    ``last_row`` is the last row of the sheet whose record is stored: an import that was cut off goes on behind it.
    ``created`` lists the ids of what the run added, by model, for taking it back. ``changing`` holds id and version of
    each record that a row changes, as it was agreed to; ``changed`` what such records held before, ``not_changed`` the
    rows whose record was saved by somebody else meanwhile.
    """

    class Kind(models.TextChoices):
        """The list that the file holds."""

        CERTIFICATES = "certificates", _("Certificates")
        AUDITS = "audits", _("Audits")
        NONCONFORMITIES = "nonconformities", _("Nonconformities")

    class State(models.TextChoices):
        """Where the import stands."""

        OPEN = "open", _("Being checked")
        WORKING = "working", _("Being imported")
        DONE = "done", _("Imported")
        UNDONE = "undone", _("Taken back")

    kind = models.CharField(_("list"), max_length=20, choices=Kind.choices)
    file = models.FileField(_("file"), upload_to="imports/%Y/%m/")
    file_name = models.CharField(_("file name"), max_length=200)
    encoding = models.CharField(_("encoding"), max_length=20, blank=True)
    sheet = models.CharField(_("sheet"), max_length=100, blank=True)
    header_row = models.PositiveIntegerField(_("heading row"), null=True, blank=True)
    columns = models.JSONField(default=dict, blank=True)
    answers = models.JSONField(default=dict, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN, editable=False)
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    rows = models.PositiveIntegerField(default=0, editable=False)
    last_row = models.PositiveIntegerField(default=0, editable=False)
    lease_until = models.DateTimeField(null=True, editable=False)
    counts = models.JSONField(default=dict, editable=False)
    created = models.JSONField(default=dict, editable=False)
    changing = models.JSONField(default=dict, editable=False)
    changed = models.JSONField(default=list, editable=False, encoder=DjangoJSONEncoder)
    not_changed = models.JSONField(default=list, editable=False)
    differences = models.JSONField(default=list, editable=False, encoder=DjangoJSONEncoder)
    refused_rows = models.FileField(upload_to="imports/%Y/%m/", blank=True, editable=False)
    finished_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.file_name}"

    @property
    def to_store(self) -> int:
        """How many records the confirmed list adds or changes."""
        return int(self.counts.get("ready", 0)) + int(self.counts.get("change", 0))

    @property
    def added(self) -> int:
        """How many records of its kind the list has added so far."""
        return len(self.created.get(ROW_NAMES[self.kind], []))

    @property
    def behind(self) -> int:
        """How many rows are not imported: without an answer, with a problem, or left out."""
        return sum(int(self.counts.get(place, 0)) for place in ("waiting", "refused", "left_out"))

    @property
    def is_long(self) -> bool:
        """Whether a worker imports it and its person is mailed the result, instead of waiting for the page."""
        return self.to_store > LONG
