"""What runs by itself: one function per job, each safe to run twice, at once, or not for a week."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from datetime import date
from typing import Any

from django.core.management import call_command
from django.db.models import QuerySet

from accounts import clock, ratelimit, tenancy
from accounts.models import Organization
from alerts.deliver import Delivered
from alerts.deliver import deliver as deliver_messages
from alerts.posting import post
from alerts.telling import Told, forget_old, tell
from certifications.actions.refresh import expected
from certifications.actions.refresh import judge as judge_certificates
from certifications.actions.refresh import set_aside as set_certificate_aside
from certifications.facts import with_relations
from certifications.models import Certificate
from evidence.reminding import remind_all
from exchange.models import ImportRun
from nonconformities.actions.refresh import expected_own
from nonconformities.actions.refresh import judge as judge_nonconformities
from nonconformities.actions.refresh import set_aside as set_nonconformity_aside
from nonconformities.models import Nonconformity
from nonconformities.states import Source as NcSource
from records.heads import as_document, sign_head
from records.models import SignedHead, SweepRun
from records.papers import make_waiting
from records.policy import policy_of
from records.sweep import Source, Swept, differences, forget_old_runs, rehearse_sweep, run_sweep
from records.verification import check_and_keep

log = logging.getLogger(__name__)


def _certificates() -> QuerySet[Any]:
    return with_relations(Certificate.objects.all())


def _nonconformities() -> QuerySet[Any]:
    """Those on the organization's own deadlines; the others follow their certificates."""
    return Nonconformity.objects.exclude(source=NcSource.BODY).select_related("organization")


SOURCES = (
    Source("certificate", _certificates, judge_certificates, set_certificate_aside, expected),
    Source("nonconformity", _nonconformities, judge_nonconformities, set_nonconformity_aside, expected_own),
)


def sweep(started_by: SweepRun.StartedBy, on: date | None = None, tell: Callable[[str], object] = log.info) -> SweepRun:
    """Move everything that is due or past, in all organizations, each by its own civil date (or by ``on``).

    Today's sweep also tells of evidence that expires.
    """
    with tenancy.across_organizations():
        run = run_sweep(SOURCES, started_by, on, tell)
    if on is None:
        run.messages += remind_all()
    return run


def rehearse(on: date | None, tell: Callable[[str], object]) -> Swept:
    """Say what a sweep would move and why; nothing is kept."""
    with tenancy.across_organizations():
        return rehearse_sweep(SOURCES, on, tell)


def check(tell: Callable[[str], object]) -> int:
    """Compare what the rows hold with what the rules say; returns how many rows differ."""
    with tenancy.across_organizations():
        return sum(differences(source, tell) for source in SOURCES)


def deliver() -> Delivered:
    """Send the messages that wait."""
    return deliver_messages()


def tell_webhooks() -> Told:
    """Tell webhooks what has happened."""
    return tell()


def make_papers() -> int:
    """Make the papers that wait, each in a process of its own."""
    return make_waiting()


def abandoned_imports() -> list[int]:
    """Imports under way that no worker holds any more."""
    with tenancy.across_organizations():
        working = ImportRun.objects.filter(state=ImportRun.State.WORKING).exclude(lease_until__gt=clock.now())
        return list(working.values_list("pk", flat=True))


def tidy() -> int:
    """Forget runs in which nothing happened, what webhooks were told, and sessions and limits that are over."""
    call_command("clearsessions")
    return forget_old_runs() + forget_old() + ratelimit.forget_old()


def keep_history() -> int:
    """Sign the head of every chain that has grown, and follow every chain; returns how many do not hold."""
    with tenancy.across_organizations():
        bad = 0
        for organization in Organization.objects.order_by("pk"):
            if head := sign_head(organization):
                post_head(head)
            found = check_and_keep(organization)
            if found.problem:
                log.error("the history of %s does not hold: %s", organization, found.problem)
                bad += 1
        return bad


def post_head(head: SignedHead) -> None:
    """Post a head to the address that the organization names; one that is not taken is superseded by the next."""
    url = policy_of(head.organization_id).heads_url
    if not url:
        return
    posted = post(url, json.dumps(as_document(head)).encode(), {})
    if not posted.taken:
        log.warning("the head of %s was not taken: %s", head.organization, posted.error or posted.code)
