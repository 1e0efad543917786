"""The list of certificates and the page of one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from itertools import islice
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts import clock, tenancy
from accounts.fields import people
from accounts.permissions import Capability
from accounts.templatetags.ui import state_word
from accounts.web import allowed, can, plain
from certifications.forms import StartForm
from certifications.insight import Insight, bring_up_to_date, chain, insight, open_deadlines, strip, why
from certifications.lists import CERTIFICATES
from certifications.models import Certificate, ChangedCertificate
from certifications.picture import picture, plan_name, story
from certifications.queries import (
    LOSSES,
    TAGS,
    AuditLine,
    Filters,
    Standing,
    audits_of,
    certificates,
    filter_choices,
    filtered,
    neighbors,
    planned_facts,
    site_names,
    standing,
)
from certifications.timeline import loss_of, site_of
from certifications.words import brief_reason, deadline_words
from lifecycle.outcome import Deadline
from records.lists import Filter, as_file, chips_of, counted, kept_for, listing, words_of
from records.lists.listing import PLACE, kept_fields, without
from records.wording import latest_events

AT_ONCE = 500


@allowed(Capability.VIEW)
def certificate_list(request: HttpRequest) -> HttpResponse:
    """Certificates, those that are lost first on top; filters, sorting and columns stand in the address."""
    today = clock.today(request.organization)  # type: ignore[attr-defined]
    filters = filters_of(request.GET, request.user.pk)
    rows, fields = filtered(certificates(), filters, today), _fields(request.GET)
    found = listing(
        CERTIFICATES,
        rows,
        request,
        chips_of(request, words_of(filters.text, fields) | _further_words(filters)),
        counted(rows, _("1 certificate"), _("%s certificates")),
    )
    bring_up_to_date(found.page.rows, today)
    context = {
        "today": today,
        "filters": filters,
        "listing": found,
        "page": found.page,
        "lines": [_line(row, today) for row in found.page.rows],
        "fields": fields,
        "kept_fields": kept_fields(request.GET, "columns"),
        "kept_for_filter": kept_for(request.GET, fields),
        "narrowed": filters != Filters(),
        "within": _within(request.GET),
        "may_edit": can(request, Capability.EDIT_CERTIFICATES),
        "limited": not tenancy.sees_everything(),
    }
    return render(request, "certifications/list.html", context)


@allowed(Capability.VIEW)
def export(request: HttpRequest, form: str) -> Any:
    """The list as a file: exactly the rows and columns that the address shows, in its order."""
    today = clock.today(request.organization)  # type: ignore[attr-defined]
    rows = filtered(certificates(), filters_of(request.GET, request.user.pk), today)
    return as_file(CERTIFICATES, rows, request.GET, form, lambda found: _as_of(found, today))


def _as_of(rows: Iterable[Certificate], today: date) -> Iterator[Certificate]:
    """The rows with what pages say of them today, some at a time."""
    left = iter(rows)
    while some := list(islice(left, AT_ONCE)):
        bring_up_to_date(some, today)
        yield from some


def _fields(given: QueryDict) -> list[Filter]:
    """The fields of the form that narrows the list."""
    choices = filter_choices(members=(people(), "pk", "full_name"))
    offered: list[tuple[str, Any, Any]] = [
        ("state", _("State"), Standing.choices),
        ("loss", _("Next loss"), LOSSES),
        ("standard", _("Standard"), choices["standards"]),
        ("site", _("Site"), choices["sites"]),
        ("body", _("Body"), choices["bodies"]),
        ("owner", _("Owner"), [("me", _("Me")), *choices["members"]]),
    ]
    return [Filter(name, label, given.get(name, ""), found) for name, label, found in offered]


def _further_words(filters: Filters) -> dict[str, str]:
    """The filters in force that have no field of their own, in words."""
    return {
        "differs": state_word("differs") if filters.differs else "",
        "untold": _("a change is not told") if filters.untold else "",
    }


def _within(given: QueryDict) -> str:
    """The end of an address that lets a page name its neighbors in the list as it is narrowed; no page of it."""
    narrowing = "&".join(part for part in without(given, *PLACE).split("&") if not part.endswith("="))
    return f"?{urlencode({'within': narrowing})}" if narrowing else ""


def filters_of(given: QueryDict, person: int | None = None) -> Filters:
    """What the address narrows the list to; ``owner=me`` is the person, a number anybody."""
    given = plain(given)
    owner = given.get("owner", "")
    return Filters(
        text=given.get("q", "").strip()[:100],
        standing=given.get("state", ""),
        standard=given.get("standard", ""),
        site=given.get("site", ""),
        body=given.get("body", ""),
        loss=given.get("loss", ""),
        owner=person if owner == "me" else int(owner) if owner.isdecimal() and len(owner) < 18 else None,
        differs=given.get("differs") == "1",
        untold=given.get("untold") == "1",
    )


def _line(row: Certificate, today: date) -> dict[str, Any]:
    """A certificate as a row of the list."""
    where = standing(row, today)
    return {
        "row": row,
        "sites": site_of(site_names(row)),
        "tag": TAGS.get(where, where.value),
        "word": where.label,
        "loss": loss_of(row),
        "why": brief_reason(row.next_loss["reason"]) if row.next_loss else "",
    }


@allowed(Capability.VIEW)
def certificate_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One certificate: forecast with its reason, lifecycle, what must be done, facts, decisions, history."""
    row = load(pk)
    today = clock.today(row.organization)
    audits = audits_of([pk])[pk]
    seen = insight(row, today, planned_facts(audits))  # also brings the row up to date
    plan = request.GET.get("scenario") == "plan"
    context = {
        **heading(row, today),
        **_around(request, row, today),
        "tab": "overview",
        "today": today,
        "seen": seen,
        "plan": plan,
        "plan_name": plan_name(seen),
        "steps": strip(seen, plan),
        "why": why(seen),
        "action": _action(seen),
        "as_table": request.GET.get("view") == "table",
        "chart": picture(seen, audits),
        "story": story(seen, audits, plan),
        "chain": chain(seen),
        "obligations": _obligations(seen, audits),
        "grades": _open_grades(seen),
        "decisions": row.decisions.order_by("-decided_on", "-pk"),
        "notices": row.notices.order_by("-happened_on", "-pk"),
        "reliances": row.reliances.all(),
        "events": latest_events("certificate", pk),
        "may_edit": can(request, Capability.EDIT_CERTIFICATES),
        "start": StartForm() if not row.certified_on and not row.current_expires_on else None,
    }
    return render(request, "certifications/certificate.html", context)


