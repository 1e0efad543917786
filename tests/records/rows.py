"""Certificates of every fate, for tests of the jobs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

from accounts import clock, tenancy
from accounts.models import Organization
from certifications.models import Certificate
from isotrack import jobs
from nonconformities.models import Nonconformity
from records.models import Event, Message, SweepRun
from tests.factories import certificate, nonconformity

START = date(2026, 3, 10)


@contextmanager
def on(day: date, organization: Organization) -> Iterator[None]:
    """It is this day, and somebody acts in the organization."""
    with clock.at(day), tenancy.acting_in(organization):
        yield


def fates(organization: Organization, copies: int = 1) -> list[Certificate]:
    """For each copy: one suspended by a major on 9 June 2026, one that expires on 30 April 2026, one that stays."""
    rows = []
    with on(START, organization):
        for i in range(copies):
            rows.append(certificate(organization, f"S{i}"))
            nonconformity(organization, [rows[-1]], f"N{i}")
            rows.append(certificate(organization, f"E{i}", expires_on=date(2026, 4, 30)))
            rows.append(certificate(organization, f"K{i}", expires_on=date(2028, 5, 1)))
            nonconformity(organization, [], f"O{i}", source="complaint", grade="minor")
    return rows


def sweep_on(day: date) -> SweepRun:
    """What the scheduler does on a day."""
    with clock.at(day):
        return jobs.sweep(SweepRun.StartedBy.SCHEDULER, None, lambda line: None)


def sweep_daily(first: date, last: date) -> None:
    """One sweep on each day, both ends included."""
    for days in range((last - first).days + 1):
        sweep_on(first + timedelta(days=days))


def standing() -> dict[str, tuple[Any, ...]]:
    """Everything the jobs keep on rows, by number."""
    with tenancy.across_organizations():
        rows = [*Certificate.objects.all(), *Nonconformity.objects.all()]
        kept = ("status", "confirmed_status", "moves", "state", "due", "next_step_due_on", "next_due_on", "failure")
        return {str(row): tuple(getattr(row, name, None) for name in kept) for row in rows}


def history(kinds: str = "") -> list[tuple[str, str, date, str]]:
    """The events the rules wrote: about what, which, on which day, by which rule; in the order of days."""
    with tenancy.across_organizations():
        events = Event.objects.filter(actor_kind="rule", kind__startswith=kinds)
        found = events.values_list("subject_label", "kind", "effective_on", "rule")
        return sorted(found, key=lambda event: (event[2], event[0], event[1]))


def message_keys(**filters: Any) -> list[str]:
    """The meanings of the messages written so far."""
    with tenancy.across_organizations():
        return sorted(Message.objects.filter(**filters).values_list("key", flat=True))


def the(number: str) -> Certificate:
    """The certificate with this number, as it is stored."""
    with tenancy.across_organizations():
        row: Certificate = Certificate.objects.get(number=number)
        return row
