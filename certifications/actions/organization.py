"""Doors of the organization itself: its name, its civil day, and when a manager is told."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import clock
from accounts.models import Organization
from certifications.actions.refresh import refresh_ids
from certifications.actions.schemes import own_deadlines_due
from certifications.models import Certificate
from records.editing import check
from records.record import Actor, Entry, record

FIELDS = ("name", "time_zone", "manager_after_days", "daily_at", "quiet_from", "quiet_until")
JUDGED_BY = frozenset({"time_zone", "manager_after_days"})


class ChangedMeanwhile(Exception):
    """Somebody else saved the organization first; ``theirs`` holds what is saved now, by field."""

    def __init__(self, theirs: dict[str, Any]) -> None:
        super().__init__(_("The organization was changed by somebody else meanwhile."))
        self.theirs = theirs


@transaction.atomic
def change_organization(
    organization: Organization, seen: dict[str, Any], changes: dict[str, Any], by: Actor
) -> Organization:
    """Change name, time zone, the days after which a manager is told of a missed deadline, or the hours of mails.

    ``seen`` are the values on which the change was decided: raises ``ChangedMeanwhile`` when they no longer hold. The
    civil day and the days of reminders follow from these values, so every certificate is recomputed with them.
    """
    row = Organization.objects.select_for_update().get(pk=organization.pk)
    before = {name: getattr(row, name) for name in FIELDS}
    if any(before[name] != value for name, value in seen.items()):
        raise ChangedMeanwhile(before)
    changed = {name: value for name, value in changes.items() if value != before[name]}
    for name, value in changed.items():
        setattr(row, name, value)
    check(row)
    row.save(update_fields=list(changed))
    if changed:
        _tell(row, {name: before[name] for name in changed}, changed, by)
    if JUDGED_BY & set(changed):
        refresh_ids(
            list(Certificate.objects.values_list("pk", flat=True)), by, _("Settings of the organization changed")
        )
        own_deadlines_due(row)
    return row


def _tell(row: Organization, before: dict[str, Any], after: dict[str, Any], by: Actor) -> None:
    entry = Entry(
        organization_id=row.pk,
        kind="organization.edited",
        subject_type="organization",
        subject_id=row.pk,
        subject_label=str(row),
        effective_on=clock.today(row),
        before=before,
        after=after,
    )
    record(by, [entry])
