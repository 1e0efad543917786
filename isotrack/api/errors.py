"""Errors of the API as problem documents (RFC 9457)."""

from __future__ import annotations

import json
import logging
import math
from collections.abc import Callable, Iterator, Mapping
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation, ValidationError
from django.db import IntegrityError
from django.http import Http404, HttpResponse, UnreadablePostError
from rest_framework import exceptions, serializers
from rest_framework.utils.encoders import JSONEncoder

from accounts.database import is_outage
from certifications.actions import Refused
from records.editing import Conflict, clash
from records.rest.errors import TooLarge, Unkeepable
from records.rest.filters import BadQuery
from records.rest.parsers import escape

log = logging.getLogger(__name__)
MEDIA_TYPE = "application/problem+json"
WHOLE = ("non_field_errors", "__all__")
Errors = list[dict[str, Any]]

NOT_THERE = "There is nothing at this address. Addresses end with a slash."
AWAY = "The database does not answer just now; nothing was saved. Send the same request again in some seconds."
FAILED = "Something went wrong on our side; nothing was saved. The time of this answer helps to find the cause."


class ProblemError(serializers.Serializer[Any]):
    """One thing that is wrong: where (a JSON pointer into the body, or a parameter of the address) and why."""

    pointer = serializers.CharField(required=False)
    parameter = serializers.CharField(required=False)
    detail = serializers.CharField()


class Problem(serializers.Serializer[Any]):
    """What went wrong, as RFC 9457 has it."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """``errors`` is a name that serializers use themselves, so it is added here."""
        return {**super().get_fields(), "errors": ProblemError(many=True, required=False)}


class Stale(exceptions.APIException):
    """Somebody else saved first."""

    status_code = HTTPStatus.PRECONDITION_FAILED


class Unavailable(exceptions.APIException):
    """The database does not answer, or takes no changes."""

    status_code = HTTPStatus.SERVICE_UNAVAILABLE
    wait = 10


class NotNow(exceptions.APIException):
    """What was asked for is not possible now."""

    status_code = HTTPStatus.CONFLICT


def problem(error: Exception, context: dict[str, Any]) -> HttpResponse | None:
    """Turn any failure of a view into a problem document; while debugging, unexpected ones go to Django's page."""
    known = _known(error)
    if known is None:
        if settings.DEBUG:
            return None
        log.error("a request of the API failed", exc_info=error)
        return answer(HTTPStatus.INTERNAL_SERVER_ERROR, FAILED)
    errors = _errors(error)
    detail = "Some fields are wrong." if isinstance(known, exceptions.ValidationError) else str(known.detail)
    response = answer(HTTPStatus(known.status_code), detail, errors, **_both_values(error))
    if header := getattr(known, "auth_header", None):
        response["WWW-Authenticate"] = header
    if isinstance(known, exceptions.Throttled | Unavailable):
        response["Retry-After"] = str(max(1, math.ceil(getattr(known, "wait", None) or 1)))
    return response


def answer(status: HTTPStatus, detail: str, errors: Errors | None = None, **more: Any) -> HttpResponse:
    """A problem document; always JSON, whatever the caller accepts."""
    body: dict[str, Any] = {"type": "about:blank", "title": status.phrase, "status": status.value, "detail": detail}
    if errors:
        body["errors"] = errors
    text = json.dumps({**body, **more}, cls=JSONEncoder, ensure_ascii=False)
    return HttpResponse(text.encode("utf-8", "backslashreplace"), MEDIA_TYPE, status.value)


def _known(error: Exception) -> exceptions.APIException | None:
    """The framework's own exception for what doors, Django and the database raise; None for the unexpected."""
    if isinstance(error, exceptions.APIException):
        return error
    if is_outage(error):
        log.error("the database does not answer", exc_info=error)
        return Unavailable(AWAY)
    if isinstance(error, IntegrityError):
        return NotNow(said) if (said := clash(error)) else None
    table: tuple[tuple[type[Exception], Callable[[], exceptions.APIException]], ...] = (
        (Http404, lambda: exceptions.NotFound(NOT_THERE)),
        (PermissionDenied, lambda: exceptions.PermissionDenied(str(error) or None)),
        (ValidationError, exceptions.ValidationError),
        (Refused, lambda: NotNow(str(error))),
        (Conflict, lambda: Stale(str(error))),
        (RequestDataTooBig, TooLarge),
        (UnreadablePostError, lambda: exceptions.ParseError("The body ended too early.")),
        (SuspiciousOperation, exceptions.ParseError),
    )
    return next((make() for kind, make in table if isinstance(error, kind)), None)


def _both_values(error: Exception) -> dict[str, Any]:
    """What the two people wrote, and the version that is there now."""
    if not isinstance(error, Conflict):
        return {}
    return {"version": error.row.version, "theirs": error.theirs, "yours": error.yours}


def _errors(error: Exception) -> Errors:
    if isinstance(error, Unkeepable):
        return [{"pointer": f"#{pointer}", "detail": str(error.detail)} for pointer in error.pointers]
    if isinstance(error, BadQuery):
        return [{"parameter": name, "detail": text} for name, texts in error.wrong.items() for text in texts]
    if isinstance(error, exceptions.ValidationError):
        return list(_flat(error.detail, "#"))
    if isinstance(error, ValidationError):
        return list(_flat(error.message_dict if hasattr(error, "error_dict") else error.messages, "#"))
    return []


def _flat(detail: Any, pointer: str) -> Iterator[dict[str, Any]]:
    """Messages of fields, of their fields and so on, each with its JSON pointer."""
    if isinstance(detail, Mapping):
        for name, inner in detail.items():
            yield from _flat(inner, pointer if name in WHOLE else f"{pointer}/{escape(str(name))}")
    elif isinstance(detail, list):
        for index, inner in enumerate(detail):
            yield from _flat(inner, f"{pointer}/{index}" if isinstance(inner, Mapping) and inner else pointer)
    else:
        yield {"pointer": pointer, "detail": str(detail)}
