"""What the pages of nonconformities read, each in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, F, Prefetch, Q, QuerySet
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Site
from accounts.templatetags.ui import state_word
from certifications.facts import books_for
from certifications.models import Certificate, Clause, Scheme
from certifications.timeline import loss_of
from lifecycle.calendar import add_months
from lifecycle.facts import STEPS
from lifecycle.policy import Policy
from lifecycle.rule_words import rule_in_words, source_in_words
from nonconformities.models import Nonconformity, NonconformityCertificate
from nonconformities.states import Source, WorkStep
from records.lists import choices_of

SOON = timedelta(days=14)
STATES = [
    ("open", pgettext_lazy("nonconformity", "Open")),
    ("overdue", _("Overdue")),
    ("closed", pgettext_lazy("nonconformity", "Closed")),
    ("all", pgettext_lazy("nonconformities", "All")),
]
DONE_AT = {
    "response": "plan_submitted_on",
    "plan": "plan_accepted_on",
    "action": "action_done_on",
    "closure": "closed_on",
}


def nonconformities() -> QuerySet[Nonconformity]:
    """Nonconformities with what a line about one shows."""
    links = NonconformityCertificate.objects.select_related("certificate__standard", "certificate__scheme")
    rows: QuerySet[Nonconformity] = Nonconformity.objects.select_related("organization", "site", "owner", "audit")
    return rows.prefetch_related(Prefetch("certificate_links", links))


@dataclass(frozen=True)
class Filters:
    """What a list of nonconformities is narrowed to; empty texts narrow nothing."""

    text: str = ""
    state: str = "open"
    grade: str = ""
    source: str = ""
    site: str = ""
    certificate: str = ""
    owner: int | None = None
    step: str = ""


def filtered(rows: QuerySet[Nonconformity], filters: Filters, today: date) -> QuerySet[Nonconformity]:
    """The nonconformities that the filters leave."""
    if filters.text:
        rows = rows.filter(
            Q(number__icontains=filters.text) | Q(title__icontains=filters.text) | Q(clause__istartswith=filters.text)
        )
    if filters.state in {"open", "closed"}:
        rows = rows.filter(state=filters.state)
    elif filters.state == "overdue":
        rows = rows.filter(state="open", next_step_due_on__lt=today)
    if filters.step in WorkStep.values:
        rows = rows.filter(current_step=filters.step, state="open")
    for column, value in (("current_grade", filters.grade), ("source", filters.source), ("owner_id", filters.owner)):
        if value:
            rows = rows.filter(**{column: value})
    if filters.site.isdecimal():
        rows = rows.filter(site_id=int(filters.site))
    if filters.certificate.isdecimal():
        rows = rows.filter(certificate_links__certificate_id=int(filters.certificate))
    return rows


ON_BOARD = 12


@dataclass(frozen=True)
class Lane:
    """One step of the board: how many wait there, and those that are due first."""

    step: str
    name: str
    count: int
    rows: list[Nonconformity]


def board(rows: QuerySet[Nonconformity]) -> list[Lane]:
    """Open nonconformities by step, the next deadline first; nine queries whatever the number of rows."""
    rows = rows.filter(state="open")
    counts = dict(rows.order_by().values_list("current_step").annotate(n=Count("pk")))
    return [
        Lane(step, str(step.label), counts.get(step, 0), _due_first(rows.filter(current_step=step)))
        for step in list(WorkStep)[1:]
    ]


def _due_first(rows: QuerySet[Nonconformity]) -> list[Nonconformity]:
    return list(rows.order_by(F("next_step_due_on").asc(nulls_last=True), "pk")[:ON_BOARD])


def last_number() -> str | None:
    """The number of the nonconformity recorded last."""
    return Nonconformity.objects.order_by("-pk").values_list("number", flat=True).first()


def filter_choices(**more: tuple[QuerySet[Any], str, str]) -> dict[str, list[tuple[str, str]]]:
    """Grades and sites that nonconformities have, and what else a page offers; one query."""
    graded = Nonconformity.objects.exclude(current_grade="")
    sites = Site.objects.filter(nonconformities__isnull=False)
    found = choices_of(grades=(graded, "current_grade", "current_grade"), sites=(sites, "pk", "name"), **more)
    return {**found, "grades": [(grade, state_word(grade)) for grade, _same in found["grades"]]}


def tag_of(row: Nonconformity, today: date) -> str:
    """How urgent a nonconformity is, as a tag."""
    if row.state != "open":
        return str(row.state)
    if row.next_step_due_on is None:
        return "open"
    if row.next_step_due_on < today:
        return "overdue"
    return "due" if row.next_step_due_on <= today + SOON else "planned"


def clause_title(row: Nonconformity, certificates: Sequence[Certificate]) -> str:
    """The title of the clause in the newest edition of the first certificate's standard; one query."""
    if not row.clause or not certificates:
        return ""
    known = Clause.objects.filter(number=row.clause, edition__standard_id=certificates[0].standard_id)
    return known.values_list("title", flat=True).order_by("-edition__name").first() or ""


