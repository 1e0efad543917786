"""Stage 1 of section 10: unknown and missing fields, types, dates and words, each named by its path."""

from __future__ import annotations

from typing import Any

import pytest

from lifecycle.catalog import Catalog
from lifecycle.document import DocumentErrors, answer

ASK = {"dates": ["2026-06-09"]}
AUDIT = {"id": "A1", "kind": "surveillance", "ended_on": "2026-03-10"}
NC = {"id": "N1", "grade": "major", "audit": "A1"}


def refused_paths(document: object, catalog: Catalog) -> list[str]:
    """The paths of all errors of a document that must be refused."""
    with pytest.raises(DocumentErrors) as refused:
        answer(document, catalog)
    assert all(message for _, message in refused.value.errors)
    return [path for path, _ in refused.value.errors]


def nonconformity(**fields: Any) -> dict[str, Any]:
    return {"audits": [AUDIT], "nonconformities": [{**NC, **fields}], "ask": ASK}


def decision(**fields: Any) -> dict[str, Any]:
    return {"decisions": [{"id": "D1", "date": "2026-06-01", **fields}], "ask": ASK}


@pytest.mark.parametrize("value", [None, [], [1], "text", 5, True, 1.5, float("nan")])
def test_what_is_no_mapping_is_refused_as_a_whole(value: object, catalog: Catalog) -> None:
    assert refused_paths(value, catalog) == ["document"]


@pytest.mark.parametrize(
    ("fields", "paths"),
    [
        ({}, ["ask"]),
        ({"ask": None}, ["ask"]),
        ({"ask": []}, ["ask"]),
        ({"ask": {"date": "2026-06-09"}}, ["ask.date"]),
        ({"ask": {"dates": "2026-06-09"}}, ["ask.dates"]),
        ({"ask": {"dates": ["2026-06-09", None]}}, ["ask.dates[1]"]),
        ({"ask": {"dates": ["2026-06-09"], "until": 2027}}, ["ask.until"]),
        ({"asks": ASK}, ["ask", "asks"]),
        ({"kind": "life", "ask": ASK}, ["kind"]),
        ({"kind": None, "ask": ASK}, ["kind"]),
        ({"kind": ["lifecycle"], "ask": ASK}, ["kind"]),
        ({"scheme": 5, "ask": ASK}, ["scheme"]),
        ({"scheme": None, "ask": ASK}, ["scheme"]),
        ({"rules": [], "ask": ASK}, ["rules"]),
        ({"rules": {"suspension": "6m"}, "ask": ASK}, ["rules.suspension"]),
        ({"rules": None, "ask": ASK}, ["rules"]),
        ({"time_zone": "Mars/Olympus", "ask": ASK}, ["time_zone"]),
        ({"time_zone": "../../etc/passwd", "ask": ASK}, ["time_zone"]),
        ({"time_zone": 1, "ask": ASK}, ["time_zone"]),
        ({"known_on": "2026-02-30", "ask": ASK}, ["known_on"]),
        ({"items": [], "ask": ASK}, ["items"]),
        ({1: 2, None: 3, "ask": ASK}, ["1", "null"]),
        ({"audits": None, "ask": ASK}, ["audits"]),
        ({"audits": {"id": "A1"}, "ask": ASK}, ["audits"]),
        ({"audits": [None, "A1", []], "ask": ASK}, ["audits[0]", "audits[1]", "audits[2]"]),
        ({"audits": [{}], "ask": ASK}, ["audits[0].id", "audits[0].kind"]),
        ({"audits": [{"id": "A1", "kind": "Surveillance"}], "ask": ASK}, ["audits[0].kind"]),
        ({"audits": [{**AUDIT, "at": "2026-06-09T06:30:00Z"}], "ask": ASK}, ["audits[0].at"]),
        ({"notices": [{"id": "I1", "kind": "fire", "date": "2026-06-09"}], "ask": ASK}, ["notices[0].kind"]),
        ({"notices": [{"id": "I1", "kind": "incident"}], "ask": ASK}, ["notices[0].date"]),
    ],
)
def test_wrong_fields_of_the_document_are_named(fields: dict[Any, Any], paths: list[str], catalog: Catalog) -> None:
    assert refused_paths(fields, catalog) == paths


