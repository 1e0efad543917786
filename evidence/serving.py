"""Handing out a file: as an attachment that no browser runs, whole or in part, and only unchanged."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import IO

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.http import content_disposition_header

from accounts.models import Membership
from accounts.permissions import Role
from evidence import vault
from evidence.models import Revision

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
    "Cache-Control": "private, no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Accept-Ranges": "bytes",
}
RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})")
LATER = re.compile(r"bytes=0*[1-9]")
Span = tuple[int, int]


class NotSatisfiable(Exception):
    """The part asked for lies outside the file."""


def file_response(request: HttpRequest, revision: Revision) -> HttpResponseBase:
    """The file, or the part that ``Range`` names; raises ``vault.Damaged`` before a byte is sent."""
    size = revision.blob.size
    content = vault.opened(revision.blob)
    try:
        span = span_of(request.headers.get("Range", ""), size)
    except NotSatisfiable:
        content.close()
        return _with_headers(HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"}), revision)
    first, last = span or (0, size - 1)
    response: HttpResponseBase
    if request.method == "HEAD":
        content.close()
        response = HttpResponse()
    else:
        response = StreamingHttpResponse(_part(content, first, last))
    response["Content-Length"] = str(last - first + 1)
    if span:
        response.status_code = 206
        response["Content-Range"] = f"bytes {first}-{last}/{size}"
    return _with_headers(response, revision)


def _with_headers(response: HttpResponseBase, revision: Revision) -> HttpResponseBase:
    for name, value in HEADERS.items():
        response[name] = value
    response["Content-Type"] = revision.media_type
    response["Content-Disposition"] = content_disposition_header(True, revision.file_name) or "attachment"
    response["ETag"] = f'"{revision.blob.sha256}"'
    return response


def span_of(header: str, size: int) -> Span | None:
    """First and last byte of a request for one part (RFC 9110 14.2); several parts are answered with the whole."""
    found = RANGE.fullmatch(header.strip())
    if found is None or found.group() == "bytes=-":
        return None
    first, last = found.groups()
    if not first:
        if int(last) == 0:
            raise NotSatisfiable
        return max(size - int(last), 0), size - 1
    end = min(int(last), size - 1) if last else size - 1
    if int(first) > size - 1:
        raise NotSatisfiable
    return (int(first), end) if int(first) <= end else None


def is_reading(request: HttpRequest, response: HttpResponseBase) -> bool:
    """Whether this answer counts as looking at the file: content that is no later part of one that was counted.

    Every part that a guest is handed counts, since nobody can say that they began at the beginning.
    """
    if request.method != "GET" or response.status_code not in {200, 206}:
        return False
    membership: Membership | None = getattr(request, "membership", None)
    guest = membership is not None and membership.role == Role.GUEST_AUDITOR
    return guest or response.status_code == 200 or not LATER.match(request.headers.get("Range", "").strip())


def _part(content: IO[bytes], first: int, last: int) -> Iterator[bytes]:
    left = last - first + 1
    with content:
        content.seek(first)
        while left and (chunk := content.read(min(vault.CHUNK, left))):
            left -= len(chunk)
            yield chunk
