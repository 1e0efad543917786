"""What is answered when a request failed on our side."""

from __future__ import annotations

import sys
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.defaults import server_error

from accounts.database import is_outage
from isotrack.api.errors import AWAY, FAILED, Unavailable, answer


def failed(request: HttpRequest) -> HttpResponse:
    """A database that is away for a moment is answered with 503 and when to try again, everything else with 500.

    Called while the exception is handled, wherever it came from: a view, or what runs before one.
    """
    away = is_outage(sys.exception())
    status = HTTPStatus.SERVICE_UNAVAILABLE if away else HTTPStatus.INTERNAL_SERVER_ERROR
    if request.path.startswith("/api/"):
        response = answer(status, AWAY if away else FAILED)
    elif away:
        response = render(None, "503.html", status=status)
    else:
        response = server_error(request)
    if away:
        response["Retry-After"] = str(Unavailable.wait)
    return response
