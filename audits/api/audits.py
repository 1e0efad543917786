"""Audits: planned, confirmed, started, held, closed, cancelled, refused, planned again; and their checklists."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import django_filters
from django.db.models import QuerySet
from rest_framework import serializers

from accounts.models import Site
from accounts.permissions import Capability
from audits.actions import (
    cancel_audit,
    change_audit,
    checklist_from_audit,
    checklist_from_clauses,
    close_audit,
    confirm_audit,
    hold_audit,
    plan_again,
    plan_audit,
    possible_moves,
    record_audit,
    refuse_audit,
    start_audit,
)
from audits.models import Audit
from audits.states import TOOK_PLACE, AuditKind, AuditState
from certifications.models import Certificate, Edition
from records.api import History
from records.api_papers import Papers
from records.rest.fields import CivilDate, OwnRow, Texts
from records.rest.filters import FilterSet, from_day, one_of, own_row, to_day
from records.rest.serializers import Linked, RowSerializer, Strict, WithMoves
from records.rest.views import AddRows, ChangeRows, LegalMove, move

HELD_DATES = {"started_on": ("started", *TOOK_PLACE), "ended_on": TOOK_PLACE}
LONG: dict[str, Any] = {"max_length": 10_000}


class AuditSerializer(RowSerializer, WithMoves):
    """An audit. One sent with ``started_on`` or ``ended_on`` is recorded as having taken place."""

    certificates = Linked("certificate_links", "certificate", Certificate.objects, required=False)
    further_sites = Linked("site_links", "site", Site.objects, required=False)
    is_external = serializers.BooleanField(read_only=True)

    class Meta:
        model = Audit
        fields = (
            "id",
            "version",
            "number",
            "kind",
            "state",
            "is_external",
            "certificates",
            "site",
            "further_sites",
            "body",
            "lead_auditor",
            "planned_on",
            "planned_until",
            "started_on",
            "ended_on",
            "edition",
            "days",
            "objectives",
            "scope",
            "criteria",
            "method",
            "note",
            "moves",
        )
        extra_kwargs = {
            "days": {"min_value": 0},
            "note": LONG,
            "objectives": LONG,
            "scope": LONG,
            "criteria": LONG,
        }

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Days of an audit that has not begun are set by starting or holding it."""
        if self.instance:
            wrong = {
                name: ["Start or hold the audit to enter this day."]
                for name, states in HELD_DATES.items()
                if attrs.get(name) and self.instance.state not in states
            }
            if wrong:
                raise serializers.ValidationError(wrong)
        return super().validate(attrs)


class AuditFilters(FilterSet):
    """Days are inclusive."""

    state = one_of(AuditState)
    kind = one_of(AuditKind)
    number = django_filters.CharFilter()
    certificate = own_row(lambda: Certificate.objects.all(), "certificates")
    site = own_row(lambda: Site.objects.all())
    planned_after = from_day("planned_on")
    planned_before = to_day("planned_on")
    ended_after = from_day("ended_on")
    ended_before = to_day("ended_on")


class StartBody(Strict):
    """The first day."""

    started_on = CivilDate()


class HoldBody(Strict):
    """The last day, and the first one if it was not recorded before."""

    ended_on = CivilDate()
    started_on = CivilDate(required=False)


class CancelBody(Strict):
    """Why the audit does not take place."""

    reason = serializers.CharField(max_length=500)


class NoBody(Strict):
    """Nothing more is needed."""


class ClausesBody(Strict):
    """The edition whose clauses are asked; ``clauses`` narrows them."""

    edition = OwnRow(queryset=Edition.objects)
    clauses = Texts(required=False)


class FromAuditBody(Strict):
    """The audit whose questions are asked again."""

    audit = OwnRow(queryset=Audit.objects)


class PlanAgainBody(Strict):
    """The new days."""

    planned_on = CivilDate()
    planned_until = CivilDate(required=False)


class AuditViews(AddRows, ChangeRows, History, Papers):
    """Audits of the organization, external and internal."""

    model = Audit
    serializer_class = AuditSerializer
    filterset_class = AuditFilters
    detail_name = "audit-detail"
    writes = Capability.EDIT_AUDITS

    def rows(self) -> QuerySet[Audit]:
        """Audits with the certificates they cover."""
        return Audit.objects.select_related("organization").prefetch_related("certificate_links", "site_links")

    def add(self, fields: dict[str, Any]) -> Audit:
        """Plan an audit, or record one that has taken place."""
        certificates, sites = fields.pop("certificates", []), fields.pop("further_sites", [])
        door = record_audit if fields.get("started_on") or fields.get("ended_on") else plan_audit
        return door(self.organization, fields, certificates, self.by, sites)

    def change(self, row: Audit, version: int, changes: dict[str, Any]) -> Audit:
        """Change facts of an audit."""
        certificates, sites = changes.pop("certificates", None), changes.pop("further_sites", None)
        return change_audit(row, version, changes, self.by, certificates, sites)

    def legal_moves(self, row: Audit) -> Iterable[LegalMove]:
        """The moves of the audit's state."""
        return [(name, name.replace(" ", "-"), {}) for name in possible_moves(row) if name != "issue report"]

    @move(NoBody)
    def confirm(self, row: Audit, given: dict[str, Any]) -> None:
        """Both sides have agreed to the days."""
        confirm_audit(row, self.by)

    @move(StartBody)
    def start(self, row: Audit, given: dict[str, Any]) -> None:
        """The audit has begun."""
        start_audit(row, given["started_on"], self.by)

    @move(HoldBody)
    def hold(self, row: Audit, given: dict[str, Any]) -> None:
        """The audit has taken place."""
        hold_audit(row, given["ended_on"], self.by, given.get("started_on"))

    @move(CancelBody)
    def cancel(self, row: Audit, given: dict[str, Any]) -> None:
        """The audit will not take place."""
        cancel_audit(row, given["reason"], self.by)

    @move(CancelBody)
    def refuse(self, row: Audit, given: dict[str, Any]) -> None:
        """The organization did not let the audit take place; the body may suspend or withdraw."""
        refuse_audit(row, given["reason"], self.by)

    @move(NoBody)
    def close(self, row: Audit, given: dict[str, Any]) -> None:
        """The audit is complete; guests lose their sight of it."""
        close_audit(row, self.by)

    @move(ClausesBody)
    def ask_clauses(self, row: Audit, given: dict[str, Any]) -> None:
        """Add the clauses of an edition to the checklist; those that stand there already are not doubled."""
        checklist_from_clauses(row, given["edition"], self.by, given.get("clauses"))

    @move(FromAuditBody)
    def ask_again(self, row: Audit, given: dict[str, Any]) -> None:
        """Add the questions of an earlier audit to the checklist."""
        checklist_from_audit(row, given["audit"], self.by)

    @move(PlanAgainBody)
    def plan_again(self, row: Audit, given: dict[str, Any]) -> None:
        """A cancelled audit gets a new date."""
        plan_again(row, given["planned_on"], self.by, given.get("planned_until"))
