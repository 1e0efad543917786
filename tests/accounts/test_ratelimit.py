"""Limits: counted once for each try, also when many come at once, and for the address that our proxy saw."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client, RequestFactory

from accounts import clock, tenancy
from accounts.addresses import client_address, network_of
from accounts.models import RateCounter, User
from accounts.ratelimit import Limit, TooMany, forget_old, give_back, take, wait_in_words
from records.models import Message
from tests.conftest import member

THREE = Limit("test", 3, 60)


def test_the_fourth_try_is_refused_until_the_window_ends(db: None) -> None:
    start = clock.now()
    with clock.at(start):
        for _ in range(3):
            take(THREE, "a")
        take(THREE, "b")
        with pytest.raises(TooMany) as first:
            take(THREE, "A")  # capital letters do not make another account
    with clock.at(start + timedelta(seconds=59)), pytest.raises(TooMany) as second:
        take(THREE, "a")
    assert [(e.value.seconds, e.value.first) for e in (first, second)] == [(60, True), (1, False)]
    with clock.at(start + timedelta(seconds=60)):
        take(THREE, "a")


def test_a_success_is_taken_back(db: None) -> None:
    for _ in range(10):
        take(THREE, "a")
        give_back(THREE, "a")
    assert RateCounter.objects.get().tries == 0


def test_old_counters_are_forgotten_and_hold_no_address(db: None) -> None:
    take(THREE, "marta@halden.example")
    assert "marta" not in RateCounter.objects.get().key
    assert forget_old() == 0
    with clock.at(clock.now() + timedelta(minutes=2)):
        assert forget_old() == 1


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(1, "1 second"), (59, "59 seconds"), (61, "2 minutes"), (900, "15 minutes"), (7300, "3 hours")],
)
def test_the_wait_is_said_in_words(seconds: int, words: str) -> None:
    assert wait_in_words(seconds) == words


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "1.2.3.4", "10.0.0.9"),
        (1, "", "10.0.0.9"),
        (1, "1.2.3.4", "1.2.3.4"),
        (1, "6.6.6.6, 1.2.3.4", "1.2.3.4"),
        (2, "6.6.6.6, 1.2.3.4, 10.0.0.1", "1.2.3.4"),
        (2, "1.2.3.4", "10.0.0.9"),
        (1, "[2001:db8::1]:4711", "2001:db8::1"),
        (1, "1.2.3.4:4711", "1.2.3.4"),
        (1, "::ffff:1.2.3.4", "1.2.3.4"),
        (1, "unknown", "0.0.0.0"),
        (1, "<script>", "0.0.0.0"),
    ],
)
def test_only_what_our_proxies_wrote_is_believed(settings: Any, proxies: int, forwarded: str, address: str) -> None:
    settings.TRUSTED_PROXIES = proxies
    request = RequestFactory().get("/", REMOTE_ADDR="10.0.0.9", headers={"X-Forwarded-For": forwarded})
    assert client_address(request) == address


def test_one_client_of_a_provider_counts_once() -> None:
    assert network_of("2001:db8:1:2:3::4") == network_of("2001:db8:1:2:ffff::1") != network_of("2001:db8:1:3::4")
    assert network_of("192.0.2.7") == "192.0.2.7"


def test_a_forged_header_gives_no_further_try(officer: User, settings: Any) -> None:
    settings.SIGN_IN_TRIES, settings.SIGN_IN_TRIES_FROM_ADDRESS = 1000, 5
    answers = [
        Client().post(
            "/sign-in/",
            {"login": f"u{number}@halden.example", "password": "wrong"},
            headers={"X-Forwarded-For": f"198.51.100.{number}", "X-Real-IP": f"198.51.100.{number}"},
        )
        for number in range(7)
    ]
    assert [answer.status_code for answer in answers] == [422] * 5 + [429] * 2
    assert "Wait 15 minutes" in answers[-1].content.decode()
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 900


def test_an_account_is_locked_for_a_while_and_its_person_told_once(officer: User, settings: Any) -> None:
    settings.SIGN_IN_TRIES = 3
    wrong = {"login": officer.email, "password": "wrong"}
    right = {"login": officer.email, "password": officer.email}
    start = clock.now()
    with clock.at(start):
        assert [Client().post("/sign-in/", wrong).status_code for _ in range(5)] == [422, 422, 422, 429, 429]
        assert Client().post("/sign-in/", right).status_code == 429
    with tenancy.across_organizations():
        told = Message.objects.filter(recipient=officer)
        assert [message.payload["what"] for message in told] == ["sign_in_blocked"]
    with clock.at(start + timedelta(minutes=16)):
        assert Client().post("/sign-in/", right).status_code == 302


def test_who_types_the_right_password_is_never_counted(officer: User, settings: Any) -> None:
    settings.SIGN_IN_TRIES = settings.SIGN_IN_TRIES_FROM_ADDRESS = 2
    right = {"login": officer.email, "password": officer.email}
    assert {Client().post("/sign-in/", right).status_code for _ in range(6)} == {302}


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_of_200_tries_at_once_exactly_ten_reach_the_password(organization: Any, monkeypatch: Any) -> None:
    officer = member(organization, "marta@halden.example", "Marta", "compliance_officer")
    checked = []
    monkeypatch.setattr(User, "check_password", lambda self, raw: checked.append(raw))

    def guess(number: int) -> int:
        try:
            spoofed = {"X-Forwarded-For": f"203.0.113.{number % 250}"}
            given = {"login": officer.email, "password": f"guess-{number}"}
            return Client().post("/sign-in/", given, headers=spoofed).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(guess, range(200)))
    assert (answers.count(422), answers.count(429), len(checked)) == (10, 190, 10)
