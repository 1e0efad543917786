"""The story of an answer, sentence by sentence. Whole stories are compared in ``docs/simulate.md``."""

from __future__ import annotations

from typing import Any, get_args

import pytest

from lifecycle import story as module
from lifecycle.catalog import Catalog
from lifecycle.document import answer_under_rules
from lifecycle.outcome import DeadlineState
from lifecycle.story import day_in_words, story

FLAGS = [
    "accreditation_lost",
    "another_stage2_required",
    "edition_ends_before_expiry",
    "lapse_to_show",
    "lift_possible",
    "new_certification_required",
    "overdue",
    "scope_reduced",
    "stage2_required",
    "transferable",
    "under_appeal",
    "valid_while_suspended",
    "withdrawal_recommended",
]
DEADLINES = [
    "nc_response",
    "nc_plan",
    "nc_action",
    "nc_closure",
    "stage2_verification",
    "recertification_closure",
    "first_surveillance",
    "yearly_surveillance",
    "surveillance_interval",
    "surveillance_window",
    "transfer",
    "expiry",
    "suspension_limit",
    "restoration",
]
REASONS = [
    "unresolved_nc",
    "audit_missed",
    "edition_not_transitioned",
    "validity_ended",
    "suspension_not_resolved",
    "recertification_not_completed",
]


def told(document: dict[str, Any], catalog: Catalog) -> list[str]:
    """The story with each paragraph on one line."""
    lines: list[str] = []
    for line in story(answer_under_rules(document, catalog)).splitlines():
        if line.startswith("    "):
            lines[-1] += " " + line.strip()
        else:
            lines.append(line.strip())
    return lines


def section(lines: list[str], title: str) -> list[str]:
    after = lines[lines.index(title) + 1 :]
    return after[: after.index("")] if "" in after else after


def test_every_word_of_the_contract_has_a_sentence() -> None:
    assert sorted(module._FLAGS) == FLAGS
    assert list(module._DEADLINES) == DEADLINES
    assert list(module._REASONS) == REASONS
    assert {*module._STATES, "void"} == set(get_args(DeadlineState))


def test_a_date_is_written_as_people_write_it() -> None:
    assert [day_in_words(day) for day in ("2026-06-09", "2027-12-31")] == ["9 June 2026", "31 December 2027"]


def test_a_quiet_certificate(catalog: Catalog) -> None:
    assert told({"certificate": {"expires_on": "2028-05-01"}, "ask": {"dates": ["2026-06-09"]}}, catalog) == [
        "Certificate certificate, rules: Accredited management system certification (ISO 9001, 14001, 45001,",
        "27001, 22301, 50001, 42001), ISO/IEC 17021-1:2015.",
        "",
        "What happens",
        "The status does not change up to 9 June 2026.",
        "",
        "On the days asked",
        "9 June 2026: certificate is active. Valid until 1 May 2028. It can be transferred to another body.",
        "",
        "Deadlines",
        "1 May 2028: end of the certificate's validity: still to come.",
    ]


def test_before_there_is_a_certificate(catalog: Catalog) -> None:
    lines = told({"ask": {"dates": ["2026-06-09"]}}, catalog)
    assert lines[0].startswith("Certificate (none yet), rules: ")
    assert section(lines, "On the days asked") == ["9 June 2026: there is no certificate."]


def test_moves_by_the_body_name_decision_and_reason(catalog: Catalog) -> None:
    document = {
        "certificate": {"id": "C1", "certified_on": "2025-03-31"},
        "decisions": [
            {"id": "D1", "kind": "suspend", "date": "2026-06-09", "reason": "contract_breach"},
            {"id": "D2", "kind": "lift", "date": "2026-08-03"},
            {"id": "D3", "kind": "withdraw", "date": "2026-09-01", "reason": "voluntary"},
        ],
        "ask": {"until": "2026-12-31"},
    }
    body = "by decision of the certification body"
    assert section(told(document, catalog), "What happens") == [
        f"31 March 2025: the certificate becomes active, {body} (C1).",
        f"9 June 2026: the certificate is suspended, {body} (D1), reason: contract breach.",
        f"3 August 2026: the certificate is active again, {body} (D2).",
        f"1 September 2026: the certificate is withdrawn, {body} (D3), reason: voluntary.",
    ]


