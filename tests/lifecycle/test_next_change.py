"""The next day to look at a certificate again: nothing changes before it, and a final state has none."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifecycle.evolve import evolve, next_change_on
from lifecycle.facts import Audit, Certificate, Decision, Facts, Notice
from lifecycle.outcome import Outcome
from lifecycle.policy import PolicyBook
from tests.lifecycle.building import audit, book, day, in_force, major
from tests.lifecycle.strategies import days, documents
from tests.lifecycle.test_laws import read

MAJOR = Facts(in_force(), nonconformities=(major(),))
STAGE2 = Facts(audits=(audit("A1", "stage2", "2026-03-10"),), nonconformities=(major(audit="A1", raised_on=None),))
WINDOW = {"every": "12m", "before": "1m", "after": "1m", "count": 1, "on_breach": "suspend", "effect_after": "7d"}


def changes(facts: Facts, after: str, rules: PolicyBook | None = None) -> date | None:
    return next_change_on(facts, rules or book(), day(after))


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        ("2026-03-09", "2026-03-10"),  # raised
        ("2026-03-10", "2026-04-10"),  # the response is missed
        ("2026-04-10", "2026-06-09"),  # suspended
        ("2026-06-09", "2026-12-10"),  # withdrawn
        ("2026-12-09", "2026-12-10"),
        ("2026-12-10", "2028-05-02"),  # the printed date ends what the body has said
        ("2028-05-02", None),
    ],
)
def test_the_days_of_a_major_that_is_never_closed(after: str, expected: str | None) -> None:
    assert changes(MAJOR, after) == (None if expected is None else day(expected))


def test_a_confirmed_withdrawal_is_final() -> None:
    facts = Facts(in_force(), decisions=(Decision("D1", "withdraw", day("2026-03-10")),))
    assert changes(facts, "2026-03-09") == day("2026-03-10")
    assert changes(facts, "2026-03-10") is None


def test_facts_of_later_days_count() -> None:
    facts = Facts(in_force(), nonconformities=(major(plan_submitted_on=day("2026-03-20")),))
    assert changes(facts, "2026-03-10") == day("2026-03-20")


def test_the_time_to_restore_ends() -> None:
    facts = Facts(in_force(expires_on=day("2026-05-31")))
    assert [changes(facts, text) for text in ("2026-05-31", "2026-06-01", "2026-12-01")] == [
        day("2026-06-01"), day("2026-12-01"), None,
    ]  # fmt: skip


def test_the_end_of_a_stage_2_limit_counts_without_a_certificate_and_after_a_withdrawal() -> None:
    rules = book(nc__major__response={"due": None}, nc__major__closure={"due": None})
    assert changes(STAGE2, "2026-03-10", rules) == day("2026-09-11")
    withdrawn = replace(STAGE2, certificate=in_force(), decisions=(Decision("D1", "withdraw", day("2026-03-10")),))
    assert changes(withdrawn, "2026-03-10", rules) == day("2026-09-11")


def test_a_missed_window_counts_when_it_is_missed_and_when_it_has_its_effect() -> None:
    facts = Facts(in_force(audit_history="complete"), audits=(Audit("A1", "recertification", None, day("2026-03-10")),))
    rules = book(surveillance__window=WINDOW)
    assert changes(facts, "2026-03-10", rules) == day("2027-04-11")
    assert changes(facts, "2027-04-11", rules) == day("2027-04-17")


def test_a_window_whose_certificate_ends_before_its_effect_turns_void() -> None:
    audits = (Audit("A1", "transfer", None, day("2026-03-10")),)
    facts = Facts(in_force(expires_on=day("2027-04-15")), audits=audits)
    rules = book(surveillance__window=WINDOW, restoration={"limit": None})
    turns = ("2026-03-10", "2027-04-11", "2027-04-16", "2027-04-17")
    assert [changes(facts, text, rules) for text in turns] == [*map(day, turns[1:]), None]


def test_the_time_to_transfer_ends() -> None:
    facts = Facts(in_force(), notices=(Notice("L1", "accreditation_lost", day("2026-05-31")),))
    assert changes(facts, "2026-05-31") == day("2026-12-01")


def test_nothing_ever_changes_without_a_certificate() -> None:
    assert changes(Facts(), "2026-01-01") is None
    assert changes(Facts(Certificate(certified_on=day("2026-03-10"))), "2026-01-01") == day("2026-03-10")


def told(outcome: Outcome) -> Outcome:
    """An outcome without the day it was asked for."""
    return replace(outcome, answers=tuple(replace(answer, date=date.min) for answer in outcome.answers))


@pytest.mark.timeout(1800)
@given(documents(), days, st.integers(1, 400))
def test_nothing_changes_before_the_next_change(document: dict[str, Any], after: date, ahead: int) -> None:
    question, rules = read(document)
    following = next_change_on(question.facts, rules, after)
    day_between = after + timedelta(days=ahead)
    if following is not None:
        assert following > after
        day_between = min(day_between, following - timedelta(days=1))
    now, then = (evolve(question.facts, rules, [asked]) for asked in (after, day_between))
    assert told(then) == told(now)
