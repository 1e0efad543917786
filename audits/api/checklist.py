"""The checklist of an audit: its questions, and the answers to them."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.permissions import Capability
from audits.actions import add_question, answer_items, remove_item
from audits.api.shared import audit_of
from audits.models import ChecklistAnswer, ChecklistItem
from records.rest.serializers import RowSerializer
from records.rest.views import AddRows, PartViews, RowViews

LONG: dict[str, Any] = {"max_length": 10_000}


class ItemSerializer(RowSerializer):
    """One question; ``edition`` names the standard that asks it."""

    class Meta:
        model = ChecklistItem
        fields = ("id", "audit", "uid", "edition", "group", "clause", "question", "source", "position")
        read_only_fields = ("audit", "uid", "source", "position")
        extra_kwargs = {"question": LONG}


class ItemViews(RowViews):
    """Questions of all checklists."""

    model = ChecklistItem
    serializer_class = ItemSerializer
    detail_name = "checklist-item-detail"
    writes = Capability.EDIT_AUDITS

    def destroy(self, request: Request, **kwargs: Any) -> Response:
        """Take a question away that nobody has answered."""
        remove_item(self.locked(), self.by)
        return Response(status=204)


class ChecklistOfAudit(AddRows, PartViews, ItemViews):
    """The questions of one audit."""

    whole = "audit"

    def add(self, fields: dict[str, Any]) -> ChecklistItem:
        """Ask a question of your own; ``…/ask-clauses/`` and ``…/ask-again/`` add many."""
        return add_question(self.owner, fields, self.by)


class AnswerSerializer(RowSerializer):
    """What an auditor saw for one question. ``uid`` is made by the sender and comes again when it is sent again."""

    uid = serializers.UUIDField()

    class Meta:
        model = ChecklistAnswer
        fields = ("id", "item", "uid", "answer", "evidence", "made_at", "answered_by_name", "answered_at")
        read_only_fields = ("answered_by_name", "answered_at")
        extra_kwargs = {"evidence": LONG}

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """The uid may be known: the answer is then the one recorded before."""
        return attrs


class AnswersOfAudit(AddRows, PartViews):
    """The answers of one audit, newest first; the latest for a question holds."""

    model = ChecklistAnswer
    whole = "item__audit"
    serializer_class = AnswerSerializer
    writes = Capability.CAPTURE

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """The audit of the address; a foreign one does not exist."""
        super(PartViews, self).initial(request, *args, **kwargs)
        self.owner = audit_of(kwargs["audit"])

    def rows(self) -> QuerySet[ChecklistAnswer]:
        """Answers with their questions."""
        return ChecklistAnswer.objects.select_related("item")

    def add(self, fields: dict[str, Any]) -> ChecklistAnswer:
        """Answer a question; sent again under the same uid it is not doubled."""
        return answer_items(self.owner, [fields], self.by)[0]
