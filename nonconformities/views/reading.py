"""The list of nonconformities: as a table, as a board by step, as a file; and what is done to several at once."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import FileResponse, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from accounts import clock
from accounts.fields import people
from accounts.permissions import Capability
from accounts.templatetags.ui import state_word
from accounts.web import allowed, can
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
from records.lists import chips_of, counted, listing, ordered, write_csv, write_xlsx
from records.lists.listing import chosen, values_of, without

MOST_AT_ONCE = 500


def filters_of(request: HttpRequest, given: QueryDict) -> Filters:
    """The filters that an address asks for."""
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
    members = list(people().values_list("pk", "full_name"))
    choices = filter_choices()
    as_board = request.GET.get("view") == "board"
    found = listing(
        NCS,
        rows.none() if as_board else rows,
        request,
        chips_of(request, _filter_words(filters, choices, dict(members))),
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
        "sources": Source.choices,
        "steps": list(WorkStep.choices)[1:],
        "members": [(str(pk), name) for pk, name in members],
        "owner": request.GET.get("owner", ""),
        "kept_fields": _kept_fields(request.GET, "columns"),
        "kept_for_filter": [(n, v) for n, v in _kept_fields(request.GET) if n in ("columns", "sort", "view")],
        "narrowed": filters != Filters(),
        "may_edit": can(request, Capability.EDIT_NONCONFORMITIES),
        **choices,
    }
    return render(request, "nonconformities/list.html", context)


def _kept_fields(given: QueryDict, *but: str) -> list[tuple[str, str]]:
    """What a form of the list carries along."""
    return [(n, v) for n in given if n not in (*but, "after", "before") for v in given.getlist(n)]


def _filter_words(filters: Filters, choices: dict[str, Any], members: dict[int, str]) -> dict[str, str]:
    """The filters in force, in words, by their name in the address."""
    site = dict(choices["sites"]).get(filters.site, "")
    return {
        "q": _("“%s”") % filters.text if filters.text else "",
        "step": str(dict(WorkStep.choices).get(filters.step, "")),
        "grade": state_word(filters.grade),
        "source": str(dict(Source.choices).get(filters.source, "")),
        "site": site,
        "certificate": _("one certificate") if filters.certificate.isdecimal() else "",
        "owner": members.get(filters.owner or 0, ""),
    }


@allowed(Capability.VIEW)
def export(request: HttpRequest, form: str) -> Any:
    """The list as a file: exactly the rows and columns that the address shows, in its order."""
    return _file(_rows(request, request.GET), request.GET, form)


def _file(rows: QuerySet[Nonconformity], given: QueryDict, form: str) -> Any:
    columns = chosen(NCS, given)
    _key, sort = NCS.sort_of(given.get("sort", ""))
    headings = [str(column.title) for column in columns]
    lines = values_of(columns, ordered(rows, sort).iterator(chunk_size=1000))
    if form == "xlsx":
        kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        book = write_xlsx(str(NCS.title), headings, lines)
        return FileResponse(book, as_attachment=True, filename="nonconformities.xlsx", content_type=kind)
    answer = HttpResponse(b"".join(write_csv(headings, lines)), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="nonconformities.csv"'
    return answer


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
        return _file(rows, given, wish)
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
