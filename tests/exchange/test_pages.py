"""The four steps as a person without scripts walks through them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any

import pytest
from celery import Celery
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts import clock
from accounts.models import Organization, User
from accounts.permissions import Role
from audits.models import Audit
from certifications.models import Certificate
from exchange import checking, tasks
from exchange.models import ImportRun
from isotrack import jobs
from records import wake
from tests.conftest import member
from tests.exchange.lists import SAMPLES, TODAY, csv_of, xlsx_of
from tests.exchange.test_importing import CERTIFICATES, rows

BROKEN = sorted(path.name for path in (SAMPLES / "broken").iterdir() if path.name != "nul.csv")


@pytest.fixture(autouse=True)
def _on_the_reference_day() -> Iterator[None]:
    with clock.at(TODAY):
        yield


@pytest.fixture
def client(officer: User) -> Client:
    client = Client()
    client.force_login(officer)
    return client


class Page(HTMLParser):
    """The fields of a page with their values, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}
        self.text = ""
        self._select = ""
        self.feed(html)
        self.words = " ".join(self.text.split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {key: value or "" for key, value in attrs}
        if tag == "select":
            self._select = found["name"]
            self.fields[self._select] = ""
        elif tag == "option" and "selected" in found:
            self.fields[self._select] = found["value"]
        elif (
            tag == "input"
            and "name" in found
            and found.get("type") not in {"checkbox", "radio", "hidden", "file", "search"}
        ):
            self.fields[found["name"]] = found.get("value", "")

    def handle_data(self, data: str) -> None:
        self.text += data


def upload(client: Client, kind: str, name: str, content: bytes) -> ImportRun:
    response = client.post("/import/", {"kind": kind, "file": SimpleUploadedFile(name, content)})
    assert response.status_code == 302, Page(response.content.decode()).words
    run: ImportRun = ImportRun.objects.get(pk=int(response["Location"].split("/")[2]))
    return run


def page(client: Client, address: str) -> Page:
    response = client.get(address)
    assert response.status_code == 200
    return Page(response.content.decode())


def test_the_register_through_all_four_steps(client: Client, acting: Organization) -> None:
    run = upload(client, "certificates", "register.xlsx", (SAMPLES / "certificate-register.xlsx").read_bytes())
    columns = page(client, f"/import/{run.pk}/match/")
    assert columns.fields["column|Valid until"] == "expires_on"
    assert "our guess" in columns.words
    response = client.post(f"/import/{run.pk}/match/", columns.fields | {"then": "check"})
    assert response["Location"] == f"/import/{run.pk}/check/"
    check = page(client, f"/import/{run.pk}/check/")
    assert "24 records: 15 new, 5 wait for an answer, 4 have problems. 10 rows are not data." in check.words
    assert Certificate.objects.count() == 0
    fields = {name: value for name, value in check.fields.items() if name}
    response = client.post(f"/import/{run.pk}/check/", fields | {"then": "import"})
    assert response["Location"] == f"/import/{run.pk}/done/"
    done = page(client, f"/import/{run.pk}/done/")
    assert "20 records of register.xlsx are imported." in done.words
    assert "4 rows stayed behind: 0 without an answer, 4 with a problem, 0 left out." in done.words
    assert Certificate.objects.count() == 20
    refused = b"".join(client.get(f"/import/{run.pk}/refused.csv").streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    assert [line.split(",")[0] for line in refused.splitlines()] == ["Row", "13", "14", "28", "34"]


def test_answers_repairs_and_rows_left_out_on_the_check_page(client: Client, acting: Organization) -> None:
    content = csv_of(
        [
            ["NC No.", "Date raised", "Source", "Grade", "Closed on", "Status"],
            ["1", "2026-01-01", "incident", "OFI", "", "open"],
            ["2", "2026-01-01", "incident", "NC1", "", "open"],
            ["3", "2026-01-01", "incident", "minor", "", "closed"],
            ["4", "", "incident", "minor", "", "open"],
            ["5", "2026-01-05", "incident", "minor", "", "open"],
        ]
    )
    run = upload(client, "nonconformities", "log.csv", content)
    address = f"/import/{run.pk}/check/"
    sent = {
        "with|" + json.dumps(["Grade", "OFI"]): "minor",
        "answer|" + json.dumps(["grade_code", "Grade", "NC1"]): "major",
        "cell|" + json.dumps([4, "Closed on"]): "2026-02-01",
        "cell|" + json.dumps([5, "Date raised"]): "2026-01-04",
        "leave_out": "6",
    }
    assert set(sent) <= set(page(client, address).fields)
    client.post(address, sent)
    after = page(client, address)
    assert "5 records: 4 new, 0 wait for an answer, 0 have problems, 1 is left out." in after.words
    client.post(address, {"undo|" + json.dumps(["Grade", "OFI"]): "1"})
    assert "3 new, 0 wait for an answer, 1 has a problem" in page(client, address).words


def test_each_text_that_is_too_long_gets_one_of_its_own(client: Client, acting: Organization) -> None:
    rows = [["Certificate number", "Standard", "Valid until", "Certification body"]]
    rows += [[number, "ISO 9001:2015", "2028-05-01", "Nordhaven " * 20 + number] for number in ("A1", "A2")]
    run = upload(client, "certificates", "register.csv", csv_of(rows))
    address = f"/import/{run.pk}/check/"
    assert "2 have problems" in page(client, address).words
    names = ["cell|" + json.dumps([row, "Certification body"]) for row in (2, 3)]
    assert [name for name in page(client, address).fields if name.startswith(("cell|", "with|"))] == names
    client.post(address, dict(zip(names, ("Nordhaven", "Nordhaven Cert"), strict=True)))
    assert "2 records: 2 new" in page(client, address).words


def test_headings_that_are_not_recognized_are_shown_by_the_person(client: Client, acting: Organization) -> None:
    content = csv_of([["My list", "", ""], ["Code", "Paper", "Ends"], ["X1", "ISO 9001:2015", "01.01.2027"]])
    run = upload(client, "certificates", "odd.csv", content)
    response = client.get(f"/import/{run.pk}/match/")
    assert response.status_code == 422
    assert "No row with headings was found." in Page(response.content.decode()).words
    assert client.post(f"/import/{run.pk}/match/", {"header_row": "2", "then": "look"}).status_code == 302
    columns = page(client, f"/import/{run.pk}/match/")
    assert [name for name in columns.fields if name.startswith("column|")] == [
        "column|Code",
        "column|Paper",
        "column|Ends",
    ]
    chosen = {"column|Code": "number", "column|Paper": "standard", "column|Ends": "expires_on"}
    client.post(f"/import/{run.pk}/match/", columns.fields | chosen | {"then": "check"})
    assert "1 record: 1 new" in page(client, f"/import/{run.pk}/check/").words


def test_one_field_for_two_columns_is_refused_with_a_sentence(client: Client, acting: Organization) -> None:
    run = upload(client, "certificates", "list.csv", csv_of(CERTIFICATES + rows(1)))
    response = client.post(f"/import/{run.pk}/match/", {"column|Site": "number", "column|Cert. No.": "number"})
    assert response.status_code == 422
    assert "“Certificate number” is chosen for two columns." in Page(response.content.decode()).words


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_gives_one_sentence_beside_the_field(client: Client, acting: Organization, name: str) -> None:
    content = (SAMPLES / "broken" / name).read_bytes()
    response = client.post("/import/", {"kind": "certificates", "file": SimpleUploadedFile(name, content)})
    assert response.status_code == 422
    assert response.content.decode().count('href="#id_file"') == 1
    assert ImportRun.objects.count() == 0


def test_nothing_chosen(client: Client, acting: Organization) -> None:
    response = client.post("/import/", {})
    assert response.status_code == 422
    assert "Choose a file." in Page(response.content.decode()).words


@pytest.mark.parametrize(
    "sent",
    [
        {"answer|{": "x"},
        {"answer|[]": "x"},
        {'cell|["a", "b"]': "x"},
        {"with|[1, 2, 3, 4]": "x"},
        {"leave_out": "1-"},
        {'answer|["day_month_order", "x", ""]': "nonsense"},
        {'undo|["a", "b"]': "1"},
    ],
)
def test_odd_answers_never_fail(client: Client, acting: Organization, sent: dict[str, str]) -> None:
    run = upload(client, "certificates", "list.csv", csv_of(CERTIFICATES + rows(1)))
    assert client.post(f"/import/{run.pk}/check/", sent).status_code in {302, 422}
    assert client.get(f"/import/{run.pk}/check/").status_code == 200


def test_a_long_list_is_imported_by_a_worker(
    client: Client, acting: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("exchange.models.LONG", 5)
    run = upload(client, "certificates", "long.csv", csv_of(CERTIFICATES + rows(12)))
    client.post(f"/import/{run.pk}/check/", {"then": "import"})
    waiting = client.get(f"/import/{run.pk}/done/")
    assert (waiting["Refresh"], Certificate.objects.count()) == ("2", 0)
    assert "0 of 12 records are stored." in Page(waiting.content.decode()).words
    tasks.carry_on(run.pk)
    assert Certificate.objects.count() == 12
    assert "Refresh" not in client.get(f"/import/{run.pk}/done/")


def test_a_long_list_waits_for_a_worker_that_can_not_be_woken(
    client: Client,
    acting: Organization,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Callable[..., Any],
) -> None:
    """J11, J12: without a queue the import is confirmed, the page shows how far it is, and a later wake-up finds it."""
    monkeypatch.setattr(wake, "current_app", Celery(broker="redis://127.0.0.1:1/0", set_as_current=False))
    monkeypatch.setattr("exchange.models.LONG", 5)
    run = upload(client, "certificates", "long.csv", csv_of(CERTIFICATES + rows(12)))
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(f"/import/{run.pk}/check/", {"then": "import"})["Location"] == f"/import/{run.pk}/done/"
    assert "0 of 12 records are stored." in page(client, f"/import/{run.pk}/done/").words
    with clock.at(TODAY + timedelta(days=1)):
        assert jobs.abandoned_imports() == [run.pk]


def test_taking_an_import_back(client: Client, acting: Organization) -> None:
    run = upload(client, "certificates", "list.csv", csv_of(CERTIFICATES + rows(3)))
    client.post(f"/import/{run.pk}/check/", {"then": "import"})
    client.post(f"/import/{run.pk}/undo/")
    assert Certificate.objects.count() == 0
    assert "The 3 records of this import were removed." in page(client, f"/import/{run.pk}/done/").words


def test_throwing_a_file_away(
    client: Client, acting: Organization, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    run = upload(client, "certificates", "list.csv", csv_of(CERTIFICATES + rows(3)))
    storage, name = run.file.storage, str(run.file.name)
    with django_capture_on_commit_callbacks() as at_the_end:
        client.post(f"/import/{run.pk}/discard/")
    assert (ImportRun.objects.count(), storage.exists(name)) == (0, True)  # what is taken back has its file still
    for act in at_the_end:
        act()
    assert not storage.exists(name)


def test_an_import_whose_file_is_gone_says_so(client: Client, acting: Organization) -> None:
    run = upload(client, "certificates", "list.csv", csv_of(CERTIFICATES + rows(3)))
    step, all_three = f"/import/{run.pk}/check/", {"then": "import"}
    assert client.get(step).status_code == 200  # what was found is kept for the import
    run.file.storage.delete(str(run.file.name))
    answers = [client.post(step, all_three, follow=True)]
    checking._kept.clear()  # as in another process
    answers += [client.get(step, follow=True), client.post(step, all_three, follow=True)]
    answers += [client.get(f"/import/{run.pk}/match/"), client.post(f"/import/{run.pk}/match/")]
    for answer in answers:
        told = "The file is no longer stored. Upload it again." in Page(answer.content.decode()).words
        assert (answer.status_code, told) == (422, True)
    assert client.get(f"/import/{run.pk}/refused.csv").status_code == 404
    assert Certificate.objects.count() == 0


@pytest.mark.parametrize("kind", ["certificates", "audits", "nonconformities"])
def test_the_example_can_be_imported(client: Client, acting: Organization, kind: str) -> None:
    for before in ["certificates", "audits", "nonconformities"]:
        content = client.get(f"/import/sample/{before}.csv").content
        run = upload(client, before, "example.csv", content)
        client.post(f"/import/{run.pk}/check/", {"then": "import"})
        if before == kind:
            break
    assert "1 record of example.csv is imported." in page(client, f"/import/{run.pk}/done/").words


def test_exports_are_files(client: Client, acting: Organization) -> None:
    for kind in ("certificates", "audits", "nonconformities"):
        for form in ("csv", "xlsx"):
            response = client.get(f"/import/export/{kind}.{form}")
            assert response.status_code == 200
            assert f'filename="{kind}.{form}"' in response["Content-Disposition"]
    assert client.get("/import/export/users.csv").status_code == 404
    assert client.get("/import/export/audits.exe").status_code == 404


def test_only_those_who_may_import(organization: Organization, officer: User, manager: User) -> None:
    client = Client()
    client.force_login(manager)
    assert client.get("/import/").status_code == 403
    assert client.get("/import/export/certificates.csv").status_code == 200
    client.force_login(member(organization, "vi@halden.example", "Vi Berg", Role.VIEWER))
    assert client.get("/import/export/certificates.csv").status_code == 403


def test_the_import_of_another_organization_is_not_there(
    client: Client, acting: Organization, other_organization: Organization
) -> None:
    run = upload(client, "certificates", "list.csv", csv_of(CERTIFICATES + rows(1)))
    stranger = Client()
    stranger.force_login(member(other_organization, "eva@ostrava.example", "Eva Nováková", Role.ADMINISTRATOR))
    for step in ("match", "check", "done", "refused.csv"):
        assert stranger.get(f"/import/{run.pk}/{step}{'' if '.' in step else '/'}").status_code == 404


@pytest.mark.parametrize("count", [3, 300])
def test_pages_run_a_fixed_number_of_queries(
    client: Client, acting: Organization, count: int, django_assert_max_num_queries: object
) -> None:
    run = upload(client, "certificates", "list.csv", csv_of(CERTIFICATES + rows(count)))
    for step in ("match", "check"):
        with django_assert_max_num_queries(16):  # type: ignore[operator]
            assert client.get(f"/import/{run.pk}/{step}/").status_code == 200


def test_markup_in_a_list_is_shown_and_not_obeyed(client: Client, acting: Organization) -> None:
    evil = "<img src=x onerror=alert(1)>\"'&"
    content = xlsx_of([[evil, "Cert. No.", "Standard", "Valid until"], [evil, evil, evil, evil]])
    run = upload(client, "certificates", f"{evil}.xlsx".replace("/", ""), content)
    for step in ("match", "check"):
        html = client.get(f"/import/{run.pk}/{step}/").content.decode()
        assert "<img src=x" not in html
        assert "&lt;img src=x onerror" in html


def test_the_list_of_imports(client: Client, acting: Organization) -> None:
    upload(client, "certificates", "first.csv", csv_of(CERTIFICATES + rows(1)))
    assert "first.csv" in page(client, "/import/").words
    assert Audit.objects.count() == 0
