"""Addresses that belong to no app: who asks, simulations, the schema and its page, and what is not there."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import IO, Any

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework import serializers
from rest_framework.parsers import BaseParser
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import tenancy
from accounts.models import ApiKey, Membership, Organization
from accounts.permissions import ALLOWED, Capability, Role
from certifications.catalog import catalog
from isotrack.api.errors import answer as problem_document
from isotrack.simulation import LARGEST_DOCUMENT, load_line
from lifecycle.document import DocumentErrors, answer
from records.rest.views import ApiView, RowViews


class OrganizationSerializer(serializers.ModelSerializer[Organization]):
    """An organization; its days begin at midnight of its time zone."""

    class Meta:
        model = Organization
        fields = ("id", "name", "slug", "time_zone")


class OrganizationViews(RowViews):
    """The organization of the key; for a person who is signed in, every one they belong to."""

    model = Organization
    serializer_class = OrganizationSerializer

    def rows(self) -> QuerySet[Organization]:
        """Organizations that the caller may ask about."""
        if isinstance(self.request.auth, ApiKey):
            return Organization.objects.filter(pk=self.organization.pk)
        with tenancy.across_organizations():
            own = list(Membership.objects.filter(user=self.person).values_list("organization_id", flat=True))
        return Organization.objects.filter(pk__in=own)


class KeySerializer(serializers.ModelSerializer[ApiKey]):
    """The key that signed the request; nobody sees its secret part again."""

    role_cap = serializers.CharField(read_only=True)
    families = serializers.DictField(child=serializers.CharField(), read_only=True)

    class Meta:
        model = ApiKey
        fields = ("name", "prefix", "writes", "families", "role_cap", "expires_at")


class MeSerializer(serializers.Serializer[Any]):
    """Who asks, for which organization, and what they may do there."""

    id = serializers.IntegerField()
    email = serializers.EmailField()
    full_name = serializers.CharField()
    role = serializers.ChoiceField(choices=Role.choices)
    capabilities = serializers.ListField(child=serializers.ChoiceField(choices=Capability.choices))
    organization = OrganizationSerializer()
    key = KeySerializer(allow_null=True)


class MeView(ApiView):
    """The person and the organization of the request."""

    serializer_class = MeSerializer

    @extend_schema(responses=MeSerializer)
    def retrieve(self, request: Request, **kwargs: Any) -> Response:
        """Who asks, for which organization, and what they may do there."""
        person, membership = self.person, self.membership
        found = {
            "id": person.pk,
            "email": person.email,
            "full_name": person.full_name,
            "role": membership.role,
            "capabilities": sorted(ALLOWED[Role(membership.role)]),
            "organization": membership.organization,
            "key": request.auth if isinstance(request.auth, ApiKey) else None,
        }
        return Response(MeSerializer(found).data)


class DocumentParser(BaseParser):
    """Reads a document as ``manage.py simulate --batch`` reads a line."""

    media_type = "application/json"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        """The document; ``DocumentErrors`` says why it is none."""
        return load_line(stream.read(LARGEST_DOCUMENT + 1))


class SimulationView(ApiView):
    """What happens to a certificate that exists only in a document; nothing is stored."""

    writes = Capability.VIEW
    stores = False
    parser_classes = (DocumentParser,)
    serializer_class = serializers.Serializer

    @extend_schema(request=OpenApiTypes.OBJECT, responses={200: OpenApiTypes.OBJECT})
    def create(self, request: Request, **kwargs: Any) -> HttpResponse:
        """Answer the document of the lifecycle contract; a wrong one is refused by the path of each field."""
        try:
            return Response(answer(request.data, catalog()))
        except DocumentErrors as refusal:
            words = "The document cannot be answered; nothing was computed."
            return problem_document(HTTPStatus.BAD_REQUEST, words, refusal.as_json()["errors"])


class NothingHere(APIView):
    """Every other address below /api/."""

    authentication_classes = ()
    permission_classes = ()
    schema = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Whatever the method."""
        super().initial(request, *args, **kwargs)
        raise Http404


class SchemaReader(BasePermission):
    """People and systems that are signed in; in the demonstration everybody."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Whether the schema is shown."""
        return settings.DEMO or bool(request.user and request.user.is_authenticated)


class SchemaView(SpectacularAPIView):
    """The OpenAPI 3.1 document, as YAML or (``?format=json``) as JSON."""

    permission_classes = (SchemaReader,)


class DocsPage(SpectacularSwaggerSplitView):
    """The schema as a page to read and try; its script comes from an address of its own, as our policy wants."""

    permission_classes = (SchemaReader,)
    template_name = "api/docs.html"
    url_name = "api-schema"


def docs(request: HttpRequest) -> HttpResponseBase:
    """The page about the API, or the way to sign in."""
    if not settings.DEMO and not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    return DocsPage.as_view()(request)
