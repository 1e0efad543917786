"""Hand work over: the owner of a record changes, with the reason in the history of what it is about."""

from __future__ import annotations

from django.db import transaction

from accounts import clock
from accounts.models import User
from certifications.actions import change_certificate
from certifications.models import Certificate
from nonconformities.actions import change_action, change_nonconformity
from nonconformities.models import CorrectiveAction, Nonconformity
from records.record import Actor, Entry, record


@transaction.atomic
def hand_over(row: CorrectiveAction | Nonconformity | Certificate, person: User, reason: str, by: Actor) -> None:
    """The person owns the row from now on; raises ``Conflict`` when it changed meanwhile."""
    changes = {"owner": person}
    about: Nonconformity | Certificate
    if isinstance(row, CorrectiveAction):
        change_action(row, row.version, changes, by)
        about = row.nonconformity
    elif isinstance(row, Nonconformity):
        change_nonconformity(row, row.version, changes, by, reason)
        about = row
    else:
        change_certificate(row, row.version, changes, by, reason)
        about = row
    today = clock.today(about.organization)
    record(by, [Entry.about(about, "work.handed_over", today, after={"to": str(person)}, reason=reason)])
