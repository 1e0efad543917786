"""Which request or job is at work, so that everything it records can be found together."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.http import HttpRequest, HttpResponse

_current: ContextVar[str] = ContextVar("request_id", default="")


def current_request() -> str:
    """The id of the request or job at work; empty outside one."""
    return _current.get()


@contextmanager
def working_on(name: str) -> Iterator[None]:
    """Record under this name what happens inside."""
    token = _current.set(name[:64])
    try:
        yield
    finally:
        _current.reset(token)


class RequestIdMiddleware:
    """Gives each request an id that its answer and its entries of the history carry."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        name = uuid.uuid4().hex
        with working_on(name):
            response = self.get_response(request)
        response["X-Request-ID"] = name
        return response
