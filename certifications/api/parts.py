"""What belongs to a certificate: decisions of the body, notices, and who relies on it."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.permissions import Capability
from certifications.actions import record_decision, record_notice, strike_decision
from certifications.actions.certificates import add_reliance, remove_reliance
from certifications.facts import ref
from certifications.models import Certificate, Decision, Notice, Reliance
from certifications.states import DecisionKind
from records.rest.fields import Texts
from records.rest.filters import FilterSet, from_day, one_of, own_row, to_day
from records.rest.serializers import RowSerializer, Strict, WithMoves
from records.rest.views import AddRows, LegalMove, PartViews, RowViews, move


class DecisionSerializer(RowSerializer, WithMoves):
    """A decision of the certification body: a fact, never edited; a wrong one is struck with a reason.

    ``because`` names nonconformities of the certificate as the history does: ``nc:12``.
    """

    because = Texts(required=False)
    parts = Texts(required=False)
    site_names = Texts(required=False)

    class Meta:
        model = Decision
        fields = (
            "id",
            "certificate",
            "kind",
            "decided_on",
            "new_number",
            "edition",
            "reason",
            "because",
            "override",
            "until",
            "parts",
            "site_names",
            "to_body",
            "outcome",
            "letter",
            "note",
            "recorded_on",
            "struck_on",
            "struck_reason",
            "moves",
        )
        read_only_fields = ("certificate", "recorded_on", "struck_on", "struck_reason")
        extra_kwargs = {"note": {"max_length": 10_000}}


class DecisionFilters(FilterSet):
    """Days are inclusive."""

    certificate = own_row(lambda: Certificate.objects.all())
    kind = one_of(DecisionKind)
    decided_after = from_day("decided_on")
    decided_before = to_day("decided_on")


class StrikeBody(Strict):
    """Why the decision is taken back."""

    reason = serializers.CharField(max_length=500)


class DecisionViews(RowViews):
    """Decisions about all certificates of the organization."""

    model = Decision
    serializer_class = DecisionSerializer
    filterset_class = DecisionFilters
    detail_name = "decision-detail"
    writes = Capability.EDIT_CERTIFICATES

    def rows(self) -> QuerySet[Decision]:
        """Decisions of the organization."""
        return Decision.objects.select_related("certificate__organization")

    def legal_moves(self, row: Decision) -> list[LegalMove]:
        """A decision that was not struck can be."""
        return [] if row.struck_on else [("strike", "strike", {})]

    @move(StrikeBody)
    def strike(self, row: Decision, given: dict[str, Any]) -> None:
        """Take back a decision that was recorded by mistake."""
        strike_decision(row, self.by, given["reason"])


class DecisionsOfCertificate(AddRows, PartViews, DecisionViews):
    """Decisions about one certificate."""

    whole = "certificate"

    def add(self, fields: dict[str, Any]) -> Decision:
        """Record a decision; answers 409 when the rules do not allow it."""
        certificate = self.owner
        _check_grounds(certificate, fields.get("because", []))
        return record_decision(certificate, fields, self.by)


def _check_grounds(certificate: Any, because: list[str]) -> None:
    """Grounds of a decision are nonconformities of the certificate itself."""
    own = {ref("nc", pk) for pk in certificate.nonconformities.values_list("pk", flat=True)} if because else set()
    missing = "This certificate has no such nonconformity."
    unknown: Any = {str(place): [missing] for place, name in enumerate(because) if name not in own}
    if unknown:
        raise serializers.ValidationError({"because": unknown})


class NoticeSerializer(RowSerializer):
    """Something told about a certificate that never moves its status by itself."""

    class Meta:
        model = Notice
        fields = ("id", "kind", "happened_on", "note", "recorded_on")
        extra_kwargs = {"note": {"max_length": 10_000}}


class NoticesOfCertificate(AddRows, PartViews):
    """Notices about one certificate."""

    model = Notice
    whole = "certificate"
    serializer_class = NoticeSerializer
    writes = Capability.EDIT_CERTIFICATES

    def add(self, fields: dict[str, Any]) -> Notice:
        """Record what happened."""
        return record_notice(self.owner, fields.pop("kind"), fields.pop("happened_on"), self.by, **fields)


class RelianceSerializer(RowSerializer):
    """Who relies on a certificate."""

    class Meta:
        model = Reliance
        fields = ("id", "version", "certificate", "kind", "name", "note")
        read_only_fields = ("certificate",)


class RelianceFilters(FilterSet):
    """By certificate."""

    certificate = own_row(lambda: Certificate.objects.all())


class RelianceViews(RowViews):
    """Who relies on certificates of the organization."""

    model = Reliance
    serializer_class = RelianceSerializer
    filterset_class = RelianceFilters
    detail_name = "reliance-detail"
    writes = Capability.EDIT_CERTIFICATES

    def destroy(self, request: Request, **kwargs: Any) -> Response:
        """Somebody no longer relies on the certificate; If-Match is optional."""
        remove_reliance(self.locked(), self.by)
        return Response(status=204)


class ReliancesOfCertificate(AddRows, PartViews, RelianceViews):
    """Who relies on one certificate."""

    whole = "certificate"

    def add(self, fields: dict[str, Any]) -> Reliance:
        """Note who relies on the certificate."""
        return add_reliance(self.owner, fields, self.by)
