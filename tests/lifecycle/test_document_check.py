"""Stage 3 of section 10: facts that contradict each other, every bullet with its path."""

from __future__ import annotations

from typing import Any

import pytest

from lifecycle.catalog import Catalog
from lifecycle.document import DocumentErrors, answer
from tests.lifecycle.test_document_shape import refused_paths

ASK = {"dates": ["2026-06-09"]}
CERTIFICATE = {"id": "C1", "expires_on": "2028-05-01", "sites": ["HQ", "A"], "scope": ["welding"]}
AUDIT = {"id": "A1", "kind": "surveillance", "started_on": "2026-03-09", "ended_on": "2026-03-10"}
NC = {"id": "N1", "grade": "major", "audit": "A1"}


def document(**fields: Any) -> dict[str, Any]:
    return {"certificate": CERTIFICATE, "audits": [AUDIT], "nonconformities": [NC], "ask": ASK, **fields}


def nonconformity(**fields: Any) -> dict[str, Any]:
    return document(nonconformities=[{**NC, **fields}])


def decision(**fields: Any) -> dict[str, Any]:
    return document(decisions=[{"id": "D1", "date": "2026-06-01", **fields}])


@pytest.mark.parametrize("ask", [{}, {"dates": []}])
def test_nothing_asked(ask: dict[str, Any], catalog: Catalog) -> None:
    assert refused_paths(document(ask=ask), catalog) == ["ask"]


@pytest.mark.parametrize(
    ("fields", "paths"),
    [
        ({"audits": [AUDIT, AUDIT]}, ["audits[1].id"]),
        ({"audits": [AUDIT, {**AUDIT, "id": "C1"}]}, ["audits[1].id"]),
        ({"nonconformities": [{**NC, "id": "A1"}]}, ["nonconformities[0].id"]),
        ({"decisions": [{"id": "N1", "kind": "lift", "date": "2026-06-01"}]}, ["decisions[0].id"]),
        ({"notices": [{"id": "N1", "kind": "incident", "date": "2026-06-01"}]}, ["notices[0].id"]),
        ({"certificate": {}, "audits": [AUDIT, {**AUDIT, "id": "certificate"}]}, ["audits[1].id"]),
        ({"audits": [AUDIT, AUDIT, AUDIT]}, ["audits[1].id", "audits[2].id"]),
    ],
)
def test_an_id_used_twice_is_wrong_where_it_comes_later(
    fields: dict[str, Any], paths: list[str], catalog: Catalog
) -> None:
    assert refused_paths(document(**fields), catalog) == paths


@pytest.mark.parametrize(
    ("certificate", "paths"),
    [
        ({"certified_on": "2026-01-02", "expires_on": "2026-01-01"}, ["certificate.expires_on"]),
        ({"certified_on": "2026-01-02", "issued_on": "2026-01-01"}, ["certificate.issued_on"]),
        ({"certified_on": "2026-01-02", "cycle_started_on": "2026-01-01"}, ["certificate.cycle_started_on"]),
        ({"cycle_started_on": "2026-01-02", "expires_on": "2026-01-01"}, ["certificate.expires_on"]),
        (
            {"certified_on": "2026-01-02", "issued_on": "2026-01-01", "expires_on": "2025-01-01"},
            ["certificate.expires_on", "certificate.issued_on"],
        ),
    ],
)
def test_the_dates_of_the_certificate_follow_each_other(
    certificate: dict[str, str], paths: list[str], catalog: Catalog
) -> None:
    assert refused_paths({"certificate": certificate, "ask": ASK}, catalog) == paths