def _around(request: HttpRequest, row: Certificate, today: date) -> dict[str, Any]:
    """The certificates before and after this one in the list one came from, which stands in ``within``."""
    within = request.GET.get("within", "")[:500]
    given = QueryDict(within)
    _key, sort = CERTIFICATES.sort_of(given.get("sort", ""))
    previous, following = neighbors(row, filters_of(given, request.user.pk), sort, today)
    return {
        "previous": previous,
        "next": following,
        "within": f"?{urlencode({'within': within})}" if within else "",
        "within_list": f"?{within}" if within else "",
    }


def load(pk: int) -> Certificate:
    """The certificate with all its page needs; 404 outside the organization."""
    return get_object_or_404(certificates(), pk=pk)


def heading(row: Certificate, today: date) -> dict[str, Any]:
    """Name and tags of a certificate, as all its pages show them."""
    where = standing(row, today)
    threatened = where in {Standing.RISK, Standing.EXPIRING}
    edition = row.current_edition or (row.edition.name if row.edition else "")
    return {
        "certificate": row,
        "name": f"{row.standard}:{edition}" if edition else str(row.standard),
        "site": next(iter(site_names(row)), ""),
        "sites": site_names(row),
        "forecast_tag": TAGS.get(where, where.value) if threatened else "",
        "forecast_word": where.label,
        "differs": row.status != row.confirmed_status,
        "accreditation": row.accreditation_body or (row.body.accreditation_body if row.body else ""),
    }


def _action(seen: Insight) -> dict[str, str] | None:
    """The record that stops the next loss, for the one button of the page."""
    loss = seen.loss
    if loss is None or ":" not in loss.subject:
        return None
    reference = seen.reference(loss.subject)
    return {"url": reference.url, "label": reference.label} if reference.url else None


def _obligations(seen: Insight, audits: list[AuditLine]) -> list[dict[str, Any]]:
    """What must be done to stay certified: deadlines, booked audits, changes to tell; earliest first."""
    due = [_obligation(seen, deadline) for deadline in open_deadlines(seen)]
    booked = [_booking(seen, line) for line in audits if not line.held and line.on]
    untold = [_untold(seen, row) for row in seen.row.reported_changes.filter(told_on=None).select_related("change")]
    return sorted([*due, *booked, *untold], key=lambda item: item["on"])


def _obligation(seen: Insight, deadline: Deadline) -> dict[str, Any]:
    reference = seen.references.get(deadline.subject)
    days = (deadline.due_on - seen.today).days
    moves = seen.loss is not None and deadline.subject == seen.loss.subject
    return {
        "name": deadline_words(deadline.kind, reference),
        "url": reference.url if reference else "",
        "on": deadline.due_on,
        "opens_on": deadline.opens_on,
        "owner": (reference.owner if reference else "") or _owner(seen.row),
        "tag": "overdue" if deadline.state == "missed" else "due" if days <= 30 else "planned",
        "moves": moves,
    }


def _owner(row: Certificate) -> str:
    return str(row.owner or row.owner_name)


def _untold(seen: Insight, row: ChangedCertificate) -> dict[str, Any]:
    on = row.change.happens_on
    return {
        "name": _("Tell %(body)s: %(change)s") % {"body": seen.row.body or _("the body"), "change": row.change},
        "url": reverse("change", args=[row.change_id]),
        "on": on,
        "opens_on": None,
        "owner": _owner(seen.row),
        "tag": "overdue" if on < seen.today else "due",
        "moves": False,
    }


def _booking(seen: Insight, line: AuditLine) -> dict[str, Any]:
    on = line.on or seen.today
    return {
        "name": _("%(kind)s audit %(number)s") % {"kind": line.words, "number": line.number},
        "url": line.url,
        "on": on,
        "opens_on": None,
        "owner": line.lead_auditor or _owner(seen.row),
        "tag": "overdue" if on < seen.today else "planned",
        "moves": False,
    }


def _open_grades(seen: Insight) -> list[tuple[str, int]]:
    """How many nonconformities of each grade are open."""
    counts: dict[str, int] = {}
    for nc in seen.outcome.nonconformities:
        if nc.state == "open" and not nc.sources:
            counts[nc.grade] = counts.get(nc.grade, 0) + 1
    return sorted(counts.items())
