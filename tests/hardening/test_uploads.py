"""A corpus of hostile uploads through the page and the API: refused in words, or kept as a harmless attachment."""

from __future__ import annotations

import json
import resource
import time

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from evidence.models import Evidence
from tests.api.calling import caller
from tests.evidence.files import DOCX, PDF, jpeg, png
from tests.evidence.test_content import NOT_TAKEN
from tests.pages import signed_in

NAMES = [
    "../../x.pdf",
    "..\\..\\x.pdf",
    "/etc/passwd.pdf",
    "x" * 5000 + ".pdf",
    "a\nb.pdf",
    "a\r\nContent-Type: text/html\r\n\r\n.pdf",
    "con.pdf",
    "aux.pdf",
    "\u202egnp.pdf",
    "a;b=c.pdf",
    'a"b.pdf',
    "a'b.pdf",
    "%2e%2e%2fx.pdf",
    "a<script>alert(1)</script>.pdf",
    "$(id).pdf",
    "`id`.pdf",
    "a|b.pdf",
    "名前.pdf",
    "😀.pdf",
    " .pdf .pdf",
    "a.html.pdf",
    "-rf.pdf",
    "=1+1.pdf",
    "{{7*7}}.pdf",
]
POLYGLOTS = {
    "pdf-html.pdf": PDF + b"<html><script>alert(1)</script></html>",
    "pdf-js.pdf": b"%PDF-1.7\n1 0 obj<</OpenAction<</S/JavaScript/JS(app.alert(1))>>>>endobj\n%%EOF",
    "png-html.png": png() + b"<script>alert(1)</script>",
    "jpeg-php.jpg": jpeg() + b"<?php system('id') ?>",
    "text-html.txt": b"<html><script>alert(1)</script></html>",
    "csv-formula.csv": b"=cmd|' /C calc'!A0,1\r\n",
    "docx-more.docx": DOCX + b"<script>alert(1)</script>",
    "eicar.txt": rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*",
}


@pytest.fixture
def address(nc):
    return f"/evidence/for/nonconformity/{nc.pk}/"


def send(browser: Client, address: str, name: str, content: bytes):
    upload = SimpleUploadedFile("x", content)
    upload._name = name  # type: ignore[attr-defined]  # as a client that cleans nothing sends it
    return browser.post(address, {"file": upload})


