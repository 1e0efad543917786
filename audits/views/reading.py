"""The list of audits, as a page and as a file."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _

from accounts import clock
from accounts.permissions import Capability
from accounts.web import allowed, can, plain
from audits.lists import AUDITS
from audits.queries import KINDS, STATES, Filters, days_of, filter_choices, filtered, listed, tag_of
from audits.views.shared import EDIT
from records.lists import Filter, as_file, chips_of, counted, day_of, kept_for, listing, words_of
from records.lists.listing import kept_fields


@allowed(Capability.VIEW)
def audit_list(request: HttpRequest) -> HttpResponse:
    """Audits by date; filters, sorting and columns stand in the address."""
    today = clock.today(request.organization)  # type: ignore[attr-defined]
    filters, fields = filters_of(request.GET), _fields(request.GET)
    rows = filtered(listed(), filters, today)
    further = {"certificate": _("one certificate") if filters.certificate.isdecimal() else ""}
    found = listing(
        AUDITS,
        rows,
        request,
        chips_of(request, words_of(filters.text, fields) | further),
        counted(rows, _("1 audit"), _("%s audits")),
    )
    context = {
        "today": today,
        "filters": filters,
        "listing": found,
        "page": found.page,
        "lines": [(row, tag_of(row, today), days_of(row)) for row in found.page.rows],
        "states": STATES,
        "fields": fields,
        "kept_fields": kept_fields(request.GET, "columns"),
        "kept_for_filter": kept_for(request.GET, fields),
        "narrowed": filters != Filters(),
        "first_use": not found.page.rows and not listed().exists(),
        "may_edit": can(request, EDIT),
    }
    return render(request, "audits/list.html", context)


@allowed(Capability.VIEW)
def export(request: HttpRequest, form: str) -> Any:
    """The list as a file: exactly the rows and columns that the address shows, in its order."""
    today = clock.today(request.organization)  # type: ignore[attr-defined]
    rows: QuerySet[Any] = filtered(listed(), filters_of(request.GET), today)
    return as_file(AUDITS, rows, request.GET, form)


def filters_of(given: QueryDict) -> Filters:
    """What the address narrows the list to."""
    given = plain(given)
    return Filters(
        text=given.get("q", "").strip()[:100],
        kind=given.get("kind", ""),
        state=given.get("state", "ahead"),
        certificate=given.get("certificate", ""),
        standard=given.get("standard", ""),
        site=given.get("site", ""),
        lead=given.get("lead", "").strip()[:150],
        first=day_of(given.get("from", "")),
        last=day_of(given.get("until", "")),
    )


def _fields(given: QueryDict) -> list[Filter]:
    """The fields of the form that narrows the list."""
    choices = filter_choices()
    offered: list[tuple[str, Any, Any]] = [
        ("kind", _("Kind"), KINDS),
        ("standard", _("Standard"), choices["standards"]),
        ("site", _("Site"), choices["sites"]),
        ("lead", _("Lead auditor"), choices["leads"]),
        ("from", _("Days from"), None),
        ("until", _("Days until"), None),
    ]
    return [Filter(name, label, given.get(name, ""), found) for name, label, found in offered]
