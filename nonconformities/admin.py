"""Operator's pages of nonconformities."""

from __future__ import annotations

from django.contrib import admin

from nonconformities.models import CorrectiveAction, Nonconformity
from records.adminbase import ReadOnlyAdmin


@admin.register(Nonconformity)
class NonconformityAdmin(ReadOnlyAdmin):
    """Nonconformities of all organizations."""

    list_display = [
        "number",
        "organization",
        "source",
        "current_grade",
        "stage",
        "state",
        "raised_on",
        "next_step_due_on",
        "owner",
    ]
    list_filter = ["state", "stage", "source", "current_grade", "organization"]
    list_select_related = ["organization", "owner"]
    search_fields = ["number", "title", "clause"]


@admin.register(CorrectiveAction)
class CorrectiveActionAdmin(ReadOnlyAdmin):
    """Corrective actions of all organizations."""

    list_display = ["__str__", "nonconformity", "organization", "owner", "due_on", "done_on", "state"]
    list_filter = ["state", "organization"]
    list_select_related = ["nonconformity", "organization", "owner"]
