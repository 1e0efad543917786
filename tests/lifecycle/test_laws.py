"""The laws of the engine, each over generated histories: 50 locally, 2,000 in continuous integration.

Idempotence, catch-up, forecast, boundaries: see ``docs/architecture.md``.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certifications.catalog import catalog
from lifecycle.calendar import Duration, add
from lifecycle.document.rules import policy_for
from lifecycle.document.shape import Question, read_question
from lifecycle.evolve import evolve
from lifecycle.facts import Audit, Certificate, Facts, Nonconformity, Verification
from lifecycle.known import known_facts
from lifecycle.outcome import Outcome
from lifecycle.policy import PolicyBook
from tests.lifecycle.strategies import days, documents

pytestmark = pytest.mark.timeout(1800)
ONE_DAY = timedelta(days=1)


def read(document: dict[str, Any]) -> tuple[Question, PolicyBook]:
    """The facts and rules of a valid document."""
    question = read_question(document)
    return question, PolicyBook.single(policy_for(question.scheme, question.rules, catalog()), catalog().editions)


def until(outcome: Outcome, day: date) -> list[Any]:
    return [move for move in outcome.transitions if move.date <= day]


@given(documents())
def test_idempotence_a_second_run_finds_the_same(document: dict[str, Any]) -> None:
    question, book = read(document)
    first = evolve(question.facts, book, question.dates)
    assert evolve(question.facts, book, question.dates) == first
    assert evolve(question.facts, book, [*reversed(question.dates), question.dates[-1]]) == first


@given(documents(), st.lists(days, min_size=1, max_size=8))
def test_catch_up_day_by_day_equals_once_at_the_end(document: dict[str, Any], runs: list[date]) -> None:
    question, book = read(document)
    asked = sorted({*runs, *question.dates})
    once = evolve(question.facts, book, asked)
    for day, answer in zip(asked, once.answers, strict=True):
        alone = evolve(question.facts, book, [day])
        assert list(alone.transitions) == until(once, day)
        assert alone.answers == (answer,)


@given(documents(), days)
def test_catch_up_holds_on_the_eve_and_the_day_of_every_move(document: dict[str, Any], end: date) -> None:
    question, book = read(document)
    once = evolve(question.facts, book, [end])
    for move in once.transitions:
        for day in (move.date - ONE_DAY, move.date):
            assert list(evolve(question.facts, book, [day]).transitions) == until(once, day)


@given(documents(), days, days)
def test_forecast_equals_what_the_sweeps_record_when_no_fact_is_added(
    document: dict[str, Any], first: date, second: date
) -> None:
    question, book = read(document)
    today, later = sorted((first, second))
    known = known_facts(replace(question.facts, known_on=today))
    forecast = evolve(known, book, [today, later])
    recorded = evolve(replace(known, known_on=None), book, [later])
    assert list(evolve(known, book, [today]).transitions) == until(forecast, today)
    assert forecast.transitions == recorded.transitions
    assert forecast.answers[-1] == recorded.answers[-1]


@given(documents())
def test_statuses_and_moves_tell_one_story(document: dict[str, Any]) -> None:
    question, book = read(document)
    outcome = evolve(question.facts, book, question.dates)
    moves = outcome.transitions
    assert [move.date for move in moves] == sorted(move.date for move in moves)
    assert [move.from_status for move in moves[1:]] == [move.to_status for move in moves[:-1]]
    assert all(move.from_status != move.to_status and move.because for move in moves)
    for answer in outcome.answers:
        passed = until(outcome, answer.date)
        if passed:
            assert answer.status == passed[-1].to_status
        elif moves:
            assert answer.status == moves[0].from_status


@given(documents())
def test_what_is_answered_is_in_order(document: dict[str, Any]) -> None:
    question, book = read(document)
    outcome = evolve(question.facts, book, question.dates)
    assert [(d.due_on, d.kind, d.subject) for d in outcome.deadlines] == sorted(
        (d.due_on, d.kind, d.subject) for d in outcome.deadlines
    )
    assert [(v.date, v.subject, v.code) for v in outcome.violations] == sorted(
        (v.date, v.subject, v.code) for v in outcome.violations
    )
    for answer in outcome.answers:
        assert list(answer.flags) == sorted(set(answer.flags))
    assert [answer.date for answer in outcome.answers] == list(question.dates)


@given(documents())
def test_dates_of_an_answer_go_with_its_status(document: dict[str, Any]) -> None:
    """Past its end a certificate is in force only on a day on which it began or came back after that end."""
    question, book = read(document)
    outcome = evolve(question.facts, book, question.dates)
    begun = {move.date for move in outcome.transitions if move.to_status == "active"}
    for answer in outcome.answers:
        assert answer.suspension_limit_on is None or answer.status == "suspended"
        assert answer.restorable_until is None or (
            answer.status == "expired" and answer.restorable_until >= answer.date
        )
        assert (answer.reapply_from is not None) == (answer.status == "withdrawn")
        assert answer.status != "none" or (answer.certificate, answer.expires_on, answer.effective_expires_on) == (
            None, None, None,
        )  # fmt: skip
        if answer.status in ("active", "suspended") and answer.effective_expires_on is not None:
            assert answer.date <= answer.effective_expires_on or answer.date in begun


STEP_RULES = [
    (scheme, rule)
    for scheme in catalog().scheme_ids
    for grade in catalog().policy(scheme).grade_rules.values()
    for rule in grade.dated
    if not grade.opening_suspends and rule.step == "closure" and rule.on_breach in ("suspend", "withdraw")
]


@given(st.sampled_from(STEP_RULES), days, st.integers(-1, 2))
def test_boundary_a_closure_counts_until_the_deadline_day(rule: Any, raised: date, late_by: int) -> None:
    scheme, step = rule
    assert isinstance(step.due, Duration)
    due = add(raised, step.due)
    closed = max(raised, due + late_by * ONE_DAY)
    grade = step.id.split(".")[1]
    nonconformity = Nonconformity(id="N1", grade=grade, raised_on=raised, closed_on=closed, plan_accepted_on=raised)
    facts = Facts(Certificate(id="C1", expires_on=date(2099, 12, 31)), nonconformities=(nonconformity,))
    book = PolicyBook.single(catalog().policy(scheme))
    outcome = evolve(facts, book, [due - ONE_DAY, due, due + ONE_DAY])
    moved = "suspended" if step.on_breach == "suspend" else "withdrawn"
    assert [answer.status for answer in outcome.answers] == ["active", "active", moved if late_by > 0 else "active"]
    assert [(move.date, move.rule) for move in outcome.transitions] == (
        [(due + ONE_DAY, step.id)] if late_by > 0 else []
    )
    state = next(deadline.state for deadline in outcome.deadlines if deadline.kind == "nc_closure")
    assert state == ("late" if late_by == 1 else "missed" if late_by == 2 else "met")


@given(days, st.integers(-1, 1))
def test_boundary_a_surveillance_counts_until_the_deadline_day(certified: date, late_by: int) -> None:
    due = add(certified, Duration(12, "m"))
    audit = Audit("A1", "surveillance", ended_on=due + late_by * ONE_DAY)
    facts = Facts(Certificate(id="C1", certified_on=certified, audit_history="complete"), audits=(audit,))
    book = PolicyBook.single(
        catalog().policy("iso17021_generic").with_rules({"surveillance.yearly": {"required": False}})
    )
    outcome = evolve(facts, book, [due, due + ONE_DAY])
    assert [answer.status for answer in outcome.answers] == ["active", "suspended" if late_by > 0 else "active"]


@given(days)
def test_boundary_a_certificate_is_valid_on_its_last_day_and_restorable_on_the_last_of_six_months(expiry: date) -> None:
    book = PolicyBook.single(catalog().policy("iso17021_generic"))
    limit = add(expiry, Duration(6, "m"))
    facts = Facts(Certificate(id="C1", expires_on=expiry))
    asked = evolve(facts, book, [expiry, expiry + ONE_DAY, limit, limit + ONE_DAY]).answers
    assert [answer.status for answer in asked] == ["active", "expired", "expired", "expired"]
    assert [answer.restorable_until for answer in asked] == [None, limit, limit, None]


@given(days, st.integers(0, 30))
def test_an_effective_verification_on_the_deadline_day_closes_in_time(raised: date, earlier: int) -> None:
    due = raised + timedelta(days=90)
    check = Verification(due - timedelta(days=earlier), "effective")
    nonconformity = Nonconformity(id="N1", grade="major", raised_on=raised, verifications=(check,))
    facts = Facts(Certificate(id="C1", expires_on=date(2099, 12, 31)), nonconformities=(nonconformity,))
    book = PolicyBook.single(catalog().policy("iso17021_generic"))
    outcome = evolve(facts, book, [due + ONE_DAY])
    assert outcome.transitions == ()
    assert outcome.nonconformities[0].closed_on == check.date
