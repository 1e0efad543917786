"""The one writer of history: numbered per organization, once per meaning, inside the change's transaction."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import transaction
from django.db.transaction import TransactionManagementError

from accounts import clock, tenancy
from accounts.models import Organization, Site, User
from records.models import ActorKind, Event
from records.record import RULES, Actor, Entry, record

DAY = date(2026, 6, 9)


def entry(organization: Organization, kind: str = "thing.happened", key: str | None = None) -> Entry:
    return Entry(organization.pk, kind, "thing", 1, "A thing", DAY, key=key)


def numbers(organization: Organization) -> list[int]:
    with tenancy.acting_in(organization):
        return list(Event.objects.order_by("number").values_list("number", flat=True))


def test_numbers_run_without_gaps_in_each_organization(
    organization: Organization, other_organization: Organization
) -> None:
    with tenancy.across_organizations(), transaction.atomic():
        record(RULES, [entry(organization), entry(other_organization), entry(organization)])
        record(RULES, [entry(organization)])
    assert (numbers(organization), numbers(other_organization)) == ([1, 2, 3], [1])


def test_a_rolled_back_change_leaves_neither_event_nor_gap(acting: Organization) -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        record(RULES, [entry(acting)])
        _ = 1 / 0
    with transaction.atomic():
        record(RULES, [entry(acting)])
    assert numbers(acting) == [1]


def test_a_meaning_is_written_once(acting: Organization) -> None:
    with transaction.atomic():
        for _ in range(2):
            record(RULES, [entry(acting, key="k"), entry(acting, key="k"), entry(acting, key="other")])
    assert numbers(acting) == [1, 2]


def test_the_same_meaning_in_two_organizations_is_two_events(
    organization: Organization, other_organization: Organization
) -> None:
    with tenancy.across_organizations(), transaction.atomic():
        record(RULES, [entry(organization, key="k"), entry(other_organization, key="k")])
    assert (numbers(organization), numbers(other_organization)) == ([1], [1])


@pytest.mark.django_db(transaction=True)
def test_history_outside_a_transaction_is_refused() -> None:
    organization = Organization.objects.create(name="X", slug="x")
    with tenancy.acting_in(organization), pytest.raises(TransactionManagementError):
        record(RULES, [entry(organization)])


def test_an_event_tells_who_when_and_about_what(acting: Organization, officer: User) -> None:
    site = Site.objects.create(organization=acting, name="Leeds works")
    with clock.at(date(2026, 7, 1)), transaction.atomic():
        record(
            Actor.person(officer, ActorKind.KEY), [Entry.about(site, "site.added", DAY, after={"name": "Leeds works"})]
        )
    event = Event.objects.get()
    assert (event.actor_kind, event.actor, event.actor_label) == ("key", officer, "Marta Zielińska")
    assert (event.subject_type, event.subject_id, event.subject_label) == ("site", site.pk, "Leeds works")
    assert (event.effective_on, event.recorded_at.date()) == (DAY, date(2026, 7, 1))


def test_a_long_label_and_reason_are_cut_not_refused(acting: Organization) -> None:
    site = Site(organization=acting, name="x" * 150, pk=1)
    with transaction.atomic():
        record(RULES, [Entry.about(site, "site.added", DAY, reason="y" * 900)])
    assert (len(Event.objects.get().subject_label), len(Event.objects.get().reason)) == (150, 500)
