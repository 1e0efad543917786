"""The walk through time: the order of a day, clocks without a certificate, and joined effects."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lifecycle.evolve import evolve
from lifecycle.facts import (
    Audit,
    Certificate,
    Decision,
    EditionEnd,
    Extension,
    Facts,
    Nonconformity,
    Notice,
    Verification,
)
from lifecycle.outcome import (
    CertificateState,
    Cycle,
    Deadline,
    GradeChange,
    NonconformityState,
    StepDates,
    Transition,
    Violation,
)
from tests.lifecycle.building import answer, audit, book, day, deadline, in_force, major, outcome, statuses

MAJOR = Facts(in_force(), nonconformities=(major(),))


def test_deadlines_run_without_a_certificate() -> None:
    """Internal nonconformities: an organization's own deadlines, no status."""
    found = outcome(Facts(nonconformities=(major(plan_submitted_on=day("2026-04-09")),)), book(), "2026-06-09")
    assert found.nonconformities == (
        NonconformityState(
            id="N1",
            grade="major",
            state="open",
            closed_on=None,
            grades=(GradeChange(day("2026-03-10"), "major"),),
            due=StepDates(day("2026-04-09"), None, None, day("2026-06-08")),
            sources=(),
        ),
    )
    assert found.deadlines == (
        Deadline("nc_response", "N1", day("2026-04-09"), None, "nc.major.response", "met"),
        Deadline("nc_closure", "N1", day("2026-06-08"), None, "nc.major.closure", "missed"),
    )
    assert (found.transitions, found.cycles, found.certificates, found.violations) == ((), (), (), ())
    only = found.answers[0]
    assert (only.status, only.certificate, only.expires_on, only.flags) == ("none", None, None, ())


def test_answers_come_once_for_each_day_in_their_order() -> None:
    asked = [day("2026-06-09"), day("2026-06-08"), day("2026-06-09")]
    found = evolve(MAJOR, book(), asked)
    assert [(a.date, a.status) for a in found.answers] == [
        (day("2026-06-08"), "active"), (day("2026-06-09"), "suspended"),
    ]  # fmt: skip


def test_nothing_after_the_last_day_is_told() -> None:
    ahead = replace(MAJOR, decisions=(Decision("D1", "reinstate", day("2026-06-10")),))
    found = outcome(ahead, book(), "2026-06-09")
    assert [t.date for t in found.transitions] == [day("2026-06-09")]
    assert found.violations == ()


def test_facts_before_the_certificate_and_its_first_day() -> None:
    certificate = Certificate(id="C1", certified_on=day("2026-03-10"), expires_on=day("2028-05-01"))
    found = outcome(Facts(certificate), book(), "2026-03-09", "2026-03-10")
    assert [a.status for a in found.answers] == ["none", "active"]
    assert found.transitions == (
        Transition(day("2026-03-10"), "none", "active", "decision", "decision.certify", "certified", ("C1",)),
    )
    assert found.cycles == (Cycle("C1", day("2026-03-10"), day("2028-05-01"), "C1"),)
    assert found.certificates == (CertificateState("C1", "active", day("2028-05-01")),)


def test_a_certificate_that_begins_is_in_place_for_the_facts_of_its_day() -> None:
    certificate = Certificate(id="C1", certified_on=day("2026-03-10"))
    facts = Facts(certificate, nonconformities=(major(),))
    assert statuses(facts, book(nc__major__opening={"effect": "suspend"}), "2026-03-10") == ["suspended"]


def test_a_known_cycle_start_sets_the_years_and_no_first_surveillance() -> None:
    certificate = Certificate(id="C1", cycle_started_on=day("2026-03-10"))
    found = outcome(Facts(certificate), book(), "2026-03-10")
    assert [(d.kind, d.due_on) for d in found.deadlines] == [
        ("yearly_surveillance", day("2027-12-31")),
        ("yearly_surveillance", day("2028-12-31")),
        ("expiry", day("2029-03-09")),
    ]


