"""The frame of every API view: one organization's scope, rights, one transaction, rows in and out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from functools import cached_property, partial
from typing import Any, ClassVar, cast

from django.db import models
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.viewsets import GenericViewSet

from accounts import tenancy
from accounts.models import ApiKey, Membership, Organization, User
from accounts.permissions import Capability
from accounts.reach import only_reading
from accounts.tenancy import EditableRow
from accounts.web import can
from records.models import ActorKind
from records.record import Actor
from records.rest import idempotency
from records.rest.filters import FilterSet
from records.rest.rights import RoleAndKey, may_move
from records.rest.versions import check_version, etag, expected_version

Body = type[BaseSerializer[Any]]
LegalMove = tuple[str, str, dict[str, Any]]


class ApiView(GenericViewSet[Any]):
    """A view inside the scope of the organization that the session or the key belongs to.

    ``writes`` is what changing needs; ``needs`` names another capability for single actions.
    A view that stores nothing runs outside a transaction.
    """

    permission_classes = (RoleAndKey,)
    http_method_names = ["get", "head", "post", "patch", "delete"]
    writes: ClassVar[Capability] = Capability.MANAGE
    needs: ClassVar[Mapping[str, Capability]] = {}
    stores: ClassVar[bool] = True
    scope: ExitStack

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer the request; the answer is rendered inside the scope, and a change is one transaction."""
        self.args, self.kwargs = args, kwargs
        self.request = self.initialize_request(request, *args, **kwargs)
        self.headers = {**self.default_response_headers, "Cache-Control": "private, no-store"}
        with ExitStack() as self.scope:
            try:
                self.initial(self.request, *args, **kwargs)
                response = self.run(self.request, *args, **kwargs)
            except Exception as error:  # noqa: BLE001 (every failure becomes a problem document)
                response = self.handle_exception(error)
            response = self.finalize_response(self.request, response, *args, **kwargs)
            return response.render() if isinstance(response, Response) else response

    def run(self, request: Request, *args: Any, **kwargs: Any) -> Any:
        """The handler of the method; those that change something run once and in one transaction."""
        method = str(request.method).lower()
        handler: Callable[..., Response] = self.http_method_not_allowed
        if method in self.http_method_names:
            handler = getattr(self, method, handler)
        work = partial(handler, request, *args, **kwargs)
        changes = self.stores and request.method not in SAFE_METHODS
        return idempotency.once(request, self.organization, work) if changes else work()

    def perform_authentication(self, request: Request) -> None:
        """Find out who asks, and act inside their organization from here on."""
        super().perform_authentication(request)
        if membership := getattr(request._request, "membership", None):
            self.scope.enter_context(tenancy.acting_as(membership))
        if request.method in SAFE_METHODS:
            self.scope.enter_context(only_reading())

    def capability(self, action: str | None = None) -> Capability:
        """What the role must allow for an action; for the request's own one without a name."""
        if action is None and self.request.method in SAFE_METHODS:
            return Capability.VIEW
        return self.needs.get(action or self.action or "", self.writes)

    @property
    def organization(self) -> Organization:
        """The organization that the request acts in."""
        return self.membership.organization

    @property
    def membership(self) -> Membership:
        """The role that the caller acts in; a session's or a key's."""
        found: Membership = cast(Any, self.request._request).membership
        return found

    @property
    def person(self) -> User:
        """The person who is signed in, or for whom the key speaks."""
        assert isinstance(self.request.user, User)
        return self.request.user

    @property
    def by(self) -> Actor:
        """The person of the request, or the key that speaks for them, as history names them."""
        person, key = self.person, self.request.auth
        if isinstance(key, ApiKey):
            names = {"person": person, "key": key.name, "prefix": key.prefix}
            label = _("%(person)s by key %(key)s (%(prefix)s)") % names
            return Actor(ActorKind.KEY, person.pk, label[:200], key.pk)
        return Actor.person(person)

    def given(self, body: Body | None = None, **kwargs: Any) -> dict[str, Any]:
        """The checked fields of the body; raises ``ValidationError`` by field."""
        serializer = (body or self.get_serializer_class())(
            data=self.request.data, context=self.get_serializer_context(), **kwargs
        )
        serializer.is_valid(raise_exception=True)
        fields: dict[str, Any] = serializer.validated_data
        return fields


