"""What the portfolio page reads: the next loss, counts, the outlook and the reasons, in a fixed number of queries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import chain
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.templatetags.ui import day, long_day, noun, state_word
from alerts.words import remedy
from audits.queries import audits
from audits.states import AHEAD, BOOKED
from certifications.facts import books_for, facts_for
from certifications.insight import bring_up_to_date
from certifications.models import Certificate, ChangedCertificate
from certifications.queries import (
    AuditLine,
    Reference,
    Standing,
    audits_of,
    brief_certificates,
    certificates,
    planned_facts,
    references,
    site_names,
    standing,
)
from certifications.scenarios import if_plans_hold
from certifications.timeline import (
    Loss,
    Turn,
    loss_of,
    spans,
    turns_of_row,
    turns_of_transitions,
    will_be,
)
from certifications.words import brief_reason, reason_words
from charts import Mark, Outlook, Row, outlook
from charts.scale import month_start
from isotrack.work import Task, remedy_tasks
from lifecycle.calendar import add
from lifecycle.evolve import evolve
from lifecycle.policy import PolicyBook
from nonconformities.models import NonconformityCertificate

MOST_ROWS = 12
MOST_TASKS = 5
MOST_NAMED = 50
MONTHS_BACK, MONTHS_AHEAD = 2, 14
WATCH = timedelta(days=30)


@dataclass(frozen=True)
class Answer:
    """The one sentence: what is lost next and when, why, and the button that stops it; calm when nothing is."""

    subject: str
    fate: str
    days: int
    unless: str
    why: str
    after: str
    action: str
    url: str
    certificate_url: str


@dataclass(frozen=True)
class Reason:
    """One reason why certificates are lost: who needs action now, whom to watch, and where to look."""

    name: str
    url: str
    act: int
    watch: int
    total: int

    @property
    def cells(self) -> list[str]:
        """One cell per certificate: act, watch, then the others; at most forty."""
        rest = max(self.total - self.act - self.watch, 0)
        return (["a"] * self.act + ["w"] * self.watch + [""] * rest)[:40]


@dataclass(frozen=True)
class Portfolio:
    """Everything on the page."""

    rows: list[Any]
    today: date
    named: dict[str, Reference]

    @property
    def counts(self) -> Counter[Standing]:
        """How many certificates stand where."""
        return Counter(standing(row, self.today) for row in self.rows)

    @property
    def totals(self) -> dict[str, int]:
        """How many certificates, standards and sites there are."""
        standards = {row.standard_id for row in self.rows}
        sites = {name for row in self.rows for name in site_names(row)}
        return {"certificates": len(self.rows), "standards": len(standards), "sites": len(sites)}

    @property
    def threatened(self) -> list[Certificate]:
        """Certificates with a loss ahead, the soonest first."""
        return sorted((r for r in self.rows if r.next_loss_on), key=lambda r: (r.next_loss_on or date.max, r.pk))


def portfolio(today: date) -> Portfolio:
    """Read the certificates and the records their losses name."""
    rows: list[Any] = list(
        _with_signs(brief_certificates().select_related("standard", "owner", "scheme"), today).order_by("pk")
    )
    bring_up_to_date(rows, today)
    page = Portfolio(rows, today, {})
    losses = (loss for row in page.threatened[:MOST_NAMED] if (loss := loss_of(row)))
    names = chain.from_iterable((loss.subject, *loss.because) for loss in losses)
    return replace(page, named=references({name for name in names if ":" in name}))


def answer(page: Portfolio) -> Answer | None:
    """The next loss of all; None when nothing is lost within a year."""
    row = next(iter(page.threatened), None)
    loss = loss_of(row) if row else None
    if row is None or loss is None or loss.on > page.today + timedelta(days=366):
        return None
    reference = page.named.get(loss.subject)
    certificate_url = reverse("certificate", args=[row.pk])
    return Answer(
        subject=_subject(row),
        fate=will_be(loss.status, loss.on),
        days=(loss.on - page.today).days,
        unless=_unless(loss, page.named, row),
        why=_why(loss, page.named, row, page.today),
        after=_after(loss),
        action=_("Open %s") % reference.label if reference and reference.url else _("See the certificate"),
        url=reference.url if reference and reference.url else certificate_url,
        certificate_url=certificate_url if reference and reference.url else "",
    )


def _subject(row: Certificate) -> str:
    names = site_names(row)
    return (
        _("%(standard)s at %(site)s") % {"standard": row.standard, "site": names[0]}
        if names
        else f"{row.standard}, {row}"
    )


def _unless(loss: Loss, named: dict[str, Reference], row: Certificate) -> str:
    """The one action against the loss and who does it: "the root cause of NC-0142 is submitted by Anna Nowak"."""
    subject = named.get(loss.subject)
    action = remedy(loss.remedy, subject.label if subject else str(row))
    owner = (subject.owner if subject else "") or str(row.owner or row.owner_name)
    return _("%(action)s by %(owner)s") % {"action": action, "owner": owner} if owner else action


def _why(loss: Loss, named: dict[str, Reference], row: Certificate, today: date) -> str:
    """The reason, and by when the action against it is or was due."""
    records = [named[name] for name in loss.because if name in named and named[name].url]
    cause = _("Because %s.") % reason_words(loss.reason)
    if records and records[0].grade:
        cause = _("%(grade)s %(nc)s is still open.") % {"grade": state_word(records[0].grade), "nc": records[0].label}
    if loss.due_on is None:
        return cause
    due = _("That was due on %s.") if loss.due_on < today else _("That is due on %s.")
    return f"{cause} {due % long_day(loss.due_on)}"


def _after(loss: Loss) -> str:
    following = next((turn for turn in loss.follows if turn.status in {"withdrawn", "expired"}), None)
    words = {"withdrawn": _("Withdrawal follows on %s."), "expired": _("Its validity ends on %s.")}
    return words[following.status] % long_day(following.on) if following else ""


@dataclass(frozen=True)
class OutlookCard:
    """The chart, how many certificates it leaves out, and per row what a phone shows."""

    chart: Outlook
    until: date
    left_out: int
    lines: list[dict[str, object]]


def outlook_card(page: Portfolio, plan: bool, most: int = MOST_ROWS) -> OutlookCard:
    """The certificates that are lost before the end of the chart, the soonest first; then nobody else."""
    start = month_start(page.today, -MONTHS_BACK)
    end = month_start(page.today, MONTHS_AHEAD)
    ahead = [row for row in page.threatened if row.next_loss_on and row.next_loss_on < end]
    lost = [row for row in page.rows if row.status in {"suspended", "expired"} and row not in ahead]
    shown = [*ahead, *lost][:most]
    booked = audits_of([row.pk for row in shown])
    books = books_for(row.scheme for row in shown)
    kept = {row.pk: _kept(row, books, page.today) for row in shown}
    courses = _planned(shown, booked, books, page.today) if plan else kept
    drawn = [_row(row, courses[row.pk], booked[row.pk], page) for row in shown]
    chart = outlook(drawn, page.today, start, end)
    lines = [_phone_line(row, courses[row.pk].turns, page.today) for row in shown]
    return OutlookCard(chart, end - timedelta(days=1), len(page.rows) - len(shown), lines)


@dataclass(frozen=True)
class Course:
    """A certificate's statuses over time in one scenario, and the last day of its validity there."""

    turns: list[Turn]
    expires_on: date | None
    restorable_until: date | None = None


