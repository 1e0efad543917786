"""The outbox as people see it: their organization's mails only, shut in, and sent again by those who may."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts import clock, tenancy
from accounts.models import Organization, User
from accounts.permissions import Role
from alerts.deliver import deliver
from certifications.models import Certificate
from records.models import Event, Message, SweepRun
from tests.alerts.notes import NOON, SUSPENDED, stored, write
from tests.conftest import member

pytestmark = pytest.mark.usefixtures("row")


@pytest.fixture(autouse=True)
def at_noon(db: None) -> Iterator[None]:
    """It is noon on 10 March 2026."""
    with clock.at(NOON):
        yield


@pytest.fixture
def reader(client: Client, officer: User) -> Client:
    """Marta's browser."""
    client.force_login(officer)
    return client


def dead(key: str = "one") -> Message:
    """The message, as if its recipient did not exist."""
    with tenancy.across_organizations():
        Message.objects.filter(key=key).update(state="dead", attempts=3, last_error="550 no such person")
    return stored(key)


def test_a_waiting_message_is_shown_as_it_would_be_sent(row: Certificate, officer: User, reader: Client) -> None:
    write(row, officer)
    page = reader.get(f"/outbox/{stored().pk}/").content.decode()
    assert "As it would be sent now" in page
    assert "Recertification of C1" in page
    listed = reader.get("/outbox/").content.decode()
    assert "Recertification of C1" in listed
    assert "1 waiting to be sent" in listed


def test_a_sent_message_is_shown_as_it_was_sent_whatever_happened_since(
    row: Certificate, officer: User, reader: Client
) -> None:
    write(row, officer)
    deliver()
    with tenancy.across_organizations():
        Certificate.objects.filter(pk=row.pk).update(next_loss=None, next_loss_on=None)
    page = reader.get(f"/outbox/{stored().pk}/").content.decode()
    assert "As it was sent" in page
    assert "Expires in 784 days: ISO 9001, Gdańsk. Recertification due Mon 1 May 2028" in page


def test_the_html_part_is_shut_in(row: Certificate, officer: User, reader: Client) -> None:
    write(row, officer)
    response = reader.get(f"/outbox/{stored().pk}/html/")
    policy = dict(part.strip().split(" ", 1) for part in response["Content-Security-Policy"].split(";"))
    assert policy == {
        "default-src": "'none'",
        "style-src": "'unsafe-inline'",
        "frame-ancestors": "'self'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "sandbox": "allow-popups",
    }
    assert response["X-Frame-Options"] == "SAMEORIGIN"
    assert "<!doctype html>" in response.content.decode()


def test_a_message_that_is_not_needed_says_why(row: Certificate, officer: User, reader: Client) -> None:
    write(row, officer, kind="status", payload={"move": SUSPENDED, "as": "owner"})
    page = reader.get(f"/outbox/{stored().pk}/").content.decode()
    assert "the move was taken back by a correction" in page
    assert reader.get(f"/outbox/{stored().pk}/html/").content.decode() == "the move was taken back by a correction"


def test_tabs_show_what_waits_what_was_sent_and_what_failed(row: Certificate, officer: User, reader: Client) -> None:
    write(row, officer, "sent", "failed", "waiting")
    dead("failed")
    deliver(1)
    found = {
        tab: [line.message.key for line in reader.get(f"/outbox/?tab={tab}").context["lines"]]
        for tab in ("", "waiting", "sent", "failed", "unknown")
    }
    everything = ["waiting", "failed", "sent"]
    assert found == {
        "": everything,
        "waiting": ["waiting"],
        "sent": ["sent"],
        "failed": ["failed"],
        "unknown": everything,
    }


def test_pages_of_fifty_newest_first(row: Certificate, officer: User, reader: Client) -> None:
    write(row, officer, *(f"k{number}" for number in range(51)))
    first = reader.get("/outbox/")
    assert [line.message.key for line in first.context["lines"]] == [f"k{n}" for n in range(50, 0, -1)]
    second = reader.get(f"/outbox/?before={first.context['following']}")
    assert [line.message.key for line in second.context["lines"]] == ["k0"]
    assert second.context["following"] is None
    assert reader.get("/outbox/?before=x").status_code == 200