@pytest.mark.parametrize(
    ("fields", "paths"),
    [
        ([], ["certificate"]),
        ({"expiry": "2028-05-01"}, ["certificate.expiry"]),
        ({"id": 7}, ["certificate.id"]),
        ({"id": ""}, ["certificate.id"]),
        ({"id": "  "}, ["certificate.id"]),
        ({"edition": 2015}, ["certificate.edition"]),
        ({"edition": True}, ["certificate.edition"]),
        ({"standard": None}, ["certificate.standard"]),
        ({"standard": "\ud800"}, ["certificate.standard"]),
        ({"standard": "ISO\0"}, ["certificate.standard"]),
        ({"audit_history": "full"}, ["certificate.audit_history"]),
        ({"sites": "HQ"}, ["certificate.sites"]),
        ({"sites": ["HQ", 2, None]}, ["certificate.sites[1]", "certificate.sites[2]"]),
        ({"scope": {"a": 1}}, ["certificate.scope"]),
        ({"recorded_on": "2026-01-01"}, ["certificate.recorded_on"]),
        ({"note": "text"}, ["certificate.note"]),
        ({"issued_on": "2026-1-1", "expires_on": "soon"}, ["certificate.expires_on", "certificate.issued_on"]),
    ],
)
def test_wrong_fields_of_the_certificate_are_named(fields: object, paths: list[str], catalog: Catalog) -> None:
    assert refused_paths({"certificate": fields, "ask": ASK}, catalog) == paths


@pytest.mark.parametrize(
    "value",
    [
        "2021-11-31", "2026-02-29", "1989-12-31", "2100-01-01", "0000-01-01", "10000-01-01", "2026-6-9",
        "20260609", "2026-W01-1", "2026-06-09T00:00:00", " 2026-06-09", "2026-06-09\n", "２０２６-06-09",
        "9 June 2026", "", 20260609, 2026.5, True, None, [], {},
    ],
)  # fmt: skip
def test_what_is_no_date_is_refused(value: object, catalog: Catalog) -> None:
    assert refused_paths({"certificate": {"expires_on": value}, "ask": ASK}, catalog) == ["certificate.expires_on"]


@pytest.mark.parametrize("day", ["1990-01-01", "2024-02-29", "2099-12-31"])
def test_the_range_of_dates_includes_its_ends(day: str, catalog: Catalog) -> None:
    document = {"certificate": {"expires_on": day}, "ask": {"dates": [day]}}
    assert answer(document, catalog)["answers"][0]["expires_on"] == day


@pytest.mark.parametrize(
    ("fields", "paths"),
    [
        ({"grade": None}, ["nonconformities[0].grade"]),
        ({"grade": 4}, ["nonconformities[0].grade"]),
        ({"clause": 9.1}, ["nonconformities[0].clause"]),
        ({"status": "open"}, ["nonconformities[0].status"]),
        ({"date": "2026-03-10"}, ["nonconformities[0].date"]),
        ({"plan": "2026-04-01"}, ["nonconformities[0].plan"]),
        ({"plan": {"date": "2026-04-01"}}, ["nonconformities[0].plan.date"]),
        ({"plan": {"note": "x"}}, ["nonconformities[0].plan.note"]),
        ({"action": {}}, ["nonconformities[0].action.done_on"]),
        ({"action": {"done_on": None}}, ["nonconformities[0].action.done_on"]),
        ({"closure": {}}, ["nonconformities[0].closure.date"]),
        ({"closure": {"recorded_on": "2026-06-01"}}, ["nonconformities[0].closure.date"]),
        ({"closure": None}, ["nonconformities[0].closure"]),
        ({"verifications": {}}, ["nonconformities[0].verifications"]),
        (
            {"verifications": [{"result": "effective"}, {"date": "2026-06-01"}]},
            ["nonconformities[0].verifications[0].date", "nonconformities[0].verifications[1].result"],
        ),
        (
            {"verifications": [{"date": "2026-06-01", "result": "ok"}]},
            ["nonconformities[0].verifications[0].result"],
        ),
        (
            {"extensions": [{"step": "close"}]},
            [
                "nonconformities[0].extensions[0].due_on",
                "nonconformities[0].extensions[0].granted_on",
                "nonconformities[0].extensions[0].step",
            ],
        ),
    ],
)
def test_wrong_fields_of_a_nonconformity_are_named(fields: dict[str, Any], paths: list[str], catalog: Catalog) -> None:
    assert refused_paths(nonconformity(**fields), catalog) == paths


