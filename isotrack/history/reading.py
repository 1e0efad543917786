"""The history as a person reads it: filters, and entries as lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.fields import people
from accounts.models import Organization
from records.models import ActorKind, Event
from records.terms import Terms
from records.wording import reason_of, told

PAGE_SIZE = 50
# Kinds of record: what their entries are about, by the name under which the history speaks of them.
ABOUT = {
    "certificate": gettext_lazy("Certificates"),
    "nonconformity": gettext_lazy("Nonconformities"),
    "audit": gettext_lazy("Audits"),
    "evidencefile": gettext_lazy("Evidence"),
    "scheme": gettext_lazy("Scheme rules"),
    "standard": gettext_lazy("Standards"),
    "edition": gettext_lazy("Editions"),
    "certificationbody": gettext_lazy("Certification bodies"),
    "site": gettext_lazy("Sites"),
    "user": gettext_lazy("People"),
    "apikey": gettext_lazy("API keys"),
    "organization": gettext_lazy("Organization"),
    "historypolicy": gettext_lazy("History and signatures"),
    "importrun": gettext_lazy("Imports"),
}
PAGES = {"certificate": "certificate", "nonconformity": "nonconformity", "audit": "audit"}
FROM = {
    ActorKind.PERSON: gettext_lazy("on a page"),
    ActorKind.KEY: gettext_lazy("through the API"),
    ActorKind.RULE: gettext_lazy("by rule"),
    ActorKind.IMPORT: gettext_lazy("by import"),
    ActorKind.SERVICE: gettext_lazy("by a job"),
}


@dataclass(frozen=True)
class Filters:
    """What the reader asks for; an unreadable value asks for nothing."""

    object: str = ""
    about: str = ""
    subject: int | None = None
    person: int | None = None
    kind: str = ""
    first: date | None = None
    last: date | None = None

    @classmethod
    def of(cls, request: HttpRequest) -> Filters:
        """The filters in the address."""
        get = request.GET
        about, kind = get.get("about", ""), get.get("by", "")
        return cls(
            object=get.get("object", "").replace("\0", "").strip()[:80],
            about=about if about in ABOUT else "",
            subject=_number(get.get("id", "")),
            person=_number(get.get("person", "")),
            kind=kind if kind in ActorKind.values else "",
            first=_date(get.get("from", "")),
            last=_date(get.get("to", "")),
        )

    @property
    def narrowed(self) -> bool:
        """Whether anything is asked for."""
        return self != Filters()


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 18 else None


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def filtered(filters: Filters, organization: Organization) -> QuerySet[Event]:
    """The entries that are asked for, newest first; days are those of the organization."""
    rows: QuerySet[Event] = Event.objects.order_by("-number")
    wanted: dict[str, Any] = {
        "subject_type": filters.about,
        "subject_id": filters.subject,
        "actor_id": filters.person,
        "actor_kind": filters.kind,
    }
    rows = rows.filter(**{name: value for name, value in wanted.items() if value not in ("", None)})
    zone = ZoneInfo(organization.time_zone)
    if filters.object:
        rows = rows.filter(Q(subject_label__icontains=filters.object) | Q(request_id=filters.object))
    if filters.first:
        rows = rows.filter(recorded_at__gte=datetime.combine(filters.first, time(), zone))
    if filters.last and filters.last < date.max:
        rows = rows.filter(recorded_at__lt=datetime.combine(filters.last + timedelta(days=1), time(), zone))
    return rows


@dataclass(frozen=True)
class Change:
    """One value before and after."""

    name: str
    before: str
    after: str


@dataclass(frozen=True)
class Line:
    """An entry as a line of the page."""

    event: Event
    words: str
    reason: str
    icon: str
    who: str
    source: str
    url: str
    changes: Sequence[Change]
    erased: bool


def line_of(event: Event) -> Line:
    """An entry in words, with its values before and after."""
    said = told(event)
    page = PAGES.get(event.subject_type)
    return Line(
        event=event,
        words=said.words,
        reason=reason_of(event),
        icon=said.icon,
        who=said.actor or _("Former user"),
        source=str(FROM[ActorKind(event.actor_kind)]),
        url=reverse(page, args=[event.subject_id]) if page else "",
        changes=changes_of(event),
        erased=len(event.what_seal) == 64,
    )


def changes_of(event: Event) -> list[Change]:
    """Every value that the entry tells of, before and after."""
    terms = Terms(event.kind, event.subject_type)
    return [
        Change(terms.heading(name), *(terms.value(name, values.get(name)) for values in (event.before, event.after)))
        for name in dict.fromkeys([*event.before, *event.after])
    ]


@dataclass(frozen=True)
class Page:
    """One page of entries; the cursors are numbers of entries."""

    lines: Sequence[Line]
    older: int | None
    newer: int | None


def page_of(rows: QuerySet[Event], request: HttpRequest) -> Page:
    """The page behind an entry (``before``, towards older ones) or in front of one (``after``)."""
    before, after = _number(request.GET.get("before", "")), _number(request.GET.get("after", ""))
    if after is not None:
        found = list(rows.filter(number__gt=after).order_by("number")[: PAGE_SIZE + 1])
        more, found = len(found) > PAGE_SIZE, found[:PAGE_SIZE][::-1]
        return Page([line_of(e) for e in found], found[-1].number if found else None, found[0].number if more else None)
    rows = rows if before is None else rows.filter(number__lt=before)
    found = list(rows[: PAGE_SIZE + 1])
    more, found = len(found) > PAGE_SIZE, found[:PAGE_SIZE]
    newer = found[0].number if before is not None and found else None
    return Page([line_of(event) for event in found], found[-1].number if more else None, newer)


def people_in_history() -> list[tuple[int, str]]:
    """Members who can be asked for, by name."""
    return [(user.pk, str(user)) for user in people()]
