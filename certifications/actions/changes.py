"""Doors of reported changes: report one, and note that a body was told."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts import clock
from accounts.models import Organization, Site
from accounts.templatetags.ui import day as said
from certifications.models import Certificate, ChangedCertificate, Question, ReportedChange
from records.editing import check
from records.record import Actor, Entry, record

EVERYWHERE = frozenset({Question.LEGAL.value, Question.PEOPLE.value})
IN_FORCE = ("active", "suspended")


def touched_by(answers: Iterable[str], sites: Sequence[Site]) -> list[tuple[Certificate, list[str]]]:
    """The certificates in force that a change touches, each with the answers that touch it.

    Legal status and key people concern every certificate; the rest those that cover one of the sites (all of them
    where no site is named).
    """
    answers = list(answers)
    wide = [answer for answer in answers if answer in EVERYWHERE]
    rows = list(Certificate.objects.filter(status__in=IN_FORCE).select_related("standard", "body").order_by("pk"))
    covering = rows
    if sites:
        covering = list(Certificate.objects.filter(status__in=IN_FORCE, site_links__site__in=sites).distinct())
    near = {row.pk for row in covering}
    found = [(row, answers if row.pk in near else wide) for row in rows]
    return [(row, because) for row, because in found if because]


@transaction.atomic
def report_change(
    organization: Organization, fields: dict[str, Any], sites: Sequence[Site], by: Actor
) -> ReportedChange:
    """Keep a change with the certificates it touches; raises ``ValidationError`` when nothing was answered with yes."""
    answers = [question for question in Question.values if question in fields["answers"]]
    if not answers:
        raise ValidationError(
            {"answers": _("Answer at least one question with yes; otherwise nothing has to be told.")}
        )
    today = clock.today(organization)
    change = ReportedChange(
        organization=organization,
        **{**fields, "answers": answers},
        site_names=[site.name for site in sites],
        reported_by=by.label,
        reported_on=today,
    )
    check(change)
    change.save()
    touched = touched_by(answers, sites)
    ChangedCertificate.objects.bulk_create(
        ChangedCertificate(organization=organization, change=change, certificate=row, because=because)
        for row, because in touched
    )
    after = {"change": change.title, "from": change.happens_on, "answers": answers}
    record(by, [Entry.about(row, "change.reported", today, after=after) for row, _because in touched])
    return change


@transaction.atomic
def tell_body(touched: ChangedCertificate, told_on: date, by: Actor) -> None:
    """Note the day on which the body was told; a later one replaces it."""
    if told_on > clock.today(touched.organization):
        raise ValidationError({"told_on": _("This day has not come yet.")})
    before = touched.told_on
    touched.told_on = told_on
    touched.save(update_fields=["told_on"])
    record(
        by,
        [
            Entry.about(
                touched.certificate,
                "change.told",
                told_on,
                before={"told_on": before},
                after={"change": touched.change.title, "told_on": said(told_on)},
            )
        ],
    )
