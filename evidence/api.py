"""The API of evidence: files sent as multipart forms, read as they are kept."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, ClassVar

import django_filters
from django.db.models import QuerySet
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import APIException
from rest_framework.parsers import MultiPartParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.permissions import Capability
from accounts.web import check
from evidence import actions, vault
from evidence.kinds import KINDS
from evidence.models import Evidence, Revision
from evidence.queries import supported, visible, with_files
from evidence.serving import file_response, is_reading
from evidence.views.shared import capabilities, may_change
from records.api import History
from records.rest.fields import CivilDate
from records.rest.filters import FilterSet, from_day, member, to_day
from records.rest.serializers import RowSerializer, Strict
from records.rest.views import AddRows, ChangeRows, LegalMove, move

NO_SUBJECT = "There is no such record."


class Damage(APIException):
    """The kept file is missing or was changed; it is not handed out."""

    status_code = HTTPStatus.CONFLICT
    default_detail = "The kept file is missing or is not what was uploaded. It is not handed out."


class Unreachable(APIException):
    """The store does not answer."""

    status_code = HTTPStatus.SERVICE_UNAVAILABLE
    default_detail = "The place where evidence is kept cannot be reached. Try again in some minutes."


class RevisionSerializer(serializers.ModelSerializer[Revision]):
    """One file of a piece of evidence."""

    sha256 = serializers.CharField(source="blob.sha256")
    size = serializers.IntegerField(source="blob.size")

    class Meta:
        model = Revision
        fields = (
            "number",
            "file_name",
            "media_type",
            "size",
            "sha256",
            "effective_on",
            "uploaded_at",
            "uploaded_by",
            "reason",
        )


class SubjectBody(Strict):
    """A record that evidence supports."""

    subject_type = serializers.ChoiceField(
        choices=["certificate", "decision", "audit", "nonconformity", "correctiveaction"]
    )
    subject_id = serializers.IntegerField(min_value=1, max_value=2**63 - 1)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Find the record; a foreign one does not exist."""
        attrs = super().validate(attrs)
        kind = KINDS[attrs.pop("subject_type")]
        attrs["subject"] = kind.model.objects.filter(pk=attrs.pop("subject_id")).first()
        if attrs["subject"] is None:
            raise serializers.ValidationError({"subject_id": [NO_SUBJECT]})
        check(self.context["request"]._request, kind.writes)
        return attrs


class FileBody(Strict):
    """A file as part of a multipart form."""

    file = serializers.FileField(max_length=1000)
    effective_on = CivilDate(required=False, help_text="From when the content holds; today if left out.")
    expires_on = CivilDate(required=False)


class AttachBody(FileBody, SubjectBody):
    """A new piece of evidence for a record."""

    title = serializers.CharField(max_length=200, required=False, help_text="The name of the file if left out.")
    note = serializers.CharField(max_length=10_000, required=False)


class ReviseBody(FileBody):
    """A newer file of the same document."""

    reason = serializers.CharField(max_length=500, required=False)


class UnlinkBody(SubjectBody):
    """The record that the evidence supports no longer, and why."""

    reason = serializers.CharField(max_length=500)


class WithdrawBody(Strict):
    """Why the evidence leaves use."""

    reason = serializers.CharField(max_length=500)


class UseSerializer(serializers.Serializer[Any]):
    """A record that the evidence supports."""

    subject_type = serializers.CharField()
    subject_id = serializers.IntegerField()


class EvidenceSerializer(RowSerializer):
    """A document or photo, its files (the newest first) and the records it supports."""

    revisions = RevisionSerializer(many=True, read_only=True)
    supports = UseSerializer(source="uses", many=True, read_only=True)

    class Meta:
        model = Evidence
        fields = ("id", "version", "title", "note", "owner", "expires_on", "withdrawn_on", "revisions", "supports")
        read_only_fields = ("withdrawn_on",)
        extra_kwargs = {"note": {"max_length": 10_000}}


class EvidenceFilters(FilterSet):
    """Days are inclusive; without ``subject_type`` and ``subject_id`` all evidence is listed."""

    owner = member("owner")
    expires_after = from_day("expires_on")
    expires_before = to_day("expires_on")
    subject_type = django_filters.CharFilter(field_name="uses__subject_type", distinct=True)
    subject_id = django_filters.NumberFilter(
        field_name="uses__subject_id", min_value=1, max_value=2**63 - 1, distinct=True
    )


class AnyFile(BaseRenderer):
    """A file answers whatever the caller accepts."""

    media_type = "*/*"
    format = "file"

    def render(self, data: Any, *args: Any, **kwargs: Any) -> bytes:
        """Never used: a file is answered as it is kept."""
        return b""


