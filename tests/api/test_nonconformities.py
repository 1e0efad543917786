"""Nonconformities through the API: raised, planned, acted upon, verified, closed; and corrective actions."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts import tenancy
from accounts.models import User
from accounts.permissions import Role
from nonconformities.models import CorrectiveAction, Nonconformity
from records.models import HistoryPolicy
from tests.api.calling import caller, pointers, problem

DAY = timedelta(days=1)


@pytest.fixture
def url(world):
    return f"nonconformities/{world.nonconformity.pk}/"


@pytest.fixture
def action_url(world):
    return f"corrective-actions/{world.action.pk}/"


def names(row):
    return [move["name"] for move in row["moves"]]


def test_a_nonconformity_is_shown_with_its_due_dates(world, api, url):
    found = api.get(url).json()
    assert (found["state"], found["stage"], found["current_grade"]) == ("open", "raised", "major")
    assert set(found["due"]) == {f"certificate:{world.certificate.pk}"}
    assert found["next_step_due_on"] == min(day for day in found["due"].popitem()[1].values() if day)
    assert names(found) == [
        "submit plan",
        "verify: effective",
        "submit containment",
        "submit extent",
        "submit root cause",
        "plan effect check",
        "ask extension",
        "grant extension",
    ]


def test_a_nonconformity_of_the_body_is_raised(world, api):
    body = {
        "number": "NC-7",
        "grade": "minor",
        "raised_on": str(world.today),
        "title": "Calibration overdue",
        "certificates": [world.certificate.pk],
        "audit": world.audit.pk,
        "clause": "7.1.5",
        "owner": world.user.pk,
    }
    response = api.post("nonconformities/", body)
    assert response.status_code == 201, response.content
    assert {name: response.json()[name] for name in body} == body
    assert api.get(f"certificates/{world.certificate.pk}/").json()["open_nonconformities"] == 2


def test_a_nonconformity_of_our_own_runs_on_our_own_deadlines(world, api):
    body = {"number": "NC-8", "grade": "major", "raised_on": str(world.today), "title": "x", "source": "complaint"}
    found = api.post("nonconformities/", body).json()
    assert set(found["due"]) == {"own"}
    assert api.get(f"certificates/{world.certificate.pk}/").json()["open_nonconformities"] == 1


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"certificates": []}, {"#/certificates"}),
        ({"grade": "gigantic"}, {"#/grade"}),
        ({"raised_on": "2098-01-01"}, {"#/raised_on"}),
        ({"notified_on": "1990-01-01"}, {"#/notified_on"}),
        ({"number": "Halden-NC1"}, {"#/number"}),
        ({"title": ""}, {"#/title"}),
        ({"closed_on": "2026-01-01", "stage": "closed"}, {"#/closed_on", "#/stage"}),
        ({"due": {}}, {"#/due"}),
    ],
)
def test_a_wrong_nonconformity_names_each_wrong_field(world, api, fields, wrong):
    body = {
        "number": "NC-7",
        "grade": "minor",
        "raised_on": str(world.today),
        "title": "x",
        "certificates": [world.certificate.pk],
        **fields,
    }
    assert pointers(api.post("nonconformities/", body)) == wrong


@pytest.fixture
def judge(organization):
    """Another person than the one who works on it."""
    return caller(organization, Role.AUDITOR)


def test_a_nonconformity_is_worked_to_its_closure(world, api, judge, url, action_url):
    today = str(world.today)
    api.post(f"{url}containment/", {"text": "Gauges locked away", "done_on": today})
    api.post(f"{url}extent/", {"elsewhere": False, "text": "All gauges of the site looked at"})
    waiting = {row["step"]: row["state"] for row in api.get(f"{url}steps/").json()["results"]}
    assert waiting == {"record": "approved", "containment": "submitted", "extent": "submitted"}
    assert "wrote “Extent” yourself" in problem(api.post(f"{url}approve-step/", {"step": "extent"}), 409)["detail"]
    assert judge.post(f"{url}approve-step/", {"step": "extent"}).json()["current_step"] == "root-cause"
    back = {"step": "containment", "reason": "Which gauges?"}
    assert judge.post(f"{url}return-step/", back).json()["current_step"] == "containment"
    api.post(f"{url}containment/", {"text": "Gauges 4 and 5 locked away"})
    plan = {"root_cause": "No plan for gauges", "submitted_on": today}
    assert names(api.post(f"{url}submit-plan/", plan).json())[:2] == ["accept plan", "return plan"]
    returned = judge.post(f"{url}return-plan/", {"returned_on": today, "reason": "No date"}).json()
    assert (returned["stage"], returned["plan_submitted_on"]) == ("raised", None)
    assert api.post(f"{url}submit-plan/", plan).json()["plan_submitted_on"] == today
    refused = problem(api.post(f"{url}accept-plan/", {"accepted_on": today}), 409)["detail"]
    assert refused.startswith("You wrote “Action plan” yourself")
    assert judge.post(f"{url}accept-plan/", {"accepted_on": today}).json()["stage"] == "accepted"
    api.post(f"{action_url}add-proof/", {"text": "Plan of gauges", "url": "https://docs.example/plan"})
    assert "still open" in problem(api.post(f"{url}complete-action/", {"done_on": today}), 409)["detail"]
    assert api.post(f"{action_url}complete/", {"done_on": today}).json()["state"] == "done"
    assert api.post(f"{url}complete-action/", {"done_on": today}).json()["stage"] == "done"
    failed = judge.post(
        f"{url}verify/", {"verified_on": today, "result": "not_effective", "note": "Still loose"}
    ).json()
    assert (failed["stage"], failed["action_done_on"]) == ("accepted", None)
    verified = {"verified_on": today, "result": "effective", "verified_by": "Ewa Nowak"}
    closed = judge.post(f"{url}verify/", verified).json()
    assert (closed["state"], closed["stage"], names(closed)) == ("closed", "closed", ["reopen"])
    assert [row["result"] for row in api.get(f"{url}verifications/").json()["results"]] == [
        "effective",
        "not_effective",
    ]


def test_a_closure_recorded_by_mistake_is_taken_back(world, api, url, action_url):
    api.post(f"{action_url}cancel/", {"reason": "Not needed"})
    done = {"verified_on": str(world.today), "result": "effective"}
    closed = api.post(f"{url}verify/", done).json()
    assert (closed["state"], closed["closed_on"], names(closed)) == ("closed", str(world.today), ["reopen"])
    reopened = api.post(f"{url}reopen/", {"reason": "Wrong number"}).json()
    assert (reopened["state"], reopened["closed_on"]) == ("open", None)


def test_an_illegal_move_says_what_is_possible(world, api, url):
    found = problem(api.post(f"{url}accept-plan/", {"accepted_on": str(world.today)}), 409)
    assert found["detail"].endswith("Possible now: submit plan, verify: effective.")


@pytest.mark.parametrize(
    ("move", "body", "wrong"),
    [
        ("submit-plan", {"root_cause": " ", "submitted_on": "2026-11-20"}, {"#/root_cause"}),
        ("root-cause", {"statement": "x", "causes": [{"branch": "people"}]}, {"#/causes/0/text"}),
        ("containment", {"text": "x", "done_on": "2098-01-01"}, {"#/done_on"}),
        ("submit-plan", {"root_cause": "x"}, {"#/submitted_on"}),
        ("submit-plan", {"root_cause": "x", "submitted_on": "2098-01-01"}, {"#/submitted_on"}),
        ("submit-plan", {"root_cause": "x", "submitted_on": "1990-01-01"}, {"#/submitted_on"}),
        ("close", {"closed_on": 5}, {"#/closed_on"}),
        ("verify", {"verified_on": "2026-11-20", "result": "maybe"}, {"#/result"}),
        ("close", {"closed_on": "2026-11-20", "by": "me"}, {"#/by"}),
        ("close", [], {"#"}),
        ("close", "text", {"#"}),
    ],
)
def test_a_wrong_move_names_each_wrong_field(world, api, url, move, body, wrong):
    assert pointers(api.post(f"{url}{move}/", body)) == wrong


def test_an_extension_moves_the_due_date(world, api, url):
    due = api.get(url).json()["due"][f"certificate:{world.certificate.pk}"]["closure"]
    later = {"granted_on": str(world.today), "due_on": "2027-06-30", "reason": "Part on order"}
    response = api.post(f"{url}extensions/", later)
    assert (response.status_code, response.json()["step"]) == (201, "closure")
    assert api.get(url).json()["due"][f"certificate:{world.certificate.pk}"]["closure"] == "2027-06-30"
    assert pointers(api.post(f"{url}extensions/", {"granted_on": str(world.today), "due_on": due})) == {"#/due_on"}


def test_a_closed_nonconformity_is_not_extended(world, api, url, action_url):
    api.post(f"{action_url}cancel/", {"reason": "Not needed"})
    assert api.post(f"{url}verify/", {"verified_on": str(world.today), "result": "effective"}).status_code == 200
    body = {"granted_on": str(world.today), "due_on": "2027-06-30"}
    assert problem(api.post(f"{url}extensions/", body), 409)["detail"].endswith("there is nothing to extend.")


def test_what_was_recorded_is_changed_at_the_version_seen(world, api, url):
    changed = api.patch(url, {"title": "Gauges", "certificates": [world.certificate.pk]}, version=1).json()
    assert (changed["title"], changed["version"]) == ("Gauges", 2)
    problem(api.patch(url, {"title": "x"}, version=1), 412)
    problem(api.patch(url, {"title": "x"}), 428)
    assert pointers(api.patch(url, {"certificates": []}, version=2)) == {"#/certificates"}


def test_a_corrective_action_is_added_changed_and_moved(world, api, url, action_url):
    body = {"description": "Plan for gauges", "owner": world.user.pk, "due_on": str(world.today + DAY)}
    response = api.post(f"{url}actions/", body)
    added = response.json()
    assert response.status_code == 201, added
    assert response["Location"] == f"/api/v1/corrective-actions/{added['id']}/"
    assert (added["nonconformity"], names(added)) == (world.nonconformity.pk, ["complete", "cancel"])
    own = response["Location"]
    assert api.patch(own, {"owner": None, "owner_name": "Ola"}, version=1).json()["owner_name"] == "Ola"
    assert pointers(api.patch(own, {"due_on": None}, version=2)) == {"#/due_on"}
    assert api.post(f"{own}cancel/", {"reason": "Twice"}).json()["state"] == "cancelled"
    assert names(api.post(f"{own}reopen/", {"reason": "Needed"}).json()) == ["complete", "cancel"]
    assert "is not possible" in problem(api.post(f"{own}reopen/", {"reason": "x"}), 409)["detail"]
    assert len(api.get(f"corrective-actions/?nonconformity={world.nonconformity.pk}&state=open").json()["results"]) == 2


def test_an_action_needs_an_owner_and_a_day(world, api, url):
    assert pointers(api.post(f"{url}actions/", {"description": "x"})) == {"#/owner", "#/due_on"}


def test_only_those_who_judge_may_accept_verify_and_close(world, organization, url):
    contributor = caller(organization, Role.CONTRIBUTOR)
    with tenancy.acting_in(organization):
        Nonconformity.objects.update(owner=User.objects.get(email__startswith="contributor-"))
    assert names(contributor.get(url).json()) == [
        "submit plan",
        "submit containment",
        "submit extent",
        "submit root cause",
        "plan effect check",
        "ask extension",
    ]
    for move in ("accept-plan", "return-plan", "verify", "close", "reopen", "extensions"):
        assert "Your role may not" in problem(contributor.post(f"{url}{move}/"), 403)["detail"], move
    plan = {"root_cause": "x", "submitted_on": str(world.today)}
    assert contributor.post(f"{url}submit-plan/", plan).status_code == 200
    accepted = caller(organization, Role.AUDITOR).post(f"{url}accept-plan/", {"accepted_on": str(world.today)})
    assert accepted.status_code == 200


def test_filters_narrow_the_list(world, api):
    due = api.get("nonconformities/").json()["results"][0]["next_step_due_on"]
    for query, count in [
        ("state=open", 1),
        ("state=closed", 0),
        ("stage=raised&stage=done", 1),
        ("grade=major", 1),
        ("grade=minor", 0),
        ("source=body", 1),
        ("source=complaint", 0),
        (f"certificate={world.certificate.pk}", 1),
        (f"due_after={due}&due_before={due}", 1),
        (f"raised_after={world.today}", 0),
        (f"owner={world.user.pk}", 0),
    ]:
        assert len(api.get(f"nonconformities/?{query}").json()["results"]) == count, query


def test_an_act_that_the_organization_signs_is_refused_with_what_to_do(world, api, url):
    with tenancy.acting_in(world.organization):
        HistoryPolicy.objects.create(organization=world.organization, signed=["nonconformity.close"])
        CorrectiveAction.objects.update(state="cancelled")
    response = api.post(url + "verify/", {"verified_on": str(world.today), "result": "effective"})
    assert "do it on its page" in str(problem(response, 400))
    assert api.get(url).json()["state"] == "open"
