"""What the pages of one audit share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts import clock
from accounts.permissions import Capability
from accounts.web import can
from audits.models import Audit
from audits.queries import audits, days_of, tag_of

EDIT = Capability.EDIT_AUDITS
CAPTURE = Capability.CAPTURE


@dataclass(frozen=True)
class Tab:
    """One of the pages of an audit."""

    url: str
    words: str
    current: bool


TABS: tuple[tuple[str, Any], ...] = (
    ("audit", _("Overview")),
    ("audit-plan", _("Plan")),
    ("audit-checklist", _("Checklist")),
    ("audit-findings", _("Findings")),
    ("audit-report", _("Report")),
)
GUESTS = ("audit-guests", _("Guests"))


def load(pk: int) -> Audit:
    """The audit with all its pages need; 404 outside the organization."""
    return get_object_or_404(audits(), pk=pk)


def frame(request: HttpRequest, audit: Audit, name: str) -> dict[str, Any]:
    """What the head of every page of an audit shows; ``name`` is the tab that is open."""
    today, may_edit = clock.today(audit.organization), can(request, EDIT)
    tabs = (*TABS, GUESTS) if may_edit else TABS
    return {
        "audit": audit,
        "today": today,
        "tag": tag_of(audit, today),
        "days": days_of(audit),
        "tabs": [Tab(reverse(tab, args=[audit.pk]), str(words), tab == name) for tab, words in tabs],
        "may_edit": may_edit,
        "may_capture": can(request, CAPTURE),
    }
