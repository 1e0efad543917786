"""The portfolio on one page, for the board pack."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy

from accounts import clock, tenancy
from accounts.models import Membership
from certifications.queries import Standing
from isotrack.portfolio import answer, calm_event, outlook_card, portfolio, reasons, tasks
from records.papers import PAPERS, Paper

TALLY = (Standing.ACTIVE, Standing.RISK, Standing.EXPIRING, Standing.SUSPENDED, Standing.EXPIRED, Standing.WITHDRAWN)


def one_pager(membership: int) -> dict[str, Any]:
    """What the page shows today, as far as the person who asked sees it; ``membership`` is theirs."""
    row = Membership.objects.select_related("organization").get(pk=membership)
    with tenancy.acting_as(row):
        return _shown(clock.today(row.organization))


def _shown(today: date) -> dict[str, Any]:
    page = portfolio(today)
    said = answer(page)
    nearest = next(iter(page.threatened), None)
    counts = page.counts
    return {
        "answer": said,
        "calm_until": nearest.next_loss_on if nearest else None,
        "calm_event": "" if said else calm_event(page),
        "totals": page.totals,
        "tally": [(standing.label, counts[standing]) for standing in TALLY],
        "card": outlook_card(page, plan=False, most=7),
        "tasks": tasks(page)[:4],
        "reasons": [reason for reason in reasons(page) if reason.act or reason.watch],
    }


PAPERS["portfolio"] = Paper(gettext_lazy("Portfolio on one page"), Membership, "reports/portfolio.html", one_pager)