def test_windows_grades_sources_and_known_on(catalog: Catalog) -> None:
    document = {
        "scheme": "iatf_rules_6",
        "rules": {"nc.accumulation": {"count": 2, "per": "certificate"}, "nc.major.opening": {"effect": "none"}},
        "known_on": "2026-07-01",
        "certificate": {"id": "C1", "expires_on": "2028-05-01"},
        "audits": [{"id": "A1", "kind": "recertification", "ended_on": "2025-06-30"}],
        "nonconformities": [
            {"id": "M1", "grade": "minor", "audit": "A1", "closure": {"date": "2025-07-20"}},
            {"id": "M2", "grade": "minor", "audit": "A1", "closure": {"date": "2025-07-21"}},
        ],
        "ask": {"dates": ["2026-07-01"]},
    }
    lines = told(document, catalog)
    assert "Answered from what was recorded by 1 July 2026." in lines
    assert section(lines, "Deadlines")[-3:] == [
        "30 September 2026 (from 30 March 2026): surveillance audit: still to come.",
        "30 September 2027 (from 30 March 2027): surveillance audit: still to come.",
        "1 May 2028: end of the certificate's validity: still to come.",
    ]
    assert section(lines, "Nonconformities") == [
        "M1: closed on 20 July 2025; minor from 30 June 2025.",
        "M2: closed on 21 July 2025; minor from 30 June 2025.",
        "accumulated-1: closed on 21 July 2025; major from 30 June 2025, made of M1, M2.",
    ]


def test_a_violation_says_whether_it_was_applied(catalog: Catalog) -> None:
    document = {
        "certificate": {"id": "C1", "expires_on": "2028-05-01"},
        "nonconformities": [{"id": "N1", "grade": "major", "raised_on": "2026-03-10"}],
        "decisions": [
            {"id": "D1", "kind": "lift", "date": "2026-06-20"},
            {"id": "D2", "kind": "lift", "date": "2026-07-01", "override": True},
        ],
        "ask": {"dates": ["2026-07-01"]},
    }
    first, second = section(told(document, catalog), "What the rules do not allow")
    assert first.startswith("20 June 2026, D1: ")
    assert first.endswith(" (not applied).")
    assert second.startswith("1 July 2026, D2: ")
    assert second.endswith(" (applied all the same).")


def test_ids_cannot_draw_on_the_terminal(catalog: Catalog) -> None:
    text = story(
        answer_under_rules(
            {"certificate": {"id": "\x1b[2J\nC1", "expires_on": "2028-05-01"}, "ask": {"dates": ["2026-06-09"]}},
            catalog,
        )
    )
    assert r"Certificate \x1b[2J\nC1, rules" in text
    assert all(line.isprintable() for line in text.splitlines())


@pytest.mark.parametrize(
    ("document", "lines"),
    [
        (
            {"kind": "audit_time", "items": [{"table": "qms", "persons": 65, "adjust_percent": 6}]},
            [
                "Audit days (IAF MD 5)",
                "1. 5 days by the table; initial audit 5.5, surveillance 2, recertification 3.5 days; at least 4.4 "
                "days on site.",
            ],
        ),
        (
            {"kind": "site_sample", "items": [{"sites": 26, "audit": "initial"}, {"sites": 2, "audit": "initial"}]},
            [
                "Sites to audit (IAF MD 1)",
                "1. 6 sites and the central function.",
                "2. 2 sites and the central function.",
            ],
        ),
        (
            {"kind": "scheme_grade", "scheme": "sqf", "items": [{"minor": 5, "major": 1, "critical": 0}]},
            ["Grade of the audit", "1. score 85, grade C: certificate."],
        ),
        (
            {"kind": "scheme_grade", "scheme": "brcgs_food", "items": [{"minor": 0, "major": 3, "critical": 0}]},
            ["Grade of the audit", "1. grade uncertified: no certificate."],
        ),
        (
            {"kind": "data_submission", "scheme": "tl9000", "items": [{"month": "2027-01"}]},
            ["Last day to submit the data", "1. due on 21 March 2027."],
        ),
        ({"kind": "site_sample", "items": []}, ["Sites to audit (IAF MD 1)"]),
    ],
)
def test_calculations_are_told_too(document: dict[str, Any], lines: list[str], catalog: Catalog) -> None:
    assert told(document, catalog) == lines


def test_the_way_back_is_told_with_its_waiting_time(catalog: Catalog) -> None:
    document = {
        "kind": "regain",
        "scheme": "cnca_qms_2025",
        "withdrawn_on": "2026-12-10",
        "steps": dict.fromkeys(
            ("documentation_review", "gap_rebuild", "internal_audit", "management_review", "stage1"), "2027-01-10"
        ),
        "ask": {"dates": ["2027-01-10"]},
    }
    assert told(document, catalog) == [
        "The way back to a certificate",
        "1. 10 January 2027: not ready for stage 2, missing: corrective actions with evidence. A new certification is "
        "possible from 10 December 2027.",
        "The rule: a new certification is possible 12 months after a withdrawal (CNCA-QMS-01:2025; check",
        "against your scheme's own text).",
    ]
