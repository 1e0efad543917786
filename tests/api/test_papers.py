"""Papers through the API: asked for, made by a worker, fetched."""

from __future__ import annotations

from io import BytesIO

import pytest
from pypdf import PdfReader

from accounts.permissions import Role
from records import papers
from records.papers import make_waiting
from records.pdf import PdfFailed
from tests.api.calling import caller, pointers, problem


def pdf_text(response):
    """The words of a PDF that was answered, without line ends."""
    assert (response.status_code, response["Content-Type"]) == (200, "application/pdf")
    pages = PdfReader(BytesIO(b"".join(response))).pages
    return " ".join("".join(page.extract_text() for page in pages).split())


@pytest.mark.parametrize(
    ("place", "kind", "row", "words"),
    [
        ("certificates", "dossier", "certificate", "Halden"),
        ("nonconformities", "nc-form", "nonconformity", "title"),
        ("audits", "audit-plan", "audit", "Halden-A1"),
        ("audits", "audit-checklist", "audit", "Halden-A1"),
        ("audit-reports", "audit-report", "report", "Halden-I2"),
    ],
)
def test_a_paper_is_asked_for_made_and_fetched(world, api, place, kind, row, words):
    address = f"{place}/{getattr(world, row).pk}/paper/"
    assert api.get(f"{address}?kind={kind}").status_code == 404
    asked = api.post(address, {"kind": kind})
    assert (asked.status_code, asked.json()["kind"], asked.json()["state"]) == (202, kind, "waiting")
    waits = api.get(f"{address}?kind={kind}", Accept="application/pdf")
    assert (waits.status_code, waits.json()["id"], waits["Retry-After"]) == (202, asked.json()["id"], "2")
    make_waiting()
    made = api.get(f"{address}?kind={kind}", Accept="application/pdf")
    assert words in pdf_text(made)
    assert made["Content-Disposition"] == f'attachment; filename="{kind}-{getattr(world, row).pk}.pdf"'


def test_the_kind_is_said_where_a_record_has_several(world, api):
    address = f"audits/{world.audit.pk}/paper/"
    for refused in (api.post(address), api.post(address, {"kind": "dossier"}), api.get(f"{address}?kind=x")):
        assert refused.json()["errors"][0]["detail"] == "Choose one of: audit-checklist, audit-plan."
        assert pointers(refused) == {"#/kind"}
    assert api.post(f"certificates/{world.certificate.pk}/paper/").json()["kind"] == "dossier"


def test_everybody_fetches_their_own(world, organization, api):
    """A paper shows what the person who asked for it may see."""
    address = f"certificates/{world.certificate.pk}/paper/"
    api.post(address)
    make_waiting()
    assert api.get(address).status_code == 200
    assert caller(organization).get(address).status_code == 404


def test_a_viewer_may_ask_and_a_foreign_record_is_not_there(world, foreign, organization):
    viewer = caller(organization, Role.VIEWER)
    assert viewer.post(f"certificates/{world.certificate.pk}/paper/").status_code == 202
    assert viewer.post(f"certificates/{foreign.certificate.pk}/paper/").status_code == 404


def test_a_paper_that_could_not_be_made_says_why(world, api, monkeypatch):
    def fails(_html):
        raise PdfFailed("It took longer than a minute.")

    monkeypatch.setattr(papers, "render", fails)
    address = f"certificates/{world.certificate.pk}/paper/"
    api.post(address)
    make_waiting()
    assert problem(api.get(address), 409)["detail"] == "It took longer than a minute."
