"""Operator's pages of issued reports."""

from __future__ import annotations

from django.contrib import admin

from followup.models import AuditReport
from records.adminbase import ReadOnlyAdmin


@admin.register(AuditReport)
class AuditReportAdmin(ReadOnlyAdmin):
    """Issued reports of all organizations."""

    list_display = ["audit", "number", "organization", "issued_on", "issued_by_name", "digest"]
    list_filter = ["organization"]
