"""Search over every app: what holds the words, and on PostgreSQL what nearly holds them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import reduce
from operator import or_
from typing import Any

from django.db import connection
from django.db.models import F, FloatField, Func, Q, QuerySet, Value
from django.db.models.functions import Coalesce, Greatest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from accounts import clock
from accounts.models import Membership
from accounts.permissions import Capability
from accounts.web import allowed, plain
from audits.models import Audit
from certifications.models import Clause
from certifications.queries import certificates, site_names
from certifications.timeline import Loss, loss_of, site_of
from evidence.queries import visible
from nonconformities.models import Nonconformity

FOUND = 10
LONGEST = 100
SHORTEST_GUESS = 4
ALIKE = 0.5


@dataclass(frozen=True, slots=True)
class Hit:
    """One found record as a line."""

    name: str
    url: str
    about: str
    tag: str = ""
    loss: Loss | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """What was found of one kind; ``near`` when the words are only alike."""

    name: str
    hits: Sequence[Hit] = field(default_factory=tuple)
    near: bool = False

    @property
    def full(self) -> bool:
        """Whether there may be more than are shown."""
        return len(self.hits) >= FOUND


class WordSimilarity(Func):
    """How much a text is like some words of a column, from 0 to 1 (PostgreSQL, pg_trgm)."""

    function = "word_similarity"
    output_field = FloatField()


def guesses() -> bool:
    """Whether the database can find what is only alike; one query, on PostgreSQL alone."""
    if connection.vendor != "postgresql":
        return False
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_extension WHERE extname = 'pg_trgm'")
        return cursor.fetchone() is not None


@allowed(Capability.VIEW)
def search_page(request: HttpRequest) -> HttpResponse:
    """Certificates, nonconformities, clauses, people, documents and audits that hold the words."""
    text = " ".join(plain(request.GET).get("q", "").split())[:LONGEST]
    today = clock.today(request.organization)  # type: ignore[attr-defined]
    context = {"text": text, "groups": found(text, today) if text else []}
    return render(request, "dashboard/search.html", context)


def found(text: str, today: date) -> list[Group]:
    """The groups in which something was found; a fixed number of queries."""
    near = len(text) >= SHORTEST_GUESS and guesses()
    groups = [source(text, near) for source in SOURCES]
    return [group for group in groups if group.hits]


def look(rows: QuerySet[Any], columns: Sequence[str], text: str, near: bool) -> tuple[list[Any], bool]:
    """Rows in which the text stands; where none does, those with words like it, the most alike first."""
    holds = reduce(or_, (Q(**{f"{column}__icontains": text}) for column in columns))
    exact = list(rows.filter(holds)[:FOUND])
    if exact or not near:
        return exact, False
    alike = [WordSimilarity(Value(text), Coalesce(F(column), Value(""))) for column in columns]
    score = Greatest(*alike) if len(alike) > 1 else alike[0]
    guessed = rows.annotate(alike=score).filter(alike__gte=ALIKE).order_by("-alike", "pk")[:FOUND]
    return list(guessed), True


def _certificates(text: str, near: bool) -> Group:
    columns = ("number", "current_number", "standard__code", "standard__title", "scope", "site_links__site__name")
    rows, guessed = look(certificates().order_by("number").distinct(), columns, text, near)
    hits = {
        row.pk: Hit(
            f"{row.standard}, {site_of(site_names(row)) or row}",
            reverse("certificate", args=[row.pk]),
            str(row),
            row.status,
            loss_of(row),
        )
        for row in rows
    }
    return Group(_("Certificates"), list(hits.values()), guessed)


def _nonconformities(text: str, near: bool) -> Group:
    columns = ("number", "title", "clause", "statement", "root_cause")
    rows, guessed = look(Nonconformity.objects.order_by("-raised_on", "-pk"), columns, text, near)
    hits = [
        Hit(
            f"{row}: {row.title}",
            reverse("nonconformity", args=[row.pk]),
            _("Clause %s") % row.clause if row.clause else row.get_source_display(),
            row.state,
        )
        for row in rows
    ]
    return Group(_("Nonconformities"), hits, guessed)


def _clauses(text: str, near: bool) -> Group:
    """A clause leads to the nonconformities raised against it."""
    clauses = Clause.objects.select_related("edition__standard").order_by("edition__standard__code", "number")
    rows, guessed = look(clauses, ("number", "title"), text, near)
    hits = [
        Hit(
            f"{row.number} {row.title}",
            reverse("nonconformities") + "?" + urlencode({"state": "all", "q": row.number}),
            str(row.edition),
        )
        for row in rows
    ]
    return Group(_("Clauses"), hits, guessed)


def _people(text: str, near: bool) -> Group:
    """A person leads to what waits for them."""
    members = Membership.objects.filter(user__is_active=True).select_related("user").order_by("user__full_name")
    rows, guessed = look(members, ("user__full_name", "user__email"), text, near)
    hits = [
        Hit(
            str(row.user),
            reverse("nonconformities") + "?" + urlencode({"owner": row.user_id}),
            f"{row.get_role_display()} · {row.user.email}",
        )
        for row in rows
    ]
    return Group(_("People"), hits, guessed)


def _documents(text: str, near: bool) -> Group:
    rows, guessed = look(visible().filter(withdrawn_on=None).order_by("-pk"), ("title", "note"), text, near)
    hits = [Hit(str(row), reverse("evidence", args=[row.pk]), row.note[:120]) for row in rows]
    return Group(_("Documents"), hits, guessed)


def _audits(text: str, near: bool) -> Group:
    audits = Audit.objects.select_related("site").order_by("-pk")
    rows, guessed = look(audits, ("number", "lead_auditor", "site__name"), text, near)
    hits = [
        Hit(
            _("%(kind)s audit %(number)s") % {"kind": row.get_kind_display(), "number": row},
            reverse("audit", args=[row.pk]),
            " · ".join(filter(None, [row.lead_auditor, str(row.site or "")])),
            row.state,
        )
        for row in rows
    ]
    return Group(_("Audits"), hits, guessed)


SOURCES: tuple[Callable[[str, bool], Group], ...] = (
    _certificates,
    _nonconformities,
    _audits,
    _clauses,
    _people,
    _documents,
)
