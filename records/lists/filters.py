"""Filters of a list: the fields of its form, filled from the address, and what they say when they are in force."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet, TextField, Value
from django.db.models.functions import Cast
from django.http import QueryDict
from django.utils.translation import gettext as _

from accounts.templatetags.ui import day
from records.lists.listing import kept_fields

TEXT = "q"


@dataclass(frozen=True, slots=True)
class Filter:
    """A field of the form: its name in the address, its heading, and its choices; without choices it asks for a day."""

    name: str
    label: Any
    value: str
    choices: Sequence[tuple[str, Any]] | None = None

    @property
    def words(self) -> str:
        """What it narrows the list to; empty when it does not, or to something that nobody offers."""
        if not self.value:
            return ""
        if self.choices is not None:
            return str(dict(self.choices).get(self.value, ""))
        on = day_of(self.value)
        return f"{self.label}: {day(on)}" if on else ""


def words_of(text: str, filters: Iterable[Filter]) -> dict[str, str]:
    """The search and the filters in force, in words, by their names in the address."""
    return {TEXT: _("“%s”") % text if text else "", **{found.name: found.words for found in filters}}


def kept_for(given: QueryDict, filters: Iterable[Filter]) -> list[tuple[str, str]]:
    """What the form carries along: sorting, columns, and filters that have no field in it."""
    return kept_fields(given, TEXT, *(found.name for found in filters))


def choices_of(**offered: tuple[QuerySet[Any], str, str]) -> dict[str, list[tuple[str, str]]]:
    """The choices of several filters by name, in the order of their words; one query.

    Each is offered by rows, the column of the value in the address, and the column of its words.
    """
    parts = [
        rows.order_by().annotate(of=Value(name), value=Cast(key, TextField()), words=Cast(words, TextField()))
        for name, (rows, key, words) in offered.items()
    ]
    first, *others = (part.values_list("of", "value", "words") for part in parts)
    found: dict[str, list[tuple[str, str]]] = {name: [] for name in offered}
    for name, value, said in first.union(*others):
        found[name].append((value, said))
    return {name: sorted(some, key=lambda choice: choice[1].casefold()) for name, some in found.items()}


def day_of(text: str) -> date | None:
    """The civil day that an address names; none for anything else."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
