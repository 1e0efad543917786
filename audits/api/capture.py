"""Answers and findings in bulk, as a phone that was without signal sends them."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.permissions import Capability
from audits.actions import answer_items, record_findings
from audits.actions.shared import MOST_AT_ONCE
from audits.api.checklist import AnswerSerializer
from audits.api.findings import FindingSerializer
from audits.api.shared import audit_of
from records.rest.serializers import Strict
from records.rest.views import ApiView

MOST: dict[str, Any] = {"max_length": MOST_AT_ONCE}


class NewFinding(FindingSerializer):
    """A finding as it is sent."""

    class Meta(FindingSerializer.Meta):
        fields = tuple(  # type: ignore[assignment]
            name
            for name in FindingSerializer.Meta.fields
            if name not in {"moves", "version", *FindingSerializer.Meta.read_only_fields}
        )
        read_only_fields = ()  # type: ignore[assignment]

    moves = None  # type: ignore[assignment]


class CaptureBody(Strict):
    """At most 500 answers and 500 findings: all are recorded, or none."""

    answers = AnswerSerializer(many=True, required=False, **MOST)
    findings = NewFinding(many=True, required=False, **MOST)


class KeptSerializer(serializers.Serializer[Any]):
    """What was recorded under an id."""

    uid = serializers.UUIDField()
    id = serializers.IntegerField()


class CapturedSerializer(serializers.Serializer[Any]):
    """What was recorded, in the order in which it was sent."""

    answers = KeptSerializer(many=True)
    findings = KeptSerializer(many=True)


class CaptureViews(ApiView):
    """What was seen in one audit, in bulk."""

    writes = Capability.CAPTURE
    serializer_class = CaptureBody

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """The audit of the address; a foreign one does not exist."""
        super().initial(request, *args, **kwargs)
        self.owner = audit_of(kwargs["audit"])

    @extend_schema(request=CaptureBody, responses={200: CapturedSerializer})
    def create(self, request: Request, **kwargs: Any) -> Response:
        """Record answers and findings, all or none; what was sent before under its uid is not doubled."""
        given = self.given()
        answers = answer_items(self.owner, given.get("answers", []), self.by)
        findings = record_findings(self.owner, given.get("findings", []), self.by)
        return Response(CapturedSerializer({"answers": answers, "findings": findings}).data)
