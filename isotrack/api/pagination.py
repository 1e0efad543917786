"""Cursor pages: as fast at row 500,000 as at row 0."""

from __future__ import annotations

from typing import Any

from rest_framework.exceptions import NotFound
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request

from records.rest.filters import BadQuery

LARGEST_ID = 2**63 - 1
WRONG = "This cursor cannot be used. Start without one and follow the answer's links."


class Pages(CursorPagination):
    """Newest first, 50 a page unless ``page_size`` asks otherwise (200 at most)."""

    ordering = "-id"
    page_size_query_param = "page_size"
    max_page_size = 200

    def decode_cursor(self, request: Request) -> Any:
        """The place a cursor names; what is no cursor of ours is refused and never asked of the database."""
        try:
            cursor = super().decode_cursor(request)
        except NotFound as error:
            raise BadQuery({"cursor": [WRONG]}) from error
        if cursor is not None and cursor.position is not None:
            digits = str(cursor.position)
            if not (digits.isascii() and digits.isdecimal() and len(digits) < 20 and int(digits) <= LARGEST_ID):
                raise BadQuery({"cursor": [WRONG]})
        return cursor
