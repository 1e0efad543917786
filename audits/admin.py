"""Operator's pages of audits."""

from __future__ import annotations

from django.contrib import admin

from audits.models import Audit
from records.adminbase import ReadOnlyAdmin


@admin.register(Audit)
class AuditAdmin(ReadOnlyAdmin):
    """Audits of all organizations."""

    list_display = ["number", "organization", "kind", "state", "planned_on", "started_on", "ended_on", "lead_auditor"]
    list_filter = ["kind", "state", "organization"]
    search_fields = ["number", "lead_auditor"]
