"""What every page view starts with: who may open it, and pages of long lists."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import F, Model, Q, QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.translation import gettext as _

from accounts.models import Membership
from accounts.permissions import ALLOWED, Capability, Role, may
from accounts.templatetags.ui import noun

View = Callable[..., HttpResponse]
PAGE_SIZE = 50


def allowed(capability: Capability) -> Callable[[View], View]:
    """Open the view to signed-in members whose role allows it; others learn who may."""

    def wrap(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            check(request, capability)
            return view(request, *args, **kwargs)

        guarded.capability = capability  # type: ignore[attr-defined]
        return login_required(guarded)

    return wrap


def check(request: HttpRequest, capability: Capability) -> None:
    """Raise ``PermissionDenied`` with a sentence that names who may do it."""
    membership: Membership | None = getattr(request, "membership", None)
    if membership is None:
        raise PermissionDenied(_("You belong to no organization yet. Ask your administrator to add you to one."))
    if not membership.may(capability):
        limited = may(membership.role, capability)
        words = {"do": Capability(capability).label, "who": _who_may(capability)}
        if limited:
            raise PermissionDenied(_("Your access is limited and may not %(do)s. %(who)s") % words)
        raise PermissionDenied(_("Your role may not %(do)s. %(who)s") % words)


def _who_may(capability: Capability) -> str:
    roles = [noun(Role(role).label) for role, capabilities in ALLOWED.items() if capability in capabilities]
    return _("Ask someone who is %s.") % _(" or ").join(roles)


def can(request: HttpRequest, capability: Capability) -> bool:
    """Whether the person of the request may do it; pages hide the buttons of what they may not."""
    membership: Membership | None = getattr(request, "membership", None)
    return membership is not None and membership.may(capability)


def plain(given: QueryDict) -> QueryDict:
    """What was sent, without the one character that nobody types and no database keeps (NUL)."""
    kept = given.copy()
    for name, values in given.lists():
        kept.setlist(name, [str(value).replace("\0", "") for value in values])
    return kept


@dataclass(frozen=True)
class ListPage:
    """One page of a list; a cursor names the row next to which the neighboring page begins."""

    rows: Sequence[Any]
    next_cursor: str
    previous_cursor: str


def list_page(rows: QuerySet[Any], column: str, request: HttpRequest, size: int = PAGE_SIZE) -> ListPage:
    """A page ordered by a date column, earliest first and rows without a date last, then by id.

    The page is found by comparing with its neighbor, never by counting, so a late page costs what the first does.
    """
    backwards = bool(request.GET.get("before"))
    cursor = _read_cursor(request.GET.get("before") or request.GET.get("after") or "")
    if cursor:
        rows = rows.filter(beyond(column, *cursor, backwards=backwards))
    order = (F(column).desc(nulls_first=True), "-pk") if backwards else (F(column).asc(nulls_last=True), "pk")
    found = list(rows.order_by(*order)[: size + 1])
    more, found = len(found) > size, found[:size]
    if backwards:
        found.reverse()
    has_next, has_previous = (bool(cursor), more) if backwards else (more, bool(cursor))
    return ListPage(
        found,
        _cursor(found[-1], column) if found and has_next else "",
        _cursor(found[0], column) if found and has_previous else "",
    )


def _cursor(row: Model, column: str) -> str:
    value: date | None = getattr(row, column)
    return f"{value.isoformat() if value else ''}_{row.pk}"


def _read_cursor(text: str) -> tuple[date | None, int] | None:
    """The date and id of a cursor; a damaged one starts the list again."""
    day, _, pk = text.partition("_")
    try:
        return (date.fromisoformat(day) if day else None), int(pk)
    except ValueError:
        return None


def beyond(column: str, day: date | None, pk: int, backwards: bool = False) -> Q:
    """Rows after a place in a list ordered by a date column (those without a date last) and id, or before it."""
    undated = Q(**{f"{column}__isnull": True})
    if backwards:
        same = Q(**{column: day}) if day else undated
        earlier = Q(**{f"{column}__lt": day}) if day else ~undated
        return earlier | (same & Q(pk__lt=pk))
    if day is None:
        return undated & Q(pk__gt=pk)
    return Q(**{f"{column}__gt": day}) | (Q(**{column: day}) & Q(pk__gt=pk)) | undated
