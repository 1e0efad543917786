"""Certificates: their facts, where they stand, what comes, and the moves that are legal now."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from datetime import date, timedelta
from typing import Any

import django_filters
from django.db.models import F, QuerySet
from django.utils import translation
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import clock
from accounts.models import Site
from accounts.permissions import Capability
from certifications.actions import change_certificate, confirm_move, register_certificate
from certifications.facts import books_for, facts_for, with_relations
from certifications.models import Certificate, CertificationBody, Edition, Scheme, Standard
from certifications.states import CertificateStatus, decisions_from
from lifecycle.document import render_transition
from lifecycle.document.render import as_json
from lifecycle.forecast import Forecast, explain_rule, forecast
from lifecycle.policy import Policy
from records.api import History
from records.api_papers import Papers
from records.rest.fields import LAST_DAY, Texts
from records.rest.filters import (
    BadQuery,
    FilterSet,
    check_parameters,
    civil_date,
    from_day,
    member,
    one_of,
    own_row,
    to_day,
)
from records.rest.serializers import Linked, RowSerializer, Strict, WithMoves
from records.rest.views import AddRows, ChangeRows, LegalMove, move

AHEAD = timedelta(days=3 * 366)


class CertificateSerializer(RowSerializer, WithMoves):
    """A certificate: the facts that may be written, then what follows from them.

    ``status`` is moved by the rules, ``confirmed_status`` is what the certification body has said.
    """

    standard_code = serializers.CharField(source="standard.code", read_only=True)
    edition_name = serializers.CharField(source="edition.name", read_only=True, default="")
    body_name = serializers.CharField(source="body.name", read_only=True, default="")
    scope_parts = Texts(required=False)
    sites = Linked("site_links", "site", Site.objects, required=False)
    next_loss = serializers.DictField(read_only=True, allow_null=True, help_text="What happens if nothing is done.")
    flags = serializers.ListField(child=serializers.CharField(), read_only=True)
    differs = serializers.SerializerMethodField()

    class Meta:
        model = Certificate
        fields = (
            "id",
            "version",
            "number",
            "external_id",
            "standard",
            "standard_code",
            "edition",
            "edition_name",
            "body",
            "body_name",
            "accreditation_body",
            "scheme",
            "certified_on",
            "issued_on",
            "cycle_started_on",
            "expires_on",
            "audit_history",
            "scope",
            "scope_parts",
            "sites",
            "owner",
            "owner_name",
            "note",
            "status",
            "confirmed_status",
            "differs",
            "proposed_status",
            "current_number",
            "current_edition",
            "current_expires_on",
            "flags",
            "next_loss_on",
            "next_loss",
            "open_nonconformities",
            "moves",
        )
        extra_kwargs = {"scope": {"max_length": 5000}, "note": {"max_length": 10_000}}

    def get_differs(self, row: Certificate) -> bool:
        """Whether the body has not yet said what the rules say."""
        return row.status != row.confirmed_status

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse an edition of another standard."""
        row: Any = self.instance
        standard = attrs.get("standard") or row.standard
        edition = attrs["edition"] if "edition" in attrs else row and row.edition  # noqa: SIM401 (row may be None)
        if edition and edition.standard_id != standard.pk:
            raise serializers.ValidationError({"edition": [f"{edition} is not an edition of {standard}."]})
        return super().validate(attrs)


class CertificateFilters(FilterSet):
    """Days are inclusive; filters of one of several values may be repeated."""

    status = one_of(CertificateStatus)
    confirmed_status = one_of(CertificateStatus)
    differs = django_filters.BooleanFilter(method="only_differing", label="The body has not said what the rules say")
    number = django_filters.CharFilter(label="A number that the certificate has or had")
    standard = own_row(lambda: Standard.objects.all())
    standard_code = django_filters.CharFilter(field_name="standard__code")
    edition = own_row(lambda: Edition.objects.all())
    body = own_row(lambda: CertificationBody.objects.all())
    scheme = own_row(lambda: Scheme.objects.all())
    site = own_row(lambda: Site.objects.all(), "sites")
    owner = member("owner")
    expires_after = from_day("current_expires_on")
    expires_before = to_day("current_expires_on")
    loss_after = from_day("next_loss_on")
    loss_before = to_day("next_loss_on")

    def only_differing(self, rows: QuerySet[Certificate], name: str, differing: bool) -> QuerySet[Certificate]:
        """Certificates on which rules and body agree, or do not."""
        same = rows.filter(status=F("confirmed_status"))
        return rows.exclude(pk__in=same.values("pk")) if differing else same


