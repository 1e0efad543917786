"""The lifecycle of one certificate as picture and as a dated list."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.templatetags.ui import day, distance
from certifications.insight import Insight
from certifications.queries import AuditLine
from certifications.timeline import LONG_AGO, ONE_DAY, Turn, spans
from certifications.words import deadline_words
from charts import Clock, Lane, Lifecycle, Mark, Span, lifecycle
from charts.inputs import MarkKind
from lifecycle.calendar import add, add_months
from lifecycle.rule_words import grade_in_words

BEFORE = timedelta(days=42)
AFTER = timedelta(days=200)
SURVEILLANCE = {"first_surveillance", "yearly_surveillance", "surveillance_interval", "surveillance_window"}


@dataclass(frozen=True)
class Entry:
    """One line of the dated list; ``now`` marks the line of today."""

    on: date
    state: str
    name: str
    text: str
    now: bool = False


def picture(seen: Insight, audits: Sequence[AuditLine]) -> Lifecycle:
    """The chart of the current cycle: both scenarios, audits, internal work, clocks."""
    years, end = _cycle(seen)
    start = min(years[0], seen.today) - BEFORE
    lanes = [
        Lane(_("If nothing is done"), _spans(seen, plan=False)),
        Lane(plan_name(seen), _spans(seen, plan=True)),
    ]
    clocks = _clocks(seen, end)
    marks = [*_marks(audits, seen.today), *_due_audits(seen)]
    return lifecycle(lanes, marks, clocks, years, restorable_until(seen), seen.today, start, end + AFTER)


def plan_name(seen: Insight) -> str:
    """The name of the second scenario: the one nonconformity that decides, or all that is planned."""
    loss = seen.loss
    open_ones = [nc for nc in seen.outcome.nonconformities if nc.state == "open"]
    if loss and len(open_ones) == 1 and loss.subject == open_ones[0].id:
        return _("If %s closes") % seen.reference(loss.subject).label
    return _("If plans hold")


def restorable_until(seen: Insight) -> date | None:
    """The last day on which the certificate could be restored after its expiry."""
    limit, expires_on = seen.policy.restoration_limit, seen.now.effective_expires_on
    return add(expires_on, limit) if limit and expires_on else None


def _spans(seen: Insight, plan: bool) -> tuple[Span, ...]:
    last = seen.planned.answers[-1].effective_expires_on if plan else None
    return spans(seen.turns(plan), last or seen.now.effective_expires_on, restorable_until(seen))


def _cycle(seen: Insight) -> tuple[list[date], date]:
    """First days of the years of the current cycle and the day after it; and the cycle's last day."""
    current = next((c for c in reversed(seen.outcome.cycles) if c.starts_on and c.starts_on <= seen.today), None)
    end = seen.now.effective_expires_on or seen.row.current_expires_on or add_months(seen.today, 24)
    start = (current.starts_on if current else None) or seen.row.certified_on or add_months(end, -36)
    years = [start]
    while (following := add_months(start, 12 * len(years))) <= end:
        years.append(following)
    return [*years[-5:], end + ONE_DAY], end


def _marks(audits: Sequence[AuditLine], today: date) -> list[Mark]:
    """Audits that were held or are booked."""
    return [_mark(line, today) for line in audits if line.on]


def _mark(line: AuditLine, today: date) -> Mark:
    on = line.on or today
    told = {"audit": line.words, "days": _days(line)}
    text = _("%(audit)s · held %(days)s") % told if line.held else f"{line.words} {_days(line)}"
    kind: MarkKind = "external" if line.external else "internal"
    return Mark(kind, on, done=line.held, text=text, late=not line.held and on < today)


def _days(line: AuditLine) -> str:
    """The days of an audit, briefly: 12 Oct, or 12-14 Oct."""
    first, last = (line.started_on, line.ended_on) if line.held else (line.planned_on, line.planned_until)
    first, last = first or last, last or first
    if first is None or last is None:
        return ""
    if (first.year, first.month) == (last.year, last.month) and first != last:
        return f"{first.day}–{day(last)}"
    return day(last)


