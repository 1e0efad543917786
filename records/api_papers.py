"""Papers through the API: asked for with ``POST …/paper/``, made by a worker, fetched as a PDF with ``GET``."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, ClassVar

from django.http import FileResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import APIException
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.permissions import Capability
from records.models import RenderedPdf
from records.papers import PAPERS, ask
from records.record import subject_type
from records.rest.filters import check_parameters
from records.rest.serializers import Strict
from records.rest.views import RowViews

STATE = RenderedPdf.State
SECONDS = "2"
KIND = OpenApiParameter("kind", str, description="Which paper; needed where the record has more than one.")


class CouldNotBeMade(APIException):
    """The worker could not make the paper; the detail is its sentence."""

    status_code = HTTPStatus.CONFLICT


class PaperBody(Strict):
    """Which paper; needed where the record has more than one."""

    kind = serializers.CharField(max_length=30, required=False)


class PaperSerializer(serializers.ModelSerializer[RenderedPdf]):
    """A paper on its way: waiting, being made, ready or failed."""

    class Meta:
        model = RenderedPdf
        fields = ("id", "kind", "state", "asked_at", "finished_at", "error")


class PdfOrState(JSONRenderer):
    """Answers whatever the caller accepts: the PDF as it is kept, and its state as JSON until then."""

    media_type = "*/*"
    format = "paper"


class Papers(RowViews):
    """Adds ``…/paper/``: the papers that are made of a row. Everybody fetches what they have asked for themselves."""

    more_problems: ClassVar[dict[str, dict[int, str]]] = {"paper": {409: "The paper could not be made"}}

    def capability(self, action: str | None = None) -> Capability:
        """Whoever may see a row may have it on paper."""
        return Capability.VIEW if self.action == "ask_paper" and action is None else super().capability(action)

    @extend_schema(
        parameters=[KIND],
        responses={(200, "application/pdf"): OpenApiTypes.BINARY, 202: PaperSerializer},
    )
    @action(detail=True, filter_backends=[], renderer_classes=[PdfOrState])
    def paper(self, request: Request, **kwargs: Any) -> HttpResponseBase:
        """The PDF that was asked for last; 202 while it is being made, 404 when it was not asked for."""
        check_parameters(request, {"kind"})
        row = self.get_object()
        kind = self._kind(request.query_params.get("kind", ""))
        asked = RenderedPdf.objects.filter(kind=kind, subject_type=subject_type(row), subject_id=row.pk)
        found = get_object_or_404(asked.filter(asked_by=self.person).order_by("-pk")[:1])
        if found.state == STATE.FAILED:
            raise CouldNotBeMade(found.error)
        if found.state != STATE.READY:
            return self._on_its_way(found)
        name = f"{kind}-{row.pk}.pdf"
        return FileResponse(found.file.open("rb"), as_attachment=True, filename=name, content_type="application/pdf")

    @extend_schema(request=PaperBody, responses={202: PaperSerializer})
    @paper.mapping.post
    def ask_paper(self, request: Request, **kwargs: Any) -> Response:
        """Ask for a paper; a worker makes it. Fetch it from the same address."""
        row = self.get_object()
        kind = self._kind(self.given(PaperBody).get("kind", ""))
        return self._on_its_way(ask(kind, row, self.person))

    def _on_its_way(self, paper: RenderedPdf) -> Response:
        data, again = PaperSerializer(paper).data, {"Retry-After": SECONDS}
        return Response(data, HTTPStatus.ACCEPTED, headers=again, content_type="application/json")

    def _kind(self, given: str) -> str:
        """The paper of that name, or the only one there is of such a row."""
        kinds = sorted(kind for kind, paper in PAPERS.items() if paper.model is self.model)
        if given in kinds:
            return given
        if not given and len(kinds) == 1:
            return kinds[0]
        raise serializers.ValidationError({"kind": [_("Choose one of: %s.") % ", ".join(kinds)]})
