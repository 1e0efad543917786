"""The mail that a long import is done: to whoever started it, once, with the result and a link."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.core import mail

from accounts import clock
from accounts.models import Membership, Organization, User
from accounts.permissions import Role
from alerts.deliver import deliver
from exchange import actions, tasks
from exchange.fields import Kind
from exchange.models import ImportRun
from records.models import ActorKind, Message
from records.record import Actor
from tests.exchange.lists import TODAY, csv_of
from tests.exchange.test_importing import CERTIFICATES, imported, rows, uploaded
from tests.pages import signed_in, text_of


@pytest.fixture(autouse=True)
def from_five_records_on(acting: Organization, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """It is the day of the sample lists, and an import of more than five records is a long one."""
    monkeypatch.setattr("exchange.models.LONG", 5)
    with clock.at(TODAY):
        yield


@pytest.fixture
def by(officer: User) -> Actor:
    return Actor.person(officer, ActorKind.IMPORT)


@pytest.fixture
def run(acting: Organization, by: Actor) -> ImportRun:
    """Seven certificates and a row without a number, confirmed and waiting for a worker."""
    content = csv_of([*CERTIFICATES, *rows(7), ["", "ISO 9001:2015", "2027-03-14", "Graz", ""]])
    run = uploaded(acting, Kind.CERTIFICATES, content, by, "register.csv")
    actions.start(run)
    return run


def letters() -> list[mail.EmailMessage]:
    """The mails about imports that go out now."""
    Message.objects.exclude(kind="import_done").delete()
    mail.outbox.clear()
    deliver()
    return mail.outbox


def test_whoever_started_it_reads_what_came_of_it(run: ImportRun) -> None:
    assert letters() == []
    tasks.carry_on(run.pk)
    tasks.carry_on(run.pk)
    (letter,) = letters()
    assert (letter.to[0].split("<")[1], letter.subject) == ("marta@halden.example>", "Import finished: register.csv")
    assert "7 records of register.csv are imported." in letter.body
    assert "1 row stayed behind: 0 without an answer, 1 with a problem, 0 left out." in letter.body
    assert f"/import/{run.pk}/done/" in letter.body
    assert "You get this because you started this import." in letter.body


def test_a_short_import_is_not_mailed(acting: Organization, by: Actor) -> None:
    imported(acting, Kind.CERTIFICATES, csv_of([*CERTIFICATES, *rows(5)]), by)
    assert letters() == []


def test_records_that_changed_are_counted(acting: Organization, run: ImportRun, by: Actor) -> None:
    actions.carry_on(run, by)
    longer = csv_of([*CERTIFICATES, *([*row[:2], "2028-01-31", *row[3:]] for row in rows(8))])
    imported(acting, Kind.CERTIFICATES, longer, by, "longer.csv")
    assert "1 record of longer.csv is imported. 7 records were changed." in letters()[1].body


def test_it_is_written_in_the_language_of_its_reader(run: ImportRun, officer: User) -> None:
    said = {}
    tasks.carry_on(run.pk)
    for language in ("de", "fr", "es", "pl"):
        User.objects.filter(pk=officer.pk).update(language=language)
        Message.objects.update(state=Message.State.NEW, next_at=clock.now())
        said[language] = letters()[0].subject
    assert said == {
        "de": "Import abgeschlossen: register.csv",
        "fr": "Import terminé : register.csv",
        "es": "Importación terminada: register.csv",
        "pl": "Import zakończony: register.csv",
    }


def test_an_import_taken_back_is_not_told(run: ImportRun, by: Actor) -> None:
    actions.carry_on(run, by)
    actions.take_back(run, by)
    assert letters() == []


def test_who_may_not_import_any_more_is_not_told(run: ImportRun, officer: User) -> None:
    tasks.carry_on(run.pk)
    Membership.objects.filter(user=officer).update(role=Role.VIEWER)
    assert letters() == []


def test_who_has_left_is_not_told(run: ImportRun, officer: User) -> None:
    Membership.objects.filter(user=officer).delete()
    tasks.carry_on(run.pk)
    assert letters() == []


def test_pages_say_that_a_mail_will_come_and_until_when_it_can_be_taken_back(run: ImportRun, officer: User) -> None:
    browser, address = signed_in(officer), f"/import/{run.pk}/done/"
    run.lease_until = clock.now() + timedelta(minutes=5)
    run.save()
    assert "Marta Zielińska gets a mail when all are stored." in text_of(browser.get(address))
    run.lease_until = None
    run.save()
    tasks.carry_on(run.pk)
    assert "Result of the import of register.csv" in text_of(browser.get("/outbox/"))
    taken_back_until = "It can be taken back until 27 Nov 2026"
    assert taken_back_until in text_of(browser.get(address))
    with clock.at(TODAY + timedelta(days=8)):
        page = text_of(browser.get(address))
        assert (taken_back_until in page, "Take this import back" in page) == (False, False)
