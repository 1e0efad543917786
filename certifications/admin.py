"""Operator's pages of certificates and schemes."""

from __future__ import annotations

from django.contrib import admin

from certifications.models import (
    Certificate,
    CertificationBody,
    Decision,
    Edition,
    EditionEnd,
    Notice,
    Scheme,
    SchemeVersion,
    Standard,
)
from records.adminbase import ReadOnlyAdmin


@admin.register(Certificate)
class CertificateAdmin(ReadOnlyAdmin):
    """Certificates with both statuses and what comes next."""

    list_display = [
        "number",
        "organization",
        "standard",
        "status",
        "confirmed_status",
        "current_expires_on",
        "next_loss_on",
        "next_due_on",
        "failure",
    ]
    list_filter = ["status", "confirmed_status", "organization", "standard__code"]
    list_select_related = ["organization", "standard"]
    search_fields = ["number", "current_number", "external_id"]


@admin.register(Decision)
class DecisionAdmin(ReadOnlyAdmin):
    """Decisions of the bodies."""

    list_display = ["certificate", "organization", "kind", "decided_on", "recorded_on", "struck_on"]
    list_filter = ["kind", "organization"]
    list_select_related = ["certificate", "organization"]


@admin.register(Notice)
class NoticeAdmin(ReadOnlyAdmin):
    """What was told about certificates."""

    list_display = ["certificate", "organization", "kind", "happened_on"]
    list_filter = ["kind", "organization"]


@admin.register(Scheme)
class SchemeAdmin(ReadOnlyAdmin):
    """Schemes of each organization."""

    list_display = ["title", "organization", "catalog_id", "moving"]
    list_filter = ["organization", "moving"]
    search_fields = ["title"]


@admin.register(SchemeVersion)
class SchemeVersionAdmin(ReadOnlyAdmin):
    """Published versions of schemes."""

    list_display = ["scheme", "number", "organization", "effective_on", "reason"]
    list_filter = ["organization"]


@admin.register(Standard, Edition, CertificationBody)
class ReferenceAdmin(ReadOnlyAdmin):
    """Standards, editions and bodies."""

    list_display = ["__str__", "organization"]
    list_filter = ["organization"]


@admin.register(EditionEnd)
class EditionEndAdmin(ReadOnlyAdmin):
    """Ends of editions."""

    list_display = ["edition", "organization", "accreditation_body", "ends_on", "from_catalog", "verified"]
    list_filter = ["from_catalog", "organization"]
