"""The calculators of section 9: exact results, and the paths of wrong items."""

from __future__ import annotations

from decimal import ROUND_CEILING, Decimal, localcontext
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certifications.catalog import catalog as shipped_catalog
from lifecycle.calculators import AuditTimeTables, grade_of, sites_to_audit, to_nearest_half
from lifecycle.catalog import Catalog
from lifecycle.document import answer
from tests.lifecycle.test_document_shape import refused_paths


def one_result(catalog: Catalog, kind: str, item: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """The result of one item."""
    result: dict[str, Any] = answer({"kind": kind, "items": [item], **fields}, catalog)["results"][0]
    return result


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        ({"table": "qms", "persons": 65}, (5, 5, 1.5, 3.5, 4)),
        ({"table": "qms", "persons": 66}, (6, 6, 2, 4, 4.8)),
        ({"table": "qms", "persons": 1}, (1.5, 1.5, 0.5, 1, 1.2)),
        ({"table": "qms", "persons": 10700}, (22, 22, 7.5, 14.5, 17.6)),
        ({"table": "qms", "persons": 65, "adjust_percent": 6}, (5, 5.5, 2, 3.5, 4.4)),
        ({"table": "qms", "persons": 65, "adjust_percent": 5}, (5, 5.5, 2, 3.5, 4.4)),
        ({"table": "qms", "persons": 65, "adjust_percent": 4.9}, (5, 5, 1.5, 3.5, 4)),
        ({"table": "qms", "persons": 65, "adjust_percent": -30}, (5, 3.5, 1, 2.5, 2.8)),
        ({"table": "qms", "persons": 65, "adjust_percent": 100}, (5, 10, 3.5, 6.5, 8)),
        ({"table": "ems_limited", "persons": 700, "adjust_percent": 0}, (6.5, 6.5, 2, 4.5, 5.2)),
        ({"table": "ohs_high", "persons": 300}, (15, 15, 5, 10, 12)),
    ],
)
def test_audit_time(item: dict[str, Any], expected: tuple[float, ...], catalog: Catalog) -> None:
    names = ("table_days", "initial_days", "surveillance_days", "recertification_days", "on_site_min_days")
    assert one_result(catalog, "audit_time", item) == dict(zip(names, expected, strict=True))


@given(st.fractions(min_value=0, max_value=100, max_denominator=1000))
def test_rounding_to_halves_moves_at_most_a_quarter_and_ties_go_up(days: Fraction) -> None:
    rounded = to_nearest_half(days)
    assert rounded.denominator in (1, 2)
    assert Fraction(-1, 4) < rounded - days <= Fraction(1, 4)


def test_every_band_of_the_audit_time_tables_joins_the_next(catalog: Catalog) -> None:
    bands = catalog.data["audit_time"]["bands"]
    assert bands[0][0] == 1
    assert [band[0] for band in bands[1:]] == [band[1] + 1 for band in bands[:-1]]
    tables = AuditTimeTables(catalog.data["audit_time"])
    assert tables.most_persons == 10700
    assert tables.names == (
        "qms", "ems_high", "ems_medium", "ems_low", "ems_limited", "ohs_high", "ohs_medium", "ohs_low",
    )  # fmt: skip


@pytest.mark.parametrize(("reduction", "days"), [(0, "18"), (10, "16"), (20, "29/2")])
def test_an_integrated_audit_takes_the_sum_less_what_integration_saves(
    catalog: Catalog, reduction: int, days: str
) -> None:
    tables = AuditTimeTables(catalog.data["audit_time"])
    parts = [tables.compute("qms", 100), tables.compute("ems_high", 100)]
    whole = tables.integrated(parts, reduction)
    assert (whole.table_days, whole.initial_days) == (18, Fraction(days))
    assert whole.on_site_min_days == Fraction(days) * Fraction(4, 5)


@pytest.mark.parametrize("reduction", [-1, 20.5, 30])
def test_integration_takes_no_more_than_the_document_allows(catalog: Catalog, reduction: float) -> None:
    tables = AuditTimeTables(catalog.data["audit_time"])
    with pytest.raises(ValueError, match="0 to 20 percent"):
        tables.integrated([tables.compute("qms", 100)], reduction)


@pytest.mark.parametrize(
    ("sites", "audit", "sampled", "sample"),
    [
        (1, "initial", True, 1),
        (25, "initial", True, 5),
        (26, "initial", True, 6),
        (25, "surveillance", True, 3),
        (26, "surveillance", True, 4),
        (25, "recertification", True, 4),
        (26, "recertification", True, 5),
        (1_000_000, "surveillance", True, 600),
        (999_999, "recertification", True, 800),
        (26, "initial", False, 26),
        (10, "surveillance", False, 3),
        (11, "surveillance", False, 4),
        (26, "recertification", False, 26),
    ],
)
def test_site_sample(sites: int, audit: str, sampled: bool, sample: int, catalog: Catalog) -> None:
    item = {"sites": sites, "audit": audit, "sampled": sampled}
    assert one_result(catalog, "site_sample", item) == {"sample": sample, "central_function": True}


