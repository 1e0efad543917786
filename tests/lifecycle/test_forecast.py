"""The next loss, the one action against it, and what follows."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from lifecycle.evolve import evolve, next_change_on
from lifecycle.facts import Certificate, Decision, EditionEnd, Facts, Nonconformity
from lifecycle.forecast import Forecast, Loss, Outlook, Remedy, explain_rule, forecast, look_ahead
from lifecycle.outcome import Transition
from tests.lifecycle.building import audit, book, day, in_force, major, policy
from tests.lifecycle.strategies import days, documents
from tests.lifecycle.test_laws import read

HORIZON = "2030-01-01"


def ahead(facts: Facts, today: str, horizon: str = HORIZON, scheme: str = "iso17021_generic", **rules: Any) -> Forecast:
    return forecast(facts, book(scheme, **rules), day(today), day(horizon))


def remedy(facts: Facts, today: str, **rules: Any) -> Remedy:
    loss = ahead(facts, today, **rules).loss
    assert loss is not None
    return loss.remedy


def test_the_whole_forecast_of_a_major() -> None:
    found = ahead(Facts(in_force(), nonconformities=(major(),)), "2026-04-20")
    suspended = Transition(
        day("2026-06-09"), "active", "suspended", "rule", "nc.major.closure", "unresolved_nc", ("N1",)
    )
    withdrawn = Transition(day("2026-12-10"), "suspended", "withdrawn", "rule", "suspension", "unresolved_nc", ("N1",))
    assert found == Forecast(
        today=day("2026-04-20"),
        horizon=day(HORIZON),
        transitions=(suspended, withdrawn),
        loss=Loss(
            date=day("2026-06-09"),
            days=50,
            status="suspended",
            rule="nc.major.closure",
            reason="unresolved_nc",
            because=("N1",),
            remedy=Remedy("submit_root_cause_and_plan", "N1", day("2026-04-09")),
        ),
        follows=(withdrawn,),
    )


def test_nothing_ahead() -> None:
    withdrawn = Facts(in_force(), decisions=(Decision("D1", "withdraw", day("2026-03-10")),))
    assert ahead(withdrawn, "2026-03-10") == Forecast(day("2026-03-10"), day(HORIZON), (), None, ())


def test_the_horizon_is_the_last_day_that_counts() -> None:
    facts = Facts(in_force(), nonconformities=(major(),))
    assert ahead(facts, "2026-04-20", "2026-06-08").transitions == ()
    assert [t.date for t in ahead(facts, "2026-04-20", "2026-06-09").transitions] == [day("2026-06-09")]


def test_a_loss_of_today_is_no_forecast() -> None:
    facts = Facts(in_force(), nonconformities=(major(),))
    loss = ahead(facts, "2026-06-09").loss
    assert loss is not None
    assert (loss.date, loss.status, loss.days) == (day("2026-12-10"), "withdrawn", 184)


STEPS = [
    ({}, "submit_root_cause_and_plan", "2026-04-09"),
    ({"plan_submitted_on": "2026-04-01"}, "get_plan_accepted", "2026-06-08"),
    ({"plan_submitted_on": "2026-04-01", "plan_accepted_on": "2026-04-02"}, "complete_action", "2026-06-08"),
    ({"plan_accepted_on": "2026-04-02", "action_done_on": "2026-04-20"}, "close_nonconformity", "2026-06-08"),
    ({"plan_submitted_on": "2026-04-21"}, "submit_root_cause_and_plan", "2026-04-09"),  # not done by today
]


@pytest.mark.parametrize(("done", "kind", "due_on"), STEPS)
def test_the_earliest_step_not_done(done: dict[str, str], kind: Any, due_on: str) -> None:
    dates = {name: day(text) for name, text in done.items()}
    facts = Facts(in_force(), nonconformities=(major(**dates),))
    assert remedy(facts, "2026-04-20") == Remedy(kind, "N1", day(due_on))


def test_of_a_derived_nonconformity_the_first_open_source() -> None:
    minors = tuple(
        Nonconformity(f"M{n}", "minor", raised_on=day("2026-03-10"), clause="9.2", closed_on=closed)
        for n, closed in ((1, day("2026-03-20")), (2, None), (3, None))
    )
    found = ahead(Facts(in_force(), nonconformities=minors), "2026-04-20").loss
    assert found is not None
    assert (found.because, found.remedy.subject, found.remedy.due_on) == (("accumulated-1",), "M2", day("2026-04-09"))


def test_a_missed_surveillance() -> None:
    certificate = Certificate(id="C1", certified_on=day("2025-03-31"), audit_history="complete")
    assert remedy(Facts(certificate), "2026-01-01") == Remedy("hold_surveillance", "C1", day("2026-03-31"))


def test_the_end_of_the_cycle() -> None:
    assert remedy(Facts(in_force()), "2026-01-01") == Remedy("recertify", "C1", day("2028-05-01"))


def test_the_end_of_the_edition() -> None:
    certificate = in_force(standard="S", edition="1")
    facts = Facts(certificate, editions=(EditionEnd("S", "1", day("2026-12-31")),))
    assert remedy(facts, "2026-01-01") == Remedy("transition_edition", "C1", day("2026-12-31"))
    suspended = remedy(facts, "2027-01-01", edition__end={"effect": "suspend"})
    assert suspended == Remedy("transition_edition", "C1", day("2027-07-01"))


def test_an_expired_certificate_that_will_be_withdrawn() -> None:
    facts = Facts(in_force(expires_on=day("2026-05-31")))
    found = ahead(facts, "2026-06-01", scheme="iaqg_icop").loss
    assert found is not None
    assert (found.date, found.status) == (day("2026-07-01"), "withdrawn")
    assert found.remedy == Remedy("recertify", "C1", day("2026-06-30"))


def test_the_limit_of_a_suspension_names_what_is_still_open() -> None:
    answered = major(plan_submitted_on=day("2026-04-01"))
    facts = Facts(in_force(), nonconformities=(answered,))
    assert remedy(facts, "2026-07-01") == Remedy("get_plan_accepted", "N1", day("2026-12-09"))


def test_the_limit_of_a_suspension_for_a_missed_audit() -> None:
    certificate = Certificate(id="C1", certified_on=day("2025-03-31"), audit_history="complete")
    assert remedy(Facts(certificate), "2026-05-01") == Remedy("hold_surveillance", "C1", day("2026-10-01"))


def test_a_suspension_that_the_body_decided() -> None:
    voluntary = Facts(in_force(), decisions=(Decision("D1", "suspend", day("2026-03-10"), reason="voluntary"),))
    assert remedy(voluntary, "2026-04-01") == Remedy("lift_suspension", "C1", day("2026-09-10"))
    named = Facts(
        in_force(),
        nonconformities=(major(grade="minor"),),
        decisions=(Decision("D1", "suspend", day("2026-03-20"), because=("N1",)),),
    )
    assert remedy(named, "2026-04-01") == Remedy("submit_root_cause_and_plan", "N1", day("2026-09-20"))


def test_a_suspension_for_a_nonconformity_that_is_not_yet_raised() -> None:
    named = Decision("D1", "suspend", day("2026-03-10"), because=("N1",))
    facts = Facts(in_force(), nonconformities=(major(grade="minor", raised_on=day("2027-03-10")),), decisions=(named,))
    assert remedy(facts, "2026-04-01") == Remedy("ask_body", "D1", day("2026-09-10"))


def test_a_decision_that_is_already_recorded_for_a_later_day() -> None:
    facts = Facts(in_force(), decisions=(Decision("D1", "withdraw", day("2026-06-01")),))
    assert remedy(facts, "2026-04-01") == Remedy("ask_body", "D1", None)


def test_an_immediate_suspension_ahead() -> None:
    facts = Facts(
        in_force(), audits=(audit("A1", "surveillance", "2026-06-01"),), nonconformities=(major(grade="minor"),)
    )
    found = ahead(facts, "2026-05-01", nc__major__opening={"effect": "suspend"}).loss
    assert found is not None
    assert (found.date, found.rule) == (day("2026-06-01"), "nc.major.opening")
    assert found.remedy == Remedy("submit_root_cause_and_plan", "N1", day("2026-07-01"))


@pytest.mark.timeout(1800)
@given(documents(), days)
def test_forecast_equals_what_happens_later(document: dict[str, Any], today: Any) -> None:
    question, rules = read(document)
    horizon = today.replace(year=today.year + 4, day=1)
    later = evolve(question.facts, rules, [horizon]).transitions
    found = forecast(question.facts, rules, today, horizon)
    assert found.transitions == tuple(move for move in later if move.date > today)
    losses = [move for move in found.transitions if move.to_status in ("suspended", "expired", "withdrawn")]
    assert (found.loss is None) == (losses == [])
    if found.loss is not None:
        assert (found.loss.date, found.loss.status, found.loss.because) == (
            losses[0].date, losses[0].to_status, losses[0].because,
        )  # fmt: skip
        assert found.follows == found.transitions[found.transitions.index(losses[0]) + 1 :]


@pytest.mark.timeout(1800)
@given(documents(), days)
def test_one_walk_finds_the_same_as_three(document: dict[str, Any], today: Any) -> None:
    question, rules = read(document)
    horizon = today.replace(year=today.year + 4, day=1)
    assert look_ahead(question.facts, rules, today, horizon) == Outlook(
        evolve(question.facts, rules, [today]),
        forecast(question.facts, rules, today, horizon),
        next_change_on(question.facts, rules, today),
    )


def test_a_rule_in_words_with_its_clause_and_its_doubt() -> None:
    assert explain_rule(policy(), "nc.major.closure") == (
        "A nonconformity of grade major is closed within 90 calendar days after it is raised; "
        "otherwise the certificate is suspended (ISO/IEC 17021-1:2015, 9.4.10)."
    )
    assert explain_rule(policy(nc__major__closure={"due": "6m"}), "nc.major.closure") == (
        "A nonconformity of grade major is closed within 6 months after it is raised; "
        "otherwise the certificate is suspended (ISO/IEC 17021-1:2015, 9.4.10; check against your scheme's own text)."
    )
    assert explain_rule(policy(), "decision.lift") == "A decision of the certification body."
