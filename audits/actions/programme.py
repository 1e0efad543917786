"""Doors of the programme: proposals become planned audits, and the internal cycle is set."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import transaction

from accounts import clock
from accounts.models import Organization
from audits.actions.audits import plan_audit
from audits.models import Audit, AuditCycle
from records.editing import check, save_changes
from records.numbering import next_number
from records.record import Actor, Entry, record


@transaction.atomic
def plan_wanted(organization: Organization, wanted: Sequence[Any], by: Actor) -> list[Audit]:
    """Plan an audit for each proposal, all or none."""
    made = []
    for want in wanted:
        last = Audit.objects.order_by("-pk").values_list("number", flat=True).first()
        fields = {
            "number": next_number(last, "A-0001"),
            "kind": want.proposal.kind,
            "site": want.site,
            "body": want.certificate.body if want.proposal.kind != "internal" else None,
            "planned_on": want.proposal.on,
        }
        made.append(plan_audit(organization, fields, [want.certificate], by))
    return made


@transaction.atomic
def set_cycle(organization: Organization, every_months: int, by: Actor) -> AuditCycle:
    """Set how often the organization audits each standard at each site."""
    today = clock.today(organization)
    row: AuditCycle | None = AuditCycle.objects.select_for_update().first()
    if row is None:
        row = AuditCycle(organization=organization, every_months=every_months)
        check(row)
        row.save()
        record(by, [Entry.about(row, "cycle.set", today, after={"months": every_months})])
        return row
    save_changes(row, row.version, {"every_months": every_months}, by, today)
    return row
