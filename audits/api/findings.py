"""Findings: recorded once, mended until the report is issued, merged or struck with a reason."""

from __future__ import annotations

from typing import Any, ClassVar

import django_filters
from django.db.models import QuerySet
from rest_framework import serializers

from accounts.permissions import Capability
from audits.actions import change_finding, merge_finding, record_findings, strike_finding
from audits.models import Audit, Finding
from audits.states import CAPTURING, FindingGrade
from records.rest.fields import OwnRow
from records.rest.filters import FilterSet, one_of, own_row
from records.rest.serializers import RowSerializer, Strict, WithMoves
from records.rest.views import AddRows, ChangeRows, LegalMove, PartViews, move

LONG: dict[str, Any] = {"max_length": 10_000}


class FindingSerializer(RowSerializer, WithMoves):
    """A finding. ``uid`` is made by the sender; sent again under it, the finding is not doubled."""

    uid = serializers.UUIDField()

    class Meta:
        model = Finding
        fields = (
            "id",
            "version",
            "audit",
            "uid",
            "number",
            "item",
            "grade",
            "standard",
            "clause",
            "title",
            "requirement",
            "evidence",
            "site",
            "place",
            "interviewed",
            "made_at",
            "recorded_by_name",
            "recorded_at",
            "struck_on",
            "struck_reason",
            "merged_into",
            "moves",
        )
        read_only_fields = (
            "audit",
            "number",
            "recorded_by_name",
            "recorded_at",
            "struck_on",
            "struck_reason",
            "merged_into",
        )
        extra_kwargs = {"requirement": LONG, "evidence": LONG}

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """The uid may be known: the finding is then the one recorded before. It never changes."""
        if self.instance and (wrong := {"uid", "item", "made_at"} & set(attrs)):
            raise serializers.ValidationError({name: ["This field is set once."] for name in wrong})
        return attrs


class FindingFilters(FilterSet):
    """By audit, grade and clause."""

    audit = own_row(lambda: Audit.objects.all())
    grade = one_of(FindingGrade)
    clause = django_filters.CharFilter()


class StrikeFindingBody(Strict):
    """Why the finding does not hold."""

    reason = serializers.CharField(max_length=500)


class MergeFindingBody(Strict):
    """The finding that speaks for it."""

    into = OwnRow(queryset=Finding.objects)


class FindingViews(ChangeRows):
    """Findings of all audits."""

    model = Finding
    serializer_class = FindingSerializer
    filterset_class: ClassVar[type[FilterSet] | None] = FindingFilters
    detail_name = "finding-detail"
    writes = Capability.CAPTURE

    def rows(self) -> QuerySet[Finding]:
        """Findings with the state of their audit."""
        return Finding.objects.select_related("audit__organization", "organization")

    def change(self, row: Finding, version: int, changes: dict[str, Any]) -> Finding:
        """Mend a finding before the report is issued."""
        return change_finding(row, version, changes, self.by)

    def legal_moves(self, row: Finding) -> list[LegalMove]:
        """While it stands and the report is not issued."""
        open_ = row.counts and row.audit.state in CAPTURING
        return [("strike", "strike", {}), ("merge", "merge", {})] if open_ else []

    @move(StrikeFindingBody)
    def strike(self, row: Finding, given: dict[str, Any]) -> None:
        """The finding does not hold."""
        strike_finding(row, given["reason"], self.by)

    @move(MergeFindingBody)
    def merge(self, row: Finding, given: dict[str, Any]) -> None:
        """Another finding speaks for this one."""
        merge_finding(row, given["into"], self.by)


class FindingsOfAudit(AddRows, PartViews, FindingViews):
    """The findings of one audit."""

    whole = "audit"
    filterset_class = None

    def add(self, fields: dict[str, Any]) -> Finding:
        """Record a finding; one for a question of the checklist also answers it."""
        return record_findings(self.owner, [fields], self.by)[0]
