"""The kinds of record that evidence may support. Each app's own are registered when the product starts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from accounts.permissions import Capability
from accounts.tenancy import OrganizationRow
from records.record import subject_type


@dataclass(frozen=True, slots=True)
class Kind:
    """Rows of a model, the address of the page on which a row is shown, and what adding evidence to it needs."""

    model: type[OrganizationRow]
    url: Callable[[Any], str]
    writes: Capability
    title: Callable[[Any], str] = str


KINDS: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    """Let evidence support rows of this kind."""
    KINDS[subject_type(kind.model)] = kind


def kind_of(row: OrganizationRow) -> Kind:
    """The kind of a row; ``KeyError`` when no evidence may support it."""
    return KINDS[subject_type(row)]
