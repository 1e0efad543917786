"""Decisions of the body (section 7): each refusal on both sides of its boundary, in the order checked."""

from __future__ import annotations

from typing import Any

import pytest

from lifecycle.facts import Audit, Certificate, Decision, EditionEnd, Facts, Nonconformity, Notice
from lifecycle.outcome import Answer, CertificateState, Outcome
from tests.lifecycle.building import audit, book, day, in_force, major, outcome

EDITIONS = (EditionEnd("S", "1", day("2026-06-30")), EditionEnd("S", "0", day("2020-06-30")))


def decided(facts: dict[str, Any], *decisions: Decision, scheme: str = "iso17021_generic", **rules: Any) -> Outcome:
    """The outcome on the day of the last decision, without earlier violations of the set-up."""
    last = decisions[-1].date
    given = {"certificate": in_force(), **facts}
    return outcome(Facts(decisions=decisions, **given), book(scheme, **rules), last.isoformat())


def make(kind: Any, on: str, number: str = "D1", **fields: Any) -> Decision:
    return Decision(number, kind, day(on), **fields)


def codes(found: Outcome) -> list[tuple[str, str, bool]]:
    return [(v.subject, v.code, v.applied) for v in found.violations]


def end(found: Outcome) -> Answer:
    return found.answers[-1]


SUSPEND = make("suspend", "2026-03-10", "D0", reason="voluntary")
WITHDRAW = make("withdraw", "2026-03-10", "D0")
NO_CERTIFICATE: dict[str, Any] = {"certificate": Certificate(id="C1")}
EXPIRED: dict[str, Any] = {"certificate": in_force(expires_on=day("2026-05-31"))}
OLD_EDITION: dict[str, Any] = {"certificate": in_force(standard="S", edition="1"), "editions": EDITIONS}
BEGUN = {**OLD_EDITION, "audits": (Audit("T1", "transition", day("2026-06-30")),)}
WITH_MAJOR: dict[str, Any] = {"nonconformities": (major(),)}
STAGE2: dict[str, Any] = {
    **NO_CERTIFICATE,
    "audits": (audit("A1", "stage2", "2026-03-10"),),
    "nonconformities": (Nonconformity("N1", "major", audit="A1", closed_on=day("2026-09-11")),),
}

UNCERTIFIED_OLD_EDITION = {**OLD_EDITION, "certificate": Certificate(standard="S", edition="1")}
SHORT_WITH_MAJOR = {**WITH_MAJOR, "certificate": in_force(expires_on=day("2026-12-31"))}
UNCERTIFIED_HQ = {**NO_CERTIFICATE, "nonconformities": (major(site="HQ"),)}
LOST: dict[str, Any] = {"notices": (Notice("L1", "accreditation_lost", day("2026-05-31")),)}
HQ, MILL = {"sites": ("HQ",)}, {"sites": ("Mill",)}
LATE_STAGE2 = {**EXPIRED, "audits": (audit("A1", "stage2", "2026-06-01"),)}

