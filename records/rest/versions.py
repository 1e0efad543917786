"""Two people at once: the ETag of a record is its version, and changes say which version they start from."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rest_framework.request import Request

from accounts.tenancy import EditableRow
from records.editing import Conflict
from records.rest.errors import PreconditionRequired

TAG = re.compile(r'\s*"([0-9]{1,9})"\s*')
NEVER = 0


def etag(row: EditableRow) -> str:
    """The ETag of a record, for example ``"3"``."""
    return f'"{row.version}"'


def expected_version(request: Request, row: EditableRow) -> int:
    """The version that a change starts from; raises ``PreconditionRequired`` when none is named."""
    versions = _named(request, row)
    if versions is None:
        raise PreconditionRequired
    return row.version if row.version in versions else max(versions, default=NEVER)


def check_version(request: Request, row: EditableRow) -> None:
    """Refuse a move that names another version than the row's; naming none is allowed."""
    versions = _named(request, row)
    if versions is not None and row.version not in versions:
        raise Conflict(row, {"version": row.version}, {"version": max(versions, default=NEVER)})


def _named(request: Request, row: EditableRow) -> Sequence[int] | None:
    """The versions in If-Match; ``*`` means whichever there is, a foreign or weak tag matches none."""
    header = request.headers.get("If-Match")
    if header is None:
        return None
    if header.strip() == "*":
        return [row.version]
    return [int(found[1]) for part in header.split(",") if (found := TAG.fullmatch(part))]
