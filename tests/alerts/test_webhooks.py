"""Webhooks: signed, tried again, never sent where they must not go, and shown to those who manage."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts import clock, tenancy
from accounts.models import Organization, User
from accounts.permissions import Role
from alerts import posting, telling
from alerts import webhook_actions as actions
from alerts.models import Webhook, WebhookDelivery
from alerts.posting import NotAllowed, address_for, is_public, post, target_of
from alerts.signing import signature, unseal
from alerts.telling import tell
from certifications.actions import add_site
from records.models import Event
from tests.alerts.notes import NOON
from tests.alerts.receiver import Receiver, receiving
from tests.certifications.filling import data_of
from tests.conftest import member
from tests.factories import BY, certificate
from tests.pages import problems, queries_of, signed_in, text_of


@pytest.fixture(autouse=True)
def at_noon(acting: Organization) -> Iterator[None]:
    """It is noon on 10 March 2026."""
    with clock.at(NOON):
        yield


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    """A receiver on this machine that the operator trusts."""
    with receiving() as server:
        settings.WEBHOOK_TRUSTED = [server.place]
        yield server


def hook(organization: Organization, server: Receiver, *topics: str) -> tuple[Webhook, str]:
    return actions.add_webhook(organization, {"url": server.url, "topics": topics or ("everything",)}, BY)


def deliveries() -> list[tuple[str, str, int]]:
    rows = WebhookDelivery.objects.order_by("pk")
    return [(row.kind, row.state, row.attempts) for row in rows]


# --- signatures --------------------------------------------------------------------------------------------------


def test_the_signature_is_that_of_the_standard() -> None:
    """The example of the specification of Standard Webhooks."""
    secret, body = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", '{"test": 2432232314}'
    signed = signature([secret], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body)
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_the_secret_is_sealed_and_opened_by_this_installation_alone(
    acting: Organization, receiver: Receiver, settings: Any
) -> None:
    row, secret = hook(acting, receiver)
    assert (secret in row.sealed, unseal(row.sealed)) == (False, secret)
    assert all(secret not in json.dumps([event.before, event.after]) for event in Event.objects.all())
    settings.SECRET_KEY = "another key of this installation, long enough"
    add_site(acting, {"name": "Porto"}, BY)
    assert tell().later == 1
    assert "sealed under another key" in WebhookDelivery.objects.order_by("pk")[0].last_error


# --- telling -----------------------------------------------------------------------------------------------------


def test_an_event_is_told_once_signed_and_thin(acting: Organization, receiver: Receiver) -> None:
    add_site(acting, {"name": "Before"}, BY)
    _row, secret = hook(acting, receiver, "site")
    hook(acting, receiver, "certificate")
    site = add_site(acting, {"name": "Porto"}, BY)
    assert (tell().sent, tell().sent) == (1, 0)
    ((headers, body),) = receiver.got
    told = json.loads(body)
    number = Event.objects.get(subject_type="site", subject_id=site.pk).number
    assert told == {
        "type": "site.added",
        "timestamp": NOON.isoformat(),
        "version": 1,
        "data": {
            "organization": "halden",
            "event": number,
            "subject": {"type": "site", "id": site.pk, "label": "Porto"},
            "effective_on": "2026-03-10",
        },
    }
    assert headers["webhook-signature"] == signature(
        [secret], headers["webhook-id"], int(headers["webhook-timestamp"]), body
    )
    assert (headers["host"], headers["content-type"]) == (receiver.place, "application/json")


def test_a_failure_is_tried_again_under_the_same_id_for_more_than_three_days(
    acting: Organization, receiver: Receiver
) -> None:
    receiver.codes = [500]
    row, _secret = hook(acting, receiver, "site")
    add_site(acting, {"name": "Porto"}, BY)
    moment = NOON
    assert tell().later == 1
    for wait in telling.WAITS:
        moment += timedelta(seconds=wait)
        with clock.at(moment - timedelta(seconds=1)):
            assert (tell().later, tell().dead) == (0, 0)
        with clock.at(moment):
            done = tell()
    assert (done.dead, deliveries()) == (1, [("site.added", "dead", 10)])
    assert (moment - NOON).days >= 3
    assert len({headers["webhook-id"] for headers, _body in receiver.got}) == 1
    receiver.codes = [200]
    with clock.at(moment):
        actions.send_again(WebhookDelivery.objects.get(), BY)
        assert tell().sent == 1
    row.refresh_from_db()
    assert (row.failing_since, WebhookDelivery.objects.get().answer_text) == (None, "thank you")


def test_one_that_is_gone_is_stopped_at_once_and_one_that_fails_after_five_days(
    acting: Organization, receiver: Receiver
) -> None:
    receiver.codes = [410]
    gone, _secret = hook(acting, receiver, "site")
    add_site(acting, {"name": "Porto"}, BY)
    assert tell().dead == 1
    gone.refresh_from_db()
    assert (gone.active, gone.stopped_because) == (False, "the receiver says that it is gone (410)")
    receiver.codes = [503]
    failing, _secret = hook(acting, receiver, "site")
    add_site(acting, {"name": "Gdańsk"}, BY)
    tell()
    with clock.at(NOON + timedelta(days=5, seconds=1)):
        tell()
    failing.refresh_from_db()
    assert (failing.active, failing.stopped_because) == (False, "every delivery of the last five days failed")
    assert Event.objects.filter(kind="webhook.stopped").count() == 2
    receiver.codes = [200]
    actions.set_active(failing, True, BY)
    with clock.at(NOON + timedelta(days=6)):
        assert tell().sent == 1


def test_a_slow_receiver_holds_up_nobody_else(
    acting: Organization, receiver: Receiver, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(posting, "SECONDS", 1.0)
    with receiving(stall=5) as slow:
        settings.WEBHOOK_TRUSTED = [receiver.place, slow.place]
        hook(acting, slow, "site")
        hook(acting, receiver, "site")
        for number in range(5):
            add_site(acting, {"name": f"Site {number}"}, BY)
        done = tell()
    assert (done.sent, done.later) == (5, 1)
    assert "no answer within" in WebhookDelivery.objects.exclude(last_error="").get().last_error


def test_an_endless_answer_is_cut_and_a_redirect_is_not_followed(
    acting: Organization, receiver: Receiver, settings: Any
) -> None:
    with receiving(endless=True) as chatter, receiving(302, location=receiver.url) as forwarder:
        settings.WEBHOOK_TRUSTED = [receiver.place, chatter.place, forwarder.place]
        cut = post(chatter.url, b"{}", {})
        assert (cut.code, len(cut.text)) == (200, posting.MOST_BYTES)
        assert post(forwarder.url, b"{}", {}).code == 302
    assert receiver.got == []


def test_two_secrets_sign_for_a_day_after_a_new_one(acting: Organization, receiver: Receiver) -> None:
    row, former = hook(acting, receiver, "site")
    secret = actions.rotate_secret(row, BY)
    for hours, good in ((23, [secret, former]), (25, [secret])):
        with clock.at(NOON + timedelta(hours=hours)):
            add_site(acting, {"name": f"Site {hours}"}, BY)
            tell()
        headers, body = receiver.got[-1]
        stamp = int(headers["webhook-timestamp"])
        assert headers["webhook-signature"] == signature(good, headers["webhook-id"], stamp, body)


def test_a_worker_that_died_leaves_its_delivery_to_another(acting: Organization, receiver: Receiver) -> None:
    row, _secret = hook(acting, receiver, "site")
    add_site(acting, {"name": "Porto"}, BY)
    telling.write_deliveries(row.pk)
    died = telling.claim(row.pk)
    assert died is not None
    assert tell().sent == 0
    with clock.at(NOON + telling.LEASE):
        assert tell().sent == 1
        telling.settle(died, posting.Posted(500), telling.Told())
    assert deliveries() == [("site.added", "sent", 2)]


# --- where nothing is sent ---------------------------------------------------------------------------------------

PRIVATE = [
    "127.0.0.1", "127.9.9.9", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
    "192.0.0.1", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "192.88.99.1", "203.0.113.9", "::", "::1",
    "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "64:ff9b::7f00:1", "64:ff9b:1::1",
    "2002:7f00:1::", "2001:0:7f00:1::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12:3456::1", "ff02::1", "2001:db8::1",
]  # fmt: skip


@pytest.mark.parametrize("address", PRIVATE)
def test_an_address_that_is_not_public_is_refused(address: str) -> None:
    assert is_public(address) is False


@pytest.mark.parametrize("address", ["8.8.8.8", "93.184.215.14", "2606:4700:4700::1111", "::ffff:8.8.8.8"])
def test_a_public_address_is_allowed(address: str) -> None:
    assert is_public(address) is True


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/", "https://example.com:8443/", "https://example.com:22/", "https://user:pw@example.com/",
        "https://user@example.com/", "ftp://example.com/", "file:///etc/passwd", "gopher://example.com/",
        "unix:///run/x.sock", "https:///path", "https://", "//example.com/", "https://exa mple.com/",
        "https://example.com:99999/", "https://example.com/\nhost: x", "https://[::1", "javascript:alert(1)", "",
    ],
)  # fmt: skip
def test_an_address_of_a_wrong_shape_is_refused_before_any_look_up(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: pytest.fail("looked up"))
    with pytest.raises(NotAllowed):
        target_of(url)


@pytest.mark.parametrize(
    "host",
    [
        "localhost", "localhost.", "LOCALHOST", "127.0.0.1", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "0",
        "[::1]", "[::ffff:127.0.0.1]", "[64:ff9b::7f00:1]", "169.254.169.254", "①②⑦.⓪.⓪.①",
    ],
)  # fmt: skip
def test_every_spelling_of_this_machine_is_refused(host: str) -> None:
    posted = post(f"https://{host}/", b"{}", {})
    assert (posted.code, bool(posted.error)) == (None, True)
    with pytest.raises(NotAllowed):
        address_for(target_of(f"https://{host}/"))


def test_one_private_address_among_public_ones_refuses_the_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", _answers(["8.8.8.8", "127.0.0.1"]))
    with pytest.raises(NotAllowed):
        address_for(target_of("https://rebind.example/"))


def test_the_connection_goes_to_the_address_that_was_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name server that answers 8.8.8.8 first and this machine afterwards gains nothing."""
    lookups, connected = [["8.8.8.8"], ["127.0.0.1"]], []
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: _answers(lookups.pop(0))())

    def connect(address: tuple[str, int], timeout: float) -> socket.socket:
        connected.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "create_connection", connect)
    assert "ConnectionRefusedError" in post("https://rebind.example/", b"{}", {}).error
    assert (connected, len(lookups)) == ([("8.8.8.8", 443)], 1)