def test_effects_of_a_day_are_joined_in_order() -> None:
    """Two breaches and a missed audit on one day: due date, then rule, then ids."""
    certificate = Certificate(id="C1", certified_on=day("2025-06-08"), audit_history="complete")
    pair = (major(id="N2"), major(id="N1"))
    found = outcome(Facts(certificate, nonconformities=pair), book(), "2026-06-09")
    assert found.transitions[-1] == Transition(
        day("2026-06-09"), "active", "suspended", "rule", "nc.major.closure", "unresolved_nc", ("N1", "N2", "C1")
    )


def test_withdrawal_outranks_suspension_on_one_day() -> None:
    rules = book("fssc_22000_v6", nc__critical__opening={"effect": "none"}, nc__major__closure={"due": "6m"})
    pair = (major(), major(id="N2", grade="critical"))
    found = outcome(Facts(in_force(), nonconformities=pair), rules, "2026-09-11")
    assert [(t.to_status, t.rule, t.because) for t in found.transitions] == [
        ("withdrawn", "nc.critical.closure", ("N2",)),
    ]


@pytest.mark.parametrize(("expires_on", "expected"), [("2026-06-08", "expired"), ("2026-06-09", "suspended")])
def test_expiry_outranks_suspension_on_one_day(expires_on: str, expected: str) -> None:
    facts = replace(MAJOR, certificate=in_force(expires_on=day(expires_on)))
    found = outcome(facts, book(), "2026-06-09")
    assert [(t.date, t.to_status) for t in found.transitions] == [(day("2026-06-09"), expected)]


def test_the_suspension_of_an_expired_certificate_must_be_resolved_first() -> None:
    facts = replace(
        MAJOR,
        certificate=in_force(expires_on=day("2026-06-08")),
        nonconformities=(major(grade="minor"),),
        decisions=(Decision("D1", "recertify", day("2026-07-01")), Decision("D2", "recertify", day("2026-07-10"))),
    )
    rules = book(nc__minor__closure={"due": "90d", "on_breach": "suspend"})
    found = outcome(facts, rules, "2026-07-10")
    assert [(v.subject, v.code) for v in found.violations] == [("D1", "open_grounds"), ("D2", "open_grounds")]
    closed = replace(facts, nonconformities=(major(grade="minor", closed_on=day("2026-07-10")),))
    assert [v.subject for v in outcome(closed, rules, "2026-07-10").violations] == ["D1"]
    assert statuses(closed, rules, "2026-07-09", "2026-07-10") == ["expired", "active"]


def test_a_printed_date_ends_what_the_body_said_although_the_rules_withdrew() -> None:
    facts = replace(MAJOR, certificate=in_force(expires_on=day("2027-01-31")))
    found = outcome(facts, book(), "2026-12-10", "2027-01-31", "2027-02-01")
    assert [(a.status, a.confirmed_status) for a in found.answers] == [
        ("withdrawn", "active"), ("withdrawn", "active"), ("withdrawn", "expired"),
    ]  # fmt: skip


@pytest.mark.parametrize(("done_on", "state"), [("2026-06-08", "met"), ("2026-06-09", "late"), (None, "missed")])
def test_a_step_on_each_side_of_its_day(done_on: str | None, state: str) -> None:
    closed = major(closed_on=day(done_on) if done_on else None)
    found = outcome(Facts(in_force(), nonconformities=(closed,)), book(), "2026-06-10")
    assert deadline(found, "nc_closure", "N1").state == state
    assert found.answers[0].status == ("active" if state == "met" else "suspended")


def test_a_grace_after_the_due_date_moves_the_effect_but_not_the_due_date() -> None:
    rules = book(nc__major__closure={"effect_after": "7d"})
    late = replace(MAJOR, nonconformities=(major(closed_on=day("2026-06-09")),))
    assert statuses(late, rules, "2026-06-14", "2026-06-15") == ["active", "suspended"]
    assert answer(late, rules, "2026-06-15").flags == ("lift_possible",)


def test_the_limit_of_a_suspension_is_checked_again_when_a_ground_joins_after_it() -> None:
    """The ground comes in the course of a day; the next day begins with its effect."""
    second = major(id="N2", raised_on=day("2027-01-10"))
    facts = Facts(in_force(), nonconformities=(major(closed_on=day("2026-11-20")), second))
    rules = book(nc__major__opening={"effect": "suspend"}, nc__major__closure={"on_breach": "none"})
    assert statuses(facts, rules, "2026-09-10", "2026-09-11") == ["suspended", "withdrawn"]
    resolved = replace(facts, nonconformities=(major(closed_on=day("2026-09-10")), second))
    found = outcome(resolved, rules, "2026-09-11", "2027-01-10", "2027-01-11")
    assert [a.status for a in found.answers] == ["suspended", "suspended", "withdrawn"]
    assert found.transitions[-1].because == ("N2",)


