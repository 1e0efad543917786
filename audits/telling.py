"""Mails to the people of an audit, written to the outbox in the transaction of what they tell."""

from __future__ import annotations

from typing import Any

from accounts import clock
from accounts.models import Membership
from audits.models import Audit
from records.outbox import NewMessage, queue
from records.record import Actor


def people_of(audit: Audit) -> dict[int, str]:
    """Whom an audit concerns: who owns a certificate that it covers, and its team; why, by person."""
    links = audit.certificate_links.filter(certificate__owner__isnull=False)
    owners = links.values_list("certificate__owner_id", flat=True)
    team = audit.team.filter(user__isnull=False).values_list("user_id", flat=True)
    return {**dict.fromkeys(owners, "owner"), **dict.fromkeys(team, "team")}


def tell_people(audit: Audit, what: str, by: Actor, **payload: Any) -> int:
    """Write ``audit_confirmed``, ``audit_moved``, ``audit_cancelled`` or ``audit_reported`` to everybody but the doer.

    Of days that are past nobody is told; of a report always. Returns how many messages were written.
    """
    last = audit.planned_until or audit.planned_on
    if what != "audit_reported" and (last is None or last < clock.today(audit.organization)):
        return 0
    return _write(audit, what, people_of(audit), by, f"{audit.version}", payload)


def tell_member(audit: Audit, member: int, user: int, by: Actor) -> int:
    """Write ``audit_invited`` to a new member of the team; nothing to whoever has added themselves."""
    return _write(audit, "audit_invited", {user: "team"}, by, f"member {member}", {"member": member})


def _write(audit: Audit, what: str, people: dict[int, str], by: Actor, occasion: str, payload: dict[str, Any]) -> int:
    members = Membership.objects.filter(user__in=set(people) - {by.user_id})
    return queue(
        [
            NewMessage(
                organization_id=audit.organization_id,
                key=f"audit:{audit.pk}:{what}:{occasion}:{user}",
                kind=what,
                recipient_id=user,
                subject_type="audit",
                subject_id=audit.pk,
                payload={**payload, "as": people[user], "title": str(audit)},
            )
            for user in members.order_by("user_id").values_list("user_id", flat=True).distinct()
        ]
    )
