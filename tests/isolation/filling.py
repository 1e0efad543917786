"""A row of any model, so that a table added tomorrow has a row in both organizations without anybody writing one."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.db import models

from accounts import clock, tenancy
from accounts.models import Organization, User
from accounts.walls import organization_models
from nonconformities.models import Nonconformity

EMPTY: dict[type[models.Field[Any, Any]], Any] = {
    models.BooleanField: False,
    models.JSONField: {},
    models.DecimalField: 1,
    models.IntegerField: 1,
    models.DateTimeField: datetime(2026, 11, 23, tzinfo=UTC),
    models.DateField: None,
    models.FileField: "",
}


def fill_all(organization: Organization, marker: str, person: User) -> None:
    """A row of every model that has none yet; the marker stands in every text."""
    with tenancy.acting_in(organization):
        for model in organization_models():
            row_of(model, organization, marker, person)


def row_of(model: Any, organization: Organization, marker: str, person: User) -> Any:
    """The organization's first row of the model; made when there is none."""
    found = model._default_manager.filter(organization=organization).order_by("pk").first()
    return found or _made(model, organization, marker, person)


def _made(model: Any, organization: Organization, marker: str, person: User) -> Any:
    values = {
        field.name: _value(field, organization, marker, person)
        for field in model._meta.concrete_fields
        if not field.primary_key and not field.null and (not field.has_default() or field.name == "key")
    }
    if "subject_type" in values:
        subject = row_of(Nonconformity, organization, marker, person)
        values |= {"subject_type": "nonconformity", "subject_id": subject.pk}
    (row,) = models.QuerySet(model).bulk_create([model(**values)])
    return row


def _value(field: Any, organization: Organization, marker: str, person: User) -> Any:
    if field.name == "organization":
        return organization
    if isinstance(field, models.ForeignKey):
        return person if field.related_model is User else row_of(field.related_model, organization, marker, person)
    if field.choices:
        return field.choices[0][0]
    if isinstance(field, models.DateField) and not isinstance(field, models.DateTimeField):
        return clock.today(organization)
    for kind, value in EMPTY.items():
        if isinstance(field, kind):
            return value
    return f"{marker} {field.name}"[: field.max_length or 100]
