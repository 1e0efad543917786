"""What a step would do to the dates before it is saved: the same judgement, made with the fact and without it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

from django.utils.translation import gettext as _

from accounts import clock
from certifications.facts import ref
from certifications.shifts import effect_of_finding
from lifecycle import facts as known
from lifecycle.evolve import evolve
from lifecycle.facts import STEPS, Facts
from nonconformities.actions.refresh import facts_of_own, own_books
from nonconformities.models import Nonconformity
from nonconformities.states import Source, Step

Change = Callable[[known.Nonconformity], known.Nonconformity]


@dataclass(frozen=True)
class MovedDate:
    """One date before and after; None where there is none. ``status`` is the status it brings, if it brings one."""

    about: str
    words: str
    status: str
    before: date | None
    after: date | None


def effect_of(nonconformity: Nonconformity, change: Change) -> list[MovedDate]:
    """The dates that move, those of the certificates it concerns or of the organization's own deadlines."""
    if nonconformity.source != Source.BODY:
        return _own_effect(nonconformity, change)
    ids = [link.certificate_id for link in nonconformity.certificate_links.all()]
    effect = effect_of_finding(ids, ref("nc", nonconformity.pk), change)
    return [
        MovedDate(_certificate_words(shift.row, shift.site), moved.words, moved.status, moved.before, moved.after)
        for shift in effect.shifts
        for moved in shift.moved
    ]


def _certificate_words(row: object, site: str) -> str:
    standard = getattr(row, "standard", "")
    return f"{standard}, {site}" if site else f"{standard}, {row}"


def _own_effect(nonconformity: Nonconformity, change: Change) -> list[MovedDate]:
    fact = facts_of_own([nonconformity])[nonconformity.pk]
    book = own_books({nonconformity.organization_id})[nonconformity.organization_id]
    day = clock.today(nonconformity.organization)
    before, after = (
        _open_dates(evolve(Facts(nonconformities=(known_now,)), book, [day])) for known_now in (fact, change(fact))
    )
    return [
        MovedDate(_("Our own deadlines"), str(Step(step).label), "", before.get(step), after.get(step))
        for step in STEPS
        if before.get(step) != after.get(step)
    ]


def _open_dates(outcome: object) -> dict[str, date]:
    deadlines = getattr(outcome, "deadlines", ())
    return {d.kind.removeprefix("nc_"): d.due_on for d in deadlines if d.state in {"open", "missed"}}


def submitted(on: date) -> Change:
    """The plan is submitted on this day."""
    return lambda nc: replace(nc, plan_submitted_on=on)


def accepted(on: date) -> Change:
    """The plan is accepted on this day."""
    return lambda nc: replace(nc, plan_accepted_on=on)


def acted(on: date) -> Change:
    """The corrective action is done on this day."""
    return lambda nc: replace(nc, action_done_on=on)


def closed(on: date) -> Change:
    """It is closed on this day."""
    return lambda nc: replace(nc, closed_on=on, closure_recorded_on=on)


def checked(on: date, result: str, today: date) -> Change:
    """It is verified on this day; what is only carried out moves no date."""
    if result == "implemented":
        return lambda nc: nc
    found = known.Verification(on, "effective" if result == "effective" else "not_effective", today)
    undone = None if result == "not_effective" else False
    return lambda nc: replace(
        nc,
        verifications=(*nc.verifications, found),
        action_done_on=nc.action_done_on if undone is False else None,
    )


def extended(step: str, granted_on: date, due_on: date, today: date) -> Change:
    """A later date is granted for one step."""
    given = known.Extension(granted_on, due_on, step, today)  # type: ignore[arg-type]
    return lambda nc: replace(nc, extensions=(*nc.extensions, given))