REFUSED = [
    ("certify", {}, (), "2026-04-01", {}, "already_certified"),
    ("certify", {}, (SUSPEND,), "2026-04-01", {}, "already_certified"),
    ("certify", {**NO_CERTIFICATE, **WITH_MAJOR}, (), "2026-04-01", {}, "open_major"),
    ("certify", STAGE2, (), "2026-09-11", {}, "another_stage2_required"),
    ("certify", UNCERTIFIED_OLD_EDITION, (), "2026-07-01", {}, "edition_ended"),
    ("recertify", NO_CERTIFICATE, (), "2026-04-01", {}, "not_in_force"),
    ("recertify", {}, (WITHDRAW,), "2026-04-01", {}, "not_in_force"),
    ("recertify", WITH_MAJOR, (), "2026-04-01", {}, "open_major"),
    ("recertify", BEGUN, (), "2026-07-01", {}, "edition_ended"),
    ("recertify", OLD_EDITION, (), "2026-06-01", {"edition": "0"}, "edition_ended"),
    ("recertify", OLD_EDITION, (), "2026-07-01", {"edition": "2"}, "too_late_to_transition"),
    ("recertify", BEGUN, (), "2026-12-31", {"edition": "2"}, "too_late_to_transition"),
    ("recertify", EXPIRED, (), "2026-12-01", {}, "too_late_to_restore"),
    ("transition", NO_CERTIFICATE, (), "2026-04-01", {"edition": "2"}, "not_in_force"),
    ("transition", {}, (WITHDRAW,), "2026-04-01", {"edition": "2"}, "not_in_force"),
    ("transition", EXPIRED, (), "2026-06-01", {"edition": "2"}, "not_in_force"),
    ("transition", WITH_MAJOR, (), "2026-04-01", {"edition": "2"}, "open_major"),
    ("transition", OLD_EDITION, (), "2026-04-01", {"edition": "0"}, "edition_ended"),
    ("transition", OLD_EDITION, (), "2026-07-01", {"edition": "2"}, "too_late_to_transition"),
    ("transition", BEGUN, (), "2026-12-31", {"edition": "2"}, "too_late_to_transition"),
    ("suspend", NO_CERTIFICATE, (), "2026-04-01", {}, "not_in_force"),
    ("suspend", EXPIRED, (), "2026-06-01", {}, "not_in_force"),
    ("suspend", {}, (WITHDRAW,), "2026-04-01", {}, "not_in_force"),
    ("lift", {}, (), "2026-04-01", {}, "not_suspended"),
    ("lift", WITH_MAJOR, (), "2026-06-09", {}, "open_grounds"),
    ("extend_suspension", {}, (), "2026-04-01", {"until": day("2026-10-01")}, "not_suspended"),
    ("extend_suspension", {}, (SUSPEND,), "2026-04-01", {"until": day("2026-09-10")}, "extension_not_later"),
    ("withdraw", NO_CERTIFICATE, (), "2026-04-01", {}, "not_in_force"),
    ("reinstate", {}, (), "2026-04-01", {}, "not_withdrawn"),
    ("reinstate", {}, (WITHDRAW,), "2026-04-01", {"override": True}, "withdrawal_confirmed"),
    ("reinstate", WITH_MAJOR, (), "2026-12-10", {}, "open_grounds"),
    ("reinstate", SHORT_WITH_MAJOR, (), "2027-01-01", {}, "validity_ended"),
    ("reduce_scope", UNCERTIFIED_HQ, (), "2026-04-01", HQ, "exclusion_not_admissible"),
    ("reduce_scope", UNCERTIFIED_HQ, (), "2026-04-01", MILL, "not_in_force"),
    ("reduce_scope", EXPIRED, (), "2026-06-01", HQ, "not_in_force"),
    ("transfer", {}, (SUSPEND,), "2026-04-01", {}, "not_transferable"),
    ("transfer", WITH_MAJOR, (), "2026-04-01", {}, "not_transferable"),
    ("transfer", LOST, (), "2026-12-01", {}, "transfer_too_late"),
    ("appeal_outcome", {}, (), "2026-04-01", {"outcome": "upheld"}, "no_appeal"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "facts", "before", "on", "fields", "code"), REFUSED)
def test_refused(
    kind: str, facts: dict[str, Any], before: tuple[Decision, ...], on: str, fields: dict[str, Any], code: str
) -> None:
    found = decided(facts, *before, make(kind, on, **fields))
    assert codes(found) == [("D1", code, False)]


ALLOWED = [
    ("certify", STAGE2, (), "2026-09-11", {}, {"stage2__verification": {"limit": None}}, "active"),
    ("certify", {**NO_CERTIFICATE}, (), "2026-04-01", {}, {}, "active"),
    ("certify", EXPIRED, (), "2026-06-01", {}, {}, "active"),
    ("recertify", EXPIRED, (), "2026-05-31", {}, {}, "active"),
    ("recertify", EXPIRED, (), "2026-11-30", {}, {}, "active"),
    ("recertify", EXPIRED, (), "2026-05-31", {}, {"restoration": {"limit": None}}, "active"),
    ("recertify", BEGUN, (), "2026-12-30", {"edition": "2"}, {}, "active"),
    ("recertify", {}, (SUSPEND,), "2026-04-01", {}, {}, "suspended"),
    ("transition", OLD_EDITION, (), "2026-06-30", {"edition": "2"}, {}, "active"),
    ("transition", BEGUN, (), "2026-12-30", {"edition": "2"}, {}, "active"),
    ("extend_suspension", {}, (SUSPEND,), "2026-09-10", {"until": day("2026-09-11")}, {}, "suspended"),
    ("lift", {}, (SUSPEND,), "2026-09-10", {}, {}, "active"),
    ("withdraw", EXPIRED, (), "2026-06-01", {}, {}, "withdrawn"),
    ("transfer", LOST, (), "2026-11-30", {}, {}, "active"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "facts", "before", "on", "fields", "rules", "status"), ALLOWED)
