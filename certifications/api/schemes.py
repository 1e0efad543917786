"""Schemes: the rules under which certificates move, and the versions of their numbers."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.permissions import Capability
from certifications.actions import copy_scheme, publish_version, set_moving
from certifications.models import Scheme, SchemeVersion
from records.api import History
from records.rest.serializers import RowSerializer
from records.rest.views import AddRows, ChangeRows, PartViews


class SchemeSerializer(RowSerializer):
    """A scheme; ``moving`` tells whether passed deadlines move certificates or only propose it."""

    class Meta:
        model = Scheme
        fields = ("id", "version", "catalog_id", "title", "moving", "own_deadlines")
        read_only_fields = ("catalog_id", "title", "own_deadlines")
        extra_kwargs = {"moving": {"required": True}}


class CopySchemeBody(RowSerializer):
    """What the copy is called."""

    class Meta:
        model = Scheme
        fields = ("title",)


class SchemeViews(ChangeRows, History):
    """Schemes of the organization."""

    model = Scheme
    serializer_class = SchemeSerializer
    detail_name = "scheme-detail"
    writes = Capability.EDIT_SCHEMES

    def change(self, row: Scheme, version: int, changes: dict[str, Any]) -> Scheme:
        """Choose how the scheme moves certificates."""
        return set_moving(row, version, changes.get("moving", row.moving), self.by)

    @extend_schema(request=CopySchemeBody, responses={201: SchemeSerializer})
    @action(detail=True, methods=["post"])
    def copy(self, request: Request, **kwargs: Any) -> Response:
        """A scheme of the organization's own that starts with the numbers of this one."""
        scheme = self.get_object()
        return self.saved(copy_scheme(scheme, self.given(CopySchemeBody)["title"], self.by), 201)


class SchemeVersionSerializer(RowSerializer):
    """Numbers that hold from a day on: ``rules`` is ``{rule id: {parameter: value}}``, laid over the profile."""

    rules = serializers.DictField(child=serializers.DictField(child=serializers.JSONField(allow_null=True)))

    class Meta:
        model = SchemeVersion
        fields = ("id", "number", "effective_on", "rules", "reason", "published_at")
        read_only_fields = ("number", "published_at")


class VersionViews(AddRows, PartViews):
    """Published versions of a scheme; clocks that have started keep the version they started under."""

    model = SchemeVersion
    whole = "scheme"
    serializer_class = SchemeVersionSerializer
    writes = Capability.EDIT_SCHEMES

    def add(self, fields: dict[str, Any]) -> SchemeVersion:
        """Publish a version."""
        try:
            return publish_version(self.owner, fields["rules"], fields["effective_on"], fields["reason"], self.by)
        except ValidationError as error:
            raise serializers.ValidationError(_by_field(error)) from error


def _by_field(error: ValidationError) -> dict[str, Any]:
    """The door names a wrong number ``rule.parameter``; in the body it stands at ``/rules/rule/parameter``."""
    found: dict[str, Any] = {}
    for name, messages in error.message_dict.items():
        if name in SchemeVersionSerializer.Meta.fields:
            found[name] = messages
        else:
            rule, _, parameter = name.rpartition(".")
            found.setdefault("rules", {}).setdefault(rule, {})[parameter] = messages
    return found
