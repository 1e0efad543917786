"""Audits through the API: planned, started, held, cancelled, planned again."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.api.calling import pointers, problem

DAY = timedelta(days=1)


@pytest.fixture
def url(world):
    return f"audits/{world.audit.pk}/"


def names(moves):
    return [move["name"] for move in moves]


def test_an_audit_is_planned(world, api):
    body = {
        "number": "A-27",
        "kind": "surveillance",
        "planned_on": str(world.today + 60 * DAY),
        "certificates": [world.certificate.pk, world.certificate.pk],
        "days": "2.50",
    }
    response = api.post("audits/", body)
    found = response.json()
    assert response.status_code == 201, found
    assert (found["state"], found["is_external"], found["days"]) == ("planned", True, "2.50")
    assert found["certificates"] == [world.certificate.pk]
    assert names(found["moves"]) == ["confirm", "start", "hold", "cancel", "refuse"]


def test_an_audit_of_the_past_is_recorded_as_held(world, api):
    held = {"started_on": str(world.today - 2 * DAY), "ended_on": str(world.today - DAY)}
    found = api.post("audits/", {"number": "A-26", "kind": "internal", **held}).json()
    assert (found["state"], found["is_external"], names(found["moves"])) == ("held", False, ["issue report"])
    begun = api.post("audits/", {"number": "A-25", "kind": "internal", "started_on": str(world.today)}).json()
    assert begun["state"] == "started"


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({}, {"#/planned_on"}),
        ({"planned_on": "2027-03-02", "planned_until": "2027-03-01"}, {"#/planned_until"}),
        ({"ended_on": "2098-01-01"}, {"#/ended_on"}),
        ({"planned_on": "2027-03-02", "days": "-1"}, {"#/days"}),
        ({"planned_on": "2027-03-02", "days": "1e99"}, {"#/days"}),
        ({"planned_on": "2027-03-02", "days": "0.001"}, {"#/days"}),
        ({"planned_on": "2027-03-02", "days": "NaN"}, {"#/days"}),
        ({"planned_on": "2027-03-02", "number": "Halden-A1"}, {"#/number"}),
        ({"planned_on": "2027-03-02", "kind": "party"}, {"#/kind"}),
        ({"planned_on": "2027-03-02", "state": "held"}, {"#/state"}),
    ],
)
def test_a_wrong_audit_names_each_wrong_field(world, api, fields, wrong):
    assert pointers(api.post("audits/", {"number": "A-27", "kind": "special", **fields})) == wrong


def test_an_audit_goes_through_its_states(world, api, url):
    started = api.post(f"{url}start/", {"started_on": str(world.today - DAY)}, If_Match='"1"').json()
    assert (started["state"], names(started["moves"]), started["version"]) == ("started", ["hold", "cancel"], 2)
    held = api.post(f"{url}hold/", {"ended_on": str(world.today)}).json()
    assert (held["state"], held["started_on"], held["ended_on"]) == (
        "held",
        str(world.today - DAY),
        str(world.today),
    )
    assert "Possible now: issue report." in problem(api.post(f"{url}cancel/", {"reason": "Strike"}), 409)["detail"]


def test_a_cancelled_audit_is_planned_again(world, api, url):
    assert names(api.post(f"{url}cancel/", {"reason": "Strike"}).json()["moves"]) == ["plan again"]
    again = api.post(f"{url}plan-again/", {"planned_on": "2027-05-03", "planned_until": "2027-05-04"}).json()
    assert (again["state"], again["planned_on"], again["planned_until"]) == ("planned", "2027-05-03", "2027-05-04")
    assert [event["kind"] for event in api.get(f"{url}history/").json()["results"]] == [
        "audit.planned",
        "audit.cancelled",
        "audit.planned",
    ]


def test_a_move_that_names_an_old_version_is_refused(world, api, url):
    assert api.patch(url, {"lead_auditor": "Ewa Nowak"}, version=1).status_code == 200
    found = problem(api.post(f"{url}start/", {"started_on": str(world.today)}, If_Match='"1"'), 412)
    assert (found["theirs"], found["yours"]) == ({"version": 2}, {"version": 1})
    assert api.get(url).json()["state"] == "planned"


@pytest.mark.parametrize("offset", [1, 0])
def test_an_audit_is_not_held_on_a_day_to_come(world, api, url, offset):
    response = api.post(f"{url}hold/", {"ended_on": str(world.today + offset * DAY)})
    assert response.status_code == (400 if offset else 200)


def test_days_of_an_audit_that_has_not_begun_are_not_edited(world, api, url):
    assert pointers(api.patch(url, {"ended_on": str(world.today)}, version=1)) == {"#/ended_on"}
    held = api.post(f"{url}hold/", {"ended_on": str(world.today)}).json()
    changed = api.patch(url, {"ended_on": str(world.today), "note": "Two findings"}, version=held["version"])
    assert (changed.status_code, changed.json()["note"]) == (200, "Two findings")


def test_holding_the_audit_meets_the_deadline_of_its_certificate(world, api, url):
    """The certificate's forecast follows the audit: one answer for page, API and sweep."""
    certificate = f"certificates/{world.certificate.pk}/"
    assert api.patch(certificate, {"audit_history": "complete"}, version=1).json()["status"] == "withdrawn"
    api.post("audits/", {
        "number": "A-1",
        "kind": "surveillance",
        "ended_on": str(world.today - 400 * DAY),
        "certificates": [world.certificate.pk],
    })  # fmt: skip
    assert api.get(certificate).json()["status"] == "active"


def test_filters_narrow_the_list(world, api):
    planned = world.audit.planned_on
    for query, count in [
        ("state=planned", 1),
        ("state=held", 0),
        ("kind=surveillance", 1),
        (f"certificate={world.certificate.pk}", 1),
        (f"planned_after={planned}&planned_before={planned}", 1),
        (f"planned_after={planned + DAY}", 0),
        (f"ended_after={world.today + DAY}", 0),
        ("number=Halden-A1", 1),
    ]:
        assert len(api.get(f"audits/?{query}").json()["results"]) == count, query