def test_contents_that_lie_are_refused_in_words(officer, address, vault_folder):
    browser = signed_in(officer)
    lying = {name: content for name, content in NOT_TAKEN.items() if name == name.strip()}  # spaces are taken off
    for name, content in lying.items():
        started = time.monotonic()
        response = send(browser, address, name, content)
        assert response.status_code == 422, name
        assert b"Error:" in response.content, name
        assert time.monotonic() - started < 10, name
    assert Evidence.objects.count() == 0
    assert [path for path in vault_folder.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("name", NAMES)
def test_names_do_no_harm(officer, address, name, vault_folder):
    browser = signed_in(officer)
    response = send(browser, address, name, PDF)
    assert response.status_code in {302, 400, 422}
    for found in Evidence.objects.all():
        page = browser.get(f"/evidence/{found.pk}/")
        assert b"<script>alert(1)" not in page.content
        assert b"49" not in found.title.encode() or "7*7" in found.title
        file = browser.get(f"/evidence/{found.pk}/file/1/")
        assert file["Content-Disposition"].startswith("attachment")
        assert file["Content-Type"] == "application/pdf"
        b"".join(file)
    outside = [path for path in vault_folder.rglob("*") if path.is_file() and len(path.name) != 64]
    assert outside == []


@pytest.mark.parametrize("name", POLYGLOTS)
def test_what_passes_is_handed_out_harmless(officer, address, name):
    browser = signed_in(officer)
    if send(browser, address, name, POLYGLOTS[name]).status_code == 422:
        return
    found = Evidence.objects.get()
    response = browser.get(f"/evidence/{found.pk}/file/1/")
    assert b"".join(response) == POLYGLOTS[name]
    assert "html" not in response["Content-Type"]
    assert response["Content-Disposition"].startswith("attachment")
    assert "sandbox" in response["Content-Security-Policy"]
    assert response["X-Content-Type-Options"] == "nosniff"


FORM = "multipart/form-data; boundary=x"
PART = b'--x\r\nContent-Disposition: form-data; name="f%d"; filename="a"\r\n'
BODIES = [
    (b"", "multipart/form-data"),
    (b"", "multipart/form-data; boundary="),
    (b"--x\r\n", FORM),
    (b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n', FORM),
    (b"--x--", FORM),
    (b"--x\r\nContent-Disposition: form-data\r\n\r\nx\r\n--x--\r\n", FORM),
    (b"\0" * 1000, "multipart/form-data; boundary=" + "y" * 300),
    (b"a=1&" * 5000, "application/x-www-form-urlencoded"),
    (b"{}", "application/json"),
    (b"x", "text/plain"),
    (PART.replace(b"f%d", b"file") + b"Content-Transfer-Encoding: base64\r\n\r\n!!!\r\n--x--\r\n", FORM),
    (b"".join(PART % number + b"\r\n\r\n" for number in range(200)) + b"--x--", FORM),
]


@pytest.mark.parametrize(("body", "kind"), BODIES, ids=range(len(BODIES)))
def test_broken_forms_are_refused(officer, organization, address, body, kind):
    browser = signed_in(officer)
    browser.raise_request_exception = False
    response = browser.generic("POST", address, body, content_type=kind)
    assert 400 <= response.status_code < 500
    api = caller(organization)
    again = api.client.generic(
        "POST", "/api/v1/evidence/", body, content_type=kind, headers={"Authorization": f"Bearer {api.key}"}
    )
    assert 400 <= again.status_code < 500
    assert again["Content-Type"] == "application/problem+json"


def test_the_api_attaches_repeats_and_refuses(organization, nc):
    api = caller(organization)
    headers = {"Authorization": f"Bearer {api.key}", "Idempotency-Key": "one"}

    def post(**fields):
        given = {"subject_type": "nonconformity", "subject_id": nc.pk, **fields}
        return api.client.post("/api/v1/evidence/", given, headers=headers)

    made = post(file=SimpleUploadedFile("a.pdf", PDF), title="Calibration", expires_on="2027-05-04")
    assert made.status_code == 201, made.content
    assert made.json()["supports"] == [{"subject_type": "nonconformity", "subject_id": nc.pk}]
    again = post(file=SimpleUploadedFile("a.pdf", PDF), title="Calibration", expires_on="2027-05-04")
    assert (again.json()["id"], again["Idempotency-Replayed"]) == (made.json()["id"], "true")
    assert Evidence.objects.count() == 1
    assert post(file=SimpleUploadedFile("a.pdf", PDF + b"2"), title="Calibration").status_code == 422
    headers.pop("Idempotency-Key")
    for wrong, pointer in (
        ({"file": SimpleUploadedFile("a.pdf", b"<html>")}, "#"),
        ({"file": SimpleUploadedFile("a.pdf", PDF), "subject_id": nc.pk + 1}, "#/subject_id"),
        ({"file": SimpleUploadedFile("a.pdf", PDF), "expires_on": "2027-02-30"}, "#/expires_on"),
        ({"file": SimpleUploadedFile("a.pdf", PDF), "organization": 1}, "#/organization"),
        ({}, "#/file"),
    ):
        refused = post(**wrong)
        assert refused.status_code == 400, wrong
        assert pointer in {error["pointer"] for error in json.loads(refused.content)["errors"]}
    file = api.client.get(f"/api/v1/evidence/{made.json()['id']}/file/", headers=headers)
    assert (b"".join(file), file["Content-Type"]) == (PDF, "application/pdf")


def test_memory_stays_bounded(officer, address):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    browser = signed_in(officer)
    response = send(browser, address, "large.txt", b"x" * 40_000_000)
    assert response.status_code == 302
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 300_000  # kilobytes; the test itself holds the file twice