@pytest.mark.parametrize(
    ("moment", "path"),
    [
        ("2026-06-09T06:30:00", "at"), ("2026-06-09", "at"), ("2026-06-09 06:30:00Z", "at"),
        ("2026-02-30T06:30:00Z", "at"), ("2026-06-09T25:00:00Z", "at"), ("2026-06-09T06:30:00+99:00", "at"),
        ("1989-12-31T23:59:59Z", "at"), ("2100-01-01T00:00:00Z", "at"), ("0001-01-01T00:00:00+23:59", "at"),
        ("9999-12-31T23:59:59-23:59", "at"), (20260609, "at"), (None, "at"), ([], "at"),
    ],
)  # fmt: skip
def test_what_is_no_moment_is_refused(moment: object, path: str, catalog: Catalog) -> None:
    document = nonconformity(closure={"at": moment})
    assert refused_paths(document, catalog) == [f"nonconformities[0].closure.{path}"]


@pytest.mark.parametrize(
    ("zone", "moment", "day"),
    [
        ("UTC", "2026-06-09T06:30:00Z", "2026-06-09"),
        ("America/Los_Angeles", "2026-06-09T06:30:00Z", "2026-06-08"),
        ("America/Los_Angeles", "2026-06-09T07:00:00Z", "2026-06-09"),
        ("Pacific/Auckland", "2026-06-08T12:00:00Z", "2026-06-09"),
        ("Pacific/Auckland", "2026-06-08T11:59:59.999999Z", "2026-06-08"),
        ("Europe/Warsaw", "2026-06-09T00:30+02:00", "2026-06-09"),
        ("UTC", "2026-06-09T00:30:00+02:00", "2026-06-08"),
    ],
)
def test_a_moment_is_a_date_in_the_time_zone_of_the_document(
    zone: str, moment: str, day: str, catalog: Catalog
) -> None:
    result = answer({**nonconformity(closure={"at": moment}), "time_zone": zone}, catalog)
    assert result["nonconformities"][0]["closed_on"] == day


def test_date_and_at_exclude_each_other_in_either_order(catalog: Catalog) -> None:
    day, moment = {"date": "2026-06-01"}, {"at": "2026-06-01T06:30:00Z"}
    for closure in ({**day, **moment}, {**moment, **day}):
        assert refused_paths(nonconformity(closure=closure), catalog) == ["nonconformities[0].closure.at"]


@pytest.mark.parametrize(
    ("fields", "paths"),
    [
        ({}, ["decisions[0].kind"]),
        ({"kind": "renew"}, ["decisions[0].kind"]),
        ({"kind": []}, ["decisions[0].kind"]),
        ({"kind": "renew", "until": "x", "foo": 1}, ["decisions[0].foo", "decisions[0].kind", "decisions[0].until"]),
        ({"kind": "lift", "until": "2026-09-01"}, ["decisions[0].until"]),
        ({"kind": "lift", "override": "yes"}, ["decisions[0].override"]),
        ({"kind": "lift", "override": 1}, ["decisions[0].override"]),
        ({"kind": "suspend", "override": True}, ["decisions[0].override"]),
        ({"kind": "suspend", "because": "N1"}, ["decisions[0].because"]),
        ({"kind": "suspend", "because": [1]}, ["decisions[0].because[0]"]),
        ({"kind": "transition"}, ["decisions[0].edition"]),
        ({"kind": "extend_suspension"}, ["decisions[0].until"]),
        ({"kind": "transfer"}, ["decisions[0].to_body"]),
        ({"kind": "appeal_outcome"}, ["decisions[0].outcome"]),
        ({"kind": "appeal_outcome", "outcome": "won"}, ["decisions[0].outcome"]),
        ({"kind": "certify", "certificate": 2}, ["decisions[0].certificate"]),
        ({"kind": "reduce_scope", "parts": "welding"}, ["decisions[0].parts"]),
    ],
)
def test_a_decision_has_the_fields_of_its_kind(fields: dict[str, Any], paths: list[str], catalog: Catalog) -> None:
    assert refused_paths(decision(**fields), catalog) == paths


