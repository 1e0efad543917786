"""The tabs of a certificate: its audits, nonconformities, reported changes and history, each with its own address."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts import clock
from accounts.permissions import Capability
from accounts.web import allowed, can
from certifications.insight import Insight, insight
from certifications.models import Certificate, Question
from certifications.queries import audits_of, planned_facts
from certifications.views.reading import heading, load
from lifecycle.outcome import NonconformityState
from records.models import Event
from records.wording import told

HISTORY_SHOWN = 50


def _shown(request: HttpRequest, row: Certificate, tab: str, **context: Any) -> HttpResponse:
    today = clock.today(row.organization)
    shared = {**heading(row, today), "today": today, "tab": tab, "may_edit": can(request, Capability.EDIT_CERTIFICATES)}
    return render(request, f"certifications/tab_{tab}.html", {**shared, **context})


@allowed(Capability.VIEW)
def audits_tab(request: HttpRequest, pk: int) -> HttpResponse:
    """Audits that were not cancelled: what is ahead, then what was held, the latest first."""
    row = load(pk)
    lines = audits_of([pk])[pk]
    ahead = [line for line in lines if not line.held]
    held = [line for line in reversed(lines) if line.held]
    may_plan = can(request, Capability.EDIT_AUDITS)
    return _shown(request, row, "audits", ahead=ahead, held=held, may_plan=may_plan)


@allowed(Capability.VIEW)
def nonconformities_tab(request: HttpRequest, pk: int) -> HttpResponse:
    """Nonconformities of the body as the scheme of this certificate judges them, open ones first."""
    row = load(pk)
    today = clock.today(row.organization)
    seen = insight(row, today, planned_facts(audits_of([pk])[pk]))
    states = sorted(seen.outcome.nonconformities, key=lambda nc: (nc.state != "open", nc.id))
    lines = [_nonconformity(seen, nc) for nc in states if not nc.sources]
    return _shown(request, row, "ncs", lines=lines, may_raise=can(request, Capability.EDIT_NONCONFORMITIES))


def _nonconformity(seen: Insight, nc: NonconformityState) -> dict[str, Any]:
    return {
        "reference": seen.reference(nc.id),
        "nc": nc,
        "escalated": len(nc.grades) > 1,
        "due": nc.due.closure,
        "moves": seen.loss is not None and nc.id in {seen.loss.subject, *seen.loss.because},
    }


@allowed(Capability.VIEW)
def changes_tab(request: HttpRequest, pk: int) -> HttpResponse:
    """Changes of the organization that touch this certificate, and whether its body was told."""
    row = load(pk)
    rows = row.reported_changes.select_related("change").order_by("-change__happens_on", "-pk")
    lines = [(touched, [Question(answer).label for answer in touched.because]) for touched in rows]
    return _shown(request, row, "changes", lines=lines, may_report=can(request, Capability.REPORT_CHANGES))


@allowed(Capability.VIEW)
def history_tab(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything that was recorded about the certificate, the latest first, 50 entries a page."""
    row = load(pk)
    before = request.GET.get("before", "")
    events = Event.objects.filter(subject_type="certificate", subject_id=pk).order_by("-number")
    if before.isdecimal() and len(before) < 18:
        events = events.filter(number__lt=int(before))
    found = list(events[: HISTORY_SHOWN + 1])
    shown = found[:HISTORY_SHOWN]
    older = shown[-1].number if len(found) > HISTORY_SHOWN else None
    return _shown(request, row, "history", events=[told(event) for event in shown], older=older, before=before)
