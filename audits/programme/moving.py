"""Which deadlines move when an audit moves: nonconformities that are to be closed by the next audit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from audits.models import Audit
from audits.programme.window import hanging_on
from certifications.models import Certificate
from certifications.queries import AuditLine, audits_of


@dataclass(frozen=True, slots=True)
class Moved:
    """A deadline that moves: the last day of the next audit of a certificate; None while no audit is planned."""

    nonconformity: Any
    certificate: Certificate
    before: date | None
    after: date | None


def moved_with(audit: Audit, last: date | None) -> list[Moved]:
    """The deadlines that move when the audit ends on another day, or never (None); three queries.

    Where another audit comes first, nothing moves.
    """
    rows = hanging_on(audit)
    links = list(audit.certificate_links.select_related("certificate__standard").order_by("pk")) if rows else []
    booked = audits_of([link.certificate_id for link in links])
    found = []
    for row in rows:
        for link in links:
            if row.due.get(f"certificate:{link.certificate_id}", {}).get("closure") != "next_audit":
                continue
            lines = booked[link.certificate_id]
            before, after = next_day(lines), next_day(_with(lines, audit, last))
            if before != after:
                found.append(Moved(row, link.certificate, before, after))
    return found


def _with(lines: Sequence[AuditLine], audit: Audit, last: date | None) -> list[AuditLine]:
    others = [line for line in lines if line.pk != audit.pk]
    own = [line for line in lines if line.pk == audit.pk]
    return [*others, *(replace(line, planned_on=last, planned_until=last) for line in own if last)]


def next_day(lines: Sequence[AuditLine]) -> date | None:
    """The last day of the next audit of a certification body that is booked; None without one."""
    return min((line.on for line in lines if line.external and not line.held and line.on), default=None)