@pytest.mark.parametrize(("closed_on", "expected"), [("2026-12-09", "suspended"), ("2026-12-10", "withdrawn")])
def test_resolved_on_the_last_day_of_a_suspension_or_too_late(closed_on: str, expected: str) -> None:
    closed = replace(MAJOR, nonconformities=(major(closed_on=day(closed_on)),))
    assert statuses(closed, book(), "2026-12-10") == [expected]


def test_a_confirmed_suspension_rests_on_what_the_body_names() -> None:
    confirmed = Decision("D1", "suspend", day("2026-06-15"), because=("N1", "M1"))
    minor = major(id="M1", grade="minor")
    facts = replace(MAJOR, nonconformities=(major(closed_on=day("2026-07-01")), minor), decisions=(confirmed,))
    found = outcome(facts, book(), "2026-07-01", "2026-12-10")
    assert found.answers[0].flags == ("overdue",)
    assert found.transitions[-1].because == ("M1",)


def test_a_confirmation_that_names_nothing_adds_nothing() -> None:
    confirmed = Decision("D1", "suspend", day("2026-06-15"))
    closed = replace(MAJOR, nonconformities=(major(closed_on=day("2026-07-01")),), decisions=(confirmed,))
    assert statuses(closed, book(), "2026-12-10", "2027-06-30") == ["suspended", "suspended"]
    assert answer(closed, book(), "2026-12-10").confirmed_status == "suspended"


def test_a_suspension_of_the_body_stays_until_all_it_names_is_over() -> None:
    suspended = Decision("D1", "suspend", day("2026-03-20"), because=("N1", "N2"))
    pair = (major(closed_on=day("2026-04-01")), major(id="N2", grade="minor"))
    facts = Facts(in_force(), nonconformities=pair, decisions=(suspended,))
    found = outcome(facts, book(), "2026-04-01", "2026-09-20", "2026-09-21")
    assert ["lift_possible" in a.flags for a in found.answers] == [False, False, False]
    assert found.transitions[-1] == Transition(
        day("2026-09-21"), "suspended", "withdrawn", "rule", "suspension", "unresolved_nc", ("D1",)
    )


def test_extensions_are_tested_in_the_order_of_the_contract() -> None:
    extensions = (
        Extension(day("2026-03-20"), day("2026-07-01"), step="plan"),
        Extension(day("2026-06-08"), day("2026-06-20")),
        Extension(day("2026-06-09"), day("2026-06-20")),
        Extension(day("2026-06-10"), day("2026-07-01")),
        Extension(day("2026-06-25"), day("2026-07-31")),
        Extension(day("2026-07-02"), day("2026-07-31")),
    )
    extended = major(extensions=extensions, closed_on=day("2026-07-01"))
    found = outcome(Facts(in_force(), nonconformities=(extended,)), book(), "2026-12-31")
    assert [(v.date, v.code, v.applied) for v in found.violations] == [
        (day("2026-03-20"), "extension_without_deadline", False),
        (day("2026-06-09"), "extension_not_later", False),
        (day("2026-07-02"), "extension_after_closure", False),
    ]
    assert deadline(found, "nc_closure", "N1").due_on == day("2026-07-31")


@pytest.mark.parametrize(("granted_on", "due_on"), [("2026-06-08", "2026-07-31"), ("2026-06-09", "2026-06-08")])
def test_an_extension_counts_only_by_the_day_it_extends(granted_on: str, due_on: str) -> None:
    extended = major(extensions=(Extension(day(granted_on), day("2026-07-31")),))
    found = outcome(Facts(in_force(), nonconformities=(extended,)), book(), "2026-06-10")
    assert deadline(found, "nc_closure", "N1").due_on == day(due_on)
    assert [v.code for v in found.violations] == ([] if due_on > granted_on else ["late_extension"])


