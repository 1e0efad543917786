"""The history, the runs of the sweep, and who asks."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from accounts import tenancy
from accounts.models import Membership, Organization, User
from accounts.permissions import Role
from records.models import SweepRun
from tests.api.calling import Caller, caller, key_for, problem


def test_the_history_is_read_from_the_last_number_seen(world, api):
    events = api.get("events/").json()["results"]
    numbers = [event["number"] for event in events]
    assert numbers == sorted(numbers, reverse=True)
    newer = api.get(f"events/?after_number={numbers[1]}").json()["results"]
    assert [event["number"] for event in newer] == numbers[:1]
    assert api.get(f"events/{events[0]['id']}/").json() == events[0]


def test_the_history_is_filtered_by_subject_kind_and_actor(world, api):
    of_certificate = api.get(f"events/?subject_type=certificate&subject_id={world.certificate.pk}").json()["results"]
    assert {event["subject_label"] for event in of_certificate} == {"Halden-1"}
    assert len(api.get("events/?kind=nonconformity.raised").json()["results"]) == 1
    assert api.get("events/?actor_kind=key").json()["results"] == []
    api.post("sites/", {"name": "Gdańsk"})
    (event,) = api.get("events/?actor_kind=key").json()["results"]
    assert (event["kind"], event["after"]) == ("site.added", {"name": "Gdańsk"})


def test_the_history_is_never_written(world, api):
    event = api.get("events/").json()["results"][0]["id"]
    for method, path in [("POST", "events/"), ("PATCH", f"events/{event}/"), ("DELETE", f"events/{event}/")]:
        assert problem(caller(world.organization, Role.ADMINISTRATOR).send(method, path, {}), 405)


def test_runs_of_the_sweep_show_no_counts_of_other_organizations(world, api):
    now = datetime(2026, 11, 23, 4, tzinfo=UTC)
    SweepRun.objects.create(started_at=now, finished_at=now, on=date(2026, 11, 23), subjects=9, moves=3)
    (run,) = api.get("sweep-runs/").json()["results"]
    assert run == {
        "id": run["id"],
        "started_at": "2026-11-23T04:00:00Z",
        "finished_at": "2026-11-23T04:00:00Z",
        "on": "2026-11-23",
        "failed": False,
    }


def test_a_key_learns_for_whom_it_speaks(world, organization):
    found = caller(organization, Role.CONTRIBUTOR, writes=False).get("me/").json()
    assert (found["role"], found["capabilities"]) == ("contributor", ["edit_nonconformities", "report_changes", "view"])
    assert found["organization"]["slug"] == "halden"
    assert (found["key"]["name"], found["key"]["writes"], set(found["key"])) == (
        "ERP",
        False,
        {"name", "prefix", "writes", "families", "role_cap", "expires_at"},
    )


@pytest.fixture
def of_both(organization: Organization, other_organization: Organization) -> User:
    """A person who belongs to both organizations."""
    user = User.objects.create_user("both@halden.example", password="both@halden.example", full_name="Both")
    for place in (organization, other_organization):
        with tenancy.acting_in(place):
            Membership.objects.create(organization=place, user=user, role=Role.VIEWER)
    return user


def test_a_key_knows_its_own_organization_only(of_both, organization, other_organization):
    key = Caller(key_for(other_organization, of_both))
    assert [row["slug"] for row in key.get("organizations/").json()["results"]] == ["ostrava"]
    assert key.get(f"organizations/{organization.pk}/").status_code == 404
    assert key.get("me/").json()["organization"]["slug"] == "ostrava"


def test_a_person_who_is_signed_in_sees_every_organization_of_theirs(of_both):
    person = Caller("")
    person.client.force_login(of_both)
    found = [row["slug"] for row in person.get("organizations/").json()["results"]]
    assert sorted(found) == ["halden", "ostrava"]
