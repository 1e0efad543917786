"""The private calendar address, read by another reader and by a calendar server."""

from __future__ import annotations

import logging
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import vobject
from django.test import Client

from accounts import clock
from accounts.logs import HideCalendarAddresses
from accounts.models import Membership, Organization, User
from agenda.actions import reset, subscribe
from agenda.models import CalendarAddress
from audits.actions import change_audit, plan_audit
from certifications import actions
from certifications.models import Certificate
from nonconformities.actions import grant_extension
from records.models import Event
from tests.factories import BY, certificate, nonconformity
from tests.pages import signed_in, text_of

TODAY = date(2026, 11, 23)
NASTY = 'Leavers; keep, "access" \\n BEGIN:VEVENT\r\nATTACH:x\x07 ż 𝄞 ' + "long " * 20


@pytest.fixture(autouse=True)
def autumn(acting: Organization) -> Iterator[None]:
    """It is 23 November 2026."""
    with clock.at(TODAY):
        yield


@pytest.fixture
def gdansk(acting: Organization, officer: User) -> Certificate:
    """Suspended on 13 January 2027 unless NC-0142 is closed; an audit is booked."""
    site = actions.add_site(acting, {"name": "Gdańsk plant"}, BY)
    row = certificate(
        acting, "NHC-5521", standard="ISO/IEC 27001", edition="2022", certified_on=date(2025, 10, 22), expires_on=None,
        sites=[site], owner=officer,
    )  # fmt: skip
    nonconformity(acting, [row], "NC-0142", raised_on=date(2026, 10, 14), title=NASTY[:190], owner=officer, site=site)
    plan_audit(
        acting,
        {"number": "A-1", "kind": "surveillance", "planned_on": date(2027, 1, 10), "planned_until": date(2027, 1, 12)},
        [row],
        BY,
    )
    return row


def fetch(secret: str, **headers: str) -> Any:
    return Client().get(f"/cal/{secret}.ics", headers=headers)


def read(body: bytes) -> dict[str, Any]:
    """The events by uid, as vobject reads them."""
    calendar = vobject.readOne(body.decode())
    return {event.uid.value: event for event in calendar.contents.get("vevent", [])}


def address(officer: User, acting: Organization, **fields: Any) -> str:
    return subscribe(acting, officer, {"choice": "all", **fields}, BY)[1]


def test_every_date_is_there_with_its_meaning(gdansk: Certificate, officer: User, acting: Organization) -> None:
    events = read(fetch(address(officer, acting)).content)
    audit = events[f"audit-{gdansk.audits.get().pk}@halden.isotrack"]  # type: ignore[attr-defined]
    assert (audit.dtstart.value, audit.dtend.value) == (date(2027, 1, 10), date(2027, 1, 13))
    assert audit.summary.value == "Surveillance audit A-1: ISO/IEC 27001"
    loss = events[f"certificate-{gdansk.pk}-loss-suspended@halden.isotrack"]
    assert loss.summary.value == "Forecast: ISO/IEC 27001, Gdańsk plant is suspended"
    assert (loss.status.value, loss.dtstart.value) == ("TENTATIVE", date(2027, 1, 13))
    assert "the certification body decides" in loss.description.value
    assert f"certificate-{gdansk.pk}-loss-withdrawn@halden.isotrack" in events
    assert events[f"certificate-{gdansk.pk}-expiry@halden.isotrack"].status.value == "CONFIRMED"


def test_texts_cannot_break_out(gdansk: Certificate, officer: User, acting: Organization) -> None:
    body = fetch(address(officer, acting)).content
    nc = gdansk.nonconformities.get()  # type: ignore[attr-defined]
    step = read(body)[f"nonconformity-{nc.pk}@halden.isotrack"]
    said = " ".join(nc.title.replace("\x07", "").split())
    assert step.summary.value == f"Submit root cause and plan for NC-0142: {said}"
    assert not hasattr(step, "attach")
    lines = body.split(b"\r\n")
    assert max(len(line) for line in lines) <= 75
    assert body.count(b"\r\nBEGIN:VEVENT") == len(read(body))


