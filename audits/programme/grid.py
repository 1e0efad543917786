"""The programme of three years: standard × site × quarter, and what is missing in it, in words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import TypeVar

from django.utils.translation import gettext as _

from accounts.models import Site
from accounts.templatetags.ui import day
from audits.models import Audit, AuditCycle
from audits.programme.proposing import Proposal, propose
from audits.queries import audits, tag_of
from audits.states import NOT_HELD, AuditKind
from certifications.facts import books_for, facts_for, with_relations
from certifications.models import Certificate
from certifications.queries import audits_of, planned_facts
from lifecycle.calendar import add_months

Item = TypeVar("Item")
QUARTERS = 12
LETTERS = {
    "stage1": "S1", "stage2": "S2", "surveillance": "S", "recertification": "R", "transition": "T", "transfer": "X",
    "special": "!", "follow_up": "F", "internal": "I", "supplier": "V",
}  # fmt: skip


@dataclass(frozen=True)
class Mark:
    """An audit in a cell: its letter, its state, its page; or a proposal, which has no page yet."""

    letter: str
    tag: str
    words: str
    pk: int | None = None
    query: str = ""


@dataclass
class Cell:
    """A quarter of a row."""

    first: date
    marks: list[Mark] = field(default_factory=list)


@dataclass
class Row:
    """A certificate at one of its sites."""

    certificate: Certificate
    site: Site | None
    cells: list[Cell]

    @property
    def empty(self) -> bool:
        """Whether nothing is held, planned or proposed in these years."""
        return not any(cell.marks for cell in self.cells)


@dataclass(frozen=True)
class Wanted:
    """A proposal for a certificate at a site."""

    certificate: Certificate
    site: Site | None
    proposal: Proposal

    @property
    def kind_words(self) -> str:
        """Its kind."""
        return str(AuditKind(self.proposal.kind).label)


@dataclass(frozen=True)
class Programme:
    """Three years from the first day of a quarter."""

    first: date
    last: date
    rows: list[Row]
    wanted: list[Wanted]
    gaps: list[str]

    @property
    def quarters(self) -> list[date]:
        """First days of the quarters."""
        return [add_months(self.first, 3 * number) for number in range(QUARTERS)]


def first_of_quarter(on: date) -> date:
    """The first day of the quarter of a day."""
    return date(on.year, 3 * ((on.month - 1) // 3) + 1, 1)


def programme(today: date, first: date) -> Programme:
    """What is held, planned and still to be planned in the three years from ``first``; a fixed number of queries."""
    last = add_months(first, 3 * QUARTERS) - timedelta(days=1)
    kept = Certificate.objects.exclude(status__in=["withdrawn", "expired"])
    rows = list(with_relations(kept).order_by("standard__code", "pk"))
    sites = {row.pk: _sites(row) for row in kept.prefetch_related("site_links__site")}
    held = list(audits().prefetch_related("site_links__site").exclude(state__in=NOT_HELD))
    audited = _by_certificate((link.certificate_id, audit) for audit in held for link in audit.certificate_links.all())
    wanted = [*_external(rows, sites, today, last), *_internal(rows, sites, audited, today, last)]
    asked = _by_certificate((want.certificate.pk, want) for want in wanted)
    table = [
        _row(row, site, (first, last), audited[row.pk], asked[row.pk], today)
        for row in rows
        for site in _places(sites[row.pk])
    ]
    return Programme(first, last, table, sorted(wanted, key=lambda w: w.proposal.on), _gaps(wanted, today))


def _by_certificate(pairs: Iterable[tuple[int, Item]]) -> dict[int, list[Item]]:
    """What belongs to each certificate, named by its id."""
    found: dict[int, list[Item]] = defaultdict(list)
    for pk, item in pairs:
        found[pk].append(item)
    return found


def _sites(row: Certificate) -> list[Site]:
    return [link.site for link in row.site_links.all()]


def _places(sites: list[Site]) -> list[Site | None]:
    """The sites of a certificate; one unnamed place when none is entered."""
    return [*sites] or [None]


def _external(rows: Sequence[Certificate], sites: dict[int, list[Site]], today: date, last: date) -> list[Wanted]:
    """What the scheme of each certificate asks for beyond what is booked."""
    facts, books, lines = facts_for(rows), books_for(row.scheme for row in rows), audits_of([row.pk for row in rows])
    found = []
    for row in rows:
        booked = planned_facts(lines[row.pk])
        ordered = sorted((*facts[row.pk].audits, *booked), key=lambda a: a.ended_on or a.started_on or date.max)
        known = replace(facts[row.pk], audits=tuple(ordered))
        main = next(iter(sites[row.pk]), None)
        found += [Wanted(row, main, proposal) for proposal in propose(known, books[row.scheme_id], today, last)]
    return found


def _internal(
    rows: Sequence[Certificate],
    sites: dict[int, list[Site]],
    audited: dict[int, list[Audit]],
    today: date,
    last: date,
) -> list[Wanted]:
    """What the organization's own cycle asks for: each standard at each site again after so many months."""
    months = AuditCycle.months()
    found = []
    for row in rows:
        for site in _places(sites[row.pk]):
            days = sorted(day for audit in audited[row.pk] if (day := _internal_day(audit, site)))
            found += [Wanted(row, site, p) for p in _again(days, months, today, last)]
    return found


