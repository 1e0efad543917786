"""Wake-ups: each task takes nothing and calls one job. What must be done is in the database, not in the message."""

from __future__ import annotations

from celery import shared_task

from exchange.tasks import carry_on
from isotrack import jobs
from records.models import SweepRun


@shared_task(name="records.wake_up")
def wake_up() -> None:
    """Start all that may wait: a sweep, a delivery, papers, imports whose worker has gone. Sent every few minutes."""
    sweep.delay()
    deliver.delay()
    make_papers.delay()
    for run_id in jobs.abandoned_imports():
        carry_on.delay(run_id)


@shared_task(name="records.sweep")
def sweep() -> None:
    """Move what is due; what that tells is sent at once, see ``records.outbox.queue``."""
    jobs.sweep(SweepRun.StartedBy.SCHEDULER)


@shared_task(name="alerts.deliver")
def deliver() -> None:
    """Send the messages that wait."""
    jobs.deliver()


@shared_task(name="alerts.tell_webhooks")
def tell_webhooks() -> None:
    """Tell webhooks what has happened since the last time."""
    jobs.tell_webhooks()


@shared_task(name="records.make_papers")
def make_papers() -> None:
    """Make the papers that wait."""
    jobs.make_papers()


@shared_task(name="records.history")
def history() -> None:
    """Sign the heads of the history and follow every chain."""
    jobs.keep_history()


@shared_task(name="records.nightly")
def nightly() -> None:
    """Once a day: a sweep and a delivery like any other, the history signed and verified, and tidying up."""
    wake_up()
    history.delay()
    jobs.tidy()
