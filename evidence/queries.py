"""Reading evidence: of a record, of the organization, and what one piece is used for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet, Sum

from accounts.reach import reached_ids
from accounts.tenancy import OrganizationRow, sees_everything, whole_organization
from evidence.kinds import KINDS, Kind
from evidence.models import Blob, Evidence, Use
from records.record import subject_type


def evidence_of(*rows: OrganizationRow) -> list[Evidence]:
    """What supports any of these records, in the order in which it was linked, each once; three queries."""
    named = Q(pk=None)
    for row in rows:
        named |= Q(subject_type=subject_type(row), subject_id=row.pk)
    uses = Use.objects.filter(named, evidence__withdrawn_on=None).select_related("evidence")
    found = uses.prefetch_related("evidence__revisions__blob").order_by("pk")
    return list({use.evidence_id: use.evidence for use in found}.values())


def visible() -> QuerySet[Evidence]:
    """Evidence whose records the caller may see, and evidence that supports nothing any more."""
    seen = Q()
    for name, kind in KINDS.items():
        ids = kind.model.objects.values("pk") if sees_everything() else reached_ids(kind.model)
        seen |= Q(subject_type=name, subject_id__in=ids)
    with whole_organization():
        uses = Use.objects.filter(evidence=OuterRef("pk"))
        return Evidence.objects.filter(Exists(uses.filter(seen)) | ~Exists(uses))


def with_files(rows: QuerySet[Evidence]) -> QuerySet[Evidence]:
    """With owner and files, for lists."""
    return rows.select_related("owner", "organization").prefetch_related("revisions__blob")


@dataclass(frozen=True, slots=True)
class Supported:
    """A record that evidence supports, as a link."""

    subject_type: str
    subject_id: int
    kind: Kind
    title: str
    url: str


def supported(uses: Iterable[Use]) -> list[Supported]:
    """The records that these uses name and the caller may see; one query per kind of record."""
    ids: dict[str, list[int]] = {}
    for use in uses:
        ids.setdefault(use.subject_type, []).append(use.subject_id)
    found = []
    for name, pks in ids.items():
        kind = KINDS[name]
        rows = kind.model.objects.filter(pk__in=pks).order_by("pk")
        found += [Supported(name, row.pk, kind, kind.title(row), kind.url(row)) for row in rows]
    return found


def used_bytes() -> int:
    """How much the current organization's contents take."""
    return int(Blob.objects.aggregate(total=Sum("size"))["total"] or 0)


def expiring_until(rows: QuerySet[Evidence], day: object) -> QuerySet[Evidence]:
    """Evidence that is valid until this day at the longest."""
    return rows.filter(expires_on__lte=day, withdrawn_on=None)


__all__: Sequence[str] = (
    "Supported",
    "evidence_of",
    "expiring_until",
    "supported",
    "used_bytes",
    "visible",
    "with_files",
)