def _internal_day(audit: Audit, site: Site | None) -> date | None:
    """The day of an internal audit that goes to a site."""
    return _day_of(audit) if audit.kind == "internal" and _goes_to(audit, site) else None


def _goes_to(audit: Audit, site: Site | None) -> bool:
    """Whether an audit visits a site; one without a site visits every one."""
    return site is None or not audit.places or site in audit.places


def _day_of(audit: Audit) -> date | None:
    return audit.ended_on or audit.planned_until or audit.planned_on or audit.started_on


def _again(days: Sequence[date], months: int, today: date, last: date) -> list[Proposal]:
    """Proposals so that no two audits lie further apart than the cycle."""
    found: list[Proposal] = []
    marks = list(days)
    due = add_months(marks[-1], months) if marks else today + timedelta(days=90)
    while due <= last:
        on = max(due - timedelta(days=14), today + timedelta(days=1))
        found.append(Proposal("internal", on, None, due, "own_cycle"))
        due = add_months(max(due, today), months)
    return found


def _row(
    row: Certificate,
    site: Site | None,
    years: tuple[date, date],
    audited: Sequence[Audit],
    asked: Sequence[Wanted],
    today: date,
) -> Row:
    """What is held, planned and proposed for a certificate at a site."""
    first, last = years
    found = Row(row, site, [Cell(add_months(first, 3 * number)) for number in range(QUARTERS)])
    for audit in audited:
        on = _day_of(audit)
        if on and first <= on <= last and _goes_to(audit, site):
            words = f"{audit.get_kind_display()} {audit}, {day(on)}"
            _cell(found, on).marks.append(Mark(LETTERS[audit.kind], tag_of(audit, today), words, audit.pk))
    for want in asked:
        if want.site == site and first <= want.proposal.on <= last:
            words = _("%(kind)s proposed for %(day)s") % {"kind": want.kind_words, "day": day(want.proposal.on)}
            mark = Mark(LETTERS[want.proposal.kind], "proposed", words, query=query_of(want))
            _cell(found, want.proposal.on).marks.append(mark)
    return found


def _cell(row: Row, on: date) -> Cell:
    return [cell for cell in row.cells if cell.first <= on][-1]


def query_of(want: Wanted) -> str:
    """The form of a new audit, filled in from a proposal."""
    site = f"&site={want.site.pk}" if want.site else ""
    return f"?kind={want.proposal.kind}&certificate={want.certificate.pk}&planned_on={want.proposal.on}{site}"


def _gaps(wanted: Sequence[Wanted], today: date) -> list[str]:
    """What should be planned within half a year and is not, each in a sentence."""
    soon = today + timedelta(days=183)
    found = []
    for want in sorted(wanted, key=lambda w: w.proposal.due_on or w.proposal.on):
        due = want.proposal.due_on or want.proposal.on
        if due <= soon or want.proposal.on <= today + timedelta(days=31):
            words = {
                "standard": want.certificate.standard,
                "site": want.site or want.certificate,
                "kind": want.kind_words.lower(),
                "day": day(due),
            }
            text = _("%(standard)s, %(site)s: no %(kind)s audit is planned; it is due by %(day)s.")
            late = _("%(standard)s, %(site)s: no %(kind)s audit is planned; it was due by %(day)s.")
            found.append((late if due < today else text) % words)
    return found