def test_an_extension_on_the_day_of_the_closure_still_counts() -> None:
    extended = major(extensions=(Extension(day("2026-06-01"), day("2026-07-31")),), closed_on=day("2026-06-01"))
    found = outcome(Facts(in_force(), nonconformities=(extended,)), book(), "2026-06-01")
    assert found.violations == ()
    assert deadline(found, "nc_closure", "N1").due_on == day("2026-07-31")


def test_a_step_is_open_on_its_day_and_overdue_on_the_next() -> None:
    found = [outcome(MAJOR, book(), text) for text in ("2026-04-09", "2026-04-10")]
    assert [deadline(o, "nc_response", "N1").state for o in found] == ["open", "missed"]
    assert [o.answers[0].flags for o in found] == [(), ("overdue",)]


def test_a_verification_after_the_closure_is_listed_and_not_applied() -> None:
    checks = (Verification(day("2026-05-01"), "effective"), Verification(day("2026-05-02"), "not_effective"))
    rules = book("iatf_rules_5", nc__major__opening={"effect": "none"})
    found = outcome(Facts(in_force(), nonconformities=(major(verifications=checks),)), rules, "2026-05-02")
    assert [replace(v, message="") for v in found.violations] == [
        Violation("N1", "verification_after_closure", day("2026-05-02"), False, "")
    ]
    assert found.nonconformities[0].closed_on == day("2026-05-01")
    assert found.answers[0].flags == ("transferable",)


def test_escalation_needs_a_later_audit_of_the_programme() -> None:
    minor = Nonconformity("M1", "minor", audit="A1")
    own = audit("A1", "surveillance", "2026-03-10")
    same_day, special, later = (
        audit("A2", "recertification", "2026-03-10"), audit("A3", "special", "2026-04-10"),
        audit("A4", "stage2", "2026-05-10"),
    )  # fmt: skip
    facts = Facts(in_force(), audits=(own, same_day, special, later), nonconformities=(minor,))
    grades = outcome(facts, book(), "2026-05-10").nonconformities[0].grades
    assert grades == (GradeChange(day("2026-03-10"), "minor"), GradeChange(day("2026-05-10"), "major"))


def test_a_nonconformity_raised_during_an_audit_does_not_escalate_at_its_end() -> None:
    running = Audit("A1", "surveillance", day("2026-03-09"), day("2026-03-12"))
    facts = Facts(in_force(), audits=(running,), nonconformities=(major(grade="minor", audit="A1"),))
    assert outcome(facts, book(), "2026-03-12").nonconformities[0].grade == "minor"


@pytest.mark.parametrize(("asked", "expected"), [("2026-09-10", ()), ("2026-09-11", ("another_stage2_required",))])
def test_the_limit_after_a_stage_2(asked: str, expected: tuple[str, ...]) -> None:
    stage2 = audit("A1", "stage2", "2026-03-10")
    facts = Facts(audits=(stage2,), nonconformities=(major(audit="A1"),))
    assert answer(facts, book(), asked).flags == expected


@pytest.mark.parametrize(("ended_on", "possible"), [("2027-04-10", False), ("2027-04-11", True)])
def test_a_missed_window_is_made_up_by_an_audit_after_it(ended_on: str, possible: bool) -> None:
    """A recertification audit on the last day of the window does not meet it, and is not after it."""
    window = {"every": "12m", "before": "1m", "after": "1m", "count": 1, "on_breach": "suspend"}
    audits = (audit("A1", "transfer", "2026-03-10"), audit("A2", "recertification", ended_on))
    facts = Facts(in_force(audit_history="complete"), audits=audits)
    last = answer(facts, book(surveillance__window=window), "2027-04-11")
    assert (last.status, "lift_possible" in last.flags, "overdue" in last.flags) == (
        "suspended", possible, not possible,
    )  # fmt: skip


def minors(*clauses: str | None) -> tuple[Nonconformity, ...]:
    return tuple(major(id=f"M{n}", grade="minor", clause=clause) for n, clause in enumerate(clauses, 1))


