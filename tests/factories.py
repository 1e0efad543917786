"""Rows for tests, made through the doors that people use."""

from __future__ import annotations

from datetime import date
from typing import Any

from accounts.models import Organization
from certifications import actions
from certifications.models import Certificate, Scheme
from nonconformities import actions as ncs
from nonconformities.actions import raise_nonconformity
from nonconformities.models import Nonconformity
from records.models import ActorKind, Event
from records.record import Actor

BY = Actor(ActorKind.PERSON, None, "Marta")


def scheme(catalog_id: str = "iso17021_generic") -> Scheme:
    """The organization's scheme that starts from this shipped profile."""
    found: Scheme = Scheme.objects.filter(catalog_id=catalog_id).order_by("pk")[0]
    return found


def certificate(organization: Organization, number: str = "C1", **fields: Any) -> Certificate:
    """An ISO 9001:2015 certificate that expires on 1 May 2028 unless the fields say otherwise."""
    standard = actions.find_standard(organization, fields.pop("standard", "ISO 9001"), BY)
    edition = actions.find_edition(standard, fields.pop("edition", "2015"), BY)
    given = {"expires_on": date(2028, 5, 1), "scheme": scheme(), **fields}
    sites = given.pop("sites", [])
    return actions.register_certificate(
        organization, {"number": number, "standard": standard, "edition": edition, **given}, sites, BY
    )


def nonconformity(
    organization: Organization, certificates: list[Certificate], number: str = "N1", **fields: Any
) -> Nonconformity:
    """A major raised on 10 March 2026 unless the fields say otherwise."""
    given = {"grade": "major", "raised_on": date(2026, 3, 10), "title": number, **fields}
    return raise_nonconformity(organization, {"number": number, **given}, certificates, BY)


def planned(nc: Nonconformity, cause: str, on: date, by: Actor = BY) -> Nonconformity:
    """Root cause and plan submitted on this day, with an action that the owner Ola carries out by then."""
    if not ncs.actions_of(nc):
        ncs.add_action(nc, {"description": f"Remove: {cause}", "owner_name": "Ola", "due_on": on}, by)
    return ncs.submit_plan(nc, cause, on, by)


def done(nc: Nonconformity, on: date, by: Actor = BY) -> Nonconformity:
    """Every action of the plan done on this day."""
    for action in ncs.actions_of(nc):
        if action.state == "open":
            ncs.complete_corrective_action(action, on, by)
    return ncs.complete_action(nc, on, by)


def settled(nc: Nonconformity, on: date, by: Actor = BY) -> Nonconformity:
    """Verified as effective, and thereby closed, on this day."""
    return ncs.verify(nc, on, "effective", by)


def told(subject_id: int, subject_type: str = "certificate") -> list[tuple[str, str]]:
    """Kind and effective date of the events about a row, in the order in which they were recorded."""
    events = Event.objects.filter(subject_type=subject_type, subject_id=subject_id).order_by("number")
    return [(event.kind, event.effective_on.isoformat()) for event in events]
