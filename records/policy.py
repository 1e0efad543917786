"""What an organization asks of its records; without a row of its own the defaults hold."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from accounts import clock
from accounts.models import Organization
from records.editing import check, save_changes
from records.models import HistoryPolicy
from records.record import Actor


def policy_of(organization: Organization | int) -> HistoryPolicy:
    """The policy as it is stored, or an unsaved one with the defaults."""
    pk = organization if isinstance(organization, int) else organization.pk
    found: HistoryPolicy | None = HistoryPolicy.objects.filter(organization_id=pk).select_related("heads_to").first()
    return found or HistoryPolicy(organization_id=pk)


@transaction.atomic
def change_policy(organization: Organization, version: int, changes: dict[str, Any], by: Actor) -> HistoryPolicy:
    """Change what is signed, who keeps the heads or how long texts are kept.

    Raises ``ValidationError`` by field, and ``Conflict`` when somebody else saved first.
    """
    row, _made = HistoryPolicy.objects.select_for_update().get_or_create(organization=organization)
    for name, value in changes.items():
        setattr(row, name, value)
    check(row)
    row.refresh_from_db()
    saved = save_changes(row, version, changes, by, clock.today(organization))
    assert isinstance(saved, HistoryPolicy)
    return saved
