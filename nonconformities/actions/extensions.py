"""Doors of more time: ask, grant, refuse."""

from __future__ import annotations

from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts import clock
from accounts.templatetags.ui import day as said
from certifications.actions import Refused
from nonconformities.actions.moves import check_day
from nonconformities.actions.refresh import follow
from nonconformities.actions.steps import hold
from nonconformities.models import Extension, ExtensionRequest, Nonconformity
from nonconformities.states import RequestState, Step
from records.editing import check
from records.record import Actor, Entry, record


@transaction.atomic
def ask_extension(
    nonconformity: Nonconformity, due_on: date, reason: str, by: Actor, step: str = "closure"
) -> ExtensionRequest:
    """Ask the body (or the owner of one's own deadlines) for more time; no date moves until it is granted."""
    _check_wish(nonconformity, step, due_on)
    if nonconformity.requests.filter(step=step, state=RequestState.ASKED).exists():
        raise Refused(_("More time for “%s” is asked already; wait for the answer.") % Step(step).label)
    today = clock.today(nonconformity.organization)
    request = ExtensionRequest(
        organization_id=nonconformity.organization_id,
        nonconformity=nonconformity,
        step=step,
        due_on=due_on,
        reason=reason,
        asked_on=today,
        asked_by_name=by.label,
    )
    check(request)
    request.save()
    after = {"step": step, "due_on": due_on.isoformat()}
    record(by, [Entry.about(nonconformity, "nonconformity.extension_asked", today, after=after, reason=reason)])
    return request


@transaction.atomic
def grant_extension(
    nonconformity: Nonconformity, granted_on: date, due_on: date, by: Actor, step: str = "closure", reason: str = ""
) -> Extension:
    """Record that the body granted a later date for one step; it counts only when granted in time (C10)."""
    hold(nonconformity)
    check_day(nonconformity, granted_on, "granted_on")
    current = _check_wish(nonconformity, step, due_on)
    if granted_on > current:
        late = _("The date passed on %s; an extension granted later does not count.") % said(current)
        raise ValidationError({"granted_on": late})
    extension = Extension.objects.create(
        organization_id=nonconformity.organization_id,
        nonconformity=nonconformity,
        step=step,
        granted_on=granted_on,
        due_on=due_on,
        reason=reason,
        recorded_on=clock.today(nonconformity.organization),
    )
    _answer(nonconformity, step, RequestState.GRANTED, reason, by)
    before, after = {"due_on": current.isoformat()}, {"step": step, "due_on": due_on.isoformat()}
    record(
        by,
        [Entry.about(nonconformity, "nonconformity.extended", granted_on, before=before, after=after, reason=reason)],
    )
    follow(nonconformity, by, _("Extension of %s") % nonconformity)
    return extension


@transaction.atomic
def refuse_extension(nonconformity: Nonconformity, reason: str, by: Actor, step: str = "closure") -> None:
    """More time is not given; the date stays, and the reason is kept with the wish."""
    if not reason.strip():
        raise ValidationError({"reason": _("Say why no more time is given.")})
    if not _answer(nonconformity, step, RequestState.REFUSED, reason, by):
        raise Refused(_("Nobody has asked for more time for “%s”.") % Step(step).label)
    today = clock.today(nonconformity.organization)
    after = {"step": step}
    record(by, [Entry.about(nonconformity, "nonconformity.extension_refused", today, after=after, reason=reason)])


def _answer(nonconformity: Nonconformity, step: str, state: RequestState, answer: str, by: Actor) -> int:
    """Close the wishes that stand open for a step; returns how many there were."""
    today = clock.today(nonconformity.organization)
    asked = nonconformity.requests.filter(step=step, state=RequestState.ASKED)
    answered: int = asked.update(state=state, answer=answer[:500], decided_on=today, decided_by_name=by.label)
    return answered


def _check_wish(nonconformity: Nonconformity, step: str, due_on: date) -> date:
    """The present due date, which the wished one must come after."""
    if nonconformity.state != "open":
        raise Refused(_("%s is closed; there is nothing to extend.") % nonconformity)
    current = current_due(nonconformity, step)
    if current is None:
        raise ValidationError({"step": _("“%s” has no due date that could be extended.") % Step(step).label})
    if due_on <= current:
        raise ValidationError({"due_on": _("Choose a day after the present due date, %s.") % said(current)})
    return current


def current_due(nonconformity: Nonconformity, step: str) -> date | None:
    """The earliest due date of a step among the certificates."""
    days = [due.get(step) for due in nonconformity.due.values()]
    dated = [date.fromisoformat(day) for day in days if day and day != "next_audit"]
    return min(dated, default=None)
