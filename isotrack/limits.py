"""How much one request may ask of the product: the size of its body."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.defaultfilters import filesizeformat
from django.utils import translation
from django.utils.translation import gettext as _

from isotrack.api.errors import answer


class BodyLimitMiddleware:
    """Refuses a body by its announced length, before a byte of it is read or kept anywhere."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if length.isdecimal() and int(length) <= settings.LARGEST_BODY:
            return self.get_response(request)
        # Nobody is known yet, so the language is the one that the browser or the client asks for.
        with translation.override(translation.get_language_from_request(request)):
            most = filesizeformat(settings.LARGEST_BODY)
            if request.path.startswith("/api/"):
                said = _("The body is larger than %(most)s.") % {"most": most}
                return answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, said)
            return render(request, "413.html", {"most": most}, status=413)
