"""Long imports run in a worker; the database says how far they are, the message only wakes one up."""

from __future__ import annotations

from celery import shared_task
from django.conf import settings
from django.utils.translation import gettext_noop, override

from accounts import tenancy
from exchange import actions
from exchange.models import ImportRun
from records.models import ActorKind
from records.record import Actor


@shared_task(name="exchange.carry_on")
def carry_on(run_id: int) -> None:
    """Go on with an import until its last row is stored; does nothing when another worker has it.

    What is kept of it in words (why a record was not changed, the reason in the history) is said in the language of the
    person who started it, as it is when their page imports.
    """
    with tenancy.across_organizations():
        run = ImportRun.objects.select_related("organization", "started_by").get(pk=run_id)
    with tenancy.acting_in(run.organization):
        by = (
            Actor.person(run.started_by, ActorKind.IMPORT)
            if run.started_by
            else Actor(ActorKind.IMPORT, None, gettext_noop("Import"))
        )
        with override(run.started_by.language if run.started_by else settings.LANGUAGE_CODE):
            actions.carry_on(run, by)
