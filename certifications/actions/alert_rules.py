"""Doors of the alert rules: add, change and remove a sentence; the next sweep reminds by what holds then."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.translation import gettext as _

from accounts import clock
from accounts.models import Membership, Organization
from certifications.actions.schemes import own_deadlines_due
from certifications.alert_words import sentence
from certifications.models import AlertRule, Certificate
from records.editing import check, save_changes
from records.record import Actor, Entry, record
from records.wake import wake

MOST_DAYS, FURTHEST = 12, 365
FIELDS = ("recipient", "person", "days", "about", "standard", "site")


@transaction.atomic
def add_alert_rule(organization: Organization, fields: dict[str, Any], by: Actor) -> AlertRule:
    """Add a rule; raises ``ValidationError`` by field."""
    today = clock.today(organization)
    row = AlertRule(organization=organization, since=today, **_checked(fields, organization))
    check(row)
    row.save()
    record(by, [Entry.about(row, "alertrule.added", today, after={"rule": sentence(row)})])
    remind_anew(organization)
    return row


@transaction.atomic
def change_alert_rule(row: AlertRule, version: int, fields: dict[str, Any], by: Actor) -> AlertRule:
    """Change a rule; it speaks anew from today on. Raises ``ValidationError``, or ``Conflict`` for a second save."""
    today = clock.today(row.organization)
    changes = _checked(fields, row.organization)
    saved = save_changes(row, version, changes | {"since": today}, by, today)
    assert isinstance(saved, AlertRule)
    remind_anew(row.organization)
    return saved


@transaction.atomic
def remove_alert_rule(row: AlertRule, by: Actor) -> None:
    """Nobody is reminded by this rule any more; what it said stays in the history."""
    gone = Entry.about(row, "alertrule.removed", clock.today(row.organization), before={"rule": sentence(row)})
    deleted, _parts = AlertRule.objects.filter(pk=row.pk).delete()
    if deleted:
        record(by, [gone])
        remind_anew(row.organization)


def remind_anew(organization: Organization) -> None:
    """Let the next sweep, which is woken, work out for everything on which day it is told next."""
    today = clock.today(organization)
    later = models.Q(next_due_on__isnull=True) | models.Q(next_due_on__gt=today)
    Certificate.objects.filter(later, organization=organization).update(next_due_on=today)
    own_deadlines_due(organization)
    transaction.on_commit(partial(wake, "records.sweep"))


def _checked(fields: dict[str, Any], organization: Organization) -> dict[str, Any]:
    """The fields as they are kept; raises ``ValidationError`` for what no rule can be."""
    given = {name: fields.get(name) for name in FIELDS}
    errors = {}
    days = given["days"] or []
    if not days or len(days) > MOST_DAYS or any(abs(number) > FURTHEST for number in days):
        errors["days"] = _("Enter up to 12 numbers of days, each at most 365, like 30, 14, 7, 1.")
    given["days"] = sorted(set(days), reverse=True)
    if given["recipient"] != AlertRule.Recipient.PERSON:
        given["person"] = None
    elif not Membership.objects.filter(organization=organization, user=given["person"]).exists():
        errors["person"] = _("Choose a member of the organization.")
    if errors:
        raise ValidationError(errors)
    return given
