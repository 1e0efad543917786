"""Papers: made in a process that reaches nothing, kept, shown with a clear sentence when they fail."""

from __future__ import annotations

import io
import threading
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from pypdf import PdfReader, PdfWriter
from pypdf.generic import NameObject

from accounts import clock
from accounts.models import Membership, Organization, User
from certifications import actions
from certifications.models import Certificate, Scheme
from nonconformities.actions import raise_nonconformity
from records import papers
from records.models import ActorKind, RenderedPdf
from records.pdf import PdfFailed, render
from records.record import Actor
from tests.records.tags import complaints, elements

BY = Actor(ActorKind.PERSON, None, "Marta")


@pytest.fixture
def certificate(acting: Organization, officer: User) -> Certificate:
    standard = actions.find_standard(acting, "ISO 9001", BY)
    fields = {
        "number": "NHC-1",
        "standard": standard,
        "edition": actions.find_edition(standard, "2015", BY),
        "scheme": Scheme.objects.get(catalog_id="iso17021_generic"),
        "certified_on": date(2025, 3, 1),
        "scope": "Łódź <b>drives</b> & {{ settings.SECRET_KEY }}",
        "owner": officer,
    }
    return actions.register_certificate(acting, fields, [], BY)


def text_of(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


def made(kind: str, row: object, by: User) -> RenderedPdf:
    paper = papers.ask(kind, row, by)  # type: ignore[arg-type]
    assert papers.make(paper.pk) is True
    paper.refresh_from_db()
    return paper


def test_dossier_holds_facts_forecast_and_history(certificate: Certificate, officer: User) -> None:
    paper = made("dossier", certificate, officer)
    assert (paper.state, paper.error) == ("ready", "")
    text = " ".join(text_of(paper.file.read()).split())
    assert "ISO 9001:2015" in text
    assert "Łódź <b>drives</b> & {{ settings.SECRET_KEY }}" in text
    assert "Certificate registered" in text
    assert "printed" in text and "Marta Zielińska" in text


def test_form_is_one_tagged_page(certificate: Certificate, officer: User, acting: Organization) -> None:
    fields = {"number": "NC-7", "grade": "major", "title": "No record", "raised_on": date(2026, 5, 4), "owner": officer}
    nc = raise_nonconformity(acting, fields, [certificate], BY)
    paper = made("nc-form", nc, officer)
    pdf = paper.file.read()
    reader = PdfReader(io.BytesIO(pdf))
    marks: Any = reader.root_object["/MarkInfo"]
    assert (len(reader.pages), marks["/Marked"].value) == (1, True)
    text = reader.pages[0].extract_text()
    assert [n for n in range(1, 9) if f"{n} · " not in text] == []
    assert complaints(pdf) == []


def test_paper_is_made_once(certificate: Certificate, officer: User) -> None:
    paper = papers.ask("dossier", certificate, officer)
    assert [papers.make(paper.pk), papers.make(paper.pk)] == [True, False]


def test_page_waits_then_offers_the_file(certificate: Certificate, officer: User, client: Client) -> None:
    client.force_login(officer)
    asked = client.post(f"/papers/dossier/{certificate.pk}/")
    waiting = client.get(asked["Location"])
    assert (waiting.status_code, waiting["Refresh"]) == (200, "2")
    assert papers.make_waiting() == 1
    ready = client.get(asked["Location"])
    assert "Refresh" not in ready
    file = client.get(asked["Location"] + "file/")
    assert (file["Content-Type"], file.getvalue()[:5]) == ("application/pdf", b"%PDF-")


def test_another_organization_sees_no_paper(
    certificate: Certificate, officer: User, other_organization: Organization, client: Client
) -> None:
    from tests.conftest import Role, member

    paper = papers.ask("dossier", certificate, officer)
    client.force_login(member(other_organization, "eva@ostrava.example", "Eva", Role.ADMINISTRATOR))
    answers = [
        client.get(f"/papers/{paper.pk}/").status_code,
        client.get(f"/papers/{paper.pk}/file/").status_code,
        client.post(f"/papers/dossier/{certificate.pk}/").status_code,
    ]
    assert answers == [404, 404, 404]


def test_too_slow_a_paper_ends_with_a_sentence() -> None:
    with pytest.raises(PdfFailed, match="took longer than 1 second and was stopped"):
        render("<table>" + "<tr><td>row</td></tr>" * 60_000 + "</table>", seconds=1)


def test_a_paper_that_could_not_be_made_says_so_in_the_language_of_who_asked(
    certificate: Certificate, officer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    User.objects.filter(pk=officer.pk).update(language="fr")
    paper = papers.ask("dossier", certificate, officer)
    monkeypatch.setattr(papers, "render", lambda _html: render("<table>" + "<tr><td>row</td></tr>" * 60_000, seconds=0))
    assert papers.make(paper.pk)
    paper.refresh_from_db()
    assert paper.error == "La création du PDF a pris plus de 0 seconde et a été arrêtée."


def test_the_dossier_says_grades_and_states_in_the_language_of_who_asked(
    certificate: Certificate, acting: Organization, officer: User
) -> None:
    fields = {"number": "NC-1", "title": "Late", "grade": "major", "raised_on": date(2026, 3, 10)}
    raise_nonconformity(acting, fields, [certificate], BY)
    User.objects.filter(pk=officer.pk).update(language="de")
    html = papers.html_of(papers.ask("dossier", certificate, User.objects.get(pk=officer.pk)))
    assert "<td>Hauptabweichung</td><td>Late</td><td>10 Mär 2026</td><td>Offen</td>" in html


def test_paper_reaches_nothing(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("canary-of-a-local-file")
    asked: list[str] = []

    class Trap(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

    server = HTTPServer(("127.0.0.1", 0), Trap)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    trap = f"http://127.0.0.1:{server.server_port}"
    html = f"""<title>x</title><link rel=stylesheet href="{trap}/a.css"><link rel=attachment href="file://{secret}">
    <style>@import url("{trap}/b.css"); p {{ background: url(file://{secret}) }}</style>
    <img src="{trap}/c.png" alt=""><img src="file://{secret}" alt=""><img src="own:fonts/../../pyproject.toml" alt="">
    <object data="file://{secret}"></object><p>text</p>"""
    pdf = render(html)
    server.shutdown()
    assert asked == []
    reader = PdfReader(io.BytesIO(pdf))
    assert (len(reader.attachments), "canary" in text_of(pdf), b"canary" in pdf) == (0, False, False)


@pytest.mark.parametrize("language", ["en", "de", "fr", "es", "pl"])
def test_the_dossier_conforms_to_pdf_ua(certificate: Certificate, officer: User, language: str) -> None:
    officer.language = language
    officer.save()
    assert complaints(made("dossier", certificate, officer).file.read()) == []


def test_the_portfolio_fits_on_one_page_that_conforms_to_pdf_ua(certificate: Certificate, officer: User) -> None:
    for number in range(12):
        fields = {
            "number": f"N-{number}",
            "standard": certificate.standard,
            "scheme": certificate.scheme,
            "expires_on": clock.today() + timedelta(days=40 + number),
            "owner": officer,
        }
        actions.register_certificate(certificate.organization, fields, [], BY)
    membership = Membership.objects.get(user=officer)
    pdf = made("portfolio", membership, officer).file.read()
    page = PdfReader(io.BytesIO(pdf)).pages
    assert len(page) == 1
    assert page[0].mediabox.width > page[0].mediabox.height
    assert complaints(pdf) == []
    assert "unless the recertification is decided by Marta Zielińska" in " ".join(text_of(pdf).split())


def test_the_check_sees_what_is_missing(certificate: Certificate, officer: User) -> None:
    damaged = PdfWriter(clone_from=io.BytesIO(made("dossier", certificate, officer).file.read()))
    del damaged.root_object[NameObject("/Lang")]
    for element in elements(damaged.root_object["/StructTreeRoot"]["/K"]):
        element.pop("/A", None)
    written = io.BytesIO()
    damaged.write(written)
    broken = {complaint.partition(":")[0] for complaint in complaints(written.getvalue())}
    assert broken >= {"PDFUA1-ALT-TEXT-LANGUAGE-001", "PDFUA1-TABLE-HEADERS-SCOPE-001"}
