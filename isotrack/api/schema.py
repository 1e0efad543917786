"""The OpenAPI document: what every operation shares is said once, here."""

from __future__ import annotations

from inspect import getdoc
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter

from accounts import tenancy
from isotrack.api.errors import MEDIA_TYPE, Problem

ALWAYS = {
    400: "Wrong request",
    401: "Not signed in",
    403: "Not allowed",
    404: "Not there",
    406: "Only JSON is answered",
    429: "Too many requests; Retry-After says when to ask again",
}
WITH_BODY = {409: "Not possible now", 413: "Body too large", 415: "Only JSON is read", 422: "Idempotency key reused"}
WITH_VERSION = {412: "Somebody else saved first"}
WITHOUT_VERSION = {428: "If-Match is missing"}

DOORS = {"create": "add", "partial_update": "change"}
IF_MATCH = "The ETag of the version you have seen."
REPEAT = "Any text of yours: the same request with the same key within 24 hours is done once and answered again."


class Generator(SchemaGenerator):
    """Looks at views of all organizations without reading a row."""

    def get_schema(self, request: Any = None, public: bool = False) -> Any:
        """The whole document."""
        with tenancy.across_organizations():
            return super().get_schema(request=request, public=public)


class Schema(AutoSchema):
    """Adds to every operation the headers it reads and the problems it can answer with."""

    def get_override_parameters(self) -> list[Any]:
        """Headers for two people at once and for repeated requests."""
        parameters = super().get_override_parameters()
        if self._reads_version():
            required = self.method == "PATCH"
            parameters.append(OpenApiParameter("If-Match", str, "header", required=required, description=IF_MATCH))
        if self.method == "POST" and getattr(self.view, "stores", True):
            parameters.append(OpenApiParameter("Idempotency-Key", str, "header", description=REPEAT))
        return parameters

    def get_description(self) -> str:  # type: ignore[override]  # the library changed its own base
        """What the view's own door or class says, where the frame's words would say the same of every resource."""
        action = getattr(self.view, "action", "")
        door = getattr(self.view, DOORS.get(action, ""), None)
        said_of = door or (type(self.view) if action in {"list", "retrieve"} else None)
        return (getdoc(said_of) if said_of else None) or super().get_description()

    def _reads_version(self) -> bool:
        """Changes and moves of one row do; adding one does not."""
        return self.method in {"PATCH", "DELETE"} or (self.method == "POST" and self.path.count("{") == 1)

    def _get_response_bodies(self, direction: Any = "response") -> Any:
        bodies = super()._get_response_bodies(direction)
        for code, words in sorted(self._problems().items()):
            found = self._get_response_for_code(Problem, str(code), [MEDIA_TYPE], direction)
            bodies.setdefault(str(code), {**found, "description": words})
        return bodies

    def _problems(self) -> dict[int, str]:
        problems = dict(ALWAYS)
        if self.method != "GET":
            problems |= WITH_BODY
        if self._reads_version():
            problems |= WITH_VERSION
        if self.method == "PATCH":
            problems |= WITHOUT_VERSION
        own: dict[str, dict[int, str]] = getattr(self.view, "more_problems", {})
        return problems | own.get(getattr(self.view, "action", ""), {})


class ApiKeyScheme(OpenApiAuthenticationExtension):
    """A key of another system."""

    target_class = "accounts.authentication.ApiKeyAuthentication"
    name = "key"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        """``Authorization: Bearer iso_….…``."""
        return {"type": "http", "scheme": "bearer", "description": "A key: `iso_….…`"}
