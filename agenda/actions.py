"""Doors of calendar addresses (the secret leaves here once and is kept nowhere) and of requests for more time."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts import clock
from accounts.models import Organization, User
from accounts.templatetags.ui import day as said
from agenda.models import CalendarAddress, TimeRequest
from certifications.actions import Refused
from nonconformities.actions import change_action
from nonconformities.models import CorrectiveAction
from records.editing import check
from records.record import Actor, Entry, record


@transaction.atomic
def subscribe(organization: Organization, user: User, fields: dict[str, Any], by: Actor) -> tuple[CalendarAddress, str]:
    """A new address for a person, and its secret; raises ``ValidationError`` when its choice names nothing."""
    secret = CalendarAddress.new_secret()
    address = CalendarAddress(organization=organization, user=user, digest=CalendarAddress.hash(secret), **fields)
    check(address)
    address.save()
    record(by, [Entry.about(address, "calendaraddress.made", clock.today(organization), after={"holds": str(address)})])
    return address, secret


@transaction.atomic
def revoke(address: CalendarAddress, by: Actor) -> None:
    """The address shows no dates from now on; revoking twice changes nothing."""
    found = CalendarAddress.objects.filter(pk=address.pk, revoked_at=None)
    if found.update(revoked_at=clock.now()):
        today = clock.today(address.organization)
        record(by, [Entry.about(address, "calendaraddress.revoked", today, before={"holds": str(address)})])


@transaction.atomic
def reset(address: CalendarAddress, by: Actor) -> tuple[CalendarAddress, str]:
    """The old address stops at once; a new one holds the same."""
    revoke(address, by)
    fields = {"choice": address.choice, "site": address.site, "standard": address.standard}
    return subscribe(address.organization, address.user, fields, by)


@transaction.atomic
def ask_for_time(action: CorrectiveAction, due_on: date, reason: str, user: User, by: Actor) -> TimeRequest:
    """Ask who owns the nonconformity for a later due date of an open action; one open request at a time."""
    today = clock.today(action.organization)
    errors = {}
    if action.due_on and due_on <= action.due_on:
        errors["due_on"] = _("Choose a day after the present due date, %s.") % said(action.due_on)
    if due_on < today:
        errors["due_on"] = _("This day has passed.")
    if action.time_requests.filter(answered_on=None).exists():
        errors["due_on"] = _("More time was asked for already; it waits for an answer.")
    if errors:
        raise ValidationError(errors)
    if action.state != "open":
        raise Refused(_("This action is no longer open."))
    asked = TimeRequest(
        organization_id=action.organization_id,
        action=action,
        asked_by=user,
        asked_on=today,
        due_on=due_on,
        reason=reason,
    )
    check(asked)
    asked.save()
    after = {"action": str(action), "due_on": due_on}
    record(by, [Entry.about(action.nonconformity, "time.asked", today, after=after, reason=reason)])
    return asked


@transaction.atomic
def answer_time(asked: TimeRequest, grant: bool, by: Actor) -> None:
    """Grant a later due date, which the action then has, or refuse it; raises ``Refused`` when it was answered."""
    today = clock.today(asked.organization)
    rows = TimeRequest.objects.filter(pk=asked.pk, answered_on=None)
    if not rows.update(answered_on=today, granted=grant):
        raise Refused(_("This request was answered already."))
    if grant:
        change_action(asked.action, asked.action.version, {"due_on": asked.due_on}, by)
    kind = "time.granted" if grant else "time.refused"
    after = {"action": str(asked.action), "due_on": asked.due_on}
    record(by, [Entry.about(asked.action.nonconformity, kind, today, after=after)])
