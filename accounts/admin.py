"""Operator's pages of organizations and people."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group
from django.utils.translation import gettext_lazy as _

from accounts.models import ApiKey, Membership, Organization, Site, User

admin.site.site_header = admin.site.site_title = _("isotrack operations")
admin.site.index_title = _("All organizations")
admin.site.unregister(Group)


class MembershipInline(admin.TabularInline):
    """Who belongs to the organization, and as what."""

    model = Membership
    extra = 0
    autocomplete_fields = ["user"]


@admin.register(Organization)
class OrganizationAdmin(admin.ModelAdmin):
    """An organization with its people."""

    list_display = ["name", "slug", "time_zone", "created_at"]
    search_fields = ["name", "slug"]
    inlines = [MembershipInline]


@admin.register(User)
class PersonAdmin(UserAdmin):
    """A person signs in with a mail address."""

    ordering = ["email"]
    list_display = ["email", "full_name", "is_active", "is_staff", "last_login"]
    search_fields = ["email", "full_name"]
    list_filter = ["is_active", "is_staff"]
    fieldsets = [
        (None, {"fields": ["email", "password", "full_name", "language", "theme"]}),
        (_("Operation"), {"fields": ["is_active", "is_staff", "is_superuser"]}),
    ]
    add_fieldsets = [(None, {"classes": ["wide"], "fields": ["email", "full_name", "password1", "password2"]})]


@admin.register(Site)
class SiteAdmin(admin.ModelAdmin):
    """A place of an organization."""

    list_display = ["name", "organization", "city", "country"]
    list_filter = ["organization"]
    search_fields = ["name", "city"]


@admin.register(ApiKey)
class ApiKeyAdmin(admin.ModelAdmin):
    """Keys are made by their owners; an operator can see and revoke them."""

    list_display = ["name", "prefix", "organization", "user", "writes", "expires_at", "last_used_at", "revoked_at"]
    list_filter = ["organization", "writes"]
    fields = ["name", "prefix", "organization", "user", "writes", "expires_at", "last_used_at", "revoked_at"]
    readonly_fields = ["prefix", "organization", "user", "last_used_at"]

    def has_add_permission(self, request: Any) -> bool:
        """The key's text is shown once to its owner, never here."""
        return False
