"""What of an organization a membership reaches: all, or a part. Applied where rows are scoped, so it holds everywhere.

A model of which a part can be reached says so in ``within``; rows that belong to such rows, by a foreign key or as
``subject_type`` and ``subject_id`` name them, follow. Everything else (schemes, bodies, settings) is shared by all
members, and what they may do with it is a matter of their role.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.apps import apps
from django.db import connection, models
from django.db.models import Q

from accounts.tenancy import OrganizationRow, current, current_reach

Rows = type[OrganizationRow]
_kept: ContextVar[dict[Any, list[int]] | None] = ContextVar("reached ids", default=None)


@dataclass(frozen=True, slots=True)
class Reach:
    """The limits of one membership; ``None`` is no limit. ``own_only`` is a contributor, ``audits`` a guest."""

    person_id: int
    own_only: bool = False
    sites: frozenset[int] | None = None
    standards: frozenset[int] | None = None
    audits: frozenset[int] | None = None

    def limit(self, rows: models.QuerySet[Any]) -> models.QuerySet[Any]:
        """Those of the rows that are reached, each once."""
        model: Any = rows.model
        if not is_limited(model):
            return rows
        return rows.filter(pk__in=model._base_manager.filter(model.within(self)).values("pk"))

    def either(self, own: Q, sites: Q | None = None, standards: Q | None = None, audits: Q | None = None) -> Q:
        """Rows inside every limit, and in any case one's own; a limit that the rows do not know hides none of them."""
        if self.own_only:
            return own
        inside = Q()
        for limit, rule in ((self.sites, sites), (self.standards, standards), (self.audits, audits)):
            if limit is not None and rule is not None:
                inside &= rule
        return inside if self.audits is not None else inside | own if inside else inside

    def through(self, model: Rows) -> Q:
        """Rows whose owners of higher rank are all reached, and at least one of these is there."""
        if is_about(model):
            return self.subjects()
        inside, some = Q(), Q()
        for name, parent in parents(model):
            inside &= Q(**{f"{name}__in": parent.objects.all()}) | Q(**{f"{name}__isnull": True})
            some |= Q(**{f"{name}__isnull": False})
        return inside & some

    def subjects(self) -> Q:
        """Rows about something that is reached."""
        found = Q(pk__in=[])
        for model in roots():
            found |= Q(subject_type=model._meta.model_name, subject_id__in=reached_ids(model))
        return found


def reached_ids(model: Rows) -> Any:
    """The ids that whoever acts reaches: read at once where the parser bears no query of so many levels (SQLite)."""
    ids = model.objects.values_list("pk", flat=True)
    if connection.vendor != "sqlite":
        return ids
    kept = _kept.get()
    if kept is None:
        return list(ids)
    who = model, current(), current_reach()
    if who not in kept:
        kept[who] = list(ids)
    return kept[who]


@contextmanager
def only_reading() -> Iterator[None]:
    """Inside, what is reached stays the same: ids are read once. For requests that change nothing."""
    token = _kept.set({})
    try:
        yield
    finally:
        _kept.reset(token)


def reach_of(person_id: int, own_only: bool, limits: dict[str, Collection[int]]) -> Reach | None:
    """The reach of a membership; None when it has no limit."""
    named = {name: frozenset(ids) for name, ids in limits.items()}
    return Reach(person_id, own_only, **named) if own_only or named else None


@cache
def is_limited(model: Rows) -> bool:
    """Whether a membership of limited reach may see fewer rows of it."""
    return says_itself(model) or is_about(model) or bool(parents(model))


def says_itself(model: Rows) -> bool:
    """Whether the model has a rule of its own."""
    return model.within.__func__ is not OrganizationRow.within.__func__  # type: ignore[attr-defined]


@cache
def is_about(model: type[models.Model]) -> bool:
    """Whether its rows name the row they are about by type and id."""
    return {"subject_type", "subject_id"} <= {field.name for field in model._meta.concrete_fields}


@cache
def parents(model: Rows) -> tuple[tuple[str, Rows], ...]:
    """Its foreign keys to rows of which a part can be reached."""
    found = []
    for field in model._meta.concrete_fields:
        target: Any = field.related_model
        if target and target is not model and issubclass(target, OrganizationRow) and is_limited(target):
            found.append((field.name, target))
    return tuple(found)


@cache
def roots() -> tuple[Rows, ...]:
    """The records that history, evidence and papers are about: those with a rule of their own, and their parts."""
    rows = [model for model in apps.get_models() if issubclass(model, OrganizationRow) and not is_about(model)]
    own = [model for model in rows if says_itself(model) and model.is_subject]
    parts = [m for m in rows if not says_itself(m) and parents(m) and {target for _, target in parents(m)} <= set(own)]
    return (*own, *parts)
