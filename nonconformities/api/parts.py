"""What belongs to a nonconformity: extensions, verifications and corrective actions."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers

from accounts.permissions import Capability
from nonconformities.actions import (
    add_action,
    add_proof,
    cancel_action,
    change_action,
    complete_corrective_action,
    grant_extension,
    reopen_action,
    share_action,
    unshare_action,
)
from nonconformities.api.nonconformities import LONG
from nonconformities.models import CorrectiveAction, Extension, Nonconformity, StepRecord, Verification
from nonconformities.states import ACTION_MOVES, ActionState
from records.moves import moves_from
from records.rest.fields import CivilDate, OwnRow
from records.rest.filters import FilterSet, from_day, member, one_of, own_row, to_day
from records.rest.serializers import RowSerializer, Strict, WithMoves
from records.rest.views import AddRows, ChangeRows, LegalMove, PartViews, move


class ExtensionSerializer(RowSerializer):
    """A later due date granted for one step; it counts only when granted in time."""

    class Meta:
        model = Extension
        fields = ("id", "step", "granted_on", "due_on", "reason", "recorded_on")


class ExtensionViews(AddRows, PartViews):
    """Extensions of one nonconformity."""

    model = Extension
    whole = "nonconformity"
    serializer_class = ExtensionSerializer
    writes = Capability.CLOSE_NONCONFORMITIES

    def add(self, fields: dict[str, Any]) -> Extension:
        """Record that the body granted a later date."""
        return grant_extension(self.owner, fields.pop("granted_on"), fields.pop("due_on"), self.by, **fields)


class VerificationSerializer(RowSerializer):
    """The auditor's check whether a corrective action was effective."""

    class Meta:
        model = Verification
        fields = ("id", "verified_on", "result", "verified_by", "note", "recorded_on")


class VerificationViews(PartViews):
    """Verifications of one nonconformity; ``POST …/verify/`` adds one."""

    model = Verification
    whole = "nonconformity"
    serializer_class = VerificationSerializer


class StepSerializer(RowSerializer):
    """One of the eight steps: whose it is, what was written, who approved it."""

    class Meta:
        model = StepRecord
        fields = (
            "id",
            "version",
            "step",
            "state",
            "owner",
            "due_on",
            "content",
            "author_name",
            "submitted_on",
            "approved_by_name",
            "approved_on",
        )


class StepViews(PartViews):
    """The steps of one nonconformity that have been written or given to somebody."""

    model = StepRecord
    whole = "nonconformity"
    serializer_class = StepSerializer


class CorrectiveActionSerializer(RowSerializer, WithMoves):
    """Action that removes the cause of a nonconformity (ISO 9000 3.12.2)."""

    class Meta:
        model = CorrectiveAction
        fields = (
            "id",
            "version",
            "nonconformity",
            "description",
            "cause",
            "owner",
            "owner_name",
            "due_on",
            "done_on",
            "state",
            "moves",
        )
        read_only_fields = ("nonconformity",)
        extra_kwargs = {"description": LONG, "cause": {"max_length": 2000}}


class ActionFilters(FilterSet):
    """Days are inclusive."""

    nonconformity = own_row(lambda: Nonconformity.objects.all())
    state = one_of(ActionState)
    owner = member("owner")
    due_after = from_day("due_on")
    due_before = to_day("due_on")


class DoneBody(Strict):
    """The day on which the action was done."""

    done_on = CivilDate()


class ProofBody(Strict):
    """What shows that an action was carried out, and where the record is kept."""

    text = serializers.CharField(max_length=300)
    url = serializers.URLField(max_length=500, required=False, allow_blank=True)


class ServeBody(Strict):
    """The other nonconformity that an action serves."""

    nonconformity = OwnRow(queryset=Nonconformity.objects)


class ReasonBody(Strict):
    """Why."""

    reason = serializers.CharField(max_length=500)


class ActionViews(ChangeRows):
    """Corrective actions of all nonconformities."""

    model = CorrectiveAction
    serializer_class = CorrectiveActionSerializer
    filterset_class = ActionFilters
    detail_name = "corrective-action-detail"
    writes = Capability.EDIT_NONCONFORMITIES

    def rows(self) -> QuerySet[CorrectiveAction]:
        """Actions with what their doors read."""
        return CorrectiveAction.objects.select_related("nonconformity__organization")

    def change(self, row: CorrectiveAction, version: int, changes: dict[str, Any]) -> CorrectiveAction:
        """Change an action."""
        return change_action(row, version, changes, self.by)

    def legal_moves(self, row: CorrectiveAction) -> list[LegalMove]:
        """The moves of its state."""
        return [(name, name, {}) for name in moves_from(ACTION_MOVES, row.state)]

    @move(DoneBody)
    def complete(self, row: CorrectiveAction, given: dict[str, Any]) -> None:
        """The action has been carried out."""
        complete_corrective_action(row, given["done_on"], self.by)

    @move(ProofBody)
    def add_proof(self, row: CorrectiveAction, given: dict[str, Any]) -> None:
        """Say what shows that the action was carried out."""
        add_proof(row, given["text"], self.by, given.get("url", ""))

    @move(ServeBody)
    def share(self, row: CorrectiveAction, given: dict[str, Any]) -> None:
        """Let the action serve another nonconformity too."""
        share_action(row, given["nonconformity"], self.by)

    @move(ServeBody)
    def unshare(self, row: CorrectiveAction, given: dict[str, Any]) -> None:
        """The action no longer serves the other nonconformity."""
        unshare_action(row, given["nonconformity"], self.by)

    @move(ReasonBody)
    def cancel(self, row: CorrectiveAction, given: dict[str, Any]) -> None:
        """The action is not needed any more."""
        cancel_action(row, given["reason"], self.by)

    @move(ReasonBody)
    def reopen(self, row: CorrectiveAction, given: dict[str, Any]) -> None:
        """The action has to be taken up again."""
        reopen_action(row, given["reason"], self.by)


class ActionsOfNonconformity(AddRows, PartViews, ActionViews):
    """Corrective actions of one nonconformity."""

    whole = "nonconformity"

    def add(self, fields: dict[str, Any]) -> CorrectiveAction:
        """Add an action that removes the cause."""
        return add_action(self.owner, fields, self.by)
