"""``manage.py import`` and ``manage.py export``."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from accounts import clock, tenancy
from accounts.models import Organization
from certifications.models import Certificate
from exchange.models import ImportRun
from records.models import Event
from tests.exchange.lists import SAMPLES, TODAY, csv_of

REGISTER = SAMPLES / "certificate-register.xlsx"


@pytest.fixture(autouse=True)
def _on_the_reference_day() -> Iterator[None]:
    with clock.at(TODAY):
        yield


def run(*arguments: str | Path, **options: object) -> str:
    out = io.StringIO()
    call_command("import", *map(str, arguments), stdout=out, stderr=io.StringIO(), **options)
    return out.getvalue()


def numbers(organization: Organization) -> list[str]:
    with tenancy.acting_in(organization):
        return list(Certificate.objects.order_by("number").values_list("number", flat=True))


def test_a_dry_run_prints_the_check_and_saves_nothing(organization: Organization) -> None:
    printed = run(REGISTER, "--dry-run", kind="certificates")
    assert (
        "24 records: 15 can be imported, 5 wait for an answer, 4 are refused; 10 rows are not data."
        in printed.splitlines()
    )
    with tenancy.acting_in(organization):
        assert (Certificate.objects.count(), ImportRun.objects.count(), Event.objects.count()) == (0, 0, 0)


def test_without_answers_open_questions_are_printed_and_their_rows_wait(organization: Organization) -> None:
    printed = run(REGISTER, kind="certificates")
    assert "Question, 2 of 2 rows wait: Which comes first, the day or the month?" in printed
    assert len(numbers(organization)) == 15


def test_answers_of_a_file(organization: Organization, tmp_path: Path) -> None:
    answers = tmp_path / "answers.yaml"
    answers.write_text(
        """
answers:
  - {class: day_month_order, column: Valid until, answer: day_first}
  - {class: month_only, column: Valid until, found: Apr-27, answer: leave_out}
replace:
  - {column: Valid until, found: 31/11/2026, with: 30/11/2026}
cells:
  - {row: 34, column: Valid until, value: 2029-02-02}
leave_out: 7-8
columns: {Next audit: note}
"""
    )
    printed = run(REGISTER, kind="certificates", answers=answers)
    assert "24 records: 17 can be imported, 2 wait for an answer, 2 are refused, 3 are left out" in printed
    with tenancy.acting_in(organization):
        assert Certificate.objects.get(number="PWA 20931").note == "Next audit: Dec-26"
        assert str(Certificate.objects.get(number="2023/0472.1").expires_on) == "2026-11-30"


def test_offered_answers_may_be_taken_as_they_are(organization: Organization) -> None:
    run(REGISTER, "--accept-offered", kind="certificates")
    assert len(numbers(organization)) == 20


def test_the_check_as_data(organization: Organization) -> None:
    data = json.loads(run(REGISTER, "--dry-run", kind="certificates", format="json"))
    assert data["counts"] == {
        "data_rows": 24,
        "ready": 15,
        "change": 0,
        "same": 0,
        "waiting": 5,
        "refused": 4,
        "left_out": 0,
        "not_data": 10,
    }
    assert data["columns"][1] == {"heading": "Cert. No.", "field": "number"}
    assert data["rows"]["refused"] == "13-14, 28, 34"
    assert [entry["class"] for entry in data["not_data"]][:3] == ["section", "empty", "section"]


def test_refused_rows_in_a_file(organization: Organization, tmp_path: Path) -> None:
    run(REGISTER, "--accept-offered", kind="certificates", refused=tmp_path / "refused.csv")
    lines = (tmp_path / "refused.csv").read_text(encoding="utf-8-sig").splitlines()
    assert [line.split(",")[0] for line in lines] == ["Row", "13", "14", "28", "34"]


@pytest.mark.parametrize(
    ("file", "options", "words"),
    [
        ("broken/photo.xlsx", {}, "This is a picture"),
        ("broken/with-password.xlsx", {}, "protected by a password"),
        ("nothing-here.csv", {}, "There is no file"),
        ("certificate-register.xlsx", {"organization": "nobody"}, "There is no organization “nobody”"),
        ("certificate-register.xlsx", {"sheet": "Sheet 9"}, "There is no sheet “Sheet 9”"),
        ("certificate-register.xlsx", {"answers": SAMPLES / "README.md"}, "must hold answers|is not YAML"),
        ("certificate-register.xlsx", {"answers": SAMPLES / "nothing.yaml"}, "There is no file"),
    ],
)
def test_whatever_is_wrong_is_one_line(
    organization: Organization, file: str, options: dict[str, object], words: str
) -> None:
    with pytest.raises(CommandError, match=words):
        run(SAMPLES / file, kind="certificates", **options)
    with tenancy.acting_in(organization):
        assert (ImportRun.objects.count(), Certificate.objects.count()) == (0, 0)


def test_the_organization_must_be_named_when_there_are_two(
    organization: Organization, other_organization: Organization
) -> None:
    with pytest.raises(CommandError, match="Name the organization with --organization: halden, ostrava"):
        run(REGISTER, kind="certificates")
    run(REGISTER, kind="certificates", organization="ostrava")
    assert (len(numbers(organization)), len(numbers(other_organization))) == (0, 15)


def test_everything_into_a_folder_and_back(
    organization: Organization, other_organization: Organization, tmp_path: Path
) -> None:
    run(REGISTER, "--accept-offered", kind="certificates", organization="halden")
    out = io.StringIO()
    call_command("export", str(tmp_path), organization="halden", stdout=out)
    assert [line.rsplit(" ", 2)[1:] for line in out.getvalue().splitlines()] == [
        ["20", "certificates"],
        ["0", "audits"],
        ["0", "nonconformities"],
    ]
    run(tmp_path / "1-certificates.csv", kind="certificates", organization="ostrava")
    assert numbers(other_organization) == numbers(organization)


def test_one_list_into_a_file(organization: Organization, tmp_path: Path) -> None:
    call_command("export", str(tmp_path / "list.xlsx"), kind="audits", stdout=io.StringIO())
    assert (tmp_path / "list.xlsx").read_bytes()[:2] == b"PK"
    with pytest.raises(CommandError, match=r"must end in \.csv or \.xlsx"):
        call_command("export", str(tmp_path / "list.ods"), kind="audits")
    with pytest.raises(CommandError, match="Say what to export with --kind"):
        call_command("export", str(tmp_path / "list.csv"))
    with pytest.raises(CommandError, match="can not be written"):
        call_command("export", str(tmp_path / "no" / "list.csv"), kind="audits")


def test_a_list_without_headings_is_refused(organization: Organization, tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_bytes(csv_of([["a", "b"], ["1", "2"]]))
    with pytest.raises(CommandError, match="No row with headings was found"):
        run(tmp_path / "x.csv", kind="certificates")
    with tenancy.acting_in(organization):
        assert ImportRun.objects.count() == 0
