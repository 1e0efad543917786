"""A certificate as it was on a day: what was recorded by then, and what the rules said of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import models

from certifications.facts import books_for, facts_for, with_relations
from certifications.models import Certificate
from certifications.states import CertificateStatus
from lifecycle.evolve import evolve
from records.models import Event
from records.terms import Terms

FIELDS = (
    "number", "standard", "edition", "body", "accreditation_body", "scheme", "certified_on", "issued_on",
    "cycle_started_on", "expires_on", "scope", "owner", "note",
)  # fmt: skip


@dataclass(frozen=True)
class Fact:
    """One field as it was, and as it is now."""

    name: str
    then: str
    now: str

    @property
    def changed(self) -> bool:
        """Whether it is another today."""
        return self.then != self.now


@dataclass(frozen=True)
class Past:
    """What was known of a certificate on a day; ``known`` is false before it was recorded."""

    on: date
    known: bool
    status: str = ""
    confirmed: str = ""
    expires_on: date | None = None
    facts: Sequence[Fact] = ()
    later: int = 0


def past_of(certificate: Certificate, on: date) -> Past:
    """The certificate as it was at the end of a day where its organization is."""
    row: Certificate = with_relations(Certificate.objects.filter(pk=certificate.pk)).get()
    ended = datetime.combine(on + timedelta(days=1), time(), ZoneInfo(row.organization.time_zone))
    if row.created_at >= ended:
        return Past(on, known=False)
    terms = Terms("certificate.edited", "certificate")
    now = {name: terms.value(name, _stored(getattr(row, name))) for name in FIELDS}
    later = _later(row, ended)
    undone = _undone(later)
    then = {**now, **{name: terms.value(name, value) for name, value in undone.items() if name in now}}
    for name, value in undone.items():
        if isinstance(row._meta.get_field(name), models.DateField):
            setattr(row, name, date.fromisoformat(value) if value else None)
    facts = replace(facts_for([row])[row.pk], known_on=on)
    answer = evolve(facts, books_for([row.scheme])[row.scheme_id], [on]).answers[-1]
    return Past(
        on=on,
        known=True,
        status=answer.status,
        confirmed=str(CertificateStatus(answer.confirmed_status).label),
        expires_on=answer.effective_expires_on or answer.expires_on,
        facts=[Fact(terms.heading(name), then[name], now[name]) for name in FIELDS],
        later=len(later),
    )


def _later(row: Certificate, ended: datetime) -> list[Event]:
    """Changes of the row's own fields that were recorded after the day, newest first."""
    events = Event.objects.filter(subject_type="certificate", subject_id=row.pk, kind="certificate.edited")
    return list(events.filter(recorded_at__gte=ended).order_by("-number"))


def _undone(later: Sequence[Event]) -> dict[str, Any]:
    """What the fields held before all of these changes."""
    values: dict[str, Any] = {}
    for event in later:
        values |= {name: value for name, value in event.before.items() if hasattr(Certificate, name)}
    return values


def _stored(value: Any) -> str:
    """A value as an entry of the history keeps it."""
    return "" if value is None else str(value)
