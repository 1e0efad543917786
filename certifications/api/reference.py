"""What certificates refer to: sites, standards, editions and their ends, certification bodies."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db import models
from rest_framework import serializers

from accounts.models import Site
from accounts.permissions import Capability
from certifications.actions import add_body, add_site, change_row, end_edition, find_edition, find_standard
from certifications.models import CertificationBody, Edition, EditionEnd, Standard
from records.rest.filters import FilterSet, own_row
from records.rest.serializers import RowSerializer
from records.rest.views import AddRows, ChangeRows, PartViews


class SiteSerializer(RowSerializer):
    """A place of the organization."""

    class Meta:
        model = Site
        fields = ("id", "version", "name", "address", "city", "country")


class SiteFilters(FilterSet):
    """By country or name."""

    name = django_filters.CharFilter()
    country = django_filters.CharFilter()


class SiteViews(AddRows, ChangeRows):
    """Sites of the organization."""

    model = Site
    serializer_class = SiteSerializer
    filterset_class = SiteFilters
    detail_name = "site-detail"
    writes = Capability.EDIT_CERTIFICATES

    def add(self, fields: dict[str, Any]) -> Site:
        """Add a site."""
        return add_site(self.organization, fields, self.by)

    def change(self, row: Site, version: int, changes: dict[str, Any]) -> models.Model:
        """Change a site."""
        return change_row(row, version, changes, self.by)


class CertificationBodySerializer(RowSerializer):
    """A certification body."""

    class Meta:
        model = CertificationBody
        fields = ("id", "version", "name", "accreditation_body", "register_url")


class BodyViews(AddRows, ChangeRows):
    """Certification bodies that the organization works with."""

    model = CertificationBody
    serializer_class = CertificationBodySerializer
    detail_name = "certification-body-detail"
    writes = Capability.EDIT_CERTIFICATES

    def add(self, fields: dict[str, Any]) -> CertificationBody:
        """Add a certification body."""
        return add_body(self.organization, fields, self.by)

    def change(self, row: CertificationBody, version: int, changes: dict[str, Any]) -> models.Model:
        """Change a certification body."""
        return change_row(row, version, changes, self.by)


class StandardSerializer(RowSerializer):
    """A standard, named by its code."""

    class Meta:
        model = Standard
        fields = ("id", "code", "title")
        read_only_fields = ("title",)


class StandardViews(AddRows):
    """Standards that certificates can be held to."""

    model = Standard
    serializer_class = StandardSerializer
    detail_name = "standard-detail"
    writes = Capability.EDIT_CERTIFICATES

    def add(self, fields: dict[str, Any]) -> Standard:
        """Add a standard."""
        return find_standard(self.organization, fields["code"], self.by)


class EditionSerializer(RowSerializer):
    """An edition of a standard, named by its year."""

    class Meta:
        model = Edition
        fields = ("id", "standard", "name", "successor", "expected")
        read_only_fields = ("successor", "expected")
        validators: list[Any] = []

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse an edition that the standard has already."""
        if Edition.objects.filter(standard=attrs["standard"], name=attrs["name"]).exists():
            raise serializers.ValidationError({"name": [f"{attrs['standard']} has this edition already."]})
        return attrs


class EditionFilters(FilterSet):
    """By standard."""

    standard = own_row(lambda: Standard.objects.all())


class EditionViews(AddRows):
    """Editions of standards."""

    model = Edition
    serializer_class = EditionSerializer
    filterset_class = EditionFilters
    detail_name = "edition-detail"
    writes = Capability.EDIT_CERTIFICATES

    def add(self, fields: dict[str, Any]) -> Edition:
        """Add an edition to a standard."""
        return find_edition(fields["standard"], fields["name"], self.by)


class EditionEndSerializer(RowSerializer):
    """The last day of certificates to an edition; ``verified`` tells whether a source was read for it."""

    class Meta:
        model = EditionEnd
        fields = (
            "id",
            "accreditation_body",
            "ends_on",
            "last_new_audit_on",
            "source",
            "from_catalog",
            "verified",
            "recorded_on",
        )
        read_only_fields = ("from_catalog", "verified", "recorded_on")


class EditionEndViews(AddRows, PartViews):
    """Ends of an edition's transition period; what the organization enters comes before the catalog."""

    model = EditionEnd
    whole = "edition"
    serializer_class = EditionEndSerializer
    writes = Capability.EDIT_SCHEMES

    def add(self, fields: dict[str, Any]) -> EditionEnd:
        """Record the end of an edition."""
        return end_edition(self.owner, fields.pop("ends_on", None), self.by, **fields)
