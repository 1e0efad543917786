"""A certificate over time, in words and as spans for the charts: what was, and what comes if nothing is done."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, cast

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from accounts.templatetags.ui import day, long_day
from certifications.models import Certificate
from certifications.states import CertificateStatus
from charts import Span
from charts.inputs import State
from lifecycle.outcome import Transition

ONE_DAY = timedelta(days=1)
LONG_AGO = date(1990, 1, 1)


@dataclass(frozen=True)
class Turn:
    """From this civil date on the certificate has this status."""

    on: date
    status: str

    @property
    def word(self) -> str:
        """The status in the reader's language."""
        return str(CertificateStatus(self.status).label).lower()


def turns_of_row(row: Certificate) -> list[Turn]:
    """Past moves and the next losses as kept on the row; no engine run."""
    moves = [Turn(date.fromisoformat(move["date"]), move["to"]) for move in row.moves]
    initial = row.moves[0]["from"] if row.moves else row.status
    turns = [Turn(first_day(row), initial), *moves]
    if loss := row.next_loss:
        turns.append(Turn(date.fromisoformat(loss["date"]), loss["status"]))
        turns += [Turn(date.fromisoformat(step["date"]), step["status"]) for step in loss["follows"]]
    return turns


def turns_of_transitions(row: Certificate, transitions: Sequence[Transition], status: str) -> list[Turn]:
    """Every move that the engine answered; ``status`` holds where it answered none."""
    initial = transitions[0].from_status if transitions else status
    return [Turn(first_day(row), initial), *(Turn(move.date, move.to_status) for move in transitions)]


def first_day(row: Certificate) -> date:
    """The day on which the certificate began, as far as it is known."""
    return row.certified_on or row.cycle_started_on or row.issued_on or LONG_AGO


def spans(turns: Sequence[Turn], expires_on: date | None, restorable_until: date | None = None) -> tuple[Span, ...]:
    """The turns as spans without gaps; the time to restore after expiry is a span of its own."""
    found: list[Span] = []
    for number, turn in enumerate(turns):
        ends_on = turns[number + 1].on - ONE_DAY if number + 1 < len(turns) else None
        if ends_on is not None and ends_on < turn.on:
            continue
        found += _split_at_restoration(turn, ends_on, restorable_until) or [_span(turn, ends_on, expires_on)]
    return tuple(found)


def _split_at_restoration(turn: Turn, ends_on: date | None, until: date | None) -> list[Span]:
    if turn.status != "expired" or until is None or until < turn.on or (ends_on and ends_on <= until):
        return []
    return [
        Span("expired", turn.on, until, (_("Expired · can be restored"), _("Expired"))),
        Span("again", until + ONE_DAY, ends_on, (_("Start again"),)),
    ]


def _span(turn: Turn, ends_on: date | None, expires_on: date | None) -> Span:
    return Span(cast(State, turn.status), turn.on, ends_on, _bar_words(turn.status, ends_on, expires_on))


def _bar_words(status: str, ends_on: date | None, expires_on: date | None) -> tuple[str, ...]:
    if status == "active":
        lasts = expires_on is not None and (ends_on is None or ends_on >= expires_on)
        return (_("Valid to %s") % day(expires_on), _("Valid")) if lasts else (_("Valid"),)
    words = {"suspended": _("Suspended"), "withdrawn": _("Withdrawn"), "expired": _("Expired")}
    return (words.get(status, _("Not certified yet")),)


@dataclass(frozen=True)
class Loss:
    """The next loss of a certificate, ready to be said: what, when, why, and the one action against it."""

    status: str
    on: date
    rule: str
    reason: str
    because: tuple[str, ...]
    remedy: str
    subject: str
    due_on: date | None
    follows: tuple[Turn, ...]


def loss_of(row: Certificate) -> Loss | None:
    """The next loss as kept on the row."""
    kept = cast("dict[str, Any] | None", row.next_loss)
    if kept is None:
        return None
    return Loss(
        status=kept["status"],
        on=date.fromisoformat(kept["date"]),
        rule=kept["rule"],
        reason=kept["reason"],
        because=tuple(kept["because"]),
        remedy=kept["remedy"],
        subject=kept["subject"] or "",
        due_on=date.fromisoformat(kept["due_on"]) if kept["due_on"] else None,
        follows=tuple(Turn(date.fromisoformat(step["date"]), step["status"]) for step in kept["follows"]),
    )


WILL_BE = {
    "suspended": gettext_noop("suspended on %s"),
    "withdrawn": gettext_noop("withdrawn on %s"),
    "expired": gettext_noop("expired on %s"),
}


def will_be(status: str, on: date) -> str:
    """The end of the one sentence: "suspended on 12 January 2027"."""
    return _(WILL_BE[status]) % long_day(on)


def site_of(names: Iterable[str]) -> str:
    """The main site of a certificate, and how many more it covers."""
    sites = list(names)
    if not sites:
        return ""
    more = len(sites) - 1
    if not more:
        return sites[0]
    words = ngettext("%(site)s and %(more)d more site", "%(site)s and %(more)d more sites", more)
    return words % {"site": sites[0], "more": more}