def _kept(row: Certificate, books: Mapping[int, PolicyBook], today: date) -> Course:
    return Course(turns_of_row(row), row.current_expires_on, _restorable(row, row.current_expires_on, books, today))


def _restorable(row: Certificate, expires_on: date | None, books: Mapping[int, PolicyBook], today: date) -> date | None:
    """The last day on which the certificate could be restored after that expiry."""
    limit = books[row.scheme_id].at(today).restoration_limit
    return add(expires_on, limit) if limit and expires_on else None


def _planned(
    rows: Sequence[Certificate],
    booked: dict[int, list[AuditLine]],
    books: Mapping[int, PolicyBook],
    today: date,
) -> dict[int, Course]:
    """Courses if what is planned gets done, asked of the engine for the rows that are drawn."""
    rows = list(certificates().filter(pk__in=[row.pk for row in rows]))
    facts = facts_for(rows)
    horizon = today + timedelta(days=800)
    found = {}
    for row in rows:
        book = books[row.scheme_id]
        now = evolve(facts[row.pk], book, [today])
        plans = if_plans_hold(facts[row.pk], now.answers[0], now, planned_facts(booked[row.pk]), today)
        then = evolve(plans, book, [horizon])
        turns = turns_of_transitions(row, then.transitions, now.answers[0].status)
        expires_on = then.answers[0].effective_expires_on
        found[row.pk] = Course(turns, expires_on, _restorable(row, expires_on, books, today))
    return found


def _row(row: Certificate, course: Course, lines: Iterable[AuditLine], page: Portfolio) -> Row:
    marks = [
        Mark("external", line.on, done=line.held, text=f"{line.words} {line.number}", late=_late(line, page.today))
        for line in lines
        if line.external and line.on
    ]
    return Row(
        title=str(row.standard),
        place=next(iter(site_names(row)), str(row)),
        note=_note(row, page),
        url=reverse("certificate", args=[row.pk]),
        spans=spans(course.turns, course.expires_on, course.restorable_until),
        marks=tuple(marks),
    )


def _late(line: AuditLine, today: date) -> bool:
    return not line.held and line.on is not None and line.on < today