class NoBody(Strict):
    """Nothing needs to be said."""


class RemedySerializer(serializers.Serializer[Any]):
    """The one action that stops or moves a loss."""

    kind = serializers.CharField()
    subject = serializers.CharField()
    due_on = serializers.DateField(allow_null=True)


class TransitionSerializer(serializers.Serializer[Any]):
    """A move with its date, its rule and the records that cause it."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """``from`` is a word of the language, so the fields are named here."""
        names = ("from", "to", "by", "rule", "reason")
        fields: dict[str, Any] = {"date": serializers.DateField()}
        fields |= {name: serializers.CharField() for name in names}
        return fields | {"because": serializers.ListField(child=serializers.CharField())}


class LossSerializer(serializers.Serializer[Any]):
    """The next move by which the certificate is suspended, withdrawn or expired."""

    date = serializers.DateField()
    days = serializers.IntegerField(help_text="Calendar days from today.")
    status = serializers.CharField()
    rule = serializers.CharField()
    rule_in_words = serializers.CharField(
        help_text="The rule with its source; an unverified number says so: check against your scheme's own text."
    )
    reason = serializers.CharField()
    because = serializers.ListField(child=serializers.CharField())
    remedy = RemedySerializer()


class ForecastSerializer(serializers.Serializer[Any]):
    """What happens after today and by the last day asked for if no fact is added."""

    today = serializers.DateField()
    until = serializers.DateField()
    status = serializers.CharField(help_text="Status by rule today.")
    loss = LossSerializer(allow_null=True)
    transitions = TransitionSerializer(many=True)


class CertificateViews(AddRows, ChangeRows, History, Papers):
    """Certificates of the organization."""

    model = Certificate
    serializer_class = CertificateSerializer
    filterset_class = CertificateFilters
    detail_name = "certificate-detail"
    writes = Capability.EDIT_CERTIFICATES

    def rows(self) -> QuerySet[Certificate]:
        """Certificates with what their representation reads."""
        return with_relations(Certificate.objects.all()).prefetch_related("site_links")

    def add(self, fields: dict[str, Any]) -> Certificate:
        """Register a certificate."""
        sites = fields.pop("sites", [])
        return register_certificate(self.organization, fields, sites, self.by)

    def change(self, row: Certificate, version: int, changes: dict[str, Any]) -> Certificate:
        """Change facts of a certificate."""
        sites = changes.pop("sites", None)
        return change_certificate(row, version, changes, self.by, sites=sites)

    def legal_moves(self, row: Certificate) -> Iterator[LegalMove]:
        """Decisions that can be recorded in this status, and the confirmation of a move that waits."""
        for kind in decisions_from(row.status):
            yield kind, "decisions", {"kind": kind}
        if row.proposed_status:
            yield "confirm move", "confirm-move", {}

    @move(NoBody)
    def confirm_move(self, row: Certificate, given: dict[str, Any]) -> None:
        """Accept the move that the rules propose."""
        confirm_move(row, self.by)

    @extend_schema(
        responses=ForecastSerializer,
        parameters=[OpenApiParameter("until", OpenApiTypes.DATE, description="Last day; three years ahead if absent.")],
    )
    @action(detail=True, filter_backends=[], pagination_class=None)
    def forecast(self, request: Request, **kwargs: Any) -> Response:
        """What happens to this certificate if nothing is done, and the one action against it."""
        check_parameters(request, {"until"})
        row, today = self.get_object(), clock.today(self.organization)
        until = _last_day(request, today)
        facts, book = facts_for([row])[row.pk], books_for([row.scheme])[row.scheme_id]
        return Response({**_told(forecast(facts, book, today, until), book.at(today)), "status": row.status})


def _last_day(request: Request, today: date) -> date:
    text = request.query_params.get("until")
    if text is None:
        return min(today + AHEAD, LAST_DAY)
    try:
        until = civil_date(text)
    except ValueError as error:
        raise BadQuery({"until": ["Use a day like 2027-01-12, between 1990 and 2099."]}) from error
    if until < today:
        raise BadQuery({"until": [f"Choose today, {today}, or a later day."]})
    return until


def _told(seen: Forecast, policy: Policy) -> dict[str, Any]:
    loss = None
    if seen.loss:
        loss = {**as_json(asdict(seen.loss)), "rule_in_words": explain_rule(policy, seen.loss.rule, translation)}
    return {
        "today": seen.today.isoformat(),
        "until": seen.horizon.isoformat(),
        "loss": loss,
        "transitions": [render_transition(transition) for transition in seen.transitions],
    }
