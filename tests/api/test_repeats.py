"""Sending a POST again: the same request with the same Idempotency-Key is done once."""

from __future__ import annotations

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection, connections

from accounts import clock, tenancy
from accounts.models import IdempotencyKey, Site
from accounts.permissions import Role
from certifications.api import reference
from tests.api.calling import Caller, caller, problem
from tests.conftest import halden_group

GDANSK = {"name": "Gdańsk"}


def sites(organization):
    with tenancy.acting_in(organization):
        return Site.objects.filter(name="Gdańsk").count()


def test_the_same_request_is_done_once_and_answered_again(api, organization):
    first = api.post("sites/", GDANSK, Idempotency_Key="k1")
    second = api.post("sites/", GDANSK, Idempotency_Key="k1")
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.content == second.content
    assert (first["Location"], first["ETag"]) == (second["Location"], second["ETag"])
    assert ("Idempotency-Replayed" in first, second["Idempotency-Replayed"]) == (False, "true")
    assert sites(organization) == 1


def test_another_body_under_the_same_key_is_refused(api, organization):
    assert api.post("sites/", GDANSK, Idempotency_Key="k1").status_code == 201
    problem(api.post("sites/", {"name": "Gdynia"}, Idempotency_Key="k1"), 422)


def test_keys_are_apart_by_address_and_by_person(api, organization):
    other = caller(organization, Role.ADMINISTRATOR)
    assert api.post("sites/", GDANSK, Idempotency_Key="k1").status_code == 201
    assert api.post("certification-bodies/", GDANSK, Idempotency_Key="k1").status_code == 201
    problem(other.post("sites/", GDANSK, Idempotency_Key="k1"), 400)


def test_a_refusal_frees_the_key(api, organization):
    problem(api.post("sites/", {"name": ""}, Idempotency_Key="k1"), 400)
    assert api.post("sites/", GDANSK, Idempotency_Key="k1").status_code == 201


def test_a_failure_frees_the_key_and_leaves_nothing_behind(api, organization, monkeypatch):
    with monkeypatch.context() as broken:
        broken.setattr(reference, "add_site", lambda *args: 1 / 0)
        problem(api.post("sites/", GDANSK, Idempotency_Key="k1"), 500)
    assert api.post("sites/", GDANSK, Idempotency_Key="k1").status_code == 201


def test_a_move_is_made_once(world, api):
    url = f"audits/{world.audit.pk}/start/"
    body = {"started_on": str(world.today)}
    first, second = (api.post(url, body, Idempotency_Key="k1") for _ in range(2))
    assert (first.status_code, second.status_code) == (200, 200)
    problem(api.post(url, body, Idempotency_Key="k2"), 409)


@pytest.mark.parametrize("key", ["", " ", "a b", "ż", "x" * 201, "\0"])
def test_a_key_is_short_visible_ascii(api, organization, key):
    problem(api.post("sites/", GDANSK, Idempotency_Key=key), 400)
    assert sites(organization) == 0


@pytest.fixture
def running(api, organization):
    """A request under k1 that has not been answered."""
    assert api.post("sites/", GDANSK, Idempotency_Key="k1").status_code == 201
    with tenancy.acting_in(organization):
        Site.objects.filter(name="Gdańsk").delete()
        IdempotencyKey.objects.update(answer_code=None)


def test_a_request_that_is_still_running_is_not_started_again(api, organization, running):
    problem(api.post("sites/", GDANSK, Idempotency_Key="k1"), 409)
    assert sites(organization) == 0


@pytest.mark.parametrize(("seconds", "status"), [(120, 409), (121, 201)])
def test_a_request_that_died_is_taken_over_after_two_minutes(api, organization, running, seconds, status):
    with clock.at(clock.now() + timedelta(seconds=seconds)):
        assert api.post("sites/", GDANSK, Idempotency_Key="k1").status_code == status


@pytest.mark.parametrize(("hours", "status"), [(24, 201), (24.01, 400)])
def test_a_key_is_forgotten_after_a_day(api, organization, hours, status):
    assert api.post("sites/", GDANSK, Idempotency_Key="k1").status_code == 201
    with clock.at(clock.now() + timedelta(hours=hours)):
        assert api.post("sites/", GDANSK, Idempotency_Key="k1").status_code == status


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_twenty_at_once_make_one():
    organization = halden_group()
    key = caller(organization).key
    barrier, answers = Barrier(20), []

    def send():
        barrier.wait()
        answers.append(Caller(key).post("sites/", GDANSK, Idempotency_Key="k1").status_code)
        connections.close_all()

    threads = [Thread(target=send) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(answers) <= {201, 409}
    assert 201 in answers
    assert sites(organization) == 1
    assert connection.vendor == "postgresql"
