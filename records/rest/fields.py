"""Fields of the API that models alone do not give: own rows, members, civil dates, texts in lists."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import models
from rest_framework import serializers

from accounts.models import Membership, User

FIRST_DAY, LAST_DAY = date(1990, 1, 1), date(2099, 12, 31)


class CivilDate(serializers.DateField):
    """A civil date ``YYYY-MM-DD`` between 1990 and 2099, as the rules engine knows them."""

    default_error_messages = {"range": "Use a date between 1990 and 2099."}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(input_formats=["%Y-%m-%d"], **kwargs)

    def to_internal_value(self, value: Any) -> date:
        """The date, within the engine's years."""
        found: date = super().to_internal_value(value)
        if not FIRST_DAY <= found <= LAST_DAY:
            self.fail("range")
        return found


class OwnRow(serializers.PrimaryKeyRelatedField):
    """The id of a row of the caller's organization; any other id does not exist.

    Give it a manager (``Site.objects``): it is asked inside the request, when the organization is known.
    """

    def to_internal_value(self, data: Any) -> models.Model:
        """The row with this id."""
        if isinstance(data, bool) or not isinstance(data, int):
            self.fail("incorrect_type", data_type=type(data).__name__)
        found: models.Model = super().to_internal_value(data)
        return found


class Members(models.Manager[User]):
    """People of the current organization."""

    def get_queryset(self) -> models.QuerySet[User]:
        """Members of the organization in whose scope the caller acts."""
        return User.objects.filter(memberships__in=Membership.objects.all())


class Member(OwnRow):
    """The id of a person of the caller's organization."""

    def __init__(self, **kwargs: Any) -> None:
        members = Members()
        members.model = User
        super().__init__(queryset=members, **kwargs)


class Texts(serializers.ListField):
    """A list of at most 200 short texts."""

    child = serializers.CharField(max_length=200)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=200, **kwargs)
