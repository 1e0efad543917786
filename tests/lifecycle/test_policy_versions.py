"""A clock that has started keeps the numbers of the version it started under."""

from __future__ import annotations

from typing import Any

from certifications.catalog import catalog
from lifecycle.calendar import Duration
from lifecycle.facts import Certificate, Decision, Extension, Facts, Notice, Verification
from lifecycle.policy import PolicyBook
from tests.lifecycle.building import answer, audit, day, deadline, in_force, major, outcome, policy, statuses

CHANGE = "2026-04-01"


def versions(**rules: Any) -> PolicyBook:
    """The generic scheme until 31 March 2026, with other numbers from 1 April 2026."""
    return PolicyBook(((day("2020-01-01"), policy()), (day(CHANGE), policy(**rules))), catalog().editions)


def test_the_version_of_a_day() -> None:
    book = versions(suspension={"limit": "3m"})
    found = [book.at(day(text)).suspension_limit for text in ("1999-01-01", "2026-03-31", CHANGE, "2030-01-01")]
    assert found == [Duration(6, "m"), Duration(6, "m"), Duration(3, "m"), Duration(3, "m")]


def test_one_version_holds_for_ever() -> None:
    book = PolicyBook.single(policy())
    assert book.at(day("1990-01-01")) is book.at(day("2099-12-31"))


def test_a_nonconformity_keeps_the_days_of_the_version_in_which_it_was_raised() -> None:
    book = versions(nc__major__closure={"due": "30d"})
    before, after = major(raised_on=day("2026-03-31")), major(id="N2", raised_on=day(CHANGE))
    found = outcome(Facts(in_force(), nonconformities=(before, after)), book, "2026-04-30")
    assert deadline(found, "nc_closure", "N1").due_on == day("2026-06-29")
    assert deadline(found, "nc_closure", "N2").due_on == day("2026-05-01")


def test_a_clock_from_notification_takes_the_version_of_the_notification() -> None:
    first = policy(nc__major__closure={"anchor": "notification"})
    second = policy(nc__major__closure={"anchor": "notification", "due": "30d"})
    book = PolicyBook(((day("2020-01-01"), first), (day(CHANGE), second)))
    found = outcome(Facts(in_force(), nonconformities=(major(notified_on=day(CHANGE)),)), book, CHANGE)
    assert deadline(found, "nc_closure", "N1").due_on == day("2026-05-01")


def test_a_change_of_grade_starts_clocks_of_the_version_of_that_day() -> None:
    book = versions(nc__major__closure={"due": "30d"})
    minor = major(grade="minor", raised_on=day("2025-03-10"))
    facts = Facts(in_force(), audits=(audit("A1", "surveillance", CHANGE),), nonconformities=(minor,))
    assert deadline(outcome(facts, book, CHANGE), "nc_closure", "N1").due_on == day("2026-05-01")


def test_an_extension_keeps_the_effect_of_the_version_the_clock_started_under() -> None:
    book = versions(nc__major__closure={"effect_after": "10d"})
    extended = major(extensions=(Extension(day("2026-06-01"), day("2026-07-08")),))
    assert statuses(Facts(in_force(), nonconformities=(extended,)), book, "2026-07-08", "2026-07-09") == [
        "active", "suspended",
    ]  # fmt: skip


def test_a_suspension_keeps_its_limit_and_its_consequence() -> None:
    book = versions(suspension={"limit": "1m", "valid": True})
    before = Facts(in_force(), decisions=(Decision("D1", "suspend", day("2026-03-31")),))
    after = Facts(in_force(), decisions=(Decision("D1", "suspend", day(CHANGE)),))
    assert statuses(before, book, "2026-09-30", "2026-10-01") == ["suspended", "withdrawn"]
    assert answer(before, book, "2026-09-30").flags == ("lift_possible",)
    assert statuses(after, book, "2026-05-01", "2026-05-02") == ["suspended", "withdrawn"]
    assert answer(after, book, "2026-05-01").flags == ("lift_possible", "valid_while_suspended")


