"""Long imports run in a worker; the database says how far they are, the message only wakes one up."""

from __future__ import annotations

from celery import shared_task

from accounts import tenancy
from exchange import actions
from exchange.models import ImportRun
from records.models import ActorKind
from records.record import Actor


@shared_task(name="exchange.carry_on")
def carry_on(run_id: int) -> None:
    """Go on with an import until its last row is stored; does nothing when another worker has it."""
    with tenancy.across_organizations():
        run = ImportRun.objects.select_related("organization", "started_by").get(pk=run_id)
    with tenancy.acting_in(run.organization):
        by = (
            Actor.person(run.started_by, ActorKind.IMPORT)
            if run.started_by
            else Actor(ActorKind.IMPORT, None, "Import")
        )
        actions.carry_on(run, by)
