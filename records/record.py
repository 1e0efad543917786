"""The one writer of history."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models, transaction
from django.utils.translation import gettext_noop

from accounts import clock, tenancy
from accounts.models import User
from accounts.tenancy import OrganizationRow
from records import chain
from records.bulk import insert_rows, lock, update_rows
from records.models import ActorKind, Event, EventCounter
from records.trace import current_request


@dataclass(frozen=True, slots=True)
class Actor:
    """Who or what makes a change.

    ``key_id`` is the API key that speaks for the person, ``signing`` the signature that they have just given.
    """

    kind: ActorKind
    user_id: int | None
    label: str
    key_id: int | None = None
    signing: Any = None

    @classmethod
    def person(cls, user: User, kind: ActorKind = ActorKind.PERSON) -> Actor:
        """A person, acting on a page, through a key or by an import."""
        return cls(kind, user.pk, str(user))


RULES = Actor(ActorKind.RULE, None, gettext_noop("Scheme rules"))


@dataclass(frozen=True, slots=True)
class Entry:
    """An event to be written; ``key`` names its meaning, so that it is written once.

    ``by_person`` marks what follows from a person's record rather than from a rule alone.
    """

    organization_id: int
    kind: str
    subject_type: str
    subject_id: int
    subject_label: str
    effective_on: date
    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)
    reason: str = ""
    rule: str = ""
    because: Sequence[Any] = ()
    key: str | None = None
    by_person: bool = False

    @classmethod
    def about(cls, row: OrganizationRow, kind: str, effective_on: date, **fields: Any) -> Entry:
        """An event about a row; its type, id and words are taken from the row."""
        return cls(
            organization_id=row.organization_id,
            kind=kind,
            subject_type=subject_type(row),
            subject_id=row.pk,
            subject_label=str(row)[:200],
            effective_on=effective_on,
            **fields,
        )


def subject_type(row: models.Model | type[models.Model]) -> str:
    """The name under which the history speaks of rows of this kind."""
    return str(row._meta.model_name)


@tenancy.whole_organization()
def record(by: Actor, entries: Iterable[Entry]) -> None:
    """Write events in order, numbered and chained per organization; those whose key is known are left out.

    Must run inside the transaction of the change itself; the heads' row locks are taken last, in one order.
    """
    transaction.get_connection().validate_no_broken_transaction()
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError("history is written in the transaction of the change")
    fresh = _without_known(list(entries))
    if not fresh:
        return
    salts = iter(chain.new_salts(2 * len(fresh)))
    drafts = [_draft(by, entry, next(salts), next(salts)) for entry in fresh]
    heads = _locked_heads({entry.organization_id for entry in fresh})
    ends = {pk: (head.last_number, head.last_hash) for pk, head in heads.items()}
    now = clock.now()
    moment = chain.moment(now)
    rows = []
    for draft in drafts:
        number, last = ends[draft.organization_id]
        rows.append(draft.row(number + 1, last, now, moment))
        ends[draft.organization_id] = number + 1, rows[-1][-1]
    insert_rows(Event, _COLUMNS, rows)
    update_rows([(heads[pk], {"last_number": number, "last_hash": last}) for pk, (number, last) in ends.items()])


def _without_known(entries: list[Entry]) -> list[Entry]:
    keys = {entry.key for entry in entries if entry.key}
    if not keys:
        return entries
    organizations = {entry.organization_id for entry in entries}
    seen: set[tuple[int, str | None]] = set(
        Event.objects.filter(organization_id__in=organizations, key__in=keys).values_list("organization_id", "key")
    )
    fresh = []
    for entry in entries:
        if entry.key is None or (entry.organization_id, entry.key) not in seen:
            fresh.append(entry)
            seen.add((entry.organization_id, entry.key))
    return fresh


def _locked_heads(organizations: AbstractSet[int]) -> dict[int, EventCounter]:
    """The head of each organization's history; its other writers wait for the commit."""
    known = EventCounter.objects.filter(pk__in=organizations)
    heads = {head.pk: head for head in lock(known.order_by("pk"))}
    if len(heads) < len(organizations):
        EventCounter.objects.bulk_create([EventCounter(pk=pk) for pk in sorted(organizations)], ignore_conflicts=True)
        heads = {head.pk: head for head in lock(known.order_by("pk"))}
    return heads


_COLUMNS = (
    "organization",
    "number",
    "recorded_at",
    "actor_kind",
    "actor",
    "via_key",
    "kind",
    "subject_type",
    "subject_id",
    "effective_on",
    "rule",
    "because",
    "key",
    "request_id",
    "actor_label",
    "subject_label",
    "reason",
    "before",
    "after",
    "who_seal",
    "what_seal",
    "previous_hash",
    "hash",
)


@dataclass(frozen=True, slots=True)
class _Draft:
    """An event without its place in the chain."""

    organization_id: int
    actor: tuple[Any, ...]
    about: tuple[Any, ...]
    private: tuple[Any, ...]
    seals: tuple[str, str]
    digests: tuple[str, str]

    def row(self, number: int, previous: str, now: datetime, moment: str) -> tuple[Any, ...]:
        """The values of ``_COLUMNS``; the last one is the hash."""
        public = (self.organization_id, number, moment, *self.actor, *self.about)
        found = chain.link(previous, public, *self.digests)
        placed = (self.organization_id, number, now, *self.actor, *self.about)
        return (*placed, *self.private, *self.seals, previous, found)


def _draft(by: Actor, entry: Entry, who: str, what: str) -> _Draft:
    """Everything of an event that can be worked out before the head is locked."""
    told = (entry.subject_label, entry.reason[:500], plain(entry.before), plain(entry.after))
    on, because = entry.effective_on.isoformat(), plain(list(entry.because))
    about = (entry.kind, entry.subject_type, entry.subject_id, on, entry.rule, because, entry.key)
    return _Draft(
        organization_id=entry.organization_id,
        actor=(str(by.kind), by.user_id, by.key_id),
        about=(*about, current_request()),
        private=(by.label, *told),
        seals=(who, what),
        digests=(chain.digest(who, (by.label,)), chain.digest(what, told)),
    )


def plain(value: Any) -> Any:
    """A value as the database gives it back: names as texts, days and amounts as texts, and never a secret."""
    if not value:
        return value
    return json.loads(_encode(value), parse_float=str, parse_constant=str, object_hook=_without_secrets)


_encode = DjangoJSONEncoder().encode
_SECRET = re.compile(r"password|secret|token|digest|api_key|private")


def _without_secrets(values: dict[str, Any]) -> dict[str, Any]:
    """Fields that are named like a secret are kept by name only."""
    return {name: "•••" if value and _SECRET.search(name) else value for name, value in values.items()}