def test_the_list_asks_as_often_for_thirty_as_for_three(row: Certificate, officer: User, reader: Client) -> None:
    counts = []
    for number in (3, 30):
        write(row, officer, *(f"{number}-{n}" for n in range(number)))
        with CaptureQueriesContext(connection) as queries:
            assert reader.get("/outbox/").status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_another_organization_sees_nothing_of_it(
    row: Certificate, officer: User, other_organization: Organization, client: Client
) -> None:
    write(row, officer)
    dead()
    client.force_login(member(other_organization, "jan@ostrava.example", "Jan", Role.ADMINISTRATOR))
    pk = stored().pk
    assert client.get("/outbox/").context["lines"] == []
    assert [client.get(f"/outbox/{pk}/{part}").status_code for part in ("", "html/")] == [404, 404]
    assert client.post(f"/outbox/{pk}/again/").status_code == 404
    assert stored().state == "dead"


def test_strangers_are_asked_to_sign_in(client: Client, row: Certificate, officer: User) -> None:
    write(row, officer)
    for path in ("", f"{stored().pk}/", f"{stored().pk}/html/"):
        assert client.get(f"/outbox/{path}").status_code == 302


def test_a_dead_message_is_sent_again_with_an_event(row: Certificate, officer: User, reader: Client) -> None:
    write(row, officer)
    message = dead()
    assert "Send again" in reader.get(f"/outbox/{message.pk}/").content.decode()
    assert reader.post(f"/outbox/{message.pk}/again/").status_code == 302
    assert (stored().state, stored().attempts) == ("new", 0)
    with tenancy.across_organizations():
        event = Event.objects.get(kind="message.sent_again")
    assert (event.subject_label, event.reason, event.actor_id) == ("one", "550 no such person", officer.pk)
    assert deliver().sent == 1


def test_a_message_that_is_not_dead_is_not_sent_again(row: Certificate, officer: User, reader: Client) -> None:
    write(row, officer)
    response = reader.post(f"/outbox/{stored().pk}/again/", follow=True)
    assert "Only a message that could not be sent can be sent again." in response.content.decode()
    with tenancy.across_organizations():
        assert Event.objects.filter(kind="message.sent_again").count() == 0


def test_mails_to_others_are_for_those_who_may_read_the_outbox(
    row: Certificate, officer: User, organization: Organization, settings: Any
) -> None:
    write(row, officer)
    message = dead()
    client = Client()
    client.force_login(member(organization, "vera@halden.example", "Vera", Role.VIEWER))
    reading = ["/outbox/", f"/outbox/{message.pk}/", f"/outbox/{message.pk}/html/"]
    assert [client.get(address).status_code for address in reading] == [403, 403, 403]
    assert "Outbox" not in client.get("/health/").content.decode()
    assert client.post(f"/outbox/{message.pk}/again/").status_code == 403
    settings.DEMO = True
    assert [client.get(address).status_code for address in reading] == [200, 200, 200]
    assert "Send again" not in client.get(f"/outbox/{message.pk}/").content.decode()
    assert client.post(f"/outbox/{message.pk}/again/").status_code == 403
    assert stored().state == "dead"


def test_every_page_warns_of_messages_that_could_not_be_sent(
    row: Certificate, officer: User, reader: Client, other_organization: Organization
) -> None:
    now = clock.now()
    SweepRun.objects.create(started_at=now, finished_at=now, on=now.date(), started_by="scheduler")
    write(row, officer)
    assert not reader.get("/outbox/").context["banner"]
    dead()
    assert reader.get("/outbox/").context["banner"].text == "Some messages could not be sent."
    other = Client()
    other.force_login(member(other_organization, "jan@ostrava.example", "Jan", Role.VIEWER))
    assert not other.get("/outbox/").context["banner"]
