"""Representations: strict about what is written, scoped to the organization in what is pointed at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import models
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.relations import PKOnlyObject

from accounts.models import User
from records.rest.fields import CivilDate, Member, OwnRow

LONGEST_LIST = 200


class Strict(serializers.Serializer[Any]):
    """A body in which every field is known and may be written."""

    def to_internal_value(self, data: Any) -> Any:
        """The checked fields; a field that is not there to be written is an error and never silently lost."""
        if isinstance(data, Mapping):
            writable = {name for name, field in self.fields.items() if not field.read_only}
            wrong = {name: [self._why(name)] for name in data if name not in writable}
            if wrong:
                raise serializers.ValidationError(wrong)
        return super().to_internal_value(data)

    def _why(self, name: str) -> str:
        return _("This field cannot be written.") if name in self.fields else _("There is no such field.")


class MoveSerializer(serializers.Serializer[Any]):
    """A move that is legal now and that the caller may make."""

    name = serializers.CharField()
    method = serializers.CharField()
    url = serializers.CharField()
    body = serializers.DictField(help_text="Fields that the body must have; the rest is in the schema.")


class RowSerializer(Strict, serializers.ModelSerializer[Any]):
    """A row; what it points at is looked up in the caller's organization only."""

    serializer_field_mapping = {**serializers.ModelSerializer.serializer_field_mapping, models.DateField: CivilDate}
    serializer_related_field = OwnRow

    def build_relational_field(self, field_name: str, relation_info: Any) -> Any:
        """People are looked up among the members of the organization."""
        built, kwargs = super().build_relational_field(field_name, relation_info)
        if relation_info.related_model is User:
            kwargs.pop("queryset", None)
            built = Member
        return built, kwargs

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse a number or a name that the organization has already given to another row."""
        model: Any = self.Meta.model
        own_id = self.instance.pk if self.instance else None
        taken = {
            name: [_("“%s” is taken already.") % attrs[name]]
            for name in unique_names(model)
            if attrs.get(name) and model.objects.filter(**{name: attrs[name]}).exclude(pk=own_id).exists()
        }
        if taken:
            raise serializers.ValidationError(taken)
        return attrs


def unique_names(model: type[models.Model]) -> list[str]:
    """Fields whose value an organization gives once."""
    constraints = (c for c in model._meta.constraints if isinstance(c, models.UniqueConstraint))
    return [c.fields[1] for c in constraints if len(c.fields) == 2 and c.fields[0] == "organization"]


class WithMoves(serializers.Serializer[Any]):
    """Adds the moves that are legal now and allowed to the caller."""

    moves = serializers.SerializerMethodField()

    @extend_schema_field(MoveSerializer(many=True))
    def get_moves(self, row: models.Model) -> Sequence[dict[str, Any]]:
        """The view knows its moves."""
        found: Sequence[dict[str, Any]] = self.context["view"].moves_of(row)
        return found


class Linked(serializers.ListField):
    """Ids of own rows that stand in a table of links, in the order of the links."""

    def __init__(self, links: str, target: str, rows: Any, **kwargs: Any) -> None:
        self.links, self.target = links, target
        super().__init__(child=OwnRow(queryset=rows), max_length=LONGEST_LIST, **kwargs)

    def get_attribute(self, instance: models.Model) -> list[PKOnlyObject]:
        """The linked rows, known by id alone; ``links`` should be prefetched."""
        return [PKOnlyObject(getattr(link, f"{self.target}_id")) for link in getattr(instance, self.links).all()]

    def to_internal_value(self, data: Any) -> list[Any]:
        """The rows in the order given, each once."""
        if isinstance(data, list) and len(data) > LONGEST_LIST:
            self.fail("max_length", max_length=LONGEST_LIST)
        return list(dict.fromkeys(super().to_internal_value(data)))
