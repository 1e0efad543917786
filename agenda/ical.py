"""The calendar as text for calendar programs (RFC 5545, RFC 7986).

What the rules foresee is ``TENTATIVE`` and begins with "Forecast:"; ``SEQUENCE`` rises with every change of the
records behind an entry, so that programs take over a date that has moved.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from datetime import date, timedelta

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from icalendar import Calendar, Event

from accounts import clock
from accounts.models import Organization
from agenda.models import CalendarAddress
from agenda.queries import Entry, Wanted, entries
from agenda.revisions import Revision, now, revisions
from agenda.states import Choice, Kind

BACK, AHEAD = timedelta(days=92), timedelta(days=366 * 4)
REFRESH = timedelta(hours=4)
ONE_DAY = timedelta(days=1)
ESTIMATE = gettext_noop("Estimate from your scheme rules; the certification body decides.")


def calendar_of(address: CalendarAddress) -> bytes:
    """What the address holds today; the organization's scope must be open."""
    organization: Organization = address.organization
    today = clock.today(organization)
    found = entries(today, today - BACK, today + AHEAD, wanted_by(address))
    changed = revisions(entry.source for entry in found)
    calendar = _frame(f"{organization.name} · {address}")
    for entry in found:
        calendar.add_component(_event(entry, organization.slug, changed[entry.source]))
    return bytes(calendar.to_ical())


def wanted_by(address: CalendarAddress) -> Wanted:
    """Which entries an address holds."""
    owner = address.user_id if address.choice == Choice.MINE else None
    return Wanted(owner=owner, site=address.site_id, standard=address.standard_id)


def reset_calendar(today: date) -> bytes:
    """What a revoked address answers: one event that says so, never a page to sign in."""
    title = _("This calendar address was reset")
    about = _("Subscribe again: %s") % f"{settings.BASE_URL}/calendar/subscribe/"
    entry = Entry("reset", Kind.DEADLINE, today, title, "/calendar/subscribe/", ("", 0), about=about)
    calendar = _frame(title)
    calendar.add_component(_event(entry, "reset", now()))
    return bytes(calendar.to_ical())


def _frame(name: str) -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", "-//isotrack//calendar 1//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    for key in ("name", "x-wr-calname"):
        calendar.add(key, _plain(name))
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT4H")
    return calendar


def _event(entry: Entry, where: str, revision: Revision) -> Event:
    """An all-day event; its end is the day after its last, as RFC 5545 3.6.1 wants it."""
    forecast = entry.kind == Kind.FORECAST
    event = Event()
    event.add("uid", f"{entry.uid}@{where}.isotrack")
    event.add("dtstamp", revision.at)
    event.add("last-modified", revision.at)
    event.add("sequence", revision.number)
    event.add("dtstart", entry.on)
    event.add("dtend", entry.last + ONE_DAY)
    event.add("summary", _plain(_("Forecast: %s") % entry.title if forecast else entry.title))
    event.add(
        "description", "\n".join(_lines([entry.about, _(ESTIMATE) if forecast else "", settings.BASE_URL + entry.url]))
    )
    event.add("url", settings.BASE_URL + entry.url)
    event.add("categories", [str(entry.kind.label)])
    event.add("status", "TENTATIVE" if forecast else "CONFIRMED")
    event.add("transp", "TRANSPARENT")
    return event


def _lines(texts: Iterable[str]) -> list[str]:
    return [_plain(text) for text in texts if text]


def _plain(text: str) -> str:
    """One line without control characters; icalendar escapes the rest."""
    return "".join(c for c in " ".join(text.split()) if unicodedata.category(c) != "Cc")
