"""The calendar, subscribing to it, and what a calendar program fetches."""

from __future__ import annotations

import hashlib
from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts import clock, tenancy
from accounts.models import Membership
from accounts.permissions import Capability
from accounts.web import allowed, can
from agenda import months
from agenda.actions import reset, revoke, subscribe
from agenda.forms import SubscribeForm
from agenda.ical import calendar_of, reset_calendar
from agenda.models import CalendarAddress
from agenda.queries import Wanted, by_month, entries
from agenda.states import Kind
from certifications.queries import certificates, filter_choices
from certifications.web import actor, attempt, posted, show

AHEAD = timedelta(days=90)


@allowed(Capability.VIEW)
def calendar_page(request: HttpRequest) -> HttpResponse:
    """The next 90 days by month, or one month as a grid; filters and day stand in the address."""
    today = clock.today(request.organization)  # type: ignore[attr-defined]
    given = request.GET
    wanted = Wanted(
        owner=request.user.pk if given.get("who") == "mine" else None,
        site=_number(given.get("site")),
        standard=_number(given.get("standard")),
    )
    view = _month if given.get("view") == "month" else _agenda
    context = {
        **view(_day(given.get("from"), today), today, wanted),
        **filter_choices(),
        "today": today,
        "wanted": wanted,
        "kinds": Kind.choices,
        "narrowed": wanted != Wanted(),
        "may_edit": can(request, Capability.EDIT_CERTIFICATES),
    }
    return render(request, "agenda/calendar.html", context)


def _agenda(first: date, today: date, wanted: Wanted) -> dict[str, Any]:
    last = first + AHEAD
    found = entries(today, first, last, wanted)
    later = [] if found else entries(today, last, last + timedelta(days=366 * 2), wanted)
    return {
        "groups": by_month(found, first),
        "first": first,
        "last": last,
        "before": first - AHEAD,
        "after": last + timedelta(days=1),
        "next": next(iter(later), None),
        "first_use": not found and not later and not certificates().exists(),
    }


def _month(day: date, today: date, wanted: Wanted) -> dict[str, Any]:
    month = day.replace(day=1)
    first, last = months.days_of(month)
    found = entries(today, first, last, wanted)
    return {
        "month": month,
        "weeks": months.grid(month, found, today),
        "groups": by_month([entry for entry in found if entry.last >= month], month),
        "before": months.before(month),
        "after": months.after(month),
        "focus": today if (today.year, today.month) == (month.year, month.month) else month,
    }


def _day(text: str | None, otherwise: date) -> date:
    """The day of the address; one that cannot be shown counts as today."""
    try:
        day = date.fromisoformat(text or "")
    except ValueError:
        return otherwise
    return day if 1990 <= day.year <= 2098 else otherwise


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() and len(text) < 18 else None


@never_cache
@allowed(Capability.VIEW)
def subscribe_page(request: HttpRequest) -> HttpResponse:
    """Make a private address; it is shown once."""
    form, link = SubscribeForm(posted(request)), ""
    if request.method == "POST" and form.is_valid():
        organization: Any = request.organization  # type: ignore[attr-defined]
        made = attempt(form, lambda: subscribe(organization, request.user, form.cleaned_data, actor(request)))  # type: ignore[arg-type]
        if made:
            link, form = _link(request, made[1]), SubscribeForm()
    return _subscriptions(request, form, link)


def _subscriptions(request: HttpRequest, form: SubscribeForm, link: str) -> HttpResponse:
    rows = CalendarAddress.objects.filter(user=request.user, revoked_at=None).select_related("site", "standard")
    context = {"rows": rows.order_by("-pk"), "link": link, "webcal": "webcal:" + link.partition(":")[2]}
    return show(request, "agenda/subscribe.html", context, form)


def _link(request: HttpRequest, secret: str) -> str:
    return request.build_absolute_uri(f"/cal/{secret}.ics")


def _own(request: HttpRequest, pk: int) -> CalendarAddress:
    rows = CalendarAddress.objects.select_related("organization", "user", "site", "standard")
    return get_object_or_404(rows, pk=pk, user=request.user, revoked_at=None)


@never_cache
@require_POST
@allowed(Capability.VIEW)
def reset_page(request: HttpRequest, pk: int) -> HttpResponse:
    """A new address in place of an old one, which stops at once."""
    _made, secret = reset(_own(request, pk), actor(request))
    return _subscriptions(request, SubscribeForm(), _link(request, secret))


@require_POST
@allowed(Capability.VIEW)
def remove_page(request: HttpRequest, pk: int) -> HttpResponse:
    """End a subscription."""
    address = _own(request, pk)
    revoke(address, actor(request))
    messages.success(request, _("The address of “%s” shows no dates any more.") % address)
    return redirect("calendar-subscribe")


@require_safe
def feed(request: HttpRequest, secret: str) -> HttpResponse:
    """What a calendar program gets: the dates, or one event when the address was reset. No sign-in."""
    with tenancy.across_organizations():
        rows = CalendarAddress.objects.select_related("organization", "user", "site", "standard")
        address = rows.filter(digest=CalendarAddress.hash(secret)).first()
        if address is None:
            raise Http404
        member = Membership.objects.filter(organization=address.organization, user=address.user).first()
    scope = tenancy.acting_as(member) if member else tenancy.acting_in(address.organization)
    with scope, override(address.user.language):
        if address.revoked_at or not member or not address.user.is_active:
            body = reset_calendar(clock.today(address.organization))
        else:
            body = calendar_of(address)
    response = HttpResponse(body, content_type="text/calendar; charset=utf-8")
    response["Cache-Control"] = "private, max-age=900"
    response["Content-Disposition"] = 'inline; filename="isotrack.ics"'
    response["X-Robots-Tag"] = "noindex"
    response["ETag"] = quote_etag(hashlib.sha256(body).hexdigest())
    conditional: HttpResponse | None = get_conditional_response(request, etag=response["ETag"], response=response)
    return conditional or response