def test_accumulation_per_clause_in_clause_order() -> None:
    facts = Facts(in_force(), nonconformities=minors(*["9.10", "9.2", None] * 3))
    derived = outcome(facts, book(), "2026-03-10").nonconformities[9:]
    assert [(n.id, n.sources) for n in derived] == [
        ("accumulated-1", ("M2", "M5", "M8")), ("accumulated-2", ("M1", "M4", "M7")),
    ]  # fmt: skip


def test_accumulation_counts_open_ones_once() -> None:
    closed = replace(minors("9.2")[0], closed_on=day("2026-03-10"))
    two = minors(None, "9.2", "9.2")[1:]
    fourth = major(id="M4", grade="minor", clause="9.2", raised_on=day("2026-04-01"))
    fifth = replace(fourth, id="M5", raised_on=day("2026-04-02"))
    found = outcome(Facts(in_force(), nonconformities=(closed, *two, fourth, fifth)), book(), "2026-04-02")
    derived = [n for n in found.nonconformities if n.sources]
    assert [(n.id, n.grades[0].date, n.sources) for n in derived] == [
        ("accumulated-1", day("2026-04-01"), ("M2", "M3", "M4"))
    ]
    assert [n.id for n in found.nonconformities] == ["M1", "M2", "M3", "M4", "accumulated-1", "M5"]


def test_a_derived_nonconformity_is_over_with_its_sources() -> None:
    first, second, third = minors("9.2", "9.2", "9.2")
    sources = (
        replace(first, closed_on=day("2026-04-01"), site="HQ"),
        replace(second, closed_on=day("2026-04-10")),
        replace(third, site="Mill"),
    )
    reduced = Decision("D1", "reduce_scope", day("2026-05-01"), sites=("Mill",))
    found = outcome(Facts(in_force(), nonconformities=sources, decisions=(reduced,)), book(), "2026-05-01")
    states = {n.id: (n.state, n.closed_on) for n in found.nonconformities}
    assert states["M3"] == ("void", None)
    assert states["accumulated-1"] == ("closed", day("2026-05-01"))


@pytest.mark.parametrize(("closed_on", "expected"), [("2026-06-08", "active"), ("2026-06-09", "suspended")])
def test_a_derived_nonconformity_is_in_time_when_its_last_source_is(closed_on: str, expected: str) -> None:
    sources = tuple(replace(minor, closed_on=day(closed_on)) for minor in minors("9.2", "9.2", "9.2"))
    assert statuses(Facts(in_force(), nonconformities=sources), book(), "2026-06-09") == [expected]


def test_an_edition_that_suspends_is_resolved_by_the_transition() -> None:
    certificate = in_force(standard="S", edition="1")
    moved = Decision("D1", "transition", day("2026-07-10"), edition="2")
    facts = Facts(certificate, decisions=(moved,), editions=(EditionEnd("S", "1", day("2026-06-30")),))
    found = outcome(facts, book(edition__end={"effect": "suspend"}), "2026-06-30", "2026-07-01", "2026-07-10")
    assert [(a.status, "lift_possible" in a.flags) for a in found.answers] == [
        ("active", False), ("suspended", False), ("suspended", True),
    ]  # fmt: skip
    assert found.answers[0].effective_expires_on == day("2028-05-01")


def test_a_certificate_that_begins_after_the_end_of_its_edition_lasts_a_day() -> None:
    certificate = Certificate(id="C1", certified_on=day("2026-07-10"), standard="S", edition="1")
    facts = Facts(certificate, editions=(EditionEnd("S", "1", day("2026-06-30")),))
    assert statuses(facts, book(), "2026-07-10", "2026-07-11") == ["active", "expired"]


def test_an_appeal_and_a_loss_of_accreditation_are_told_by_flags() -> None:
    notices = (Notice("P1", "appeal_filed", day("2026-05-01")), Notice("L1", "accreditation_lost", day("2026-05-31")))
    decisions = (
        Decision("D1", "appeal_outcome", day("2026-06-10"), outcome="rejected"),
        Decision("D2", "transfer", day("2026-11-30"), to_body="Body B"),
    )
    found = outcome(Facts(in_force(), notices=notices, decisions=decisions), book(), "2026-05-31", "2026-11-30")
    assert [a.flags for a in found.answers] == [
        ("accreditation_lost", "transferable", "under_appeal"), ("transferable",),
    ]  # fmt: skip
    assert deadline(found, "transfer").state == "met"