def test_allowed(
    kind: str,
    facts: dict[str, Any],
    before: tuple[Decision, ...],
    on: str,
    fields: dict[str, Any],
    rules: dict[str, Any],
    status: str,
) -> None:
    found = decided(facts, *before, make(kind, on, **fields), **rules)
    assert codes(found) == []
    assert end(found).status == status


@pytest.mark.parametrize(
    ("on", "expected"), [("2027-03-09", [("D1", "too_early_to_reapply", False)]), ("2027-03-10", [])]
)
def test_the_waiting_time_after_a_withdrawal(on: str, expected: list[Any]) -> None:
    found = decided({}, WITHDRAW, make("certify", on), scheme="cnca_qms_2025")
    assert codes(found) == expected


@pytest.mark.parametrize(("raised_on", "expected"), [("2026-03-09", []), ("2026-03-10", ["open_major"])])
def test_only_majors_raised_since_the_former_certificate_ended_block_a_new_one(
    raised_on: str, expected: list[str]
) -> None:
    found = decided({"nonconformities": (major(raised_on=day(raised_on)),)}, WITHDRAW, make("certify", "2026-04-01"))
    assert [v.code for v in found.violations] == expected


def test_a_new_certificate_takes_its_name_and_leaves_the_old_behind() -> None:
    older = (major(grade="minor", raised_on=day("2026-03-09")), major(id="N2", grade="minor"))
    found = decided({"nonconformities": older}, WITHDRAW, make("certify", "2026-04-01"))
    assert found.certificates == (
        CertificateState("C1", "withdrawn", day("2028-05-01")), CertificateState("D1", "active", day("2029-03-31")),
    )  # fmt: skip
    assert [(n.id, n.state) for n in found.nonconformities] == [("N1", "void"), ("N2", "open")]
    assert end(decided({}, WITHDRAW, make("certify", "2026-04-01", certificate="C2"))).certificate == "C2"


def test_a_first_certificate_keeps_its_name_unless_the_decision_names_it() -> None:
    assert end(decided(NO_CERTIFICATE, make("certify", "2026-04-01"))).certificate == "C1"
    assert end(decided(NO_CERTIFICATE, make("certify", "2026-04-01", certificate="C9"))).certificate == "C9"


CYCLES = [
    ("2026-05-31", {}, "2026-06-01", "2029-05-31", ()),
    ("2026-06-01", {}, "2026-06-01", "2029-05-31", ("lapse_to_show", "transferable")),
    ("2026-11-30", {}, "2026-11-30", "2029-05-31", ("lapse_to_show", "transferable")),
    ("2026-12-01", LATE_STAGE2, "2026-12-01", "2029-11-30", ("lapse_to_show", "transferable")),
]  # fmt: skip


@pytest.mark.parametrize(("on", "facts", "starts_on", "expires_on", "flags"), CYCLES)
def test_the_new_cycle_of_a_recertification(
    on: str, facts: dict[str, Any], starts_on: str, expires_on: str, flags: tuple[str, ...]
) -> None:
    found = decided({**EXPIRED, **facts}, make("recertify", on))
    assert (found.cycles[-1].starts_on, found.cycles[-1].expires_on) == (day(starts_on), day(expires_on))
    assert end(found).flags == (flags or ("transferable",))


def test_a_late_recertification_needs_a_stage_2_after_the_expiry_and_a_scheme_that_allows_it() -> None:
    before = {**EXPIRED, "audits": (audit("A1", "stage2", "2026-05-31"),)}
    after = {**EXPIRED, "audits": (audit("A1", "stage2", "2026-06-01"),)}
    late = make("recertify", "2026-12-01")
    assert codes(decided(before, late)) == [("D1", "too_late_to_restore", False)]
    assert codes(decided(after, late)) == []
    new_only: dict[str, Any] = {"restoration": {"otherwise": "new_certification"}}
    assert codes(decided(after, late, **new_only)) == [("D1", "too_late_to_restore", False)]


def test_an_edition_restored_before_the_own_expiry_starts_its_cycle_that_day() -> None:
    found = decided(BEGUN, make("recertify", "2026-07-10", edition="2"))
    assert (found.cycles[-1].starts_on, found.cycles[-1].expires_on) == (day("2026-07-10"), day("2031-05-01"))
    assert end(found).flags == ("lapse_to_show", "transferable")


