"""Two more looks at the programme: which clauses were audited when, and which sites a sample asks for."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q

from accounts.models import Site
from audits.models import Audit, ChecklistAnswer, PlanEntry
from audits.queries import audits
from audits.states import NOT_HELD, TOOK_PLACE
from certifications.catalog import raw_catalog
from certifications.clauses import clause_list
from certifications.models import Certificate
from lifecycle.calculators import sites_to_audit


@dataclass(frozen=True)
class ClauseRow:
    """A clause, when it was last looked at, and how often in the three years."""

    number: str
    title: str
    last_on: date | None
    times: int


@dataclass(frozen=True)
class StandardCover:
    """The clauses of one standard."""

    name: str
    rows: list[ClauseRow]

    @property
    def never(self) -> int:
        """How many were never looked at in the three years."""
        return sum(row.last_on is None for row in self.rows)


def clause_cover(first: date, last: date) -> list[StandardCover]:
    """What was audited when, by clause: from answers, and from plans of audits that were held; three queries."""
    seen: dict[tuple[str, str], list[date]] = defaultdict(list)
    _from_answers(seen, first, last)
    _from_plans(seen, first, last)
    rows = Certificate.objects.exclude(status__in=["withdrawn", "expired"]).select_related("standard", "edition")
    editions = sorted({(str(r.standard), r.current_edition or (r.edition.name if r.edition else "")) for r in rows})
    found = []
    for standard, edition in editions:
        lines = [c for c in clause_list(standard, edition) if c.asked]
        if lines:
            covered = [_clause_row(c, seen[standard, c.number]) for c in lines]
            found.append(StandardCover(f"{standard}:{edition}", covered))
    return found


def _clause_row(clause: Any, days: list[date]) -> ClauseRow:
    return ClauseRow(clause.number, clause.title, max(days, default=None), len(set(days)))


def _from_answers(seen: dict[tuple[str, str], list[date]], first: date, last: date) -> None:
    rows = ChecklistAnswer.objects.exclude(answer="not_seen").filter(item__edition__isnull=False)
    columns = ("item__edition__standard__code", "item__clause", "item__audit__ended_on", "item__audit__started_on")
    for standard, clause, ended_on, started_on in rows.values_list(*columns):
        on = ended_on or started_on
        if on and first <= on <= last:
            seen[standard, clause].append(on)


def _from_plans(seen: dict[tuple[str, str], list[date]], first: date, last: date) -> None:
    held = Q(audit__state__in=TOOK_PLACE, audit__ended_on__range=(first, last))
    entries = PlanEntry.objects.filter(held).prefetch_related("audit__certificate_links__certificate__standard")
    for entry in entries:
        standards = {str(link.certificate.standard) for link in entry.audit.certificate_links.all()}
        for standard in standards:
            for clause in entry.clauses:
                seen[standard, clause].append(entry.audit.ended_on)


@dataclass(frozen=True)
class SiteLine:
    """A site of a certificate with its last audit and what is planned; ``due`` marks those the sample should take."""

    site: Site
    central: bool
    last_on: date | None
    planned_on: date | None
    due: bool


@dataclass(frozen=True)
class Sample:
    """How many sites an audit of a certificate visits (IAF MD 1), and which."""

    certificate: Certificate
    initial: int
    surveillance: int
    recertification: int
    lines: list[SiteLine]

    @property
    def planned(self) -> int:
        """Sites beside the central function for which an audit is planned."""
        return sum(line.planned_on is not None and not line.central for line in self.lines)


def samples(today: date) -> list[Sample]:
    """Every certificate of several sites; the first site of a certificate is its central function."""
    rows = Certificate.objects.exclude(status__in=["withdrawn", "expired"]).select_related("standard")
    several = [r for r in rows.prefetch_related("site_links__site").order_by("pk") if len(r.site_links.all()) > 1]
    held = list(audits().prefetch_related("site_links__site").exclude(state__in=NOT_HELD))
    return [_sample(row, held, today) for row in several]


def _sample(row: Certificate, held: list[Audit], today: date) -> Sample:
    formulas = raw_catalog()["site_sample"]
    links = list(row.site_links.all())
    count = len(links) - 1
    needed = {
        k: sites_to_audit(formulas, count, k, sampled=True) for k in ("initial", "surveillance", "recertification")
    }
    mine = [
        a for a in held if a.is_external and any(link.certificate_id == row.pk for link in a.certificate_links.all())
    ]
    lasts = {link.site_id: _last(mine, link.site) for link in links}
    plans = {link.site_id: _planned(mine, link.site) for link in links}
    others = sorted((link.site_id for link in links[1:]), key=lambda pk: lasts[pk] or date.min)
    due = set(others[: needed["surveillance"]]) | {links[0].site_id}
    lines = [
        SiteLine(link.site, place == 0, lasts[link.site_id], plans[link.site_id], link.site_id in due)
        for place, link in enumerate(links)
    ]
    return Sample(row, needed["initial"], needed["surveillance"], needed["recertification"], lines)


def _last(mine: list[Audit], site: Site) -> date | None:
    return max((a.ended_on for a in mine if a.ended_on and site in a.places), default=None)


def _planned(mine: list[Audit], site: Site) -> date | None:
    return min((a.planned_on for a in mine if a.planned_on and not a.ended_on and site in a.places), default=None)
