"""How a file leaves: as an attachment, whole or in part, only unchanged, only to those who may, and written down."""

from __future__ import annotations

from datetime import date

import pytest

from accounts.models import Membership
from accounts.permissions import Role
from audits.actions import plan_audit
from certifications.models import Certificate
from evidence.serving import NotSatisfiable, span_of
from records.models import Event
from tests.conftest import member
from tests.evidence.conftest import attached, kept
from tests.evidence.files import PDF
from tests.factories import BY, certificate, nonconformity
from tests.pages import signed_in, text_of

SPANS = {
    "bytes=0-9": (0, 9),
    "bytes=5-": (5, 99),
    "bytes=-10": (90, 99),
    "bytes=-1000": (0, 99),
    "bytes=90-1000": (90, 99),
    "bytes=0-0": (0, 0),
    "": None,
    "bytes=-": None,
    "bytes=9-5": None,
    "bytes=0-9,20-29": None,
    "items=0-9": None,
    "bytes=a-b": None,
    "bytes=99999999999999999999-": None,
}


@pytest.mark.parametrize("header", SPANS)
def test_spans(header):
    assert span_of(header, 100) == SPANS[header]


@pytest.mark.parametrize("header", ["bytes=100-", "bytes=-0", "bytes=500-600"])
def test_spans_outside(header):
    with pytest.raises(NotSatisfiable):
        span_of(header, 100)


@pytest.fixture
def found(nc):
    return attached(nc, name="Prüf “bericht”.pdf")


@pytest.fixture
def address(found):
    return f"/evidence/{found.pk}/file/1/"


def readings() -> list[str]:
    return list(Event.objects.filter(kind="evidence.read").values_list("actor_label", flat=True))


def test_a_file_is_an_attachment_that_no_browser_runs(officer, address):
    response = signed_in(officer).get(address)
    assert b"".join(response) == PDF
    wanted = {
        "Content-Type": "application/pdf",
        "Content-Length": str(len(PDF)),
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
        "Cache-Control": "private, no-store",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Accept-Ranges": "bytes",
        "Content-Disposition": "attachment; filename*=utf-8''Pr%C3%BCf%20%E2%80%9Cbericht%E2%80%9D.pdf",
    }
    assert {name: response[name] for name in wanted} == wanted
    assert readings() == ["Marta Zielińska"]


def test_a_part_of_it(officer, address):
    response = signed_in(officer).get(address, headers={"Range": "bytes=5-9"})
    assert (response.status_code, b"".join(response), response["Content-Range"]) == (
        206,
        PDF[5:10],
        f"bytes 5-9/{len(PDF)}",
    )
    assert readings() == []  # a later part of a file whose beginning was counted
    assert signed_in(officer).get(address, headers={"Range": "bytes=0-4"}).status_code == 206
    assert readings() == ["Marta Zielińska"]


@pytest.mark.parametrize("header", ["bytes=9-5", "bytes=5-9,20-29"])
def test_a_part_that_cannot_be_served_gives_the_whole_file_and_is_written_down(officer, address, header):
    response = signed_in(officer).get(address, headers={"Range": header})
    assert (response.status_code, b"".join(response)) == (200, PDF)
    assert readings() == ["Marta Zielińska"]


@pytest.mark.parametrize("beginning", ["", "/api/v1"])
def test_every_part_that_a_guest_reads_is_written_down(nc, found, beginning):
    fields = {"number": "A-1", "kind": "surveillance", "planned_on": date(2026, 4, 7)}
    audit = plan_audit(nc.organization, fields, [Certificate.objects.get()], BY)
    guest = member(nc.organization, "ida@outside.example", "Ida Berg", Role.GUEST_AUDITOR)
    Membership.objects.filter(user=guest).update(limits={"audits": [audit.pk]})
    browser = signed_in(guest)
    address = f"/api/v1/evidence/{found.pk}/file/" if beginning else f"/evidence/{found.pk}/file/1/"
    assert b"".join(browser.get(address, headers={"Range": "bytes=1-"})) == PDF[1:]
    assert readings() == ["Ida Berg"]
    assert browser.get(address, headers={"Range": f"bytes={len(PDF)}-"}).status_code == 416
    browser.head(address)
    assert readings() == ["Ida Berg"]


def test_a_part_that_is_not_there(officer, address):
    response = signed_in(officer).get(address, headers={"Range": "bytes=5000-"})
    assert (response.status_code, response["Content-Range"], response.content) == (416, f"bytes */{len(PDF)}", b"")
    assert response["Content-Security-Policy"].startswith("default-src 'none'; sandbox")


def test_head_tells_the_size_and_reads_nothing(officer, address):
    response = signed_in(officer).head(address)
    assert (response.status_code, response["Content-Length"], b"".join(response)) == (200, str(len(PDF)), b"")
    assert readings() == []


def test_a_changed_file_is_refused_and_written_down(officer, address, found, vault_folder):
    path = vault_folder / found.current.blob.name
    raw = bytearray(path.read_bytes())
    raw[3] ^= 1
    path.write_bytes(raw)
    response = signed_in(officer).get(address)
    assert response.status_code == 409
    assert "is not what was uploaded" in text_of(response)
    assert Event.objects.get(kind="evidence.damaged").after["found"] == "changed"


def test_a_missing_file_is_refused_and_written_down(officer, address, found, vault_folder):
    (vault_folder / found.current.blob.name).unlink()
    response = signed_in(officer).get(address)
    assert (response.status_code, "is missing from the place" in text_of(response)) == (409, True)
    assert Event.objects.get(kind="evidence.damaged").after["found"] == "missing"


def test_another_organization_finds_nothing(address, other_organization, found):
    outsider = signed_in(member(other_organization, "x@ostrava.example", "X", Role.ADMINISTRATOR))
    for method in (outsider.get, outsider.head):
        assert method(address).status_code == 404
    assert outsider.get(f"/evidence/{found.pk}/").status_code == 404
    assert outsider.get(address, headers={"Range": "bytes=0-1"}).status_code == 404


def test_an_old_link_leads_nowhere_after_the_role_is_gone(officer, address):
    browser = signed_in(officer)
    officer.memberships.all().delete()
    assert browser.get(address).status_code == 403


def test_who_is_not_signed_in_is_asked_to(client, address):
    response = client.get(address)
    assert (response.status_code, response["Location"]) == (302, f"/sign-in/?next={address}")


@pytest.mark.parametrize(
    "guess",
    [
        "/evidence/1/file/2/",
        "/evidence/1/file/99999999999999999999/",
        "/evidence/99999999999999999999/file/1/",
        "/evidence/%2e%2e/file/1/",
        "/evidence/%252e%252e%252fetc/file/1/",
        "/evidence/1/file/1/lib.js",
        "/evidence/1/file/../../../etc/passwd",
    ],
)
def test_guessed_addresses_lead_nowhere(officer, found, guess):
    assert signed_in(officer).get(guess.replace("/1/", f"/{found.pk}/", 1)).status_code == 404


def test_no_address_serves_the_folder_itself(officer, found, vault_folder):
    browser = signed_in(officer)
    for name in kept(vault_folder):
        for before in ("/evidence/", "/files/", "/media/", "/static/", "/"):
            assert browser.get(f"{before}{name}").status_code == 404


def test_of_two_records_of_other_people_only_what_one_sees(acting, officer):
    """The evidence of a record that is gone for this person is gone, too."""
    second = nonconformity(acting, [certificate(acting, "C9")], "NC-9")
    found = attached(second)
    assert signed_in(officer).get(f"/evidence/{found.pk}/").status_code == 200