@pytest.mark.parametrize(
    ("fields", "paths"),
    [
        ({"audit": "A7"}, ["nonconformities[0].audit"]),
        ({"audit": "N1", "raised_on": "2026-03-10"}, ["nonconformities[0].audit"]),
        ({"grade": "critical"}, ["nonconformities[0].grade"]),
        ({"grade": "Major"}, ["nonconformities[0].grade"]),
        ({"notified_on": "2026-03-09"}, ["nonconformities[0].notified_on"]),
        ({"plan": {"submitted_on": "2026-03-09"}}, ["nonconformities[0].plan.submitted_on"]),
        ({"plan": {"accepted_on": "2026-03-09"}}, ["nonconformities[0].plan.accepted_on"]),
        (
            {"plan": {"submitted_on": "2026-04-02", "accepted_on": "2026-04-01"}},
            ["nonconformities[0].plan.accepted_on"],
        ),
        (
            {"plan": {"submitted_on": "2026-03-08", "accepted_on": "2026-03-07"}},
            ["nonconformities[0].plan.accepted_on", "nonconformities[0].plan.submitted_on"],
        ),
        ({"action": {"done_on": "2026-03-09"}}, ["nonconformities[0].action.done_on"]),
        ({"closure": {"date": "2026-03-09"}}, ["nonconformities[0].closure.date"]),
        ({"closure": {"at": "2026-03-09T23:59:59Z"}}, ["nonconformities[0].closure.date"]),
        ({"closure": {"date": "2026-06-01", "recorded_on": "2026-05-31"}}, ["nonconformities[0].closure.recorded_on"]),
        ({"recorded_on": "2026-03-09"}, ["nonconformities[0].recorded_on"]),
        ({"raised_on": "2026-03-12", "closure": {"date": "2026-03-11"}}, ["nonconformities[0].closure.date"]),
        (
            {"verifications": [{"date": "2026-03-09", "result": "effective"}]},
            ["nonconformities[0].verifications[0].date"],
        ),
        (
            {"verifications": [{"at": "2026-06-01T00:00:00Z", "result": "effective", "recorded_on": "2026-05-31"}]},
            ["nonconformities[0].verifications[0].recorded_on"],
        ),
        ({"site": "B"}, ["nonconformities[0].site"]),
        ({"scope_part": "painting"}, ["nonconformities[0].scope_part"]),
    ],
)
def test_a_nonconformity_that_cannot_be_is_refused(fields: dict[str, Any], paths: list[str], catalog: Catalog) -> None:
    assert refused_paths(nonconformity(**fields), catalog) == paths


def test_a_date_on_the_day_it_follows_is_in_order(catalog: Catalog) -> None:
    day = "2026-03-10"
    same_day = nonconformity(
        notified_on=day,
        plan={"submitted_on": day, "accepted_on": day},
        action={"done_on": day},
        closure={"date": day, "recorded_on": day},
        verifications=[{"date": day, "result": "effective", "recorded_on": day}],
        recorded_on=day,
    )
    assert answer(same_day, catalog)["nonconformities"][0]["closed_on"] == day


@pytest.mark.parametrize(
    ("audits", "record", "paths"),
    [
        ([], {"id": "N1", "grade": "major"}, ["nonconformities[0].raised_on"]),
        ([{"id": "A1", "kind": "special", "started_on": "2026-03-09"}], NC, ["nonconformities[0].raised_on"]),
        ([{"id": "A1", "kind": "special"}], NC, ["audits[0].ended_on", "nonconformities[0].raised_on"]),
        ([], NC, ["nonconformities[0].audit"]),
        ([], {**NC, "closure": {"date": "2026-03-09"}}, ["nonconformities[0].audit"]),
    ],
)
def test_no_raised_on_to_be_had(audits: list[Any], record: dict[str, Any], paths: list[str], catalog: Catalog) -> None:
    assert refused_paths({"audits": audits, "nonconformities": [record], "ask": ASK}, catalog) == paths


@pytest.mark.parametrize(
    ("audit", "paths"),
    [
        ({"ended_on": "2026-03-08"}, ["audits[0].ended_on"]),
        ({"recorded_on": "2026-03-08"}, ["audits[0].recorded_on"]),
    ],
)
def test_an_audit_that_cannot_be_is_refused(audit: dict[str, Any], paths: list[str], catalog: Catalog) -> None:
    assert refused_paths(document(audits=[{**AUDIT, **audit}], nonconformities=[]), catalog) == paths


def test_an_audit_may_be_recorded_while_it_goes_on(catalog: Catalog) -> None:
    assert answer(document(audits=[{**AUDIT, "recorded_on": "2026-03-09"}]), catalog)["violations"] == []


@pytest.mark.parametrize(
    ("extensions", "paths"),
    [
        ([("2026-03-09", "2026-07-01")], ["[0].granted_on"]),
        ([("2026-06-01", "2026-06-08")], ["[0].due_on"]),
        ([("2026-06-01", "2026-06-09")], []),
        ([("2026-06-01", "2026-07-08"), ("2026-07-01", "2026-07-08")], ["[1].due_on"]),
        ([("2026-06-01", "2026-07-08"), ("2026-07-01", "2026-07-09")], []),
        ([("2026-06-01", "2026-06-08"), ("2026-06-01", "2026-06-09")], ["[0].due_on"]),
    ],
)
def test_an_extension_must_be_later_than_the_date_it_extends(
    extensions: list[tuple[str, str]], paths: list[str], catalog: Catalog
) -> None:
    granted = [{"granted_on": granted_on, "due_on": due_on} for granted_on, due_on in extensions]
    extended = {**nonconformity(extensions=granted), "ask": {"dates": ["2026-07-08"]}}
    if paths:
        assert refused_paths(extended, catalog) == [f"nonconformities[0].extensions{path}" for path in paths]
    else:
        assert answer(extended, catalog)["nonconformities"][0]["due"]["closure"] == extensions[-1][1]