def test_a_cycle_keeps_its_length_and_its_yearly_audits() -> None:
    book = versions(cycle={"length": "12m"}, surveillance__yearly={"required": False})
    old = outcome(Facts(Certificate(id="C1", certified_on=day("2026-03-31"))), book, "2026-05-01")
    new = outcome(Facts(Certificate(id="C1", certified_on=day(CHANGE))), book, "2026-05-01")
    assert [cycle.expires_on for cycle in (*old.cycles, *new.cycles)] == [day("2029-03-30"), day("2027-03-31")]
    assert [d.kind for d in old.deadlines] == [
        "first_surveillance", "yearly_surveillance", "yearly_surveillance", "expiry",
    ]  # fmt: skip
    assert [d.kind for d in new.deadlines] == ["expiry", "first_surveillance"]


def test_a_recertification_takes_the_length_of_its_decision_day() -> None:
    book = versions(cycle={"length": "12m"})
    certificate = in_force(expires_on=day("2026-09-30"))
    for decided_on, expires_on in (("2026-03-31", "2029-09-30"), (CHANGE, "2027-09-30")):
        facts = Facts(certificate, decisions=(Decision("D1", "recertify", day(decided_on)),))
        assert answer(facts, book, decided_on).expires_on == day(expires_on)


def test_the_time_to_restore_counts_from_the_expiry() -> None:
    book = versions(restoration={"limit": "1m"})
    for expires_on, until in (("2026-03-31", "2026-09-30"), (CHANGE, "2026-05-01")):
        facts = Facts(in_force(expires_on=day(expires_on)))
        assert answer(facts, book, "2026-04-20").restorable_until == day(until)


def test_stage_2_transfer_and_reapplication_keep_their_numbers() -> None:
    book = versions(stage2__verification={"limit": "1m"}, transfer={"limit": "1m"}, reapplication={"wait": "12m"})
    stage2 = audit("A1", "stage2", "2026-03-31")
    raised = Facts(audits=(stage2,), nonconformities=(major(audit="A1", raised_on=None),))
    assert deadline(outcome(raised, book, CHANGE), "stage2_verification", "N1").due_on == day("2026-09-30")
    lost = Facts(in_force(), notices=(Notice("L1", "accreditation_lost", day("2026-03-31")),))
    assert deadline(outcome(lost, book, CHANGE), "transfer").due_on == day("2026-09-30")
    withdrawn = Facts(in_force(), decisions=(Decision("D1", "withdraw", day("2026-03-31")),))
    assert answer(withdrawn, book, CHANGE).reapply_from == day("2026-03-31")
    later = Facts(in_force(), decisions=(Decision("D1", "withdraw", day(CHANGE)),))
    assert answer(later, book, CHANGE).reapply_from == day("2027-04-01")


def test_windows_and_intervals_take_the_version_of_the_audit_that_starts_them() -> None:
    window = {"every": "12m", "before": "1m", "after": "1m", "count": 1}
    book = versions(surveillance__window=window, surveillance__interval={"due": "12m"})
    for ended_on, kinds in (("2026-03-31", []), (CHANGE, ["surveillance_interval", "surveillance_window"])):
        found = outcome(Facts(in_force(), audits=(audit("A1", "recertification", ended_on),)), book, "2026-05-01")
        assert [d.kind for d in found.deadlines if d.kind.startswith("surveillance")] == kinds


def test_a_failed_verification_is_judged_by_the_version_of_the_nonconformity() -> None:
    book = versions(nc__failed_verification={"effect": "recommend_withdrawal"})
    failed = (Verification(day("2026-04-10"), "not_effective"),)
    for raised_on, flags in (("2026-03-31", ()), (CHANGE, ("withdrawal_recommended",))):
        facts = Facts(in_force(), nonconformities=(major(raised_on=day(raised_on), verifications=failed),))
        assert answer(facts, book, "2026-04-20").flags == flags


def test_a_grade_that_only_another_version_knows_keeps_its_rules() -> None:
    food = catalog().policy("fssc_22000_v6")
    book = PolicyBook(((day("2020-01-01"), food), (day(CHANGE), policy())))
    critical = major(grade="critical", raised_on=day("2026-04-10"))
    found = outcome(Facts(in_force(), nonconformities=(critical,)), book, "2026-04-10")
    assert deadline(found, "nc_closure", "N1").due_on == day("2026-10-10")
    assert found.answers[0].status == "suspended"
