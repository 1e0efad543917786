"""POST /api/v1/simulations/ answers the document of the lifecycle contract as the command does."""

from __future__ import annotations

import io
import json
import sys

import pytest
import yaml
from django.core.management import call_command

from accounts import tenancy
from accounts.permissions import Role
from certifications.catalog import PlainLoader, catalog
from lifecycle.document import DocumentErrors, answer
from records.models import Event
from tests.api.calling import Caller, caller, problem
from tests.architecture.source import ROOT

CASES = yaml.load((ROOT / "tests/data/scenarios.yaml").read_text(), Loader=PlainLoader)["cases"]
DOCUMENT = {
    "certificate": {"id": "C1", "certified_on": "2025-05-02", "expires_on": "2028-05-01"},
    "nonconformities": [{"id": "N1", "grade": "major", "raised_on": "2026-03-10"}],
    "ask": {"dates": ["2026-06-08", "2026-06-09"]},
}


def documents():
    """The documents of the shipped cases."""
    return [case["document"] for case in CASES]


def test_the_answer_is_that_of_the_engine(organization, api):
    response = api.post("simulations/", DOCUMENT)
    assert response.status_code == 200, response.content
    assert response.json() == answer(DOCUMENT, catalog())
    assert [found["status"] for found in response.json()["answers"]] == ["active", "suspended"]


def test_every_case_is_answered_or_refused_as_the_command_does(organization, api, monkeypatch, capsys):
    assert len(documents()) >= 80
    for document in documents():
        response = api.post("simulations/", document)
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(json.dumps(document).encode())))
        try:
            expected = answer(document, catalog())
        except DocumentErrors as refusal:
            assert problem(response, 400)["errors"] == refusal.as_json()["errors"]
            continue
        call_command("simulate", "-", "--format", "json")
        assert response.json() == expected == json.loads(capsys.readouterr().out)


@pytest.mark.parametrize(
    ("raw", "path"),
    [
        (b"", "ask"),
        (b"[]", "document"),
        (b"{", "document"),
        (b'{"a": 1, "a": 2}', "a"),
        (b'{"ask": NaN}', "document"),
        (b"[" * 50_000, "document"),
        (b'{"ask": {"dates": ["2026-02-30"]}}', "ask.dates[0]"),
        (b'{"ask": {"dates": ["2026-02-20"]}, "x": "\\ud800"}', "x"),
        (b'{"ask": {"dates": ["2026-02-20"]}, "\\ud800": 1}', "\\ud800"),
        (b" " * 5_000_001, "document"),
    ],
)
def test_a_wrong_document_is_refused_by_path(organization, api, raw, path):
    found = problem(api.post("simulations/", raw), 400)
    assert path in [error["path"] for error in found["errors"]], found
    assert all(set(error) == {"path", "message"} for error in found["errors"])


def test_nothing_is_stored_and_everybody_may_ask(organization):
    reader = caller(organization, Role.VIEWER, writes=False)
    assert reader.post("simulations/", DOCUMENT).status_code == 200
    with tenancy.acting_in(organization):
        assert Event.objects.count() == 0
    problem(Caller("").post("simulations/", DOCUMENT), 401)
