"""Erasing what privacy law or a passed retention asks for: texts go, their digests stay, and the chain still verifies.

An entry is never removed. Each erasure is an entry of its own that names what was erased and why; verifying finds an
erasure that no entry tells of.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import clock
from accounts.models import Organization
from accounts.templatetags.ui import day as said
from records import chain
from records.bulk import update_rows
from records.models import Event
from records.policy import policy_of
from records.record import Actor, Entry, record
from records.verification import ERASED

AT_ONCE = 1000


class Part(models.TextChoices):
    """What can be erased of an entry."""

    WHO = "who", gettext_lazy("the name of who did it")
    WHAT = "what", gettext_lazy("the record's name, the reason, and the values before and after")


_EMPTY: dict[str, dict[str, Any]] = {
    Part.WHO: {"actor_label": ""},
    Part.WHAT: {"subject_label": "", "reason": "", "before": {}, "after": {}},
}


@transaction.atomic
def erase(organization: Organization, numbers: Collection[int], parts: Sequence[Part], reason: str, by: Actor) -> int:
    """Erase parts of some entries; returns how many. Raises ``ValidationError`` for what cannot be erased.

    What tells of an erasure is never erased itself.
    """
    if not reason.strip():
        raise ValidationError({"reason": _("Say why these texts are erased.")})
    events = Event.objects.filter(organization_id=organization.pk, number__in=numbers).order_by("number")
    found = list(events.exclude(kind=ERASED))
    missing = sorted(set(numbers) - {event.number for event in found})
    if missing:
        raise ValidationError({"numbers": _("There is no such entry that may be erased: %s.") % missing[0]})
    _empty(found, parts)
    _tell(organization, [event.number for event in found], parts, reason, by)
    return len(found)


def keeps_from(organization: Organization) -> date:
    """The first day whose texts the organization still has to keep."""
    today = clock.today(organization)
    year = today.year - policy_of(organization).retention_years
    return today.replace(year=year) if (today.month, today.day) != (2, 29) else date(year, 2, 28)


@transaction.atomic
def erase_old(organization: Organization, before: date | None, by: Actor, keep: bool = False) -> int:
    """Erase the texts of every entry older than the retention (or than an earlier day); returns how many.

    Raises ``ValidationError`` for a day whose texts must still be kept. With ``keep`` it only counts.
    """
    limit = keeps_from(organization)
    if before and before > limit:
        raise ValidationError({"before": _("Texts from %s on must be kept.") % said(limit)})
    old = Event.objects.filter(organization_id=organization.pk, recorded_at__date__lt=before or limit)
    old = old.exclude(kind=ERASED).exclude(what_seal__regex=r"^.{64}$", who_seal__regex=r"^.{64}$").order_by("number")
    if keep:
        return old.count()
    done: list[int] = []
    while found := list(old[:AT_ONCE]):
        _empty(found, list(Part))
        done += [event.number for event in found]
    if done:
        _tell(organization, done, list(Part), _("Retention has ended"), by)
    return len(done)


def _empty(events: Iterable[Event], parts: Sequence[Part]) -> None:
    changes = []
    for event in events:
        _public, who, what = chain.parts_of(event)
        values: dict[str, Any] = {"who_seal": event.who_seal, "what_seal": event.what_seal}
        for part, proof in ((Part.WHO, who), (Part.WHAT, what)):
            empty = _EMPTY[part] if part in parts else {name: getattr(event, name) for name in _EMPTY[part]}
            values |= {**empty, f"{part}_seal": proof if part in parts else values[f"{part}_seal"]}
        changes.append((event, values))
    update_rows(changes)


def _tell(organization: Organization, numbers: Sequence[int], parts: Sequence[Part], reason: str, by: Actor) -> None:
    entry = Entry(
        organization_id=organization.pk,
        kind=ERASED,
        subject_type="organization",
        subject_id=organization.pk,
        subject_label=str(organization),
        effective_on=clock.today(organization),
        after={"entries": list(_ranges(numbers)), "parts": [part.value for part in parts]},
        reason=reason,
    )
    record(by, [entry])


def _ranges(numbers: Sequence[int]) -> Iterable[list[int]]:
    """Numbers in order as ranges of their first and last."""
    first = last = numbers[0]
    for number in numbers[1:]:
        if number != last + 1:
            yield [first, last]
            first = number
        last = number
    yield [first, last]