def _due_audits(seen: Insight) -> list[Mark]:
    """Audits that the rules require by a date, with the window before it; none where one is booked in time."""
    booked = [audit.ended_on for audit in seen.booked if audit.ended_on]
    return [
        Mark("external", d.due_on, done=False, text=_("Surveillance by %s") % day(d.due_on), opens_on=d.opens_on)
        for d in seen.outcome.deadlines
        if d.kind in SURVEILLANCE and d.state == "open" and not any(seen.today <= on <= d.due_on for on in booked)
    ]


def _clocks(seen: Insight, end: date) -> list[Clock]:
    """One bar per open major, and one for the minors that have the same date."""
    majors, minors = [], Counter[tuple[date, date]]()
    for nc in seen.outcome.nonconformities:
        if nc.state != "open" or nc.sources:
            continue
        due_on = nc.due.closure if isinstance(nc.due.closure, date) else None
        if due_on is None or not seen.blocks(nc.grade):
            minors[(nc.grades[0].date, due_on or seen.next_audit_on or end)] += 1
        else:
            words = {
                "nc": seen.reference(nc.id).label,
                "grade": grade_in_words(nc.grade, translation),
                "day": day(due_on),
            }
            text = _("%(nc)s %(grade)s · closes by %(day)s") % words
            majors.append(Clock(text, nc.grades[0].date, due_on, "overdue"))
    return [*majors, *(_minor_clock(start, due, many) for (start, due), many in minors.items())]


def _minor_clock(start: date, due_on: date, many: int) -> Clock:
    text = ngettext("%(many)d minor · by %(day)s", "%(many)d minors · by %(day)s", many)
    return Clock(text % {"many": many, "day": day(due_on)}, start, due_on, "due")


def story(seen: Insight, audits: Sequence[AuditLine], plan: bool) -> list[Entry]:
    """Everything dated, past and coming, with a line for today; the same data as the picture."""
    entries = [*_moves(seen, plan), *_audit_entries(seen, audits), *_deadline_entries(seen)]
    past = sorted((e for e in entries if e.on <= seen.today), key=lambda e: e.on)
    coming = sorted((e for e in entries if e.on > seen.today), key=lambda e: e.on)
    return [*past, Entry(seen.today, "", "", "", now=True), *coming]


def _moves(seen: Insight, plan: bool) -> list[Entry]:
    first, *later = seen.turns(plan)
    if first.status == "none" and later and later[0].status == "active":
        first, *later = later
    begun = [Entry(first.on, "active", _("Certified"), "")] if first.on != LONG_AGO and first.status != "none" else []
    return begun + [_move(turn, seen.today, plan) for turn in later]


def _move(turn: Turn, today: date, plan: bool) -> Entry:
    words = {"active": _("active"), "suspended": _("suspended"), "withdrawn": _("withdrawn"), "expired": _("expired")}
    word = words.get(turn.status, turn.status)
    if turn.on <= today:
        return Entry(turn.on, turn.status, word.capitalize(), "")
    condition = _("if plans hold") if plan else _("if nothing is done")
    return Entry(turn.on, turn.status, _("Forecast: %s") % word, f"{distance(turn.on, today)}, {condition}")


def _audit_entries(seen: Insight, audits: Sequence[AuditLine]) -> list[Entry]:
    entries = []
    for line in audits:
        if line.on:
            late = not line.held and line.on < seen.today
            state = "held" if line.held else "overdue" if late else "planned"
            entries.append(Entry(line.on, state, f"{line.words} ({line.number})", line.lead_auditor))
    return entries


def _deadline_entries(seen: Insight) -> list[Entry]:
    return [
        Entry(
            d.due_on,
            "overdue" if d.state == "missed" else "due",
            deadline_words(d.kind, seen.references.get(d.subject)),
            distance(d.due_on, seen.today),
        )
        for d in seen.outcome.deadlines
        if d.state in {"open", "missed"} and d.kind != "expiry"
    ]
