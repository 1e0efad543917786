"""Reports of audits through the API: written, issued, corrected, read."""

from __future__ import annotations

from uuid import uuid4

import pytest

from tests.api.calling import pointers, problem


@pytest.fixture
def place(world):
    """The audit that is under way."""
    return f"audits/{world.finding.audit_id}/"


def test_a_report_is_written_issued_corrected_and_read(world, api, place):
    finding = {"uid": str(uuid4()), "grade": "minor", "clause": "7.2", "evidence": "No training record"}
    api.post(f"{place}findings/", finding)
    assert api.post(f"{place}write-report/", {"conclusions": "It works", "fulfilment": "mostly"}).status_code == 200
    today = str(world.today)
    assert pointers(api.post(f"{place}issue-report/", {"issued_on": today})) == {"#/ended_on"}
    issued = api.post(f"{place}issue-report/", {"issued_on": today, "ended_on": today}).json()
    assert (issued["state"], [m["name"] for m in issued["moves"]]) == ("reported", ["correct report", "close"])
    assert "is issued" in problem(api.post(f"{place}write-report/", {"conclusions": "x"}), 409)["detail"]
    assert api.post(f"{place}correct-report/", {"reason": "Wrong clause"}).json()["state"] == "held"
    assert pointers(api.post(f"{place}issue-report/", {"issued_on": today})) == {"#/reason"}
    assert api.post(f"{place}issue-report/", {"issued_on": today, "reason": "Wrong clause"}).status_code == 200
    second, first = api.get(f"{place}reports/").json()["results"]
    assert (first["number"], second["number"], second["reason"]) == (1, 2, "Wrong clause")
    assert first["content"]["conclusions"] == "It works"
    assert api.get(f"audit-reports/{first['id']}/").json() == first
    assert api.post(f"{place}close/", {}).json()["state"] == "closed"