def test_an_extension_of_another_step_has_its_own_date(catalog: Catalog) -> None:
    response = {"step": "response", "granted_on": "2026-04-01", "due_on": "2026-04-09"}
    assert refused_paths(nonconformity(extensions=[response]), catalog) == ["nonconformities[0].extensions[0].due_on"]
    later = [{**response, "due_on": "2026-04-10"}, {"granted_on": "2026-06-01", "due_on": "2026-06-09"}]
    due = answer(nonconformity(extensions=later), catalog)["nonconformities"][0]["due"]
    assert (due["response"], due["closure"]) == ("2026-04-10", "2026-06-09")


def test_an_extension_without_a_date_to_extend_is_not_due_before_it_is_granted(catalog: Catalog) -> None:
    plan = {"step": "plan", "granted_on": "2026-06-01", "due_on": "2026-05-31"}
    assert refused_paths(nonconformity(extensions=[plan]), catalog) == ["nonconformities[0].extensions[0].due_on"]
    granted = nonconformity(extensions=[{**plan, "due_on": "2026-06-01"}])
    codes = [violation["code"] for violation in answer(granted, catalog)["violations"]]
    assert codes == ["extension_without_deadline"]


def test_the_date_an_extension_extends_follows_the_overridden_rule_and_its_anchor(catalog: Catalog) -> None:
    extension = {"granted_on": "2026-03-20", "due_on": "2026-04-14"}
    late_notice = nonconformity(notified_on="2026-03-15", extensions=[extension])
    by_audit = {**late_notice, "rules": {"nc.major.closure": {"due": "30d"}}}
    assert answer(by_audit, catalog)["nonconformities"][0]["due"]["closure"] == "2026-04-14"
    by_notice = {**late_notice, "rules": {"nc.major.closure": {"due": "30d", "anchor": "notification"}}}
    assert refused_paths(by_notice, catalog) == ["nonconformities[0].extensions[0].due_on"]


def test_an_extension_is_not_recorded_before_it_is_granted(catalog: Catalog) -> None:
    extension = {"granted_on": "2026-06-01", "due_on": "2026-07-01", "recorded_on": "2026-05-31"}
    paths = ["nonconformities[0].extensions[0].recorded_on"]
    assert refused_paths(nonconformity(extensions=[extension]), catalog) == paths


@pytest.mark.parametrize(
    ("fields", "paths"),
    [
        ({"kind": "extend_suspension", "until": "2026-05-31"}, ["decisions[0].until"]),
        ({"kind": "lift", "recorded_on": "2026-05-31"}, ["decisions[0].recorded_on"]),
        ({"kind": "suspend", "because": ["N1", "N2"]}, ["decisions[0].because[1]"]),
        ({"kind": "withdraw", "because": ["A1"]}, ["decisions[0].because[0]"]),
        ({"kind": "reduce_scope"}, ["decisions[0].parts"]),
        ({"kind": "reduce_scope", "parts": [], "sites": []}, ["decisions[0].parts"]),
        ({"kind": "reduce_scope", "parts": ["welding", "x"]}, ["decisions[0].parts[1]"]),
        ({"kind": "reduce_scope", "sites": ["B", "A", "C"]}, ["decisions[0].sites[0]", "decisions[0].sites[2]"]),
    ],
)
def test_a_decision_that_cannot_be_is_refused(fields: dict[str, Any], paths: list[str], catalog: Catalog) -> None:
    assert refused_paths(decision(**fields), catalog) == paths


def test_sites_and_parts_are_free_when_the_certificate_lists_none(catalog: Catalog) -> None:
    free = document(
        certificate={"id": "C1", "expires_on": "2028-05-01"},
        nonconformities=[{**NC, "site": "B", "scope_part": "painting"}],
        decisions=[{"id": "D1", "kind": "reduce_scope", "date": "2026-06-01", "parts": ["painting"], "sites": ["B"]}],
    )
    assert answer(free, catalog)["nonconformities"][0]["state"] == "void"


def test_a_notice_is_not_recorded_before_it_happens_but_an_edition_may_be(catalog: Catalog) -> None:
    notice = {"id": "I1", "kind": "incident", "date": "2026-06-01", "recorded_on": "2026-05-31"}
    assert refused_paths(document(notices=[notice]), catalog) == ["notices[0].recorded_on"]
    edition = {"standard": "S", "edition": "1", "ends_on": "2029-01-01", "recorded_on": "2026-01-01"}
    assert answer(document(editions=[edition]), catalog)["violations"] == []


def test_one_field_wrong_for_two_reasons_is_named_once(catalog: Catalog) -> None:
    sites = {"certified_on": "2026-01-05", "cycle_started_on": "2026-01-06", "expires_on": "2026-01-01"}
    with pytest.raises(DocumentErrors) as refused:
        answer({"certificate": sites, "ask": ASK}, catalog)
    assert refused.value.errors == (("certificate.expires_on", "earlier than cycle_started_on (2026-01-06)"),)