class RowViews(ApiView):
    """Lists rows of one model and shows one; ``detail_name`` is the route of one row, if there is one."""

    model: ClassVar[type[models.Model]]
    detail_name: ClassVar[str] = ""
    filterset_class: ClassVar[type[FilterSet] | None] = None
    lookup_value_regex = "[0-9]{1,18}"

    def rows(self) -> models.QuerySet[Any]:
        """Rows of the organization with what their representation reads."""
        rows: models.QuerySet[Any] = self.model._default_manager.all()
        return rows

    def get_queryset(self) -> models.QuerySet[Any]:
        """As ``rows``; nothing is read while the schema is written."""
        return self.model._base_manager.none() if getattr(self, "swagger_fake_view", False) else self.rows()

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Rows page by page, newest first."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """One row, with its version as ETag."""
        return self.show(self.get_object())

    def get_object(self) -> Any:
        """The row of the address; a foreign one does not exist."""
        return get_object_or_404(self.get_queryset(), pk=self.kwargs["pk"])

    def locked(self) -> Any:
        """The row of the address, locked until the change is committed, at the version that the request names."""
        row = get_object_or_404(self.model._default_manager.select_for_update(of=("self",)), pk=self.kwargs["pk"])
        if isinstance(row, EditableRow):
            check_version(self.request, row)
        return row

    def saved(self, row: models.Model, code: int = status.HTTP_200_OK) -> Response:
        """The row as it is after a change."""
        return self.show(self.get_queryset().get(pk=row.pk), code)

    def show(self, row: models.Model, code: int = status.HTTP_200_OK) -> Response:
        """One row as an answer."""
        headers = {"ETag": etag(row)} if isinstance(row, EditableRow) else {}
        if code == status.HTTP_201_CREATED and self.detail_name:
            headers["Location"] = self.url_of(row)
        return Response(self.get_serializer(row).data, code, headers=headers)

    def url_of(self, row: models.Model) -> str:
        """The address of a row."""
        return f"{self.place}{row.pk}/"

    @cached_property
    def place(self) -> str:
        """The address that the rows' own addresses begin with."""
        return reverse(f"api:{self.detail_name}", args=[0]).removesuffix("0/")

    def legal_moves(self, row: Any) -> Iterable[LegalMove]:
        """Moves that are legal for the row now: name, last part of the address, fields that the body must have."""
        return ()

    def moves_of(self, row: Any) -> Sequence[dict[str, Any]]:
        """The legal moves that the caller may make."""
        url = self.url_of(row)
        return [
            {"name": name, "method": "POST", "url": f"{url}{path}/", "body": body}
            for name, path, body in self.legal_moves(row)
            if self._may(self.capability(path.replace("-", "_")))
        ]

    def _may(self, capability: Capability) -> bool:
        return can(self.request._request, capability) and may_move(self.request, capability)


class AddRows(RowViews):
    """Adds a row with ``POST``."""

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Add a row; answers 201 with its address."""
        return self.saved(self.add(self.given()), status.HTTP_201_CREATED)

    def add(self, fields: dict[str, Any]) -> models.Model:
        """Go through the door that adds the row."""
        raise NotImplementedError


class ChangeRows(RowViews):
    """Changes a row with ``PATCH``, if it is still at the version that the caller has seen."""

    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Change the fields of the body; needs If-Match."""
        row = self.get_object()
        version = expected_version(request, row)
        return self.saved(self.change(row, version, self.given(instance=row, partial=True)))

    def change(self, row: Any, version: int, changes: dict[str, Any]) -> models.Model:
        """Go through the door that changes the row."""
        raise NotImplementedError


class PartViews(RowViews):
    """Rows that belong to another one: ``/wholes/{whole}/parts/``. ``whole`` is the foreign key's name."""

    whole: ClassVar[str]
    owner: Any

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Find the row of the address that the parts belong to; a foreign one does not exist."""
        super().initial(request, *args, **kwargs)
        model: Any = self.model._meta.get_field(self.whole).related_model
        self.owner = get_object_or_404(model.objects.select_related("organization"), pk=kwargs[self.whole])

    def get_queryset(self) -> models.QuerySet[Any]:
        """The parts of that row."""
        rows = super().get_queryset()
        return rows if getattr(self, "swagger_fake_view", False) else rows.filter(**{self.whole: self.owner})


Move = Callable[[Any, Any, dict[str, Any]], object]


def move(body: Body) -> Callable[[Move], Any]:
    """Make ``def close(self, row, given)`` the endpoint ``POST …/close/`` that answers the row as it is then."""

    def wrap(go: Move) -> Any:
        def handler(self: RowViews, request: Request, **kwargs: Any) -> Response:
            row = self.locked()
            go(self, row, self.given(body))
            return self.saved(row)

        handler.__name__, handler.__doc__ = go.__name__, go.__doc__
        path = go.__name__.replace("_", "-")
        return extend_schema(request=body)(action(detail=True, methods=["post"], url_path=path)(handler))

    return wrap
