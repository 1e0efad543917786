"""What an audit asks, and what was answered: answers are added, never changed."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.tenancy import OrganizationRow
from audits.models.audits import Audit
from audits.states import Answer, ItemSource
from certifications.models import Edition


class ChecklistItem(OrganizationRow):
    """One question of an audit's checklist.

    ``edition`` names the standard that asks it; without one it is the organization's own question.
    """

    audit = models.ForeignKey(Audit, on_delete=models.CASCADE, related_name="items")
    uid = models.UUIDField(default=uuid.uuid4, editable=False)
    edition = models.ForeignKey(
        Edition, verbose_name=_("standard"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    group = models.CharField(_("group"), max_length=200, blank=True)
    clause = models.CharField(_("clause"), max_length=20, blank=True)
    question = models.TextField(_("question"))
    source = models.CharField(max_length=10, choices=ItemSource.choices, default=ItemSource.OWN, editable=False)
    position = models.PositiveIntegerField(editable=False)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [models.UniqueConstraint(fields=["organization", "uid"], name="checklist_item_once")]

    def __str__(self) -> str:
        return f"{self.clause} {self.question}".strip()


class ChecklistAnswer(OrganizationRow):
    """What one auditor saw for one question; the latest answer holds, earlier ones stay readable.

    ``uid`` is made where the answer is given and comes again when it is sent again; ``made_at`` is that device's time.
    """

    item = models.ForeignKey(ChecklistItem, on_delete=models.PROTECT, related_name="answers")
    uid = models.UUIDField(editable=False)
    answer = models.CharField(_("answer"), max_length=10, choices=Answer.choices)
    evidence = models.TextField(_("evidence"), blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", editable=False
    )
    answered_by_name = models.CharField(max_length=200, editable=False)
    answered_at = models.DateTimeField(editable=False)
    made_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["organization", "uid"], name="checklist_answer_once")]

    def __str__(self) -> str:
        return f"{self.item}: {self.get_answer_display()}"
