"""Mails before evidence expires, written to the outbox; by date, so that a day on which nothing ran loses nothing."""

from __future__ import annotations

from datetime import timedelta

from accounts import clock, tenancy
from accounts.models import Membership, Organization
from accounts.permissions import Role
from evidence.models import Evidence
from records.outbox import NewMessage, queue, unknown

THRESHOLDS = (0, 7, 30)  # days before; the smallest that holds is told
LOOK_BACK = timedelta(days=60)
KIND = "evidence_expiry"


def remind_all() -> int:
    """Tell the owners of expiring evidence in all organizations; returns how many messages were written."""
    with tenancy.across_organizations():
        soon = clock.today() + timedelta(days=max(THRESHOLDS) + 1)
        concerned = Evidence.objects.filter(expires_on__range=(soon - LOOK_BACK - LOOK_BACK, soon), withdrawn_on=None)
        organizations = Organization.objects.filter(pk__in=concerned.values("organization_id"))
    return sum(remind(organization) for organization in organizations)


def remind(organization: Organization) -> int:
    """Write what is not yet told about one organization's evidence."""
    today = clock.today(organization)
    with tenancy.acting_in(organization):
        rows = Evidence.objects.filter(
            expires_on__range=(today - LOOK_BACK, today + timedelta(days=max(THRESHOLDS))), withdrawn_on=None
        )
        members = set(Membership.objects.values_list("user_id", flat=True))
        officers = _officers()
        messages = [
            _message(row, person, (row.expires_on - today).days)
            for row in rows.order_by("pk")
            for person in ([row.owner_id] if row.owner_id in members else officers)
        ]
        return queue(unknown(messages))


def _officers() -> list[int]:
    """Who is told of evidence that nobody owns."""
    roles = (Role.COMPLIANCE_OFFICER, Role.ADMINISTRATOR)
    for role in roles:
        if found := list(Membership.objects.filter(role=role).order_by("user_id").values_list("user_id", flat=True)):
            return found
    return []


def _message(row: Evidence, person: int, days: int) -> NewMessage:
    """The message of the threshold that holds; its key is its meaning, so that it is written once."""
    threshold = "over" if days < 0 else str(min(limit for limit in THRESHOLDS if days <= limit))
    day = row.expires_on.isoformat() if row.expires_on else ""
    return NewMessage(
        organization_id=row.organization_id,
        key=f"evidence:{row.pk}:expiry:{day}:{threshold}:{person}",
        kind=KIND,
        recipient_id=person,
        subject_type="evidence",
        subject_id=row.pk,
        payload={"expires_on": day, "title": row.title, "as": "owner" if person == row.owner_id else ""},
    )
