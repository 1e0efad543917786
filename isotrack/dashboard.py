"""Portfolio and my work: the pages that read every app."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from accounts import clock
from accounts.permissions import Capability
from accounts.tenancy import sees_everything
from accounts.web import allowed, can
from certifications.models import Certificate
from certifications.queries import Standing
from isotrack.health import Banner, banner
from isotrack.portfolio import answer, calm_event, outlook_card, portfolio, reasons, tasks
from records.models import SweepRun

TALLY = (
    (Standing.ACTIVE, "active"),
    (Standing.RISK, "risk"),
    (Standing.EXPIRING, "due"),
    (Standing.SUSPENDED, "suspended"),
)
LOST = (Standing.EXPIRED, Standing.WITHDRAWN)
FOUND = 10


@allowed(Capability.VIEW)
def portfolio_page(request: HttpRequest) -> HttpResponse:
    """What will be lost next, and when; the outlook; the work that moves it; the reasons."""
    today = clock.today(request.organization)  # type: ignore[attr-defined]
    page = portfolio(today)
    if not page.rows:
        part = not sees_everything()
        may_edit = not part and can(request, Capability.EDIT_CERTIFICATES)
        return render(request, "dashboard/first_use.html", {"part": part, "may_edit": may_edit})
    plan = request.GET.get("scenario") == "plan"
    shown = banner(request.organization)  # type: ignore[attr-defined]
    said = answer(page)
    standings = page.counts
    nearest = next(iter(page.threatened), None)
    context: dict[str, Any] = {
        "today": today,
        "answer": said,
        "calm_until": nearest.next_loss_on if nearest else None,
        "calm_event": "" if said else calm_event(page),
        "totals": page.totals,
        "tally": [(standing, tag, standings[standing]) for standing, tag in TALLY],
        "lost": [(standing, standings[standing]) for standing in LOST if standings[standing]],
        "card": outlook_card(page, plan),
        "plan": plan,
        "as_table": request.GET.get("view") == "table",
        "banner": shown,
        "stale": _stale(page.rows, shown),
        "tasks": tasks(page),
        "reasons": reasons(page),
        "may_edit": can(request, Capability.EDIT_CERTIFICATES),
    }
    return render(request, "dashboard/portfolio.html", context)


@dataclass(frozen=True)
class Stale:
    """Since when dates are not worked out any more, why, and for which certificates (none: for all)."""

    since: datetime | None
    reason: str
    rows: list[Certificate]


def _stale(rows: list[Certificate], shown: Banner | None) -> Stale | None:
    """What keeps the dates from being fresh: a late or failed run, or certificates that could not be worked out."""
    failed = [row for row in rows if row.failure]
    late = shown is not None and shown.url == reverse("health")
    if not late and not failed:
        return None
    last = SweepRun.objects.filter(finished_at__isnull=False, error="").first() if late else None
    broken = SweepRun.objects.exclude(error="").first() if late else None
    reason = broken.error.strip().splitlines()[-1][:200] if broken else ""
    return Stale(last.finished_at if last else None, reason or (failed[0].failure if failed else ""), failed)


@allowed(Capability.VIEW)
def keyboard_page(request: HttpRequest) -> HttpResponse:
    """What the keys do."""
    return render(request, "dashboard/keys.html")