def _answers(addresses: list[str]) -> Any:
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443)) for address in addresses]
    return lambda *args, **kwargs: found


# --- the pages ---------------------------------------------------------------------------------------------------

URL = "/settings/webhooks/"


@pytest.fixture
def browser(organization: Organization) -> Client:
    return signed_in(member(organization, "adam@halden.example", "Adam Wright", Role.ADMINISTRATOR))


def test_a_webhook_from_its_address_to_its_removal(
    acting: Organization, receiver: Receiver, browser: Client, django_capture_on_commit_callbacks: Any
) -> None:
    page = browser.post(URL, {"url": receiver.url, "topics": ["certificate"]})
    row = Webhook.objects.get()
    secret = unseal(row.sealed)
    assert secret in page.content.decode()
    assert secret not in browser.get(URL).content.decode()
    with django_capture_on_commit_callbacks() as wakes:
        assert browser.post(f"{URL}{row.pk}/ping/").headers["Location"] == f"{URL}{row.pk}/"
    assert len(wakes) == 1
    certificate(acting)
    tell()
    shown = text_of(browser.get(f"{URL}{row.pk}/"))
    assert ("ping" in shown, "certificate.registered" in shown, "200 thank you" in shown) == (True, True, True)
    sent = WebhookDelivery.objects.filter(kind="ping").get()
    assert browser.post(f"{URL}{row.pk}/again/{sent.pk}/").status_code == 302
    assert "still on its way" in browser.post(f"{URL}{row.pk}/again/{sent.pk}/", follow=True).content.decode()
    fresh = browser.post(f"{URL}{row.pk}/secret/").content.decode()
    row.refresh_from_db()
    assert (unseal(row.sealed) in fresh, unseal(row.sealed_former)) == (True, secret)
    browser.post(f"{URL}{row.pk}/switch/")
    assert "start it first" in browser.post(f"{URL}{row.pk}/ping/", follow=True).content.decode()
    assert browser.post(f"{URL}{row.pk}/remove/").headers["Location"] == URL
    told = Event.objects.filter(subject_type="webhook").order_by("number").values_list("kind", flat=True)
    assert list(told) == [
        "webhook.added", "webhook.pinged", "webhook.sent_again", "webhook.secret_renewed", "webhook.paused",
        "webhook.removed",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"url": "", "topics": ["audit"]}, ("id_url", "Enter an address")),
        ({"url": "nonsense", "topics": ["audit"]}, ("id_url", "Enter an address like https://example.com/hook")),
        ({"url": "http://example.com/", "topics": ["audit"]}, ("id_url", "Only https on port 443 is called.")),
        ({"url": "https://example.com/"}, ("id_topics_0", "Choose what it is told of")),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(browser: Client, given: Any, said: tuple[str, str]) -> None:
    answer = browser.post(URL, given)
    assert (answer.status_code, problems(answer), Webhook.objects.count()) == (422, [said], 0)


