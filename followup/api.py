"""Reports of audits through the API: written, issued, taken up again, read as they were frozen."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers

from audits.actions import possible_moves
from audits.api.audits import AuditViews, CancelBody
from audits.models import Audit
from followup.actions import draft_of, issue_report, take_up_again, write_draft
from followup.models import AuditReport, ReportDraft
from followup.states import Fulfilment
from records.api_papers import Papers
from records.rest.fields import CivilDate
from records.rest.serializers import RowSerializer, Strict
from records.rest.views import LegalMove, PartViews, move


class IssueBody(Strict):
    """The day; a later version needs its reason, an audit whose last day is not recorded that day."""

    issued_on = CivilDate()
    ended_on = CivilDate(required=False)
    reason = serializers.CharField(max_length=500, required=False)
    reference = serializers.CharField(max_length=120, required=False)


def _text() -> serializers.CharField:
    return serializers.CharField(max_length=10_000, required=False, allow_blank=True)


class DraftBody(Strict):
    """What stands in the report beside its findings; what is left out stays as it is."""

    conclusions = _text()
    fulfilment = serializers.ChoiceField(Fulfilment.choices, required=False, allow_blank=True)
    recommendation = _text()
    deviations = _text()
    changes = _text()
    certificate_use = _text()
    unresolved = _text()
    diverging = _text()
    sampling = _text()


class ReportingAuditViews(AuditViews):
    """Audits of the organization, external and internal, with their reports."""

    def legal_moves(self, row: Audit) -> Iterable[LegalMove]:
        """The moves of the audit's state."""
        return [(name, name.replace(" ", "-"), {}) for name in possible_moves(row)]

    @move(DraftBody)
    def write_report(self, row: Audit, given: dict[str, Any]) -> None:
        """Write what the report says beside its findings."""
        draft = draft_of(row)
        kept = {name: getattr(draft, name) for name in ReportDraft.TEXTS}
        write_draft(row, draft.version, {**kept, **given}, self.by)

    @move(IssueBody)
    def issue_report(self, row: Audit, given: dict[str, Any]) -> None:
        """Issue the report: its nonconformities get their clocks, and what it says is frozen with its hash."""
        issue_report(row, by=self.by, **given)

    @move(CancelBody)
    def correct_report(self, row: Audit, given: dict[str, Any]) -> None:
        """Take an issued report up again; the next version needs a reason."""
        take_up_again(row, given["reason"], self.by)


class ReportSerializer(RowSerializer):
    """A report as it was issued; ``digest`` is the SHA-256 of ``content`` as JSON with sorted keys and no spaces."""

    content = serializers.JSONField(read_only=True)

    class Meta:
        model = AuditReport
        fields = (
            "id",
            "audit",
            "number",
            "issued_on",
            "issued_at",
            "issued_by_name",
            "reason",
            "reference",
            "digest",
            "content",
        )


class ReportViews(Papers):
    """Issued reports of all audits."""

    model = AuditReport
    serializer_class = ReportSerializer
    detail_name = "audit-report-detail"

    def rows(self) -> QuerySet[AuditReport]:
        """Reports, the newest first."""
        return AuditReport.objects.all()


class ReportsOfAudit(PartViews, ReportViews):
    """The issued versions of one audit's report."""

    whole = "audit"
