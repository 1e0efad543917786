"""Everything dated between two days, in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.templatetags.ui import day
from agenda.models import TimeRequest
from agenda.states import Kind
from audits.queries import audits
from certifications.facts import books_for, facts_for, with_relations
from certifications.insight import bring_up_to_date
from certifications.models import Certificate
from certifications.queries import site_names
from certifications.timeline import loss_of, site_of, will_be
from certifications.words import deadline_words
from lifecycle.evolve import evolve
from lifecycle.outcome import Deadline
from nonconformities.models import CorrectiveAction
from nonconformities.queries import nonconformities
from nonconformities.states import Stage

MOST = 1000
ICONS = {
    Kind.AUDIT: "clipboard-check",
    Kind.WINDOW: "calendar-plus",
    Kind.DEADLINE: "flag",
    Kind.EXPIRY: "calendar-x",
    Kind.FORECAST: "triangle-alert",
}
TONES = {
    Kind.AUDIT: "planned",
    Kind.WINDOW: "active",
    Kind.DEADLINE: "due",
    Kind.EXPIRY: "expired",
    Kind.FORECAST: "risk",
}


@dataclass(frozen=True)
class Entry:
    """Something on a civil date; ``until`` is its last day. ``uid`` names it for good, whatever its date.

    ``source`` is the record it comes from, as history names it; sites, standards and owners are row ids.
    """

    uid: str
    kind: Kind
    on: date
    title: str
    url: str
    source: tuple[str, int]
    until: date | None = None
    about: str = ""
    done: bool = False
    late: bool = False
    sites: frozenset[int] = frozenset()
    standards: frozenset[int] = frozenset()
    owners: frozenset[int] = frozenset()

    @property
    def last(self) -> date:
        """Its last day."""
        return self.until or self.on

    @property
    def icon(self) -> str:
        """Name of the icon of its kind."""
        return ICONS[self.kind]

    @property
    def tone(self) -> str:
        """Name of the color set of its kind."""
        return "closed" if self.done else "overdue" if self.late else TONES[self.kind]


@dataclass(frozen=True)
class Wanted:
    """Which entries one wants; None narrows nothing."""

    owner: int | None = None
    site: int | None = None
    standard: int | None = None

    def holds(self, entry: Entry) -> bool:
        """Whether the entry is one of them."""
        pairs = ((self.owner, entry.owners), (self.site, entry.sites), (self.standard, entry.standards))
        return all(one is None or one in among for one, among in pairs)


def entries(today: date, first: date, last: date, wanted: Wanted = Wanted()) -> list[Entry]:
    """What lies between two days, both included, earliest first; at most 1,000 audits and NC steps each."""
    found = [*_of_certificates(today), *_of_audits(first, last), *_of_nonconformities(first, last)]
    inside = (entry for entry in found if entry.last >= first and entry.on <= last and wanted.holds(entry))
    marked = (replace(entry, late=_late(entry, today)) for entry in inside)
    return sorted(marked, key=lambda entry: (entry.on, entry.kind, entry.title))


def _late(entry: Entry, today: date) -> bool:
    """Whether something that people must do lies behind."""
    return entry.kind in {Kind.AUDIT, Kind.DEADLINE} and entry.last < today and not entry.done


def by_month(found: Iterable[Entry], first: date) -> list[tuple[date, list[Entry]]]:
    """The entries under the first day of their month; one that began before ``first`` stands there."""
    return [
        (month, list(group)) for month, group in groupby(found, key=lambda entry: max(entry.on, first).replace(day=1))
    ]


def _of_certificates(today: date) -> Iterator[Entry]:
    """Expiry, windows and deadlines of the scheme, and the next losses if nothing is done."""
    rows = list(with_relations(Certificate.objects.exclude(status="withdrawn")).prefetch_related("site_links__site"))
    bring_up_to_date(rows, today)
    facts = facts_for(rows)
    books = books_for(row.scheme for row in rows)
    for row in rows:
        outcome = evolve(facts[row.pk], books[row.scheme_id], [today])
        frame = _frame(row)
        yield from _expiry(row, frame)
        yield from _deadlines(outcome.deadlines, row, frame)
        yield from _losses(row, frame)


def _frame(row: Certificate) -> Entry:
    """What all entries of a certificate share; their title ends with its name."""
    return Entry(
        uid=f"certificate-{row.pk}",
        kind=Kind.EXPIRY,
        on=date.min,
        title=", ".join(filter(None, [str(row.standard), site_of(site_names(row))])),
        about=_("Certificate %s") % row,
        url=reverse("certificate", args=[row.pk]),
        source=("certificate", row.pk),
        sites=frozenset(link.site_id for link in row.site_links.all()),
        standards=frozenset([row.standard_id]),
        owners=frozenset(filter(None, [row.owner_id])),
    )


def _expiry(row: Certificate, frame: Entry) -> Iterator[Entry]:
    if row.current_expires_on and row.status in {"active", "suspended"}:
        title = _("Last valid day: %s") % frame.title
        yield replace(frame, uid=f"{frame.uid}-expiry", on=row.current_expires_on, title=title)


def _deadlines(deadlines: Sequence[Deadline], row: Certificate, frame: Entry) -> Iterator[Entry]:
    """Deadlines of the certificate itself; those of its nonconformities stand with these."""
    seen: dict[str, int] = {}
    for deadline in deadlines:
        if deadline.state not in {"open", "missed"} or deadline.subject.startswith("nc:") or deadline.kind == "expiry":
            continue
        number = seen[deadline.kind] = seen.get(deadline.kind, 0) + 1
        uid = f"{frame.uid}-{deadline.kind}" + (f"-{number}" if number > 1 else "")
        title = f"{deadline_words(deadline.kind, None)}: {frame.title}"
        yield replace(frame, uid=uid, kind=Kind.DEADLINE, on=deadline.due_on, title=title)
        if deadline.opens_on and deadline.opens_on < deadline.due_on:
            title = _("Window opens: %s") % title
            yield replace(frame, uid=f"{uid}-window", kind=Kind.WINDOW, on=deadline.opens_on, title=title)


def _losses(row: Certificate, frame: Entry) -> Iterator[Entry]:
    loss = loss_of(row)
    if loss is None:
        return
    words = {"suspended": _("%s is suspended"), "withdrawn": _("%s is withdrawn"), "expired": _("%s is expired")}
    for turn in ((loss.status, loss.on), *((turn.status, turn.on) for turn in loss.follows)):
        status, on = turn
        if status in words:
            yield replace(
                frame,
                uid=f"{frame.uid}-loss-{status}",
                kind=Kind.FORECAST,
                on=on,
                title=words[status] % frame.title,
                about=_("%s · if nothing is done") % frame.about,
            )


def _of_audits(first: date, last: date) -> Iterator[Entry]:
    rows = audits().exclude(state="cancelled").filter(on__gte=first).order_by("on", "pk")
    ahead = Q(planned_on__lte=last) | Q(started_on__lte=last) | Q(on__lte=last)
    for row in rows.filter(ahead)[:MOST]:
        links = [link.certificate for link in row.certificate_links.all()]
        standards = ", ".join(dict.fromkeys(str(certificate.standard) for certificate in links))
        held = row.state == "held"
        yield Entry(
            uid=f"audit-{row.pk}",
            kind=Kind.AUDIT,
            on=(row.started_on if held else row.planned_on) or row.on,
            until=row.on,
            title=_("%(kind)s audit %(number)s") % {"kind": row.get_kind_display(), "number": row}
            + (f": {standards}" if standards else ""),
            about=" · ".join(filter(None, [str(row.site or ""), str(row.body or ""), row.lead_auditor])),
            url=reverse("audit", args=[row.pk]),
            source=("audit", row.pk),
            done=held,
            sites=frozenset(filter(None, [row.site_id])),
            standards=frozenset(certificate.standard_id for certificate in links),
            owners=frozenset(certificate.owner_id for certificate in links if certificate.owner_id),
        )


def _of_nonconformities(first: date, last: date) -> Iterator[Entry]:
    """The next step of each open nonconformity, and corrective actions that are open."""
    rows = nonconformities().filter(state="open", next_step_due_on__range=(first, last))
    for row in rows.order_by("next_step_due_on", "pk")[:MOST]:
        concerned = [link.certificate for link in row.certificate_links.all()]
        yield Entry(
            uid=f"nonconformity-{row.pk}",
            kind=Kind.DEADLINE,
            on=row.next_step_due_on,  # type: ignore[arg-type]  # the filter leaves none without
            title=f"{step_words(row.stage, str(row))}: {row.title}",
            about=", ".join(dict.fromkeys(str(certificate.standard) for certificate in concerned)),
            url=reverse("nonconformity", args=[row.pk]),
            source=("nonconformity", row.pk),
            sites=frozenset(filter(None, [row.site_id])),
            standards=frozenset(certificate.standard_id for certificate in concerned),
            owners=frozenset(filter(None, [row.owner_id])),
        )
    yield from _of_actions(first, last)


def step_words(stage: str, number: str) -> str:
    """The next step of a nonconformity, verb first."""
    words = {
        Stage.RAISED: _("Submit root cause and plan for %s"),
        Stage.SUBMITTED: _("Get the plan for %s accepted"),
        Stage.ACCEPTED: _("Finish the corrective action of %s"),
        Stage.DONE: _("Get %s verified and closed"),
        Stage.VERIFIED: _("Judge the effect of the action of %s"),
    }
    return words.get(Stage(stage), _("Close %s")) % number


def _of_actions(first: date, last: date) -> Iterator[Entry]:
    rows = CorrectiveAction.objects.filter(
        state="open", nonconformity__state="open", due_on__range=(first, last)
    ).select_related("nonconformity")
    for row in rows.order_by("due_on", "pk")[:MOST]:
        yield Entry(
            uid=f"action-{row.pk}",
            kind=Kind.DEADLINE,
            on=row.due_on,
            title=f"{row.nonconformity}: {row.description[:120]}",
            about=_("Corrective action of %s") % row.nonconformity,
            url=reverse("nonconformity", args=[row.nonconformity_id]),
            source=("nonconformity", row.nonconformity_id),
            sites=frozenset(filter(None, [row.nonconformity.site_id])),
            owners=frozenset(filter(None, [row.owner_id])),
        )


def time_requests() -> QuerySet[TimeRequest]:
    """Requests for more time with what a line about one shows, the oldest first."""
    related = ("asked_by", "organization", "action__owner", "action__nonconformity__owner")
    rows: QuerySet[TimeRequest] = TimeRequest.objects.select_related(*related)
    return rows.order_by("pk")


def effect_of_day(action: CorrectiveAction, due_on: date) -> tuple[str, bool]:
    """What a later due date of an action does to the certificates, in a sentence, and whether one is lost by it.

    The nonconformity cannot close before its last action is done, so its own deadline decides.
    """
    nonconformity = action.nonconformity
    certificates = Certificate.objects.filter(nonconformity_links__nonconformity=nonconformity)
    losses = [(loss, row) for row in certificates.select_related("standard") if (loss := loss_of(row))]
    name = f"nc:{nonconformity.pk}"
    late = [(loss, row) for loss, row in losses if name in {loss.subject, *loss.because} and due_on >= loss.on]
    if late:
        loss, row = min(late, key=lambda pair: pair[0].on)
        words = {"name": row.standard, "status": will_be(loss.status, loss.on)}
        return _("Too late: %(name)s is %(status)s before this day.") % words, True
    if nonconformity.next_step_due_on and due_on > nonconformity.next_step_due_on:
        words = {"nc": nonconformity, "day": day(nonconformity.next_step_due_on)}
        return _("After the next step of %(nc)s is due, %(day)s; no certificate is lost by it.") % words, False
    return _("No date of a certificate moves."), False
