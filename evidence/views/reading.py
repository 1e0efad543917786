"""The list of evidence, the page of one piece, and the files themselves."""

from __future__ import annotations

from datetime import date
from typing import cast

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_safe

from accounts import clock
from accounts.permissions import Capability
from accounts.web import allowed, list_page, plain
from evidence import actions, vault
from evidence.models import Evidence, Revision
from evidence.queries import supported, visible, with_files
from evidence.serving import file_response, is_reading
from evidence.states import SOON, tag_of
from evidence.views.shared import actor, load, may_change
from records.models import Event
from records.wording import latest_events

STATES = (
    ("", gettext_lazy("In use")),
    ("expiring", gettext_lazy("Expires within 30 days")),
    ("expired", pgettext_lazy("evidence", "Expired")),
    ("unused", gettext_lazy("Supports nothing")),
    ("withdrawn", pgettext_lazy("evidence", "Withdrawn")),
)


@require_safe
@allowed(Capability.VIEW)
def evidence_list(request: HttpRequest) -> HttpResponse:
    """All evidence, what expires first on top; the filters stand in the address."""
    today = clock.today(request.organization)  # type: ignore[attr-defined]
    given = plain(request.GET)
    state, text = given.get("state", ""), given.get("q", "").strip()[:100]
    rows = _in_state(with_files(visible()).prefetch_related("uses"), state, today)
    if text:
        rows = rows.filter(Q(title__icontains=text) | Q(revisions__file_name__icontains=text)).distinct()
    page = list_page(rows, "expires_on", request)
    context = {
        "today": today,
        "page": page,
        "lines": [(row, row.current, tag_of(row, today)) for row in page.rows],
        "states": STATES,
        "state": state,
        "text": text,
        "narrowed": bool(state or text),
    }
    return render(request, "evidence/list.html", context)


def _in_state(rows: QuerySet[Evidence], state: str, today: date) -> QuerySet[Evidence]:
    if state == "withdrawn":
        return rows.exclude(withdrawn_on=None)
    rows = rows.filter(withdrawn_on=None)
    if state == "expiring":
        return rows.filter(expires_on__range=(today, today + SOON))
    if state == "expired":
        return rows.filter(expires_on__lt=today)
    return rows.filter(uses=None) if state == "unused" else rows


@require_safe
@allowed(Capability.VIEW)
def evidence_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One piece of evidence: its files, what it supports, and who looked at it."""
    found = load(pk)
    today = clock.today(found.organization)
    supports = supported(found.uses.all())
    readings = Event.objects.filter(subject_type="evidence", subject_id=pk, kind="evidence.read")
    context = {
        "found": found,
        "today": today,
        "tag": tag_of(found, today),
        "current": found.current,
        "revisions": found.revisions.all(),
        "supports": supports,
        "readings": readings.order_by("-number")[:20],
        "events": latest_events("evidence", pk),
        "may_change": may_change(request, supports) and not found.withdrawn_on,
    }
    return render(request, "evidence/evidence.html", context)


@require_safe
@allowed(Capability.VIEW)
def file(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """One file as an attachment; that somebody looked at it goes into the history, a damaged one is refused."""
    evidence = get_object_or_404(visible(), pk=pk)
    rows = Revision.objects.select_related("blob", "evidence", "organization")
    revision = get_object_or_404(rows, evidence=evidence, number=number)
    return cast(HttpResponse, hand_out(request, revision))


def hand_out(request: HttpRequest, revision: Revision) -> HttpResponseBase:
    """The file, and the event of its reading."""
    try:
        response = file_response(request, revision)
    except vault.Damaged as damage:
        actions.note_damage(revision, actor(request), str(damage))
        context = {"revision": revision, "missing": str(damage) == "missing"}
        return render(request, "evidence/damaged.html", context, status=409)
    except vault.Unreachable:
        return render(request, "evidence/damaged.html", {"revision": revision, "unreachable": True}, status=503)
    if is_reading(request, response):
        actions.note_reading(revision, actor(request))
    return response
