"""Filters of lists: those named, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import django_filters
from django.db import models
from django_filters.rest_framework import DjangoFilterBackend, FilterSet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework.exceptions import APIException
from rest_framework.request import Request

from records.rest.fields import FIRST_DAY, LAST_DAY, Members

ALWAYS = {"cursor", "page_size"}


class BadQuery(APIException):
    """Parameters of the address that are unknown or wrong, with what is wrong by name."""

    status_code = 400
    default_detail = "A parameter of this address cannot be used."

    def __init__(self, wrong: dict[str, list[str]]) -> None:
        super().__init__()
        self.wrong = wrong


class StrictFilters(DjangoFilterBackend):
    """Refuses parameters that no filter reads: a misspelled filter must not answer everything."""

    def filter_queryset(self, request: Request, queryset: models.QuerySet[Any], view: Any) -> models.QuerySet[Any]:
        """The rows that the request's filters leave."""
        chosen = self.get_filterset(request, queryset, view)
        known = set(chosen.filters) if chosen else set()
        check_parameters(request, known | ALWAYS)
        if chosen is None:
            return queryset
        if not chosen.is_valid():
            raise BadQuery({name: [str(text) for text in texts] for name, texts in chosen.errors.items()})
        rows: models.QuerySet[Any] = chosen.qs
        return rows


def check_parameters(request: Request, known: set[str]) -> None:
    """Refuse parameters that nothing reads."""
    if unknown := sorted(set(request.query_params) - known):
        allowed = ", ".join(sorted(known)) or "none"
        raise BadQuery({name: [f"There is no such parameter; allowed: {allowed}."] for name in unknown})


def civil_date(text: str) -> date:
    """A day given in the address; raises ``ValueError`` when it is none between 1990 and 2099."""
    day = date.fromisoformat(text)
    if len(text) != len("2027-01-12") or not FIRST_DAY <= day <= LAST_DAY:
        raise ValueError(text)
    return day


def from_day(column: str) -> django_filters.Filter:
    """Rows whose date is on or after the given day."""
    return django_filters.DateFilter(field_name=column, lookup_expr="gte", label=f"{column} on or after this day")


def to_day(column: str) -> django_filters.Filter:
    """Rows whose date is on or before the given day."""
    return django_filters.DateFilter(field_name=column, lookup_expr="lte", label=f"{column} on or before this day")


def one_of(choices: type[models.TextChoices], column: str = "") -> django_filters.Filter:
    """Rows with one of the given values; the parameter may be repeated."""
    return django_filters.MultipleChoiceFilter(field_name=column or None, choices=choices.choices)


@extend_schema_field(OpenApiTypes.INT)
class OwnRowFilter(django_filters.ModelChoiceFilter):
    """Rows that point at this row of the organization; a foreign id does not exist."""


def own_row(rows: Callable[[], models.QuerySet[Any]], column: str = "") -> django_filters.Filter:
    """Rows that point at the row with this id."""
    return OwnRowFilter(field_name=column or None, queryset=lambda request: rows())


def member(column: str) -> django_filters.Filter:
    """Rows that point at this person of the organization."""
    members = Members()
    return OwnRowFilter(field_name=column, queryset=lambda request: members.get_queryset())


__all__ = [
    "BadQuery",
    "FilterSet",
    "StrictFilters",
    "check_parameters",
    "civil_date",
    "from_day",
    "member",
    "one_of",
    "own_row",
    "to_day",
]
