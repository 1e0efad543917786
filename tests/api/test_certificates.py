"""Certificates through the API: their facts, where they stand, what comes, and the moves that are legal now."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts import tenancy
from accounts.permissions import Role
from certifications.models import Certificate, Decision
from records.models import Event
from tests.api.calling import caller, pointers, problem


@pytest.fixture
def url(world):
    return f"certificates/{world.certificate.pk}/"


def new_certificate(world, **fields):
    return {"number": "PL-9", "standard": world.standard.pk, "scheme": world.scheme.pk, **fields}


def test_a_certificate_is_shown_with_its_status_its_loss_and_its_version(world, api, url):
    response = api.get(url)
    found = response.json()
    assert response.status_code == 200
    assert response["ETag"] == '"1"'
    assert response["Cache-Control"] == "private, no-store"
    assert {name: found[name] for name in ("number", "standard_code", "status", "confirmed_status", "differs")} == {
        "number": "Halden-1",
        "standard_code": "ISO 9001",
        "status": "active",
        "confirmed_status": "active",
        "differs": False,
    }
    assert found["sites"] == [world.site.pk]
    assert found["next_loss"]["because"] == [f"nc:{world.nonconformity.pk}"]
    assert found["next_loss_on"] == found["next_loss"]["date"]


def test_a_certificate_is_registered(world, api):
    body = new_certificate(
        world,
        edition=world.edition.pk,
        body=world.body.pk,
        sites=[world.site.pk],
        owner=world.user.pk,
        certified_on=str(world.today - timedelta(days=10)),
        scope_parts=["design"],
    )
    response = api.post("certificates/", body)
    found = response.json()
    assert response.status_code == 201, found
    assert response["Location"] == f"/api/v1/certificates/{found['id']}/"
    assert response["ETag"] == '"1"'
    assert {name: found[name] for name in body} == body
    assert found["status"] == "active"
    with tenancy.acting_in(world.organization):
        event = Event.objects.get(subject_type="certificate", subject_id=found["id"], kind="certificate.registered")
    assert (event.actor_kind, event.actor_label.startswith("Compliance officer by key ERP (iso_")) == ("key", True)


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"number": ""}, {"#/number"}),
        ({"number": "x" * 81}, {"#/number"}),
        ({"number": "Halden-1"}, {"#/number"}),
        ({"standard": None}, {"#/standard"}),
        ({"standard": "1"}, {"#/standard"}),
        ({"standard": True}, {"#/standard"}),
        ({"standard": 10**30}, {"#/standard"}),
        ({"sites": [-5, True]}, {"#/sites/0", "#/sites/1"}),
        ({"sites": 1}, {"#/sites"}),
        ({"certified_on": "2026-02-30"}, {"#/certified_on"}),
        ({"certified_on": "1989-12-31"}, {"#/certified_on"}),
        ({"expires_on": "2100-01-01"}, {"#/expires_on"}),
        ({"certified_on": "2026-02-03", "expires_on": "2026-02-02"}, {"#/expires_on"}),
        ({"audit_history": "some"}, {"#/audit_history"}),
        ({"status": "active"}, {"#/status"}),
        ({"organization": 1}, {"#/organization"}),
        ({"version": 3, "moves": [], "next_due_on": None}, {"#/version", "#/moves", "#/next_due_on"}),
        ({"a/b~": 1}, {"#/a~1b~0"}),
        ({"note": "\0"}, {"#/note"}),
        ({"scope_parts": ["\ud800"]}, {"#/scope_parts/0"}),
        ({"scope_parts": ["x" * 201]}, {"#/scope_parts/0"}),
    ],
)
def test_a_wrong_certificate_names_each_wrong_field(world, api, fields, wrong):
    before = api.get("certificates/").json()
    assert pointers(api.post("certificates/", new_certificate(world, **fields))) == wrong
    assert api.get("certificates/").json() == before


def test_an_edition_of_another_standard_is_refused(world, api):
    other = api.post("standards/", {"code": "ISO 99999"}).json()["id"]
    assert pointers(api.post("certificates/", new_certificate(world, standard=other, edition=world.edition.pk))) == {
        "#/edition"
    }


def test_facts_are_changed_at_the_version_seen(world, api, url):
    response = api.patch(url, {"note": "Seen", "sites": []}, version=1)
    assert response.status_code == 200, response.content
    assert response["ETag"] == '"2"'
    assert (response.json()["note"], response.json()["sites"], response.json()["version"]) == ("Seen", [], 2)


def test_a_change_without_a_version_is_refused(world, api, url):
    assert "If-Match" in problem(api.patch(url, {"note": "x"}), 428)["detail"]
    assert api.get(url).json()["version"] == 1


def test_the_second_of_two_changes_is_refused_with_both_values(world, api, url):
    assert api.patch(url, {"note": "theirs"}, version=1).status_code == 200
    found = problem(api.patch(url, {"note": "mine"}, version=1), 412)
    assert (found["theirs"], found["yours"], found["version"]) == ({"note": "theirs"}, {"note": "mine"}, 2)
    assert api.get(url).json()["note"] == "theirs"


@pytest.mark.parametrize(
    ("tag", "status"),
    [('"1"', 200), ("*", 200), ('"9", "1"', 200), ('"2"', 412), ('W/"1"', 412), ("1", 412), ("", 412), ("x", 412)],
)
def test_if_match_is_read_as_the_standard_says(world, api, url, tag, status):
    assert api.send("PATCH", url, {"note": "x"}, If_Match=tag).status_code == status


def test_a_status_is_moved_by_decisions_and_never_by_a_change(world, api, url):
    assert pointers(api.send("PATCH", url, {"status": "suspended"}, If_Match="*")) == {"#/status"}
    response = api.post(f"{url}decisions/", {"kind": "suspend", "decided_on": str(world.today)})
    assert response.status_code == 201, response.content
    assert response["Location"] == f"/api/v1/decisions/{response.json()['id']}/"
    assert (api.get(url).json()["status"], api.get(url).json()["confirmed_status"]) == ("suspended", "suspended")


def test_an_illegal_decision_says_what_is_possible(world, api, url):
    found = problem(api.post(f"{url}decisions/", {"kind": "reinstate", "decided_on": str(world.today)}), 409)
    assert "possible now: " in found["detail"]
    with tenancy.acting_in(world.organization):
        assert Decision.objects.count() == 1


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"kind": "promote"}, {"#/kind"}),
        ({"decided_on": "2099-01-01"}, {"#/decided_on"}),
        ({"kind": "transition"}, {"#/edition"}),
        ({"kind": "transfer"}, {"#/to_body"}),
        ({"because": ["nc:99999"]}, {"#/because/0"}),
        ({"recorded_on": "2026-01-01"}, {"#/recorded_on"}),
    ],
)
def test_a_wrong_decision_names_each_wrong_field(world, api, url, fields, wrong):
    body = {"kind": "suspend", "decided_on": str(world.today), **fields}
    assert pointers(api.post(f"{url}decisions/", body)) == wrong


def test_a_suspension_names_the_nonconformity_behind_it(world, api, url):
    because = [f"nc:{world.nonconformity.pk}"]
    body = {"kind": "suspend", "decided_on": str(world.today), "because": because}
    assert api.post(f"{url}decisions/", body).json()["because"] == because


def test_a_decision_is_struck_once(world, api):
    url = f"decisions/{world.decision.pk}/"
    assert [move["name"] for move in api.get(url).json()["moves"]] == ["strike"]
    assert pointers(api.post(f"{url}strike/", {})) == {"#/reason"}
    struck = api.post(f"{url}strike/", {"reason": "Entered for the wrong certificate"}).json()
    assert (struck["struck_on"], struck["moves"]) == (str(world.today), [])
    assert problem(api.post(f"{url}strike/", {"reason": "Again"}), 409)["detail"] == "This decision was already struck."


def test_moves_are_those_of_the_status_and_of_the_role(world, api, url, organization):
    moves = {move["name"]: move for move in api.get(url).json()["moves"]}
    assert list(moves) == [
        "suspend",
        "withdraw",
        "recertify",
        "transition",
        "reduce_scope",
        "transfer",
        "appeal_outcome",
    ]
    assert moves["suspend"] == {
        "name": "suspend",
        "method": "POST",
        "url": f"/api/v1/{url}decisions/",
        "body": {"kind": "suspend"},
    }
    assert caller(organization, Role.VIEWER).get(url).json()["moves"] == []
    assert caller(organization, writes=False).get(url).json()["moves"] == []


def test_a_proposed_move_is_confirmed(world, api, url):
    scheme = f"schemes/{world.scheme.pk}/"
    assert api.patch(scheme, {"moving": "propose"}, version=1).status_code == 200
    assert problem(api.post(f"{url}confirm-move/"), 409)["detail"] == "No move of Halden-1 waits for a confirmation."
    expired = {"expires_on": str(world.today - timedelta(days=1))}
    assert api.patch(url, expired, version=1).json()["proposed_status"] == "expired"
    assert api.get(url).json()["moves"][-1]["url"] == f"/api/v1/{url}confirm-move/"
    confirmed = api.post(f"{url}confirm-move/").json()
    assert (confirmed["status"], confirmed["proposed_status"]) == ("expired", "")


def test_the_forecast_tells_the_loss_and_the_one_action_against_it(world, api, url):
    found = api.get(f"{url}forecast/").json()
    assert found["today"] == str(world.today)
    assert found["loss"]["date"] == api.get(url).json()["next_loss_on"]
    assert found["loss"]["remedy"]["kind"] == "submit_root_cause_and_plan"
    assert found["loss"]["rule_in_words"].endswith("(ISO/IEC 17021-1:2015, 9.4.10).")
    assert found["transitions"][0] == {
        "date": found["loss"]["date"],
        "from": "active",
        "to": "suspended",
        "by": "rule",
        "rule": "nc.major.closure",
        "reason": "unresolved_nc",
        "because": [f"nc:{world.nonconformity.pk}"],
    }


def test_the_forecast_ends_on_the_day_asked_for(world, api, url):
    loss = api.get(url).json()["next_loss_on"]
    assert [t["date"] for t in api.get(f"{url}forecast/?until={loss}").json()["transitions"]] == [loss]
    assert api.get(f"{url}forecast/?until={world.today}").json()["transitions"] == []


@pytest.mark.parametrize(
    "query", ["until=2020-01-01", "until=2027-02-30", "until=20270101", "until=", "unitl=2027-01-01"]
)
def test_a_wrong_day_of_the_forecast_is_refused(world, api, url, query):
    name = query.partition("=")[0]
    assert [error["parameter"] for error in problem(api.get(f"{url}forecast/?{query}"), 400)["errors"]] == [name]


def test_the_history_is_told_newest_first(world, api, url):
    assert api.patch(url, {"note": "x"}, version=1).status_code == 200
    found = api.get(f"{url}history/").json()["results"]
    assert found[0]["kind"] == "certificate.edited"
    assert {event["subject_id"] for event in found} == {world.certificate.pk}
    assert [event["number"] for event in found] == sorted((event["number"] for event in found), reverse=True)


def test_notices_and_reliances_belong_to_the_certificate(world, api, url):
    notice = api.post(f"{url}notices/", {"kind": "appeal_filed", "happened_on": str(world.today), "note": "Letter"})
    assert (notice.status_code, notice.json()["recorded_on"]) == (201, str(world.today))
    assert [row["kind"] for row in api.get(f"{url}notices/").json()["results"]] == ["appeal_filed", "incident"]
    reliance = api.post(f"{url}reliances/", {"kind": "contract", "name": "Bergen Subsea", "note": "Clause 4"})
    assert reliance.status_code == 201
    assert len(api.get("reliances/").json()["results"]) == 2
    assert api.send("DELETE", f"reliances/{reliance.json()['id']}/", If_Match='"7"').status_code == 412
    assert api.send("DELETE", f"reliances/{reliance.json()['id']}/").status_code == 204
    assert [row["name"] for row in api.get(f"{url}reliances/").json()["results"]] == ["Halden customer"]


def test_filters_narrow_the_list(world, api):
    with tenancy.acting_in(world.organization):
        loss = Certificate.objects.get().next_loss_on
    assert loss is not None
    day = timedelta(days=1)
    for query, count in [
        ("status=active", 1),
        ("status=suspended", 0),
        ("status=suspended&status=active", 1),
        ("differs=false", 1),
        ("differs=true", 0),
        (f"standard={world.standard.pk}", 1),
        ("standard_code=ISO 9001", 1),
        ("standard_code=ISO 14001", 0),
        (f"site={world.site.pk}", 1),
        (f"owner={world.user.pk}", 1),
        (f"body={world.body.pk}", 1),
        (f"scheme={world.scheme.pk}", 1),
        ("number=Halden-1", 1),
        ("number=Halden-2", 0),
        (f"loss_after={loss}&loss_before={loss}", 1),
        (f"loss_after={loss + day}", 0),
        (f"loss_before={loss - day}", 0),
        (f"expires_after={world.certificate.expires_on}", 1),
        (f"expires_before={world.certificate.expires_on - day}", 0),
    ]:
        assert len(api.get(f"certificates/?{query}").json()["results"]) == count, query


@pytest.mark.parametrize(
    "query",
    [
        "status=gone",
        "stauts=active",
        "owner__password__startswith=x",
        "ordering=id",
        "standard=999999",
        "standard=x",
        "standard=%00",
        "site=99999999999999999999999999",
        "loss_after=soon",
        "_connector=OR",
        "cursor=x",
        "cursor=cD1hYmM=",
        "number=%00",
    ],
)
def test_what_no_filter_reads_is_refused_by_name(world, api, query):
    name = query.partition("=")[0]
    assert [error["parameter"] for error in problem(api.get(f"certificates/?{query}"), 400)["errors"]] == [name]


def test_pages_follow_each_other_without_gaps(world, api):
    for number in range(4):
        assert api.post("certificates/", new_certificate(world, number=f"P-{number}")).status_code == 201
    seen, address = [], "/api/v1/certificates/?page_size=2"
    while address:
        page = api.get(address).json()
        seen += [row["number"] for row in page["results"]]
        address = page["next"]
    assert seen == ["P-3", "P-2", "P-1", "P-0", "Halden-1"]
