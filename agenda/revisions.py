"""How often what an entry tells has changed: the number and the moment of the last event behind it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db.models import Max

from accounts import clock
from certifications.models import Certificate
from records.models import Event

RULES = ("scheme", "schemeversion", "edition", "editionend", "certificationbody", "standard")
Source = tuple[str, int]


@dataclass(frozen=True, order=True)
class Revision:
    """Rises with every change of the records behind an entry, and never falls."""

    number: int
    at: datetime


FIRST = Revision(0, datetime(2020, 1, 1, tzinfo=UTC))


def revisions(sources: Iterable[Source]) -> dict[Source, Revision]:
    """The revision of each source; a certificate's dates also follow its audits, nonconformities and rules.

    Six queries, whatever the number of sources.
    """
    wanted = set(sources)
    certificates = {pk for kind, pk in wanted if kind == "certificate"}
    behind = _behind(certificates)
    own = _latest(wanted.union(*behind.values()))
    rules = _of_rules() if certificates else FIRST
    found = {source: own.get(source, FIRST) for source in wanted}
    for pk in certificates:
        found["certificate", pk] = max(
            rules, found["certificate", pk], *(own.get(source, FIRST) for source in behind.get(pk, ()))
        )
    return found


def _behind(certificates: set[int]) -> dict[int, set[Source]]:
    """The audits and nonconformities that a certificate's dates follow."""
    links: dict[int, set[Source]] = {}
    rows = Certificate.objects.filter(pk__in=certificates)
    for kind, path in (("audit", "audit_links__audit_id"), ("nonconformity", "nonconformity_links__nonconformity_id")):
        for pk, other in rows.filter(**{f"{path}__isnull": False}).values_list("pk", path):
            links.setdefault(pk, set()).add((kind, other))
    return links


def _latest(sources: Iterable[Source]) -> dict[Source, Revision]:
    by_kind: dict[str, set[int]] = {}
    for kind, pk in sources:
        by_kind.setdefault(kind, set()).add(pk)
    found = {}
    for kind in sorted(by_kind):
        rows: Any = Event.objects.filter(subject_type=kind, subject_id__in=by_kind[kind]).order_by()
        for pk, number, at in rows.values_list("subject_id").annotate(Max("number"), Max("recorded_at")):
            found[kind, pk] = Revision(number, at)
    return found


def _of_rules() -> Revision:
    found: Mapping[str, Any] = Event.objects.filter(subject_type__in=RULES).aggregate(
        number=Max("number"), at=Max("recorded_at")
    )
    return Revision(found["number"], found["at"]) if found["number"] else FIRST


def now() -> Revision:
    """A revision later than all others, for what is told once."""
    return Revision(2**31 - 1, clock.now())
