"""Sites, standards, editions, bodies and schemes through the API."""

from __future__ import annotations

import pytest

from accounts import tenancy
from certifications.models import Certificate
from tests.api.calling import pointers, problem


@pytest.mark.parametrize(
    ("place", "body", "changes"),
    [
        ("sites", {"name": "Gdańsk", "address": "", "city": "Gdańsk", "country": "Poland"}, {"city": "Gdynia"}),
        (
            "certification-bodies",
            {"name": "DNV", "accreditation_body": "PCA", "register_url": "https://register.example/"},
            {"accreditation_body": "UKAS"},
        ),
    ],
)
def test_what_certificates_refer_to_is_added_and_changed(world, api, place, body, changes):
    response = api.post(f"{place}/", body)
    added = response.json()
    assert response.status_code == 201, added
    assert response["Location"] == f"/api/v1/{place}/{added['id']}/"
    assert added == {"id": added["id"], "version": 1, **body}
    changed = api.patch(f"{place}/{added['id']}/", changes, version=1)
    assert changed.json() == {**added, **changes, "version": 2}
    assert changed["ETag"] == '"2"'
    assert pointers(api.post(f"{place}/", body)) == {"#/name"}
    assert api.get(f"{place}/{added['id']}/").json() == changed.json()


def test_a_wrong_address_of_a_register_is_refused(world, api):
    assert pointers(api.post("certification-bodies/", {"name": "X", "register_url": "javascript:alert(1)"})) == {
        "#/register_url"
    }


def test_a_standard_and_an_edition_are_added_once(world, api):
    standard = api.post("standards/", {"code": "ISO 41001"}).json()
    assert pointers(api.post("standards/", {"code": "ISO 41001"})) == {"#/code"}
    edition = api.post("editions/", {"standard": standard["id"], "name": "2018"})
    assert (edition.status_code, edition.json()["name"]) == (201, "2018")
    assert pointers(api.post("editions/", {"standard": standard["id"], "name": "2018"})) == {"#/name"}
    found = api.get(f"editions/?standard={standard['id']}").json()["results"]
    assert [row["id"] for row in found] == [edition.json()["id"]]


def test_the_end_of_an_edition_moves_what_depends_on_it(world, api):
    certificate = f"certificates/{world.certificate.pk}/"
    assert api.patch(certificate, {"edition": world.edition.pk}, version=1).status_code == 200
    end = {"ends_on": "2027-01-31", "source": "IAF resolution"}
    response = api.post(f"editions/{world.edition.pk}/ends/", end)
    assert (response.status_code, response.json()["from_catalog"]) == (201, False)
    assert api.get(certificate).json()["current_expires_on"] == "2027-01-31"
    ends = api.get(f"editions/{world.edition.pk}/ends/").json()["results"]
    assert ends[0]["source"] == "IAF resolution"


def test_a_scheme_says_how_it_moves_and_nothing_else_of_it_is_written(world, api):
    url = f"schemes/{world.scheme.pk}/"
    assert api.get(url).json()["moving"] == "automatic"
    assert pointers(api.patch(url, {"title": "Mine", "catalog_id": "x"}, version=1)) == {"#/title", "#/catalog_id"}
    assert api.patch(url, {"moving": "propose"}, version=1).json()["moving"] == "propose"
    problem(api.patch(url, {"moving": "automatic"}, version=1), 412)


def test_a_scheme_is_copied_under_a_new_title(world, api):
    url = f"schemes/{world.scheme.pk}/"
    response = api.post(f"{url}copy/", {"title": "Ours"})
    assert (response.status_code, response.json()["title"]) == (201, "Ours")
    assert response["Location"] == f"/api/v1/schemes/{response.json()['id']}/"
    assert len(api.get(f"schemes/{response.json()['id']}/versions/").json()["results"]) == 1
    assert pointers(api.post(f"{url}copy/", {"title": "Ours"})) == {"#/title"}


def test_a_published_version_changes_the_dates_that_start_under_it(world, api):
    url = f"schemes/{world.scheme.pk}/versions/"
    rules = {"nc.major.closure": {"due": "30d"}}
    version = {"rules": rules, "effective_on": "2026-11-01", "reason": "Agreed with the body"}
    response = api.post(url, version)
    assert (response.status_code, response.json()["number"], response.json()["rules"]) == (201, 2, rules)
    found = api.get(f"nonconformities/{world.nonconformity.pk}/").json()
    assert found["due"][f"certificate:{world.certificate.pk}"]["closure"] == "2026-12-13"
    assert pointers(api.post(url, version)) == {"#/effective_on"}


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"rules": {"nc.major.closure": {"due": "soon"}}}, {"#/rules/nc.major.closure/due"}),
        ({"rules": {"no.rule": {"x": 1}}}, {"#/rules/no.rule/x"}),
        ({"rules": {"nc.major.closure": []}}, {"#/rules/nc.major.closure"}),
        ({"rules": 5}, {"#/rules"}),
        ({"reason": ""}, {"#/reason"}),
        ({"number": 9}, {"#/number"}),
    ],
)
def test_a_wrong_version_names_each_wrong_number(world, api, fields, wrong):
    body = {"rules": {}, "effective_on": "2026-11-01", "reason": "x", **fields}
    assert pointers(api.post(f"schemes/{world.scheme.pk}/versions/", body)) == wrong


def test_sites_of_certificates_follow_the_order_given(world, api):
    second = api.post("sites/", {"name": "Gdańsk"}).json()["id"]
    order = [second, world.site.pk]
    changed = api.patch(f"certificates/{world.certificate.pk}/", {"sites": order}, version=1)
    assert changed.json()["sites"] == order
    with tenancy.acting_in(world.organization):
        assert Certificate.objects.get().site_links.get(main=True).site_id == second
