"""The team and the plan of an audit."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from accounts.permissions import Capability
from audits.actions import add_entry, add_member, change_entry, remove_entry, remove_member
from audits.models import PlanEntry, TeamMember
from records.rest.fields import Texts
from records.rest.serializers import RowSerializer
from records.rest.views import AddRows, ChangeRows, PartViews, RowViews


class MemberSerializer(RowSerializer):
    """Someone on the team: a person of the organization, or a name from outside."""

    class Meta:
        model = TeamMember
        fields = ("id", "audit", "user", "name", "role")
        read_only_fields = ("audit",)


class MemberViews(RowViews):
    """Members of all teams."""

    model = TeamMember
    serializer_class = MemberSerializer
    detail_name = "team-member-detail"
    writes = Capability.EDIT_AUDITS

    def destroy(self, request: Request, **kwargs: Any) -> Response:
        """Take someone off the team."""
        remove_member(self.locked(), self.by)
        return Response(status=204)


class TeamOfAudit(AddRows, PartViews, MemberViews):
    """The team of one audit."""

    whole = "audit"

    def add(self, fields: dict[str, Any]) -> TeamMember:
        """Add someone to the team."""
        return add_member(self.owner, fields, self.by)


class EntrySerializer(RowSerializer):
    """One line of the audit plan."""

    clauses = Texts(required=False)

    class Meta:
        model = PlanEntry
        fields = (
            "id",
            "version",
            "audit",
            "day",
            "starts_at",
            "ends_at",
            "process",
            "clauses",
            "site",
            "auditor",
            "auditees",
        )
        read_only_fields = ("audit",)


class EntryViews(ChangeRows):
    """Lines of all audit plans."""

    model = PlanEntry
    serializer_class = EntrySerializer
    detail_name = "plan-entry-detail"
    writes = Capability.EDIT_AUDITS

    def change(self, row: PlanEntry, version: int, changes: dict[str, Any]) -> PlanEntry:
        """Change a line of the plan."""
        return change_entry(row, version, changes, self.by)

    def destroy(self, request: Request, **kwargs: Any) -> Response:
        """Take a line out of the plan."""
        remove_entry(self.locked(), self.by)
        return Response(status=204)


class EntriesOfAudit(AddRows, PartViews, EntryViews):
    """The plan of one audit."""

    whole = "audit"

    def add(self, fields: dict[str, Any]) -> PlanEntry:
        """Add a line; an auditor who answers for the process is refused."""
        return add_entry(self.owner, fields, self.by)