def test_a_second_save_shows_both(acting: Organization, receiver: Receiver, browser: Client) -> None:
    row, _secret = hook(acting, receiver, "audit")
    form = data_of(browser.get(f"{URL}{row.pk}/").context["form"])
    browser.post(f"{URL}{row.pk}/", form | {"topics": ["certificate"]})
    answer = browser.post(f"{URL}{row.pk}/", form | {"topics": ["everything"]})
    assert answer.status_code == 409
    again = answer.context["form"].data
    assert browser.post(f"{URL}{row.pk}/", dict(again.lists())).status_code == 302
    row.refresh_from_db()
    assert row.topics == ["everything"]


def test_others_see_nothing(
    acting: Organization, receiver: Receiver, officer: User, other_organization: Organization
) -> None:
    row, _secret = hook(acting, receiver)
    made = actions.ping(row, BY)
    stranger = signed_in(member(other_organization, "jan@ostrava.example", "Jan", Role.ADMINISTRATOR))
    paths = [f"{row.pk}/{place}" for place in ("secret/", "ping/", "switch/", "remove/", f"again/{made.pk}/")]
    for client, status in ((signed_in(officer), 403), (stranger, 404)):
        assert client.get(f"{URL}{row.pk}/").status_code == status
        assert [client.post(URL + path).status_code for path in paths] == [status] * 5
    with tenancy.acting_in(other_organization):
        assert stranger.get(URL).context["rows"].count() == 0


def test_the_pages_cost_the_same_for_one_and_many(acting: Organization, receiver: Receiver, browser: Client) -> None:
    row, _secret = hook(acting, receiver, "site")
    actions.ping(row, BY)
    counts = (queries_of(browser, URL), queries_of(browser, f"{URL}{row.pk}/"))
    for _number in range(2):
        actions.ping(hook(acting, receiver, "audit")[0], BY)
        with clock.at(NOON + timedelta(seconds=_number + 1)):
            actions.ping(row, BY)
    assert (queries_of(browser, URL), queries_of(browser, f"{URL}{row.pk}/")) == counts