@given(st.integers(1, 1_000_000), st.sampled_from(["initial", "surveillance", "recertification"]))
def test_samples_are_exact_roots(sites: int, audit: str) -> None:
    factor = {"initial": Decimal("1.0"), "surveillance": Decimal("0.6"), "recertification": Decimal("0.8")}[audit]
    with localcontext() as context:
        context.prec = 60
        wanted = int((factor * Decimal(sites).sqrt()).to_integral_value(ROUND_CEILING))
    assert sites_to_audit(shipped_catalog().data["site_sample"], sites, audit, sampled=True) == wanted


@pytest.mark.parametrize(
    ("counts", "score", "grade", "certificate"),
    [
        ((0, 0, 0), 100, "E", True),
        ((4, 0, 0), 96, "E", True),
        ((5, 0, 0), 95, "G", True),
        ((4, 1, 0), 86, "G", True),
        ((5, 1, 0), 85, "C", True),
        ((0, 3, 0), 70, "C", True),
        ((1, 3, 0), 69, "F", False),
        ((0, 0, 2), 0, "F", False),
        ((1_000_000, 0, 0), 0, "F", False),
    ],
)
def test_sqf_score(counts: tuple[int, int, int], score: int, grade: str, certificate: bool, catalog: Catalog) -> None:
    item = dict(zip(("minor", "major", "critical"), counts, strict=True))
    expected = {"score": score, "grade": grade, "certificate": certificate}
    assert one_result(catalog, "scheme_grade", item, scheme="sqf") == expected


@pytest.mark.parametrize(
    ("counts", "grade"),
    [
        ((0, 0, 0), "AA"), ((5, 0, 0), "AA"), ((6, 0, 0), "A"), ((11, 0, 0), "B"), ((16, 0, 0), "B"),
        ((17, 0, 0), "C"), ((25, 0, 0), "D"), ((31, 0, 0), "uncertified"), ((0, 1, 0), "B"), ((10, 1, 0), "B"),
        ((11, 1, 0), "C"), ((17, 1, 0), "D"), ((25, 1, 0), "uncertified"), ((0, 2, 0), "C"), ((11, 2, 0), "D"),
        ((17, 2, 0), "uncertified"), ((0, 3, 0), "uncertified"), ((0, 0, 1), "uncertified"),
    ],
)  # fmt: skip
def test_brcgs_grade(counts: tuple[int, int, int], grade: str, catalog: Catalog) -> None:
    item = dict(zip(("minor", "major", "critical"), counts, strict=True))
    expected = {"score": None, "grade": grade, "certificate": grade != "uncertified"}
    assert one_result(catalog, "scheme_grade", item, scheme="brcgs_food") == expected


@given(minor=st.integers(0, 200), major=st.integers(0, 20), critical=st.integers(0, 5))
def test_every_count_has_an_sqf_rating(minor: int, major: int, critical: int) -> None:
    grade = grade_of(shipped_catalog().raw("sqf")["grading"], minor, major, critical)
    assert grade.score == max(0, 100 - minor - 10 * major - 50 * critical)
    assert grade.certificate == (grade.score >= 70)


@pytest.mark.parametrize(
    ("month", "due_on"),
    [("2027-01", "2027-03-21"), ("2028-01", "2028-03-20"), ("2026-12", "2027-02-18"), ("2099-12", "2100-02-18")],
)
def test_data_submission(month: str, due_on: str, catalog: Catalog) -> None:
    assert one_result(catalog, "data_submission", {"month": month}, scheme="tl9000") == {"due_on": due_on}


ALL_STEPS = {
    "documentation_review": "2027-02-12",
    "gap_rebuild": "2027-04-30",
    "internal_audit": "2027-05-20",
    "management_review": "2027-06-01",
    "corrective_actions_with_evidence": "2027-06-30",
    "stage1": "2027-07-14",
}


def test_regain_on_each_asked_date(catalog: Catalog) -> None:
    document = {
        "kind": "regain",
        "scheme": "cnca_qms_2025",
        "withdrawn_on": "2026-12-10",
        "steps": ALL_STEPS,
        "ask": {"dates": ["2027-07-14", "2027-05-20", "2027-07-13", "2027-05-20"]},
    }
    reapply = {"reapply_from": "2027-12-10"}
    late = ["management_review", "corrective_actions_with_evidence", "stage1"]
    assert answer(document, catalog) == {
        "kind": "regain",
        "scheme": "cnca_qms_2025",
        "results": [
            {"date": "2027-05-20", **reapply, "stage2_ready": False, "missing": late},
            {"date": "2027-07-13", **reapply, "stage2_ready": False, "missing": ["stage1"]},
            {"date": "2027-07-14", **reapply, "stage2_ready": True, "missing": []},
        ],
    }


def test_regain_without_steps_and_without_waiting_time(catalog: Catalog) -> None:
    document = {"kind": "regain", "withdrawn_on": "2026-12-10", "ask": {"dates": ["2026-12-10"]}}
    (result,) = answer(document, catalog)["results"]
    assert result["reapply_from"] == "2026-12-10"
    assert result["missing"] == list(ALL_STEPS)