@dataclass(frozen=True)
class StepClock:
    """The next step by one certificate's rules (or by one's own): which, by when, and the rule that set the date."""

    certificate: Certificate | None
    step: str
    due_on: date | None
    rule: str
    source: str
    by_next_audit: bool


def certificates_of(row: Nonconformity) -> list[Certificate]:
    """The certificates it concerns."""
    return [link.certificate for link in row.certificate_links.all()]


def clocks(row: Nonconformity) -> list[StepClock]:
    """The next step by each certificate, or by our own deadlines, the earliest first; at most two queries."""
    if row.source != Source.BODY:
        own = Scheme.objects.filter(own_deadlines=True, organization_id=row.organization_id).order_by("-pk")[:1]
        return [_clock(row, None, book.at(row.raised_on)) for book in books_for(own).values()]
    concerned = certificates_of(row)
    books = books_for(c.scheme for c in concerned)
    found = [_clock(row, c, books[c.scheme_id].at(row.raised_on)) for c in concerned]
    return sorted(found, key=lambda clock: (clock.due_on or date.max, not clock.by_next_audit))


def _clock(row: Nonconformity, certificate: Certificate | None, policy: Policy) -> StepClock:
    given = row.due.get(f"certificate:{certificate.pk}" if certificate else "own", {})
    step = next((name for name in STEPS if getattr(row, DONE_AT[name]) is None), "closure")
    due = given.get(step)
    for later in STEPS[STEPS.index(step) :]:
        if due and due != "next_audit":
            break
        step, due = (later, given[later]) if given.get(later) else (step, due)
    rule_id = f"nc.{row.current_grade or row.grade}.{step}"
    return StepClock(
        certificate=certificate,
        step=step,
        due_on=date.fromisoformat(due) if due and due != "next_audit" else None,
        rule=rule_in_words(policy, rule_id, translation),
        source=source_in_words(policy, rule_id, translation),
        by_next_audit=due == "next_audit",
    )


@dataclass(frozen=True)
class Consequence:
    """What happens to a certificate if the nonconformity stays open."""

    certificate: Certificate
    status: str
    on: date


def consequences(row: Nonconformity) -> list[Consequence]:
    """The certificates whose next loss rests on this nonconformity."""
    name = f"nc:{row.pk}"
    found = []
    for certificate in certificates_of(row):
        loss = loss_of(certificate)
        if loss and (name == loss.subject or name in loss.because):
            found.append(Consequence(certificate, loss.status, loss.on))
    return found


REPEATS_WITHIN_MONTHS = 24


@dataclass(frozen=True)
class Repeats:
    """Earlier nonconformities of the same clause at the same place within 24 months, the latest first."""

    rows: list[Nonconformity]

    @property
    def times(self) -> int:
        """Which time it is."""
        return len(self.rows) + 1

    @property
    def words(self) -> str:
        """Which time it is, in words."""
        known = {2: _("Second time in 24 months"), 3: _("Third time in 24 months")}
        return str(known.get(self.times) or _("Time number %d in 24 months") % self.times)


def repeats_of(row: Nonconformity) -> Repeats:
    """Those raised earlier against the same clause at the same site, or in the same process; one query.

    Without site and process, the same clause alone counts.
    """
    if not row.clause:
        return Repeats([])
    since = add_months(row.raised_on, -REPEATS_WITHIN_MONTHS)
    place = Q()
    if row.site_id:
        place |= Q(site_id=row.site_id)
    if row.scope_part:
        place |= Q(scope_part__iexact=row.scope_part)
    earlier = Q(raised_on__lt=row.raised_on) | Q(raised_on=row.raised_on, pk__lt=row.pk)
    rows = Nonconformity.objects.filter(earlier, place, clause=row.clause, raised_on__gte=since).exclude(state="void")
    return Repeats(list(rows.order_by("-raised_on", "-pk")[:20]))


def related_to(row: Nonconformity, repeats: Repeats) -> list[Nonconformity]:
    """Open ones of the same clause elsewhere, or of the same site; at most five; one query."""
    same = Q()
    if row.clause:
        same |= Q(clause=row.clause)
    if row.site_id:
        same |= Q(site_id=row.site_id)
    if not same:
        return []
    known = [row.pk, *(other.pk for other in repeats.rows)]
    rows = Nonconformity.objects.filter(same, state="open").exclude(pk__in=known).select_related("site")
    return list(rows.order_by("next_step_due_on", "pk")[:5])