def _note(row: Certificate, page: Portfolio) -> str:
    """The short reason under a certificate's name."""
    if row.status in {"suspended", "expired", "withdrawn"}:
        since = next((move["date"] for move in reversed(row.moves) if move["to"] == row.status), None)
        words = {"status": row.get_status_display(), "day": day(date.fromisoformat(since)) if since else ""}
        return _("%(status)s since %(day)s") % words if since else str(row.get_status_display())
    loss = loss_of(row)
    if loss is None:
        return ""
    records = [page.named[name] for name in loss.because if name in page.named and page.named[name].url]
    if records and records[0].grade:
        return _("%(grade)s %(nc)s still open") % {"grade": state_word(records[0].grade), "nc": records[0].label}
    return brief_reason(loss.reason).capitalize()


def _phone_line(row: Certificate, turns: Sequence[Turn], today: date) -> dict[str, object]:
    ahead = next((turn for turn in turns if turn.on > today), None)
    where = standing(row, today)
    return {"turn": ahead, "tag": "due" if where == Standing.EXPIRING else where.value, "word": where.label}


def tasks(page: Portfolio) -> list[Task]:
    """The actions that move the next losses, at most five."""
    return remedy_tasks(page.threatened[:MOST_NAMED], page.today, page.named)[:MOST_TASKS]


def reasons(page: Portfolio) -> list[Reason]:
    """Why certificates are lost, for the reasons that records can show; read with the certificates."""
    total = len(page.rows)
    kept = reverse("certificates")
    found = reverse("nonconformities")
    weak = sum(row.weak for row in page.rows)
    return [
        Reason(_("Major NCs not resolved on time"), found + "?state=overdue", *_dated(page, "major_on"), total),
        Reason(
            _("Weak root cause or corrective action"),
            found + "?state=open",
            weak,
            0,
            total,
        ),
        Reason(_("Internal audit missed"), reverse("audits") + "?kind=internal", *_dated(page, "internal_on"), total),
        _by_loss(page, _("Surveillance not held in time"), "audit_missed", kept + "?state=risk"),
        _by_loss(page, _("Validity ends before recertification"), "validity_ended", kept + "?state=expiring"),
        _by_loss(page, _("Old edition not replaced"), "edition_not_transitioned", kept + "?state=risk"),
        Reason(
            _("Changes not told to the body"), kept + "?untold=1", *_dated(page, "untold_on", on_the_day=True), total
        ),
    ]


def _with_signs(rows: QuerySet[Certificate], today: date) -> QuerySet[Certificate]:
    """Certificates with what shows that one may be lost: the earliest date of each sign, read in the same query."""
    links = NonconformityCertificate.objects.filter(certificate=OuterRef("pk"), nonconformity__state="open")
    majors = links.filter(nonconformity__source="body").exclude(nonconformity__current_grade="minor")
    weak = links.filter(nonconformity__verifications__result="not_effective")
    internal = audits().filter(
        kind="internal", state__in=BOOKED, on__lte=today + WATCH, certificate_links__certificate=OuterRef("pk")
    )
    untold = ChangedCertificate.objects.filter(told_on=None, certificate=OuterRef("pk"))
    step = "nonconformity__next_step_due_on"
    soon = majors.filter(**{f"{step}__lte": today + WATCH})
    return rows.annotate(
        major_on=Subquery(soon.order_by(step).values(step)[:1]),
        weak=Exists(weak),
        internal_on=Subquery(internal.order_by("on").values("on")[:1]),
        untold_on=Subquery(untold.order_by("change__happens_on").values("change__happens_on")[:1]),
    )


def _dated(page: Portfolio, sign: str, on_the_day: bool = False) -> tuple[int, int]:
    """How many certificates have a sign whose day has passed (or come), and how many one whose day lies ahead."""
    days = [day for row in page.rows if (day := getattr(row, sign))]
    late = sum(day < page.today or (on_the_day and day == page.today) for day in days)
    return late, len(days) - late


def _by_loss(page: Portfolio, name: str, reason: str, url: str) -> Reason:
    """Certificates whose next loss has this reason: act within 92 days, watch within half a year."""
    days = [
        (row.next_loss_on - page.today).days
        for row in page.rows
        if row.next_loss_on and row.next_loss and row.next_loss["reason"] == reason
    ]
    return Reason(name, url, sum(d <= 92 for d in days), sum(92 < d <= 183 for d in days), len(page.rows))


def calm_event(page: Portfolio) -> str:
    """The next audit, for a day on which nothing is about to be lost; one query."""
    row = audits().filter(state__in=AHEAD, on__gte=page.today).order_by("on", "pk").first()
    if row is None:
        return ""
    standards = ", ".join(str(link.certificate.standard) for link in row.certificate_links.all())
    where = ", ".join(filter(None, [standards, str(row.site or "")]))
    words = {"kind": noun(row.get_kind_display()), "where": where, "day": day(row.on)}
    return _("Next event: %(kind)s audit, %(where)s, %(day)s.") % words
