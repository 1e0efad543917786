"""Fifty people do the same at the same moment on PostgreSQL: one wins, the others are told, nothing is doubled."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.test import Client

from accounts import clock, tenancy
from accounts.models import Organization, User
from certifications.actions import Refused
from certifications.actions.certificates import change_certificate
from certifications.models import Certificate
from exchange.fields import Kind
from nonconformities import actions
from nonconformities.models import Nonconformity
from records.editing import Conflict
from records.models import Event, Message
from records.record import Actor
from tests.exchange.lists import csv_of
from tests.exchange.test_importing import CERTIFICATES, imported, rows
from tests.factories import BY, certificate, nonconformity, planned, settled
from tests.faults.races import at_once
from tests.records.rows import sweep_on

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
PEOPLE = 50
RAISED, LAST_GOOD_DAY = date(2026, 3, 10), date(2026, 6, 8)


@pytest.fixture
def major(organization: Organization) -> Nonconformity:
    """A major with three months to close it."""
    with tenancy.acting_in(organization), clock.at(RAISED):
        return nonconformity(organization, [certificate(organization)])


def events(kind: str) -> int:
    with tenancy.across_organizations():
        return Event.objects.filter(kind=kind).count()


def kinds(outcomes: list[object]) -> Counter[str]:
    return Counter(type(outcome).__name__ for outcome in outcomes)


def fresh(row: Nonconformity) -> Nonconformity:
    """The row as one more person has it before them."""
    found: Nonconformity = Nonconformity.objects.get(pk=row.pk)
    return found


def test_one_of_fifty_closes_a_nonconformity(organization: Organization, major: Nonconformity) -> None:
    def close() -> object:
        with clock.at(LAST_GOOD_DAY):
            return settled(fresh(major), LAST_GOOD_DAY)

    outcomes = at_once(organization, [close] * PEOPLE)
    assert kinds(outcomes) == {"Nonconformity": 1, "Refused": PEOPLE - 1}
    assert all("is not possible" in str(o) for o in outcomes if isinstance(o, Refused))
    assert events("nonconformity.verify_effective") == 1


def test_a_plan_is_accepted_or_returned_never_both(organization: Organization, major: Nonconformity) -> None:
    with tenancy.acting_in(organization), clock.at(RAISED):
        planned(fresh(major), "The form was changed", RAISED)

    def accept() -> object:
        with clock.at(RAISED):
            return actions.accept_plan(fresh(major), RAISED, BY)

    def give_back() -> object:
        with clock.at(RAISED):
            return actions.return_plan(fresh(major), RAISED, "The cause repeats the finding", BY)

    outcomes = at_once(organization, [accept, give_back] * (PEOPLE // 2))
    assert kinds(outcomes) == {"Nonconformity": 1, "Refused": PEOPLE - 1}
    assert events("nonconformity.accept_plan") + events("nonconformity.return_plan") == 1


def test_one_of_fifty_changes_a_certificate_and_the_others_see_both_values(organization: Organization) -> None:
    with tenancy.acting_in(organization), clock.at(RAISED):
        row = certificate(organization)

    def change(number: int) -> object:
        with clock.at(RAISED):
            mine = Certificate.objects.get(pk=row.pk)
            return change_certificate(mine, row.version, {"scope": f"Scope {number}"}, BY)

    outcomes = at_once(organization, [lambda number=n: change(number) for n in range(PEOPLE)])
    assert kinds(outcomes) == {"Certificate": 1, "Conflict": PEOPLE - 1}
    with tenancy.acting_in(organization):
        saved = Certificate.objects.get(pk=row.pk).scope
    assert {o.theirs["scope"] for o in outcomes if isinstance(o, Conflict)} == {saved}
    assert events("certificate.edited") == 1


def test_a_number_is_taken_once(organization: Organization) -> None:
    with tenancy.acting_in(organization), clock.at(RAISED):
        row = certificate(organization)

    def raise_one() -> object:
        with clock.at(RAISED):
            return nonconformity(organization, [Certificate.objects.get(pk=row.pk)], "NC-2026-0001")

    outcomes = at_once(organization, [raise_one] * PEOPLE)
    told = [o for o in outcomes if isinstance(o, IntegrityError | ValidationError)]
    assert (len(told), kinds(outcomes)["Nonconformity"]) == (PEOPLE - 1, 1)
    assert events("nonconformity.raised") == 1


def test_a_page_says_that_the_number_was_taken_and_keeps_what_was_typed(
    organization: Organization, officer: User
) -> None:
    with tenancy.acting_in(organization):
        row = certificate(organization)
    form = {"number": "NC-7", "title": "Torque log", "grade": "major", "source": "body", "certificates": [row.pk]}
    form |= {"raised_on": str(clock.today(organization)), "clause": "8.5"}
    clients = [Client() for _ in range(8)]
    for client in clients:
        client.force_login(officer)

    answers = at_once(organization, [lambda client=c: client.post("/ncs/new/", form) for c in clients])
    assert Counter(answer.status_code for answer in answers) == {302: 1, 422: len(clients) - 1}
    assert all("Torque log" in a.content.decode() for a in answers if a.status_code == 422)


@pytest.mark.parametrize("turn", range(5))
def test_a_certificate_goes_while_people_raise_nonconformities_of_it(
    organization: Organization, officer: User, turn: int
) -> None:
    """C8: either it is gone and nothing points at it, or somebody needed it first and it stays."""
    with tenancy.acting_in(organization):
        run = imported(organization, Kind.CERTIFICATES, csv_of(CERTIFICATES + rows(1)), Actor.person(officer))
        row = Certificate.objects.get()
    common = {"title": "Torque log", "grade": "major", "source": "body", "certificates": [row.pk]}
    common |= {"raised_on": str(clock.today(organization)), "clause": "8.5"}
    clients = [Client() for _ in range(6)]
    for client in clients:
        client.force_login(officer)

    def raise_one(client: Client, number: str) -> object:
        return client.post("/ncs/new/", common | {"number": number})

    acts = [lambda c=c, n=n: raise_one(c, f"NC-{n}") for n, c in enumerate(clients[1:])]
    outcomes = at_once(organization, [lambda: clients[0].post(f"/import/{run.pk}/undo/"), *acts])
    assert [getattr(outcome, "status_code", outcome) for outcome in outcomes[:1]] == [302]
    assert {getattr(outcome, "status_code", outcome) for outcome in outcomes[1:]} <= {302, 422}
    raised = sum(outcome.status_code == 302 for outcome in outcomes[1:])
    with tenancy.acting_in(organization):
        assert Nonconformity.objects.count() == raised
        assert Certificate.objects.count() == bool(raised)


@pytest.mark.parametrize("closed_on", [LAST_GOOD_DAY, LAST_GOOD_DAY + timedelta(days=1)], ids=["in time", "late"])
def test_a_closure_in_the_second_of_the_sweep_has_one_of_two_orders(
    organization: Organization, major: Nonconformity, closed_on: date
) -> None:
    """What was closed on its last good day never suspends, whoever comes first; a day late always does."""
    sweep_day = LAST_GOOD_DAY + timedelta(days=1)

    def close() -> object:
        with clock.at(sweep_day):
            return settled(fresh(major), closed_on)

    outcomes = at_once(organization, [close, lambda: sweep_on(sweep_day)] * 3)
    assert kinds(outcomes)["Nonconformity"] == 1
    sweep_on(sweep_day)
    with tenancy.acting_in(organization):
        row = Certificate.objects.get()
    assert row.status == ("active" if closed_on == LAST_GOOD_DAY else "suspended")
    assert [move["date"] for move in row.moves] == ([] if closed_on == LAST_GOOD_DAY else [str(sweep_day)])


def test_many_sweeps_in_one_second_tell_everything_once(organization: Organization, major: Nonconformity) -> None:
    sweep_day = LAST_GOOD_DAY + timedelta(days=1)
    at_once(organization, [lambda: sweep_on(sweep_day)] * 10)
    assert events("certificate.suspended") == 1
    with tenancy.across_organizations():
        keys = list(Message.objects.values_list("key", flat=True))
    assert len(keys) == len(set(keys))
