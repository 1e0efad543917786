"""The history and the runs of the sweep, to be read; nothing here is ever written through the API."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from records.models import ActorKind, ChainCheck, Event, SignedHead, SweepRun
from records.record import subject_type
from records.rest.filters import FilterSet, check_parameters, from_day, one_of, to_day
from records.rest.views import RowViews


class EventSerializer(serializers.ModelSerializer[Event]):
    """One entry of the history: what was recorded when, effective when, by whom, under which rule and why."""

    class Meta:
        model = Event
        fields = (
            "id",
            "number",
            "kind",
            "subject_type",
            "subject_id",
            "subject_label",
            "effective_on",
            "recorded_at",
            "actor_kind",
            "actor_label",
            "rule",
            "reason",
            "before",
            "after",
            "because",
            "via_key",
            "request_id",
            "hash",
        )


class EventFilters(FilterSet):
    """``after_number`` asks for what was recorded since the last look."""

    after_number = django_filters.NumberFilter(field_name="number", lookup_expr="gt", min_value=0, max_value=2**63 - 1)
    effective_after = from_day("effective_on")
    effective_before = to_day("effective_on")
    actor_kind = one_of(ActorKind)
    kind = django_filters.CharFilter()
    subject_type = django_filters.CharFilter()
    subject_id = django_filters.NumberFilter(min_value=1, max_value=2**63 - 1)


class EventViews(RowViews):
    """The history of the organization."""

    model = Event
    serializer_class = EventSerializer
    filterset_class = EventFilters


class History(RowViews):
    """Adds ``…/history/``: the events about one row."""

    @extend_schema(responses=EventSerializer(many=True))
    @action(detail=True, filter_backends=[])
    def history(self, request: Request, **kwargs: Any) -> Response:
        """What was recorded about this row, newest first."""
        check_parameters(request, {"cursor", "page_size"})
        row = self.get_object()
        events: QuerySet[Event] = Event.objects.filter(subject_type=subject_type(row), subject_id=row.pk)
        page = self.paginate_queryset(events)
        return self.get_paginated_response(EventSerializer(page, many=True).data)


class SweepRunSerializer(serializers.ModelSerializer[SweepRun]):
    """One run of the sweep. It serves every organization, so its counts are not shown to one of them."""

    failed = serializers.SerializerMethodField()

    class Meta:
        model = SweepRun
        fields = ("id", "started_at", "finished_at", "on", "failed")

    def get_failed(self, run: SweepRun) -> bool:
        """Whether the run itself ended with an error."""
        return bool(run.error)


class SweepRunViews(RowViews):
    """When the sweep last ran, and up to which day."""

    model = SweepRun
    serializer_class = SweepRunSerializer


class HeadSerializer(serializers.ModelSerializer[SignedHead]):
    """The end of the history on a day, signed with Ed25519; keep it elsewhere and verify against it later."""

    organization = serializers.CharField(source="organization.slug", read_only=True)

    class Meta:
        model = SignedHead
        fields = (
            "id",
            "organization",
            "organization_id",
            "number",
            "hash",
            "signed_at",
            "key_id",
            "public_key",
            "signature",
        )


class HeadViews(RowViews):
    """Signed heads of the history."""

    model = SignedHead
    serializer_class = HeadSerializer

    def rows(self) -> QuerySet[SignedHead]:
        """Heads with the short name of their organization."""
        return SignedHead.objects.select_related("organization")


class CheckSerializer(serializers.ModelSerializer[ChainCheck]):
    """One look at the whole chain: up to which entry it holds, and the first entry that does not."""

    holds = serializers.SerializerMethodField()

    class Meta:
        model = ChainCheck
        fields = ("id", "checked_at", "number", "hash", "holds", "first_bad", "problem")

    def get_holds(self, check: ChainCheck) -> bool:
        """Whether the whole chain was as it was written."""
        return check.first_bad is None


class CheckViews(RowViews):
    """When the chain was verified, and how far it held; the newest first."""

    model = ChainCheck
    serializer_class = CheckSerializer