def test_programs_are_told_when_to_come_again(gdansk: Certificate, officer: User, acting: Organization) -> None:
    secret = address(officer, acting)
    first = fetch(secret)
    assert first["Content-Type"] == "text/calendar; charset=utf-8"
    assert b"REFRESH-INTERVAL;VALUE=DURATION:PT4H\r\nX-PUBLISHED-TTL:PT4H" in first.content
    assert fetch(secret).content == first.content
    again = fetch(secret, if_none_match=first["ETag"])
    assert (again.status_code, again.content) == (304, b"")


def sequence(secret: str, uid: str) -> tuple[int, date]:
    event = read(fetch(secret).content)[f"{uid}@halden.isotrack"]
    return int(event.sequence.value), event.dtstart.value


def test_a_date_that_moves_keeps_its_uid_and_raises_its_sequence(
    gdansk: Certificate, officer: User, acting: Organization
) -> None:
    secret = address(officer, acting)
    loss, step = f"certificate-{gdansk.pk}-loss-suspended", f"audit-{gdansk.audits.get().pk}"  # type: ignore[attr-defined]
    before, booked = sequence(secret, loss), sequence(secret, step)
    grant_extension(gdansk.nonconformities.get(), TODAY, date(2027, 2, 15), BY)  # type: ignore[attr-defined]
    after = sequence(secret, loss)
    assert after[1] > before[1]
    assert after[0] > before[0]
    assert sequence(secret, step) == booked
    audit = gdansk.audits.get()  # type: ignore[attr-defined]
    change_audit(audit, audit.version, {"planned_on": date(2027, 1, 11)}, BY)
    assert sequence(secret, step) > booked


@pytest.mark.parametrize("choice", ["mine", "site", "standard"])
def test_an_address_holds_what_was_chosen(
    gdansk: Certificate, officer: User, acting: Organization, choice: str
) -> None:
    other = certificate(acting, "OTHER", standard="ISO 14001")
    nonconformity(acting, [other], "NC-2")
    fields = {"site": gdansk.sites.get(), "standard": gdansk.standard}
    chosen = {choice: fields[choice]} if choice in fields else {}
    uids = set(read(fetch(address(officer, acting, choice=choice, **chosen)).content))
    assert f"certificate-{gdansk.pk}-expiry@halden.isotrack" in uids
    assert not any(uid.startswith(f"certificate-{other.pk}-") for uid in uids)


def test_a_reset_address_says_so_in_one_event(gdansk: Certificate, officer: User, acting: Organization) -> None:
    row, secret = subscribe(acting, officer, {"choice": "all"}, BY)
    _, fresh = reset(row, BY)
    (event,) = read(fetch(secret).content).values()
    assert event.summary.value == "This calendar address was reset"
    assert len(read(fetch(fresh).content)) > 3


def test_who_left_the_organization_reads_no_dates(gdansk: Certificate, officer: User, acting: Organization) -> None:
    secret = address(officer, acting)
    Membership.objects.filter(user=officer).delete()
    assert len(read(fetch(secret).content)) == 1


def test_an_unknown_address_does_not_exist(acting: Organization) -> None:
    assert fetch("x" * 43).status_code == 404
    assert Client().post("/cal/x.ics").status_code == 405


def test_the_secret_is_kept_nowhere(
    gdansk: Certificate, officer: User, acting: Organization, caplog: pytest.LogCaptureFixture
) -> None:
    secret = address(officer, acting)
    assert CalendarAddress.objects.get().digest == CalendarAddress.hash(secret) != secret
    assert not any(secret in str(vars(event)) for event in Event.objects.all())
    line = logging.LogRecord("django.request", logging.WARNING, "", 0, "Not Found: %s", (f"/cal/{secret}.ics",), None)
    HideCalendarAddresses().filter(line)
    assert line.getMessage() == "Not Found: /cal/…"


