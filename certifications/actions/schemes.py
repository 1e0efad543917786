"""Doors of a scheme: copy it, publish a new version of its numbers, choose how it moves certificates."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from accounts import clock
from accounts.models import Organization
from accounts.templatetags.ui import day
from certifications.actions.refresh import refresh_ids
from certifications.catalog import catalog
from certifications.models import Certificate, Scheme, SchemeVersion
from certifications.scheme_words import differences
from certifications.states import Moving
from lifecycle.parameters import check_parameter, parameters_of
from records.editing import Conflict, check, save_changes
from records.record import Actor, Entry, record

Rules = dict[str, dict[str, Any]]
LAST_DAY = date(2099, 12, 31)


@transaction.atomic
def copy_scheme(scheme: Scheme, title: str, by: Actor) -> Scheme:
    """A scheme of the organization's own that starts with the numbers of another one, all versions included.

    Raises ``ValidationError`` for the organization's own deadlines, of which there is one set.
    """
    if scheme.own_deadlines:
        raise ValidationError({"title": _("There is one set of own deadlines; change its numbers instead.")})
    copy = Scheme(
        organization=scheme.organization,
        catalog_id=scheme.catalog_id,
        title=title,
        moving=scheme.moving,
    )
    check(copy)
    copy.save()
    for version in scheme.versions.all():
        version.pk, version.scheme = None, copy
        version.save(force_insert=True)
    today = clock.today(scheme.organization)
    record(by, [Entry.about(copy, "scheme.copied", today, before={"scheme": scheme.title})])
    return copy


@transaction.atomic
def publish_version(
    scheme: Scheme, rules: Rules, effective_on: date, reason: str, by: Actor, based_on: int | None = None
) -> SchemeVersion:
    """Publish new numbers from a day on; clocks that have started keep the numbers they started under.

    ``rules`` is laid over the shipped profile as a whole. Raises ``ValidationError`` naming each wrong number, and
    ``Conflict`` when ``based_on`` (the number of the version that was looked at) is no longer the last one.
    """
    Scheme.objects.select_for_update().get(pk=scheme.pk)
    latest = scheme.versions.order_by("-number").select_related("published_by").first()
    before = latest.rules if latest else {}
    if based_on is not None and latest and latest.number != based_on:
        raise _conflict(scheme, before, rules)
    errors = check_version(scheme, rules, effective_on)
    if not reason.strip():
        errors["reason"] = _("Say why the numbers change.")
    if errors:
        raise ValidationError(errors)
    version = SchemeVersion.objects.create(
        organization=scheme.organization,
        scheme=scheme,
        number=latest.number + 1 if latest else 1,
        effective_on=effective_on,
        rules=rules,
        reason=reason,
        published_at=clock.now(),
        published_by_id=by.user_id,
    )
    record(by, [Entry.about(scheme, "scheme.published", effective_on, before=before, after=rules, reason=reason)])
    refresh_scheme(scheme, by, _("Version %(number)s of %(scheme)s") % {"number": version.number, "scheme": scheme})
    return version


def check_version(scheme: Scheme, rules: Rules, effective_on: date) -> dict[str, str]:
    """What is wrong with new numbers and the day from which they hold, by field; empty when nothing is."""
    errors = check_rules(scheme, rules)
    latest = scheme.versions.order_by("-effective_on").first()
    if latest and effective_on <= latest.effective_on:
        errors["effective_on"] = _("Choose a day after %s, from which the last version holds.") % day(
            latest.effective_on
        )
    elif effective_on > LAST_DAY:
        errors["effective_on"] = _("Use a date before 2100.")
    return errors


def _conflict(scheme: Scheme, theirs: Rules, yours: Rules) -> Conflict:
    """Both values of every number on which two people disagree, in words, by ``rule.parameter``."""
    base = catalog().policy(scheme.catalog_id)
    both = {f"{d.rule_id}.{d.name}": d for d in differences(base.with_rules(theirs), base.with_rules(yours))}
    return Conflict(scheme, {name: d.before for name, d in both.items()}, {name: d.after for name, d in both.items()})


def check_rules(scheme: Scheme, rules: Rules) -> dict[str, str]:
    """What is wrong with changed numbers, by ``rule.parameter``; empty when nothing is."""
    grades = tuple(catalog().policy(scheme.catalog_id).grades)
    errors = {}
    for rule, parameters in rules.items():
        known = parameters_of(rule, grades)
        for name, value in parameters.items():
            if known is None or name not in known:
                errors[f"{rule}.{name}"] = _("There is no such rule.")
            elif problem := check_parameter(rule, name, value, grades, translation):
                errors[f"{rule}.{name}"] = problem
    return errors


def refresh_scheme(scheme: Scheme, by: Actor, cause: str) -> None:
    """Recompute every certificate of the scheme; what runs on the organization's own deadlines is due at once."""
    refresh_ids(list(Certificate.objects.filter(scheme=scheme).values_list("pk", flat=True)), by, cause)
    if scheme.own_deadlines:
        own_deadlines_due(scheme.organization)


def own_deadlines_due(organization: Organization) -> None:
    """Let the next sweep recompute the open nonconformities that no certification body raised."""
    model: Any = Certificate._meta.get_field("nonconformities").related_model
    rows = model.objects.filter(organization=organization, state="open").exclude(source="body")
    rows.update(next_due_on=clock.today(organization))


@transaction.atomic
def set_moving(scheme: Scheme, version: int, moving: str, by: Actor) -> Scheme:
    """Choose whether passed deadlines move certificates or only propose the move."""
    save_changes(scheme, version, {"moving": Moving(moving).value}, by, clock.today(scheme.organization))
    refresh_scheme(scheme, by, _("How %s moves certificates was changed") % scheme)
    return scheme
