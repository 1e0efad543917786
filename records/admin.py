"""Operator's pages of the history and the jobs."""

from __future__ import annotations

from django.contrib import admin

from records.adminbase import ReadOnlyAdmin
from records.models import Event, Message, RenderedPdf, SweepRun


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    """The history of all organizations."""

    list_display = ["organization", "number", "effective_on", "recorded_at", "kind", "subject_label", "actor_label"]
    list_filter = ["organization", "actor_kind", "kind"]
    search_fields = ["subject_label", "reason"]
    date_hierarchy = "effective_on"


@admin.register(Message)
class MessageAdmin(ReadOnlyAdmin):
    """Messages on their way."""

    list_display = ["organization", "kind", "recipient", "state", "attempts", "created_at", "sent_at", "last_error"]
    list_filter = ["state", "organization", "kind"]
    search_fields = ["key", "recipient__email"]


@admin.register(SweepRun)
class SweepRunAdmin(ReadOnlyAdmin):
    """Runs of the sweep."""

    list_display = ["started_at", "finished_at", "on", "subjects", "moves", "messages", "failures"]


@admin.register(RenderedPdf)
class RenderedPdfAdmin(ReadOnlyAdmin):
    """Papers made by workers."""

    list_display = ["organization", "kind", "subject_type", "subject_id", "state", "asked_at", "finished_at", "error"]
    list_filter = ["state", "kind"]
