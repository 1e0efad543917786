"""Findings and answers through the API, as phones send them."""

from __future__ import annotations

from uuid import uuid4

import pytest

from accounts import tenancy
from audits.models import Finding
from tests.api.calling import pointers, problem


@pytest.fixture
def place(world):
    """The audit that is under way."""
    return f"audits/{world.finding.audit_id}/"


def seen(**fields):
    return {"uid": str(uuid4()), "grade": "minor", "clause": "7.2", "evidence": "No training record", **fields}


def test_a_finding_sent_again_is_answered_again(world, api, place):
    body = seen(item=world.item.pk, place="Line 2", interviewed="Operator", made_at="2026-11-23T10:00:00Z")
    first, again = (api.post(f"{place}findings/", body) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json()["id"] == again.json()["id"]
    assert (first.json()["number"], first.json()["place"]) == (2, "Line 2")
    assert api.get(f"{place}answers/").json()["results"][0]["answer"] == "finding"


def test_answers_and_findings_in_bulk(world, api, place):
    body = {
        "answers": [{"uid": str(uuid4()), "item": world.item.pk, "answer": "conforms"}],
        "findings": [seen() for _ in range(3)],
    }
    first, again = (api.post(f"{place}capture/", body).json() for _ in range(2))
    assert first == again
    assert [row["uid"] for row in first["findings"]] == [row["uid"] for row in body["findings"]]
    assert len(api.get(f"{place}findings/").json()["results"]) == 4


def test_bulk_is_all_or_nothing(world, api, place):
    body = {"findings": [seen(), seen(evidence="")]}
    assert pointers(api.post(f"{place}capture/", body)) == {"#/findings/1/evidence"}
    assert len(api.get(f"{place}findings/").json()["results"]) == 1


@pytest.mark.parametrize(("number", "status"), [(500, 200), (501, 400)])
def test_500_findings_at_once(world, api, place, number, status):
    assert api.post(f"{place}capture/", {"findings": [seen() for _ in range(number)]}).status_code == status
    with tenancy.acting_in(world.organization):
        assert Finding.objects.count() == (501 if status == 200 else 1)


def test_a_finding_before_the_start_is_refused_with_the_reason(world, api):
    response = api.post(f"audits/{world.audit.pk}/findings/", seen())
    assert "has not begun" in problem(response, 409)["detail"]


def test_a_finding_is_mended_merged_and_struck(world, api, place):
    made = api.post(f"{place}findings/", seen()).json()
    url = f"findings/{made['id']}/"
    changed = api.patch(url, {"grade": "major"}, version=1).json()
    assert (changed["grade"], changed["version"]) == ("major", 2)
    assert pointers(api.patch(url, {"uid": str(uuid4())}, version=2)) == {"#/uid"}
    merged = api.post(f"{url}merge/", {"into": world.finding.pk}).json()
    assert (merged["merged_into"], merged["moves"]) == (world.finding.pk, [])
    assert "set aside" in problem(api.post(f"{url}strike/", {"reason": "Twice"}), 409)["detail"]


def test_a_checklist_is_made_and_a_question_taken_away(world, api, place):
    assert api.post(f"{place}ask-clauses/", {"edition": world.edition.pk, "clauses": ["7.2"]}).status_code == 200
    items = api.get(f"{place}checklist/").json()["results"]
    assert "7.2" in {item["clause"] for item in items}
    assert api.send("DELETE", f"checklist-items/{world.item.pk}/").status_code == 409
    assert api.send("DELETE", f"checklist-items/{items[0]['id']}/").status_code == 204


def test_team_and_plan(world, api, place):
    member = api.post(f"{place}team/", {"name": "Ewa Nowak", "role": "expert"}).json()
    line = {"day": str(world.today), "starts_at": "10:00", "process": "Calibration", "auditor": member["id"]}
    entry = api.post(f"{place}plan/", {**line, "clauses": ["7.1.5"]}).json()
    assert (entry["clauses"], entry["auditor"]) == (["7.1.5"], member["id"])
    assert api.patch(f"plan-entries/{entry['id']}/", {"ends_at": "09:00"}, version=1).status_code == 400
    assert api.patch(f"plan-entries/{entry['id']}/", {"ends_at": "11:00"}, version=1).status_code == 200
    assert api.send("DELETE", f"plan-entries/{entry['id']}/").status_code == 204
    assert api.send("DELETE", f"team-members/{member['id']}/").status_code == 204
