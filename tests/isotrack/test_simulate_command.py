"""The ``simulate`` command as people run it: a process of its own, its streams and its exit status."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from certifications.catalog import catalog
from lifecycle.document import answer

pytestmark = pytest.mark.long

ROOT = Path(__file__).parents[2]
LATE_MAJOR = """
certificate: {id: C1, expires_on: 2028-05-01}
audits:
  - {id: A1, kind: surveillance, ended_on: 2026-03-10}
nonconformities:
  - {id: N1, grade: major, audit: A1}
ask: {dates: [2026-06-09]}
"""
WRONG = LATE_MAJOR.replace("audit: A1}", "audit: A1, closure: {date: 2026-03-09}}")
WRONG_ANSWER = {
    "errors": [{"path": "nonconformities[0].closure.date", "message": "earlier than raised_on (2026-03-10)"}]
}


def simulate(*arguments: str, stdin: bytes = b"", **environment: str) -> subprocess.CompletedProcess[bytes]:
    """Run the command with a database that cannot be reached."""
    nowhere = {
        "ISOTRACK_DATABASE_URL": "postgres://nobody@127.0.0.1:1/none",
        "DJANGO_SETTINGS_MODULE": "isotrack.settings",
    }
    return subprocess.run(
        [sys.executable, "manage.py", "simulate", *arguments],
        cwd=ROOT, input=stdin, capture_output=True, check=False, timeout=60,
        env={**os.environ, **nowhere, **environment},
    )  # fmt: skip


@pytest.fixture
def late_major(tmp_path: Path) -> str:
    path = tmp_path / "late-major.yaml"
    path.write_text(LATE_MAJOR, encoding="utf-8")
    return str(path)


def test_a_file_is_told_as_a_story(late_major: str) -> None:
    run = simulate(late_major)
    assert (run.returncode, run.stderr) == (0, b"")
    assert "9 June 2026: the certificate is suspended" in run.stdout.decode()


def test_json_is_the_answer_of_the_engine(late_major: str) -> None:
    run = simulate(late_major, "--format", "json")
    assert (run.returncode, run.stderr) == (0, b"")
    question = {
        "certificate": {"id": "C1", "expires_on": "2028-05-01"},
        "audits": [{"id": "A1", "kind": "surveillance", "ended_on": "2026-03-10"}],
        "nonconformities": [{"id": "N1", "grade": "major", "audit": "A1"}],
        "ask": {"dates": ["2026-06-09"]},
    }
    assert json.loads(run.stdout) == answer(question, catalog())


def test_standard_input_gives_the_same_answer_as_the_file(late_major: str) -> None:
    by_file = simulate(late_major, "--format", "json")
    assert simulate("-", "--format", "json", stdin=LATE_MAJOR.encode()).stdout == by_file.stdout


def test_a_refusal_names_each_path_and_ends_with_status_2() -> None:
    text = simulate("-", stdin=WRONG.encode())
    assert (text.returncode, text.stdout) == (2, b"")
    assert "nonconformities[0].closure.date: earlier than raised_on (2026-03-10)" in text.stderr.decode()
    as_json = simulate("-", "--format", "json", stdin=WRONG.encode())
    assert (as_json.returncode, json.loads(as_json.stdout)) == (2, WRONG_ANSWER)
    assert as_json.stderr == text.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("missing.yaml",), 'document: cannot read "missing.yaml": no such file or directory'),
        (("docs",), 'document: cannot read "docs": is a directory'),
        (("--batch", "missing.jsonl"), 'document: cannot read "missing.jsonl": no such file or directory'),
        (("--batch", "docs"), 'document: cannot read "docs": is a directory'),
        ((), "one of the arguments FILE --batch is required"),
        (("a.yaml", "--batch", "b.jsonl"), "not allowed with argument"),
        (("a.yaml", "--format", "xml"), "invalid choice: 'xml'"),
    ],
)
def test_what_cannot_be_run_is_said_in_a_sentence(arguments: tuple[str, ...], message: str) -> None:
    run = simulate(*arguments)
    assert run.returncode == 2
    assert message in run.stderr.decode()
    assert "Traceback" not in run.stderr.decode()


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    picture = tmp_path / "picture.png"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00")
    run = simulate(str(picture), "--format", "json")
    assert run.returncode == 2
    assert json.loads(run.stdout)["errors"][0]["path"] == "document"
    assert b"Traceback" not in run.stderr


def test_a_terminal_without_unicode_gets_an_answer(tmp_path: Path) -> None:
    path = tmp_path / "gdansk.yaml"
    path.write_text("certificate: {id: Gdańsk, expires_on: 2028-05-01}\nask: {dates: [2026-06-09]}\n", encoding="utf-8")
    run = simulate(str(path), PYTHONIOENCODING="ascii")
    assert (run.returncode, run.stderr) == (0, b"")
    assert rb"Gda\u0144sk" in run.stdout
    assert json.loads(simulate(str(path), "--format", "json", PYTHONIOENCODING="ascii").stdout)["certificates"] == [
        {"id": "Gdańsk", "status": "active", "expires_on": "2028-05-01"}
    ]


def history(number: int) -> dict[str, Any]:
    """Three years of one certificate: audits, nonconformities, decisions."""
    return {
        "certificate": {"id": f"C{number}", "certified_on": "2023-03-01", "audit_history": "complete"},
        "audits": [
            {"id": f"A{year}", "kind": "surveillance", "ended_on": f"{year}-02-{number % 28 + 1:02}"}
            for year in (2024, 2025)
        ],
        "nonconformities": [
            {"id": "N1", "grade": "minor", "audit": "A2024", "clause": "9.2"},
            {"id": "N2", "grade": "major", "audit": "A2025", "closure": {"date": "2025-08-01"}},
        ],
        "decisions": [{"id": "D1", "kind": "lift", "date": "2025-08-20"}],
        "ask": {"dates": ["2024-06-01", "2025-06-09", "2025-12-31", "2026-06-01"]},
    }


def test_a_thousand_documents_are_answered_in_order_within_ten_seconds(tmp_path: Path) -> None:
    documents: list[dict[str, Any]] = [history(number) for number in range(1000)]
    documents[499] = {"ask": {}, "kind": "nothing"}
    path = tmp_path / "batch.jsonl"
    path.write_text("".join(json.dumps(document) + "\n" for document in documents), encoding="utf-8")
    before = os.times()
    run = simulate("--batch", str(path))
    after = os.times()
    seconds = after.children_user + after.children_system - before.children_user - before.children_system
    assert (run.returncode, run.stderr) == (0, b"")
    answers = [json.loads(line) for line in run.stdout.decode().splitlines()]
    assert [entry["path"] for entry in answers[499]["errors"]] == ["kind"]
    assert [entry["certificates"][0]["id"] for entry in answers if "certificates" in entry] == [
        f"C{number}" for number in range(1000) if number != 499
    ]
    assert answers[7] == answer(documents[7], catalog())
    assert 0 < seconds < 10  # of computing, so that a busy machine does not count
