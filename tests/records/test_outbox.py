"""The outbox: written once, leased to one worker, settled only under the lease, tried again at growing intervals."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import date, timedelta

import pytest
from django.db import DataError

from accounts import clock, tenancy
from accounts.models import Organization, User
from certifications.actions.reminding import told_once
from records import outbox
from records.models import Message
from tests.alerts.notes import NOON, new, states, stored


@pytest.fixture(autouse=True)
def at_noon(organization: Organization) -> Iterator[None]:
    """It is noon on 10 March 2026, and a worker serves all organizations."""
    with clock.at(NOON), tenancy.across_organizations():
        yield


def later(**duration: float) -> AbstractContextManager[None]:
    """The clock so much later."""
    return clock.at(NOON + timedelta(**duration))


def one(organization: Organization) -> Message:
    (message,) = outbox.claim(organization.pk, 20)
    return message


def test_a_key_is_written_once(organization: Organization, officer: User) -> None:
    assert outbox.queue([new(organization, officer, "one"), new(organization, officer, "two")]) == 2
    outbox.queue([new(organization, officer, "one", late=True)])
    assert states() == {"one": "new", "two": "new"}
    assert stored("one").late is False


def test_the_same_key_of_another_organization_is_another_message(
    organization: Organization, other_organization: Organization, officer: User
) -> None:
    outbox.queue([new(organization, officer), new(other_organization, officer)])
    assert Message.objects.count() == 2
    assert outbox.unknown([new(organization, officer), new(other_organization, officer, "two")]) == [
        new(other_organization, officer, "two")
    ]


@pytest.mark.postgres
def test_too_long_a_key_is_refused_and_not_cut(organization: Organization, officer: User) -> None:
    with pytest.raises(DataError):
        outbox.queue([new(organization, officer, "k" * 201)])


def test_a_claimed_message_is_nobody_elses_until_its_lease_ends(organization: Organization, officer: User) -> None:
    outbox.queue([new(organization, officer, key) for key in ("one", "two", "three")])
    first = outbox.claim(organization.pk, 2)
    second = outbox.claim(organization.pk, 2)
    assert ([m.key for m in first], [m.key for m in second]) == (["one", "two"], ["three"])
    assert outbox.claim(organization.pk, 2) == []
    with later(minutes=10):
        assert [m.key for m in outbox.claim(organization.pk, 5)] == ["one", "two", "three"]


@pytest.mark.parametrize(("minutes", "claimed"), [(9.9, 0), (10, 1)])
def test_a_lease_lasts_ten_minutes(organization: Organization, officer: User, minutes: float, claimed: int) -> None:
    outbox.queue([new(organization, officer)])
    one(organization)
    with later(minutes=minutes):
        assert len(outbox.claim(organization.pk, 5)) == claimed


def test_a_message_whose_lease_ran_out_may_have_been_sent(organization: Organization, officer: User) -> None:
    outbox.queue([new(organization, officer)])
    assert one(organization).maybe_twice is False
    with later(minutes=11):
        again = one(organization)
    assert (again.maybe_twice, again.attempts) == (True, 2)


def test_who_lost_the_lease_settles_nothing(organization: Organization, officer: User) -> None:
    outbox.queue([new(organization, officer)])
    frozen = one(organization)
    with later(minutes=11):
        awake = one(organization)
        assert not outbox.is_leased(frozen, 15)
        assert outbox.is_leased(awake, 15)
        assert [
            outbox.sent(frozen, "s", "t", "h"),
            outbox.failed(frozen, "x"),
            outbox.dead(frozen, "x"),
            outbox.cancel(frozen, "x"),
        ] == [False] * 4
        outbox.give_back([frozen])
        assert stored().state == "leased"
        assert outbox.sent(awake, "s", "t", "h") is True
    assert (stored().state, stored().mail_subject, stored().lease_token) == ("sent", "s", "")


@pytest.mark.parametrize(("seconds", "held"), [(584, True), (585, False), (586, False)])
def test_a_lease_about_to_end_is_no_lease(
    organization: Organization, officer: User, seconds: float, held: bool
) -> None:
    outbox.queue([new(organization, officer)])
    message = one(organization)
    with later(seconds=seconds):
        assert outbox.is_leased(message, 15) is held


def test_failures_wait_longer_and_longer_and_end_after_three_days(organization: Organization, officer: User) -> None:
    outbox.queue([new(organization, officer)])
    now, waits = NOON, []
    while stored().state == "new":
        with clock.at(now):
            outbox.failed(one(organization), "450 busy")
        if stored().state == "new":
            waits.append((stored().next_at - now) // timedelta(minutes=1))
            now = stored().next_at
    assert waits == [1, 5, 15, 60, 240, 720, 720, 720, 720, 720, 720]
    assert now - NOON > timedelta(days=3)
    assert (stored().state, stored().attempts, stored().last_error) == ("dead", 12, "450 busy")


def test_a_message_is_not_claimed_before_its_time(organization: Organization, officer: User) -> None:
    outbox.queue([new(organization, officer)])
    outbox.failed(one(organization), "450 busy")
    with later(seconds=59):
        assert outbox.claim(organization.pk, 5) == []
    with later(seconds=60):
        assert len(outbox.claim(organization.pk, 5)) == 1


def test_what_was_not_tried_is_given_back_without_an_attempt(organization: Organization, officer: User) -> None:
    outbox.queue([new(organization, officer)])
    outbox.give_back([one(organization)])
    assert (stored().state, stored().attempts) == ("new", 0)
    assert len(outbox.claim(organization.pk, 5)) == 1


def test_organizations_are_served_by_how_long_they_wait(
    organization: Organization, other_organization: Organization, officer: User
) -> None:
    outbox.queue([new(other_organization, officer)])
    with later(minutes=1):
        outbox.queue([new(organization, officer)])
        assert outbox.organizations_waiting() == [other_organization.pk, organization.pk]
    outbox.claim(other_organization.pk, 1)
    with later(minutes=2):
        assert outbox.organizations_waiting() == [organization.pk]


def test_messages_about_a_deadline_that_moved_are_cancelled(organization: Organization, officer: User) -> None:
    stem = "expiry:C1:2028-05-01"
    keys = (f"{stem}:+30:1", f"{stem}:+14:1", "expiry:C1:2028-06-01:+30:1")
    outbox.queue([new(organization, officer, key, subject_id=7) for key in keys])
    outbox.queue([new(organization, officer, "other subject", subject_id=8)])
    outbox.queue([new(organization, officer, "status of 7", subject_id=7, kind="status")])
    sent = one_of(organization, keys[0])
    outbox.sent(sent, "s", "t", "h")
    assert outbox.cancel_outdated("certificate", [7], {"expiry:C1:2028-06-01"}) == 1
    assert states() == {
        keys[0]: "sent",
        keys[1]: "cancelled",
        keys[2]: "new",
        "other subject": "new",
        "status of 7": "new",
    }


def one_of(organization: Organization, key: str) -> Message:
    claimed = outbox.claim(organization.pk, 20)
    outbox.give_back([message for message in claimed if message.key != key])
    return next(message for message in claimed if message.key == key)


def test_after_a_restored_backup_everything_can_be_held(organization: Organization, officer: User) -> None:
    outbox.queue([new(organization, officer, "waits"), new(organization, officer, "leased")])
    leased = one_of(organization, "leased")
    assert outbox.hold() == 2
    assert outbox.claim(organization.pk, 5) == []
    assert outbox.sent(leased, "s", "t", "h") is False
    assert outbox.release() == 2
    assert {m.key: m.maybe_twice for m in outbox.claim(organization.pk, 5)} == {"waits": False, "leased": True}


def test_the_message_id_follows_from_the_meaning(
    organization: Organization, other_organization: Organization, officer: User
) -> None:
    outbox.queue([new(organization, officer, "one"), new(organization, officer, "two")])
    outbox.queue([new(other_organization, officer, "one")])
    ids = [outbox.message_id(message, "halden.example") for message in Message.objects.order_by("pk")]
    assert len(set(ids)) == 3
    assert ids == [outbox.message_id(message, "halden.example") for message in Message.objects.order_by("pk")]
    assert ids[0].startswith("<")
    assert ids[0].endswith("@halden.example>")


def test_of_late_messages_about_one_nonconformity_the_last_deadline_speaks(
    organization: Organization, officer: User, manager: User
) -> None:
    def about(subject: str, deadline: str, due_on: date, user: User, late: bool = True) -> outbox.NewMessage:
        payload = {"deadline": deadline, "subject": subject, "due_on": due_on.isoformat()}
        return new(organization, user, f"{deadline}:{subject}:{user.pk}", payload=payload, late=late)

    first, last = date(2026, 3, 1), date(2026, 4, 1)
    messages = [
        about("nc:1", "nc_response", first, officer),
        about("nc:1", "nc_closure", last, officer),
        about("nc:1", "nc_response", first, manager),
        about("nc:2", "nc_response", first, officer),
        about("nc:2", "nc_closure", last, officer, late=False),
        about("C1", "expiry", last, officer),
        about("C1", "first_surveillance", first, officer),
    ]
    told = told_once(messages)
    assert [m.told_by for m in told] == [f"nc_closure:nc:1:{officer.pk}", "", "", "", "", "", ""]
    outbox.queue(told)
    assert sorted(set(states().values())) == ["cancelled", "new"]
    assert stored(messages[0].key).state == "cancelled"