def test_a_transition_after_the_own_expiry_changes_the_edition_only() -> None:
    certificate = in_force(standard="S", edition="1", expires_on=day("2026-07-31"))
    found = decided({**BEGUN, "certificate": certificate}, make("transition", "2026-08-01", edition="2"))
    last = end(found)
    assert (last.status, last.edition, last.restorable_until) == ("expired", "2", day("2027-01-31"))


def test_an_upheld_appeal_opens_the_way_until_the_next_move() -> None:
    appeal = {"notices": (Notice("P1", "appeal_filed", day("2026-06-10")),), **WITH_MAJOR}
    upheld = make("appeal_outcome", "2026-06-20", "D0", outcome="upheld")
    assert codes(decided(appeal, upheld, make("lift", "2026-07-01"))) == []
    assert codes(decided(appeal, upheld, make("reinstate", "2026-12-10"))) == [("D1", "open_grounds", False)]
    rejected = make("appeal_outcome", "2026-06-20", "D0", outcome="rejected")
    assert codes(decided(appeal, rejected, make("lift", "2026-07-01"))) == [("D1", "open_grounds", False)]


def test_a_confirmed_withdrawal_falls_with_an_upheld_appeal() -> None:
    appeal = {"notices": (Notice("P1", "appeal_filed", day("2026-03-20")),)}
    upheld = make("appeal_outcome", "2026-04-01", "D9", outcome="upheld")
    found = decided(appeal, WITHDRAW, upheld, make("reinstate", "2026-04-01"))
    assert codes(found) == []
    assert (end(found).status, end(found).confirmed_status) == ("active", "active")


def test_an_override_is_applied_and_listed_only_against_open_grounds() -> None:
    found = decided(WITH_MAJOR, make("lift", "2026-06-09", override=True))
    assert codes(found) == [("D1", "open_grounds", True)]
    assert end(found).status == "active"
    assert codes(decided({}, SUSPEND, make("lift", "2026-04-01", override=True))) == []
    reinstated = decided(WITH_MAJOR, make("reinstate", "2026-12-10", override=True))
    assert codes(reinstated) == [("D1", "open_grounds", True)]
    assert end(reinstated).status == "active"


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({}, "decision"),
        ({"because": ("N1",)}, "unresolved_nc"),
        ({"because": ("N1",), "reason": "voluntary"}, "voluntary"),
    ],
)
def test_the_reason_of_a_suspension(fields: dict[str, Any], reason: str) -> None:
    found = decided(WITH_MAJOR, make("suspend", "2026-04-01", **fields))
    last = found.transitions[-1]
    assert (last.by, last.rule, last.reason, last.because) == ("decision", "decision.suspend", reason, ("D1",))


@pytest.mark.parametrize(("reason", "expected"), [(None, "other"), ("misuse_of_mark", "misuse_of_mark")])
def test_the_reason_of_a_withdrawal(reason: str | None, expected: str) -> None:
    found = decided({}, make("withdraw", "2026-04-01", reason=reason))
    assert (found.transitions[-1].reason, found.transitions[-1].rule) == (expected, "decision.withdraw")


def test_confirmations_move_nothing() -> None:
    found = decided(WITH_MAJOR, make("suspend", "2026-06-09", "D0"), make("withdraw", "2026-12-10"))
    assert [t.by for t in found.transitions] == ["rule", "rule"]
    assert (end(found).status, end(found).confirmed_status) == ("withdrawn", "withdrawn")


def test_decisions_of_a_day_run_in_their_order() -> None:
    on = "2026-04-01"
    found = decided({}, make("suspend", on, "D1"), make("lift", on, "D2"), make("suspend", on, "D3"))
    assert [t.because for t in found.transitions] == [("D1",), ("D2",), ("D3",)]
    assert end(found).suspension_limit_on == day("2026-10-01")


def test_a_scope_reduction_takes_open_nonconformities_of_its_parts_and_sites() -> None:
    three = (major(site="HQ"), major(id="N2", scope_part="welding"), major(id="N3", site="B", scope_part="assembly"))
    found = decided({"nonconformities": three}, make("reduce_scope", "2026-04-01", parts=("welding",), sites=("HQ",)))
    assert [n.state for n in found.nonconformities] == ["void", "void", "open"]
    assert end(found).flags == ("scope_reduced",)