PERSONS = {"table": "qms", "persons": 65}
COUNTS = {"minor": 0, "major": 0, "critical": 0}


@pytest.mark.parametrize(
    ("document", "paths"),
    [
        ({"kind": "audit_time"}, ["items"]),
        ({"kind": "audit_time", "items": None}, ["items"]),
        ({"kind": "audit_time", "items": {}}, ["items"]),
        ({"kind": "audit_time", "items": [PERSONS, 5]}, ["items[1]"]),
        ({"kind": "audit_time", "items": [{}]}, ["items[0].persons", "items[0].table"]),
        ({"kind": "audit_time", "items": [PERSONS], "ask": {}, "scheme": "sqf"}, ["ask", "scheme"]),
        ({"kind": "audit_time", "items": [{**PERSONS, "table": "from"}]}, ["items[0].table"]),
        ({"kind": "audit_time", "items": [{**PERSONS, "persons": 0}]}, ["items[0].persons"]),
        ({"kind": "audit_time", "items": [{**PERSONS, "persons": 10701}]}, ["items[0].persons"]),
        ({"kind": "audit_time", "items": [{**PERSONS, "persons": True}]}, ["items[0].persons"]),
        ({"kind": "audit_time", "items": [{**PERSONS, "persons": 65.0}]}, ["items[0].persons"]),
        ({"kind": "audit_time", "items": [{**PERSONS, "persons": "65"}]}, ["items[0].persons"]),
        ({"kind": "audit_time", "items": [{**PERSONS, "adjust_percent": -31}]}, ["items[0].adjust_percent"]),
        ({"kind": "audit_time", "items": [{**PERSONS, "adjust_percent": 100.5}]}, ["items[0].adjust_percent"]),
        ({"kind": "audit_time", "items": [{**PERSONS, "adjust_percent": float("nan")}]}, ["items[0].adjust_percent"]),
        ({"kind": "audit_time", "items": [{**PERSONS, "adjust_percent": None}]}, ["items[0].adjust_percent"]),
        ({"kind": "site_sample", "items": [{"sites": 0, "audit": "stage2"}]}, ["items[0].audit", "items[0].sites"]),
        ({"kind": "site_sample", "items": [{"sites": 10**5000, "audit": "initial"}]}, ["items[0].sites"]),
        ({"kind": "site_sample", "items": [{"sites": 4, "audit": "initial", "sampled": 1}]}, ["items[0].sampled"]),
        ({"kind": "scheme_grade", "items": [COUNTS]}, ["scheme"]),
        ({"kind": "scheme_grade", "scheme": "tl9000", "items": [COUNTS]}, ["scheme"]),
        ({"kind": "scheme_grade", "scheme": "nope", "items": [COUNTS]}, ["scheme"]),
        ({"kind": "scheme_grade", "scheme": "nope", "items": [{**COUNTS, "minor": -1}]}, ["items[0].minor"]),
        ({"kind": "scheme_grade", "scheme": "sqf", "items": [{"minor": 1}]}, ["items[0].critical", "items[0].major"]),
        ({"kind": "data_submission", "scheme": "sqf", "items": [{"month": "2027-01"}]}, ["scheme"]),
        ({"kind": "data_submission", "scheme": "tl9000", "items": [{"month": "2027-13"}]}, ["items[0].month"]),
        ({"kind": "data_submission", "scheme": "tl9000", "items": [{"month": "2027-01-01"}]}, ["items[0].month"]),
        ({"kind": "data_submission", "scheme": "tl9000", "items": [{"month": "1989-12"}]}, ["items[0].month"]),
        ({"kind": "data_submission", "scheme": "tl9000", "items": [{"month": 202701}]}, ["items[0].month"]),
        ({"kind": "regain"}, ["ask", "withdrawn_on"]),
        ({"kind": "regain", "withdrawn_on": "2026-12-10", "ask": {}}, ["ask"]),
        ({"kind": "regain", "withdrawn_on": "2026-12-10", "ask": {"dates": []}}, ["ask"]),
        ({"kind": "regain", "withdrawn_on": "2026-12-10", "ask": {"until": "2027-01-01"}}, ["ask.until"]),
        ({"kind": "regain", "withdrawn_on": "2026-12-10", "items": [], "ask": {}}, ["items"]),
        (
            {"kind": "regain", "withdrawn_on": "2026-12-10", "steps": {"rest": "2027-01-01"}, "ask": {}},
            ["steps.rest"],
        ),
        (
            {
                "kind": "regain",
                "withdrawn_on": "2026-12-10",
                "steps": {"stage1": "2026-12-09", "gap_rebuild": "2026-12-09", "stage2": "2026-12-10"},
                "ask": {},
            },
            ["steps.gap_rebuild", "steps.stage1"],
        ),
        ({"kind": "regain", "scheme": "nope", "withdrawn_on": "2026-12-10", "ask": {}}, ["scheme"]),
    ],
)
def test_wrong_calculations_are_named(document: dict[str, Any], paths: list[str], catalog: Catalog) -> None:
    assert refused_paths(document, catalog) == paths