def test_somebody_elses_rows_never_appear(
    gdansk: Certificate, officer: User, acting: Organization, other_organization: Organization
) -> None:
    from accounts import tenancy

    with tenancy.acting_in(other_organization):
        certificate(other_organization, "OSTRAVA-1")
    assert b"OSTRAVA" not in fetch(address(officer, acting)).content


# --- the page on which an address is made ------------------------------------------------------------------------


def test_the_page_makes_shows_once_resets_and_removes(gdansk: Certificate, officer: User) -> None:
    browser = signed_in(officer)
    made = browser.post("/calendar/subscribe/", {"choice": "all"})
    link = made.context["link"]
    assert link.startswith("http://testserver/cal/")
    assert made.context["webcal"].startswith("webcal://testserver/cal/")
    assert link not in browser.get("/calendar/subscribe/").content.decode()
    row = CalendarAddress.objects.get()
    renewed = browser.post(f"/calendar/subscribe/{row.pk}/reset/")
    assert renewed.context["link"] != link
    (live,) = CalendarAddress.objects.filter(revoked_at=None)
    assert browser.post(f"/calendar/subscribe/{row.pk}/reset/").status_code == 404
    assert "shows no dates any more" in text_of(browser.post(f"/calendar/subscribe/{live.pk}/remove/", follow=True))


def test_a_site_must_be_named(officer: User) -> None:
    refused = signed_in(officer).post("/calendar/subscribe/", {"choice": "site"})
    assert refused.status_code == 422
    assert "Choose the site." in text_of(refused)


def test_an_address_is_its_persons_own(gdansk: Certificate, officer: User, manager: User, acting: Organization) -> None:
    row, _ = subscribe(acting, officer, {"choice": "all"}, BY)
    assert signed_in(manager).post(f"/calendar/subscribe/{row.pk}/remove/").status_code == 404


# --- a calendar server -------------------------------------------------------------------------------------------


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    """Radicale, a CalDAV server, on a free port of this machine."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = ["--hosts", f"127.0.0.1:{port}", "--auth-type", "none", "--rights-type", "authenticated"]
    storage = ["--storage-filesystem-folder", str(tmp_path), "--logging-level", "error"]
    process = subprocess.Popen([sys.executable, "-m", "radicale", "--config", "", *options, *storage])
    try:
        _wait_for(f"http://127.0.0.1:{port}/.web/")
        yield f"http://127.0.0.1:{port}/marta"
    finally:
        process.terminate()
        process.wait(20)


def _wait_for(url: str) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            urllib.request.urlopen(url, timeout=5).close()
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise AssertionError("the calendar server did not start")


def call(method: str, url: str, body: bytes | None = None) -> tuple[int, bytes]:
    request = urllib.request.Request(url, body, {"Content-Type": "text/calendar"}, method=method)
    request.add_header("Authorization", "Basic bWFydGE6eA==")
    with urllib.request.urlopen(request, timeout=60) as answer:
        return answer.status, answer.read()


def test_a_calendar_server_takes_it_and_gives_it_back(
    gdansk: Certificate, officer: User, acting: Organization, server: str
) -> None:
    sent = fetch(address(officer, acting)).content
    assert call("PUT", f"{server}/isotrack", sent)[0] == 201
    given = read(call("GET", f"{server}/isotrack")[1])
    kept = {uid: (event.summary.value, event.dtstart.value) for uid, event in given.items()}
    assert kept == {uid: (event.summary.value, event.dtstart.value) for uid, event in read(sent).items()}
    assert len(kept) >= 6


def test_the_moment_of_an_entry_is_that_of_its_last_change(
    gdansk: Certificate, officer: User, acting: Organization
) -> None:
    secret = address(officer, acting)
    with clock.at(datetime.combine(TODAY, datetime.min.time()).astimezone() + timedelta(days=3)):
        assert fetch(secret).content.count(b"DTSTAMP:20261123T120000Z") >= 6
