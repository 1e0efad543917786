"""Which deadlines move when an audit moves: nonconformities that are to be closed by the next audit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from audits.models import Audit
from audits.programme.window import hanging_on
from audits.states import NOT_HELD
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

    Where another audit comes first, nothing moves; nor with an audit that does not take place anyway.
    """
    return _moved(audit, None if audit.state in NOT_HELD else last)


def moved_again(audit: Audit, last: date) -> list[Moved]:
    """The deadlines that get a day when an audit that was cancelled takes place after all."""
    return _moved(audit, last)


def _moved(audit: Audit, last: date | None) -> list[Moved]:
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
    return [*others, _planned(audit, last)] if last else others


def _planned(audit: Audit, last: date) -> AuditLine:
    """The audit as it is booked for one day."""
    return AuditLine(
        audit.pk, audit.number, audit.kind, "", "planned", last, last, None, None, audit.edition, audit.lead_auditor
    )


def next_day(lines: Sequence[AuditLine]) -> date | None:
    """The last day of the next audit of a certification body that is booked; None without one."""
    return min((line.on for line in lines if line.external and not line.held and line.on), default=None)