@pytest.mark.parametrize(
    ("row", "paths"),
    [
        ({}, ["editions[0].edition", "editions[0].ends_on", "editions[0].standard"]),
        ({"standard": "S", "edition": "1"}, ["editions[0].ends_on"]),
        ({"standard": "S", "edition": 2015, "ends_on": None}, ["editions[0].edition"]),
        (
            {"standard": "S", "edition": "1", "ends_on": None, "last_new_audit_on": None},
            ["editions[0].last_new_audit_on"],
        ),
    ],
)
def test_only_the_end_of_an_edition_may_be_null(row: dict[str, Any], paths: list[str], catalog: Catalog) -> None:
    assert refused_paths({"editions": [row], "ask": ASK}, catalog) == paths


def test_an_edition_without_an_end_is_answered(catalog: Catalog) -> None:
    certificate = {"standard": "S", "edition": "1", "expires_on": "2028-05-01"}
    editions = [{"standard": "S", "edition": "1", "ends_on": None}]
    result = answer({"certificate": certificate, "editions": editions, "ask": ASK}, catalog)
    assert result["answers"][0]["effective_expires_on"] == "2028-05-01"


def test_every_record_may_say_when_it_was_recorded_and_carry_a_note(catalog: Catalog) -> None:
    extra = {"recorded_on": "2026-06-08", "note": "seen on paper"}
    document = {
        "certificate": {"expires_on": "2028-05-01"},
        "audits": [{**AUDIT, **extra}],
        "nonconformities": [
            {
                **NC,
                **extra,
                "closure": {"date": "2026-06-01", **extra},
                "verifications": [{"date": "2026-06-01", "result": "effective", **extra}],
                "extensions": [{"granted_on": "2026-06-01", "due_on": "2026-06-20", **extra}],
            }
        ],
        "decisions": [{"id": "D1", "kind": "suspend", "date": "2026-06-08", **extra}],
        "notices": [{"id": "I1", "kind": "incident", "date": "2026-06-08", **extra}],
        "editions": [{"standard": "S", "edition": "1", "ends_on": None, **extra}],
        "ask": ASK,
    }
    assert answer(document, catalog)["answers"][0]["status"] == "suspended"


def test_errors_are_ordered_by_path_and_say_what_is_allowed(catalog: Catalog) -> None:
    document = {"certificate": {"expiry": "2028-05-01", "edition": 2015}, "audits": [{"id": "A1", "kind": "internal"}]}
    with pytest.raises(DocumentErrors) as refused:
        answer(document, catalog)
    assert refused.value.as_json() == {
        "errors": [
            {"path": "ask", "message": "missing; this field is required"},
            {
                "path": "audits[0].kind",
                "message": '"internal" is not one of: stage1, stage2, surveillance, recertification, transition, '
                "transfer, special, follow_up",
            },
            {
                "path": "certificate.edition",
                "message": "the number 2015 is not text (put quotes around digits, yes and no)",
            },
            {
                "path": "certificate.expiry",
                "message": "unknown field (did you mean expires_on?); allowed here: id, standard, edition, "
                "accreditation_body, certified_on, issued_on, cycle_started_on, expires_on, audit_history, sites, "
                "scope",
            },
        ]
    }


def test_a_list_has_a_largest_length(catalog: Catalog) -> None:
    audits = [{"id": f"A{number}", "kind": "special", "ended_on": "2026-03-10"} for number in range(10_001)]
    assert refused_paths({"audits": audits, "ask": ASK}, catalog) == ["audits"]