class EvidenceViews(AddRows, ChangeRows, History):
    """Evidence of the organization."""

    model = Evidence
    serializer_class = EvidenceSerializer
    filterset_class = EvidenceFilters
    detail_name = "evidence-detail"
    writes = Capability.EDIT_NONCONFORMITIES
    more_problems: ClassVar[dict[str, dict[int, str]]] = {
        "file": {416: "The file has no such part", 503: "The store of files does not answer"}
    }

    def rows(self) -> QuerySet[Evidence]:
        """Evidence whose records the caller may see."""
        return with_files(visible()).prefetch_related("uses")

    def get_parsers(self) -> list[Any]:
        """Files come as multipart forms, everything else as JSON."""
        path = self.request.path if getattr(self, "request", None) is not None else ""
        sends_file = getattr(self, "action", "") in {"create", "revise"} or path.endswith(("/evidence/", "/revise/"))
        return [MultiPartParser()] if sends_file else super().get_parsers()

    @extend_schema(request={"multipart/form-data": AttachBody}, responses={201: EvidenceSerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Attach a file to a record as new evidence; answers 201 with its address."""
        given = self.given(AttachBody)
        file = _file(given)
        made = actions.attach(given.pop("subject"), file, self.by, owner=self.person, **given)
        return self.saved(made, HTTPStatus.CREATED)

    def change(self, row: Evidence, version: int, changes: dict[str, Any]) -> Evidence:
        """Change title, note, owner or the day until which it is valid."""
        self._check_right(row)
        return actions.change_evidence(row, version, changes, self.by)

    @extend_schema(request={"multipart/form-data": ReviseBody}, responses=EvidenceSerializer)
    @action(detail=True, methods=["post"])
    def revise(self, request: Request, **kwargs: Any) -> Response:
        """Send a newer file; the last one stays readable."""
        row = self.locked()
        self._check_right(row)
        given = self.given(ReviseBody)
        actions.revise(row, _file(given), self.by, given.get("expires_on"))
        return self.saved(row)

    @extend_schema(
        parameters=[OpenApiParameter("revision", int, description="The number of the file; the newest if left out.")],
        responses={
            (200, "application/octet-stream"): OpenApiTypes.BINARY,
            206: OpenApiTypes.BINARY,
        },
    )
    @action(detail=True, renderer_classes=[AnyFile], filter_backends=[])
    def file(self, request: Request, **kwargs: Any) -> HttpResponseBase:
        """The file itself; parts of it with ``Range``. Every reading is written into the history."""
        row = self.get_object()
        number = request.query_params.get("revision", "")
        newest = Revision.objects.select_related("blob", "evidence", "organization").filter(evidence=row)
        if number:
            digits = number.isascii() and number.isdecimal() and len(number) < 5
            revision = get_object_or_404(newest, number=int(number) if digits else 0)
        else:
            revision = newest[0]
        return self._hand_out(request, revision)

    def _hand_out(self, request: Request, revision: Revision) -> HttpResponseBase:
        try:
            response = file_response(request._request, revision)
        except vault.Damaged as damage:
            actions.note_damage(revision, self.by, str(damage))
            raise Damage from damage
        except vault.Unreachable as error:
            raise Unreachable from error
        if is_reading(request._request, response):
            actions.note_reading(revision, self.by)
        return response

    def legal_moves(self, row: Evidence) -> list[LegalMove]:
        """What may be done with it, unless it was withdrawn."""
        return [] if row.withdrawn_on else [("withdraw", "withdraw", {})]

    @move(SubjectBody)
    def link(self, row: Evidence, given: dict[str, Any]) -> None:
        """Let it support one more record."""
        actions.link(row, given["subject"], self.by)

    @move(UnlinkBody)
    def unlink(self, row: Evidence, given: dict[str, Any]) -> None:
        """It supports this record no longer."""
        actions.unlink(row, given["subject"], self.by, given["reason"])

    @move(WithdrawBody)
    def withdraw(self, row: Evidence, given: dict[str, Any]) -> None:
        """Take it out of use; its files stay."""
        self._check_right(row)
        actions.withdraw(row, self.by, given["reason"])

    def locked(self) -> Any:
        """The row of the address, if the caller may see one of its records."""
        get_object_or_404(visible(), pk=self.kwargs["pk"])
        return super().locked()

    def _check_right(self, row: Evidence) -> None:
        """Changing evidence needs the right to work on one of its records."""
        request = self.request._request
        supports = supported(row.uses.all())
        if not may_change(request, supports):
            check(request, capabilities(supports)[0])


def _file(given: dict[str, Any]) -> actions.Given:
    upload = given.pop("file")
    return actions.Given(
        name=upload.name,
        chunks=upload.chunks(),
        effective_on=given.pop("effective_on", None),
        reason=given.pop("reason", ""),
    )
