"""The list of nonconformities: as a table, as a board by step, as a file; and what is done to several at once."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from accounts import clock
from accounts.fields import people
from accounts.permissions import Capability
from accounts.web import allowed, can, plain
from certifications.web import actor
from nonconformities import actions
from nonconformities.lists import NCS
from nonconformities.models import Nonconformity
from nonconformities.queries import (
    STATES,
    Filters,
    board,
    certificates_of,
    filter_choices,
    filtered,
    nonconformities,
    tag_of,
)
from nonconformities.states import Source, WorkStep
from records.lists import Filter, as_file, chips_of, counted, kept_for, listing, words_of
from records.lists.listing import kept_fields, without

MOST_AT_ONCE = 500


def filters_of(request: HttpRequest, given: QueryDict) -> Filters:
    """The filters that an address asks for."""
    given = plain(given)
    owner = given.get("owner", "")
    return Filters(
        text=given.get("q", "").strip()[:100],
        state=given.get("state", "open"),
        grade=given.get("grade", ""),
        source=given.get("source", ""),
        site=given.get("site", ""),
        certificate=given.get("certificate", ""),
        owner=request.user.pk if owner == "me" else int(owner) if owner.isdecimal() and len(owner) < 10 else None,
        step=given.get("step", ""),
    )


def _rows(request: HttpRequest, given: QueryDict) -> QuerySet[Nonconformity]:
    today = clock.today(request.organization)  # type: ignore[attr-defined]
    return filtered(nonconformities(), filters_of(request, given), today)


@allowed(Capability.VIEW)
def nonconformity_list(request: HttpRequest) -> HttpResponse:
    """Nonconformities, the next deadline first; filters, sorting and columns stand in the address."""
    today = clock.today(request.organization)  # type: ignore[attr-defined]
    filters = filters_of(request, request.GET)
    rows = _rows(request, request.GET)
    choices = filter_choices(members=(people(), "pk", "full_name"))
    fields = _fields(request.GET, choices)
    as_board = request.GET.get("view") == "board"
    found = listing(
        NCS,
        rows.none() if as_board else rows,
        request,
        chips_of(request, words_of(filters.text, fields) | _further_words(filters)),
        counted(rows, _("1 nonconformity"), _("%s nonconformities")),
    )
    context = {
        "today": today,
        "filters": filters,
        "listing": found,
        "page": found.page,
        "lines": [(row, tag_of(row, today), certificates_of(row)) for row in found.page.rows],
        "lanes": board(rows) if as_board else [],
        "as_board": as_board,
        "states": STATES,
        "fields": fields,
        "members": choices["members"],
        "kept_fields": kept_fields(request.GET, "columns"),
        "kept_for_filter": kept_for(request.GET, fields),
        "narrowed": filters != Filters(),
        "first_use": not found.page.rows and not nonconformities().exists(),
        "may_edit": can(request, Capability.EDIT_NONCONFORMITIES),
    }
    return render(request, "nonconformities/list.html", context)


def _fields(given: QueryDict, choices: dict[str, list[tuple[str, str]]]) -> list[Filter]:
    """The fields of the form that narrows the list."""
    offered: list[tuple[str, Any, Any]] = [
        ("step", _("Step"), list(WorkStep.choices)[1:]),
        ("grade", _("Grade"), choices["grades"]),
        ("source", _("Source"), Source.choices),
        ("site", _("Site"), choices["sites"]),
        ("owner", _("Owner"), [("me", _("Me")), *choices["members"]]),
    ]
    return [Filter(name, label, given.get(name, ""), found) for name, label, found in offered]


def _further_words(filters: Filters) -> dict[str, str]:
    """The filters in force that have no field of their own, in words."""
    return {"certificate": _("one certificate") if filters.certificate.isdecimal() else ""}


@allowed(Capability.VIEW)
def export(request: HttpRequest, form: str) -> Any:
    """The list as a file: exactly the rows and columns that the address shows, in its order."""
    return as_file(NCS, _rows(request, request.GET), request.GET, form)


@allowed(Capability.VIEW)
@require_POST
def bulk(request: HttpRequest) -> Any:
    """What is done to the chosen rows, or to all that the filters leave: hand over, or take out as a file."""
    given = QueryDict(request.POST.get("query", "")[:1000])
    rows = _rows(request, given)
    if request.POST.get("all") != "on":
        picked = [int(pk) for pk in request.POST.getlist("pick") if pk.isdecimal() and len(pk) < 19]
        rows = rows.filter(pk__in=picked)
    wish = request.POST.get("do", "")
    if wish in ("csv", "xlsx"):
        return as_file(NCS, rows, given, wish)
    _reassign(request, rows)
    return redirect(f"{reverse('nonconformities')}?{without(given)}")


def _reassign(request: HttpRequest, rows: QuerySet[Nonconformity]) -> None:
    if not can(request, Capability.EDIT_NONCONFORMITIES):
        messages.error(request, _("Your role may not hand nonconformities over."))
        return
    owner = people().filter(pk=int(pk)).first() if (pk := request.POST.get("owner", "")).isdecimal() else None
    found = list(rows.filter(state="open")[: MOST_AT_ONCE + 1])
    problem = _refusal(owner, found)
    if problem or owner is None:
        messages.error(request, problem)
        return
    count = actions.reassign(found, owner, actor(request))
    said = ngettext("%(count)d is handed over to %(who)s.", "%(count)d are handed over to %(who)s.", count)
    messages.success(request, said % {"count": count, "who": owner})


def _refusal(owner: object | None, found: list[Nonconformity]) -> str:
    if owner is None:
        return _("Choose to whom they are handed over.")
    if not found:
        return _("Choose at least one open nonconformity.")
    if len(found) > MOST_AT_ONCE:
        return _("These are more than %d; narrow the list first.") % MOST_AT_ONCE
    return ""
