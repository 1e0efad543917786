"""Refusals that the framework does not know; each becomes a problem document."""

from __future__ import annotations

from rest_framework import status
from rest_framework.exceptions import APIException


class PreconditionRequired(APIException):
    """A change was sent without saying which version it starts from."""

    status_code = status.HTTP_428_PRECONDITION_REQUIRED
    default_detail = "Send If-Match with the ETag of the version you have seen, so that nobody's change is lost."


class TooLarge(APIException):
    """The body is longer than this address takes."""

    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_detail = "The body is too large."


class KeyReused(APIException):
    """An idempotency key came back with another request."""

    status_code = status.HTTP_422_UNPROCESSABLE_ENTITY
    default_detail = "This Idempotency-Key was already used for another body. Use a new key for a new request."


class StillRunning(APIException):
    """The first request with this idempotency key has not been answered yet."""

    status_code = status.HTTP_409_CONFLICT
    default_detail = "The first request with this Idempotency-Key is still running. Ask again in a moment."


class Unkeepable(APIException):
    """Texts at these JSON pointers hold a character that cannot be kept."""

    status_code = status.HTTP_400_BAD_REQUEST
    default_detail = "This text holds a character that cannot be kept (NUL or half of a surrogate pair)."

    def __init__(self, pointers: list[str]) -> None:
        super().__init__()
        self.pointers = pointers
