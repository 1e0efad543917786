"""Delivery in a real conversation with mail servers: taken, refused for now, refused for good, and broken off."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import time, timedelta

import pytest
from django.db import connection

from accounts import clock, tenancy
from accounts.models import Organization, User
from alerts import deliver as delivery
from alerts.deliver import deliver
from certifications.models import Certificate
from records import outbox
from records.models import Message
from tests.alerts.notes import NOON, SUSPENDED, states, stored, write
from tests.alerts.smtp import free_port, mail_server, scripted, sending_to
from tests.factories import certificate, nonconformity
from tests.records.rows import START, on


@pytest.fixture(autouse=True)
def at_noon(organization: Organization) -> Iterator[None]:
    """It is noon on 10 March 2026."""
    with clock.at(NOON):
        yield


def test_a_mail_arrives_with_both_parts_and_is_kept_as_it_was_sent(row: Certificate, officer: User) -> None:
    write(row, officer)
    with mail_server() as mailbox:
        assert str(deliver()) == "1 sent, 0 to be tried again, 0 refused, 0 not needed"
        assert str(deliver()) == "0 sent, 0 to be tried again, 0 refused, 0 not needed"
    (mail,) = mailbox.received
    message = stored()
    assert [str(address) for address in mail["To"].addresses] == ["Marta Zielińska <marta@halden.example>"]
    assert mail["Subject"].strip() == "Expires in 784 days: ISO 9001, Gdańsk. Recertification due Mon 1 May 2028"
    assert mail["Message-ID"] == outbox.message_id(message, "localhost")
    assert mail["Auto-Submitted"] == "auto-generated"
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    assert (message.state, message.sent_at, message.attempts) == ("sent", NOON, 1)
    assert message.mail_subject == mail["Subject"].strip()
    assert message.mail_text.split() == mail.get_body(("plain",)).get_content().split()
    assert message.mail_html.split() == mail.get_body(("html",)).get_content().split()


def test_450_is_tried_again_after_a_minute_with_the_same_id(row: Certificate, officer: User) -> None:
    write(row, officer)
    with scripted("450", "ok") as server:
        assert deliver().later == 1
        assert (stored().state, stored().last_error) == ("new", "450 busy")
        assert stored().next_at == NOON + timedelta(minutes=1)
        assert deliver().sent == 0
        with clock.at(NOON + timedelta(minutes=1)):
            assert deliver().sent == 1
    assert (stored().state, stored().maybe_twice, stored().attempts) == ("sent", False, 2)
    assert len(server.received) == 1


def test_only_the_refused_of_several_is_tried_again(row: Certificate, officer: User) -> None:
    write(row, officer, "one", "two", "three")
    with scripted("ok", "450", "ok") as server:
        done = deliver()
    assert (done.sent, done.later) == (2, 1)
    assert states() == {"one": "sent", "two": "new", "three": "sent"}
    assert server.connections == 1


@pytest.mark.parametrize(("act", "said"), [("550", "550 no such person"), ("554 data", "554 content")])
def test_a_refusal_for_good_is_dead_at_once_and_the_others_go_on(
    row: Certificate, officer: User, act: str, said: str
) -> None:
    write(row, officer, "one", "two")
    with scripted(act, "ok"):
        done = deliver()
    assert (done.sent, done.dead) == (1, 1)
    assert states() == {"one": "dead", "two": "sent"}
    assert stored("one").last_error == said


def test_a_content_refused_for_now_is_tried_again(row: Certificate, officer: User) -> None:
    write(row, officer)
    with scripted("451 data"):
        assert deliver().later == 1
    assert (stored().state, stored().maybe_twice) == ("new", False)


def test_421_closes_the_connection_and_the_next_mail_gets_a_new_one(row: Certificate, officer: User) -> None:
    write(row, officer, "one", "two")
    with scripted("421", "ok") as server:
        done = deliver()
    assert (done.sent, done.later) == (1, 1)
    assert states() == {"one": "new", "two": "sent"}
    assert server.connections == 2


def test_a_connection_dropped_after_the_content_may_have_sent_it_and_the_same_mail_follows(
    row: Certificate, officer: User
) -> None:
    write(row, officer)
    with scripted("drop data", "ok") as server:
        assert deliver().later == 1
        assert (stored().state, stored().maybe_twice) == ("new", True)
        with clock.at(NOON + timedelta(minutes=1)):
            assert deliver().sent == 1
    first, second = server.received
    assert first["Message-ID"] == second["Message-ID"]
    assert (stored().state, stored().maybe_twice, stored().attempts) == ("sent", True, 2)


@pytest.mark.parametrize("act", ["drop rcpt", "silent"])
def test_a_broken_connection_ends_the_turn_and_gives_the_rest_back(row: Certificate, officer: User, act: str) -> None:
    write(row, officer, "one", "two")
    with scripted(act):
        done = deliver()
    assert (done.sent, done.later) == (0, 1)
    assert states() == {"one": "new", "two": "new"}
    assert (stored("one").attempts, stored("two").attempts) == (1, 0)


def test_an_organization_whose_mail_breaks_the_connection_does_not_hold_up_another(
    row: Certificate, officer: User, other_organization: Organization
) -> None:
    with on(START, other_organization):
        other = certificate(other_organization, "D1")
    write(row, officer, "one", "two")
    write(other, officer, "three")
    with scripted("silent", "ok") as server:
        assert deliver().sent == 1
    assert states() == {"one": "new", "two": "new", "three": "sent"}
    assert (server.connections, server.script, len(server.received)) == (2, [], 1)


def test_an_unreachable_server_costs_one_message_an_attempt_and_loses_none(row: Certificate, officer: User) -> None:
    write(row, officer, "one", "two", "three")
    with sending_to(free_port()):
        done = deliver()
    assert (done.sent, done.later) == (0, 1)
    assert set(states().values()) == {"new"}
    assert [stored(key).attempts for key in ("one", "two", "three")] == [1, 0, 0]
    assert stored("one").last_error.startswith("ConnectionRefusedError: ")
    with mail_server() as mailbox, clock.at(NOON + timedelta(days=2)):
        assert deliver().sent == 3
    assert len(mailbox.received) == 3


def test_organizations_take_turns(
    row: Certificate, officer: User, other_organization: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "TURN", 2)
    with on(START, other_organization):
        other = certificate(other_organization, "D1")
    write(row, officer, *"abcde")
    with clock.at(NOON + timedelta(seconds=1)):
        write(other, officer, "x", "y")
        with mail_server() as mailbox:
            assert deliver().sent == 7
    numbers = ["9001, Gdańsk" in mail["Subject"] for mail in mailbox.received]
    assert numbers == [True, True, False, False, True, True, True]


@pytest.mark.parametrize(("limit", "sent"), [(2, 2), (3, 3), (9, 3)])
def test_a_run_sends_so_many_at_most(row: Certificate, officer: User, limit: int, sent: int) -> None:
    write(row, officer, "one", "two", "three")
    assert deliver(limit).sent == sent
    assert list(states().values()).count("new") == 3 - sent


def test_a_message_that_cannot_be_written_is_dead_and_the_others_go_on(row: Certificate, officer: User) -> None:
    write(row, officer, "bad", payload={"deadline": "expiry"})
    write(row, officer, "good")
    done = deliver()
    assert (done.sent, done.dead) == (1, 1)
    assert states() == {"bad": "dead", "good": "sent"}
    assert stored("bad").last_error == "could not be written: 'due_on'"


def test_a_person_who_left_gets_nothing_more(row: Certificate, officer: User) -> None:
    write(row, officer)
    User.objects.filter(pk=officer.pk).update(is_active=False)
    assert deliver().cancelled == 1
    assert (stored().state, stored().last_error) == ("cancelled", "the recipient is no longer active")


def test_a_move_taken_back_is_not_told_any_more(row: Certificate, officer: User) -> None:
    write(row, officer, "status", kind="status", payload={"move": SUSPENDED, "as": "owner"})
    write(row, officer, "proposal", kind="proposal", payload={"move": SUSPENDED, "as": "owner"})
    assert deliver().cancelled == 2
    assert states() == {"status": "cancelled", "proposal": "cancelled"}
    assert stored("status").last_error == "the move was taken back by a correction"
    assert stored("proposal").last_error == "the proposed move was decided or is no longer called for"


def test_a_lease_that_ran_out_before_sending_sends_nothing(
    row: Certificate, officer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(row, officer)
    monkeypatch.setattr(outbox, "LEASE", timedelta(seconds=1))
    with mail_server() as mailbox:
        assert deliver().sent == 0
    assert mailbox.received == []


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_workers_at_the_same_time_send_each_message_once(
    organization: Organization, row: Certificate, officer: User
) -> None:
    keys = [f"k{number}" for number in range(120)]
    write(row, officer, *keys)
    done: list[int] = []

    def work() -> None:
        try:
            with clock.at(NOON):
                done.append(deliver().sent)
        finally:
            connection.close()

    with mail_server() as mailbox:
        threads = [threading.Thread(target=work) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sum(done) == 120
    assert len({mail["Message-ID"] for mail in mailbox.received}) == len(mailbox.received) == 120
    with tenancy.across_organizations():
        assert Message.objects.filter(state="sent", attempts=1).count() == 120


def test_the_digest_begins_with_what_moves_a_certificate(row: Certificate, officer: User) -> None:
    organization = row.organization
    with on(START, organization):
        made = {grade: nonconformity(organization, [row], grade.upper(), grade=grade) for grade in ("minor", "major")}
    with tenancy.across_organizations():
        Organization.objects.filter(pk=organization.pk).update(daily_at=time(12))
        Message.objects.all().delete()  # what was told when they were raised
    for grade, due_on in (("minor", "2026-03-12"), ("major", "2026-06-08")):
        payload = {
            "deadline": "closure",
            "due_on": due_on,
            "rule": f"nc.{grade}.closure",
            "days_before": 2,
            "as": "owner",
        }
        write(row, officer, grade, payload={**payload, "subject": f"nc:{made[grade].pk}"})
    with mail_server() as mailbox:
        deliver()
    (mail,) = [mail for mail in mailbox.received if "deadlines" in mail["Subject"]]
    assert mail["Subject"].strip().startswith("2 deadlines. First: Suspended in 91 days")
    text = mail.get_body(("plain",)).get_content()
    assert 0 < text.index("MAJOR") < text.index("MINOR")
