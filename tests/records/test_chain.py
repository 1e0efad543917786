"""The chain: every entry holds the one before it, and the database keeps what is written."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from accounts import tenancy
from accounts.models import Organization
from records import chain
from records.models import Event, EventCounter
from records.record import RULES, Actor, Entry, record
from records.trace import working_on
from tests.application_role import as_owner

DAY = date(2026, 6, 9)


def write(organization: Organization, *afters: dict[str, Any], by: Actor = RULES) -> None:
    """One event for each."""
    with transaction.atomic():
        record(by, [Entry(organization.pk, "thing.changed", "thing", 1, "A thing", DAY, after=a) for a in afters])


def recomputed(event: Event) -> str:
    return chain.link(event.previous_hash, *chain.parts_of(event))


def test_each_entry_is_hashed_with_the_one_before_it(acting: Organization) -> None:
    write(acting, {"n": 1}, {"n": 2})
    write(acting, {"n": 3})
    events = list(Event.objects.order_by("number"))
    assert [event.previous_hash for event in events] == [chain.START, events[0].hash, events[1].hash]
    assert [event.hash for event in events] == [recomputed(event) for event in events]
    assert EventCounter.objects.get(pk=acting.pk).last_hash == events[-1].hash


def test_each_organization_has_a_chain_of_its_own(organization: Organization, other_organization: Organization) -> None:
    with tenancy.across_organizations():
        write(organization, {})
        write(other_organization, {})
        assert [event.previous_hash for event in Event.objects.all()] == [chain.START, chain.START]


def test_what_the_database_gives_back_is_what_was_hashed(acting: Organization) -> None:
    odd = {"ż": "Łódź\n\u2028", "b": {2: DAY, 10: None}, "a": [Decimal("1.50"), 0.1, True], "amount": 10**30, "e": 1e30}
    write(acting, odd)
    event = Event.objects.get()
    assert event.hash == recomputed(event)
    assert event.after["a"] == ["1.50", "0.1", True]


def test_an_entry_names_the_request_that_wrote_it(acting: Organization) -> None:
    with working_on("r-1"):
        write(acting, {})
    assert Event.objects.get().request_id == "r-1"


def test_secrets_are_kept_by_name_only(acting: Organization) -> None:
    write(acting, {"password": "canary", "webhook": {"secret": "canary"}, "name": "kept", "token": ""})
    assert Event.objects.get().after == {"password": "•••", "webhook": {"secret": "•••"}, "name": "kept", "token": ""}


CHANGES = [
    "UPDATE records_event SET number = number + 1",
    "UPDATE records_event SET reason = 'another'",
    "UPDATE records_event SET hash = previous_hash",
    "UPDATE records_event SET actor_kind = 'person'",
    "UPDATE records_event SET what_seal = '0000000000000000000000000000000a'",
    "DELETE FROM records_event",
]


@pytest.mark.parametrize("statement", CHANGES)
def test_the_database_refuses_to_change_or_delete_an_entry(acting: Organization, statement: str) -> None:
    """Its owner by a trigger; on PostgreSQL the application has no right to delete in the first place."""
    write(acting, {"n": 1})
    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic(), as_owner() as cursor:
        cursor.execute(statement)
    if connection.vendor == "postgresql" and statement.startswith("DELETE"):
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            Event.objects.all().delete()
    assert Event.objects.get().after == {"n": 1}


def test_erasing_a_text_leaves_the_chain_whole(acting: Organization) -> None:
    write(acting, {"name": "Ann"}, {"name": "Bo"})
    first = Event.objects.order_by("number")[0]
    _, who, what = chain.parts_of(first)
    Event.objects.filter(pk=first.pk).update(
        actor_label="", who_seal=who, subject_label="", reason="", before={}, after={}, what_seal=what
    )
    assert [event.hash for event in Event.objects.all()] == [recomputed(event) for event in Event.objects.all()]
