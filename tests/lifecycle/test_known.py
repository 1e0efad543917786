"""What was known on a day (C13): later records and later dates are left out."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from lifecycle.facts import Audit, Decision, EditionEnd, Extension, Facts, Nonconformity, Notice, Verification
from lifecycle.known import known_facts, raised_on
from tests.lifecycle.building import answer, book, day, in_force, major

DAY = day("2026-06-15")
NEXT = day("2026-06-16")


def known(**facts: Any) -> Facts:
    return known_facts(Facts(in_force(), known_on=DAY, **facts))


def test_without_known_on_everything_is_known() -> None:
    facts = Facts(in_force(), decisions=(Decision("D1", "lift", date.max),))
    assert known_facts(facts) is facts


def test_a_record_counts_from_its_own_date_or_from_its_entry() -> None:
    decisions = (
        Decision("own date", "lift", DAY),
        Decision("later date", "lift", NEXT),
        Decision("entered later", "lift", day("2026-06-01"), recorded_on=NEXT),
        Decision("entered in time", "lift", day("2026-06-01"), recorded_on=DAY),
    )
    assert [d.id for d in known(decisions=decisions).decisions] == ["own date", "entered in time"]


def test_notices_count_alike() -> None:
    notices = (Notice("P1", "appeal_filed", DAY), Notice("P2", "appeal_filed", NEXT))
    assert known(notices=notices).notices == notices[:1]


def test_an_audit_counts_from_the_first_of_its_dates_and_its_end_from_the_end() -> None:
    running = Audit("A1", "surveillance", day("2026-06-10"), NEXT)
    ended = Audit("A2", "surveillance", None, DAY)
    ahead = Audit("A3", "surveillance", None, NEXT)
    assert known(audits=(running, ended, ahead)).audits == (replace(running, ended_on=None), ended)


def test_steps_of_a_nonconformity_count_from_their_dates() -> None:
    done = major(plan_submitted_on=DAY, plan_accepted_on=NEXT, action_done_on=NEXT)
    (found,) = known(nonconformities=(done,)).nonconformities
    assert (found.plan_submitted_on, found.plan_accepted_on, found.action_done_on) == (DAY, None, None)


@pytest.mark.parametrize(
    ("closed_on", "entered_on", "expected"),
    [
        (DAY, None, DAY),
        (NEXT, None, None),
        (day("2026-06-01"), NEXT, None),
        (day("2026-06-01"), DAY, day("2026-06-01")),
    ],
)
def test_a_closure_counts_from_its_entry(closed_on: date, entered_on: date | None, expected: date | None) -> None:
    (found,) = known(nonconformities=(major(closed_on=closed_on, closure_recorded_on=entered_on),)).nonconformities
    assert found.closed_on == expected


def test_verifications_and_extensions_count_from_their_entries() -> None:
    checks = (Verification(DAY, "effective"), Verification(day("2026-06-01"), "effective", recorded_on=NEXT))
    extensions = (Extension(DAY, NEXT), Extension(NEXT, date.max))
    (found,) = known(nonconformities=(major(verifications=checks, extensions=extensions),)).nonconformities
    assert (found.verifications, found.extensions) == (checks[:1], extensions[:1])


def test_a_nonconformity_takes_the_day_of_its_audit_even_when_the_audit_was_entered_later() -> None:
    late = Audit("A1", "surveillance", None, day("2026-06-01"), recorded_on=NEXT)
    found = known(audits=(late,), nonconformities=(Nonconformity("N1", "major", audit="A1"),))
    assert found.audits == ()
    assert [n.raised_on for n in found.nonconformities] == [day("2026-06-01")]


def test_a_nonconformity_raised_later_is_not_known() -> None:
    assert known(nonconformities=(major(raised_on=NEXT),)).nonconformities == ()


def test_the_end_of_an_edition_is_always_known_unless_entered_later() -> None:
    ends = (
        EditionEnd("S", "1", NEXT),
        EditionEnd("S", "2", DAY, recorded_on=DAY),
        EditionEnd("S", "3", DAY, recorded_on=NEXT),
    )
    assert known(editions=ends).editions == ends[:2]


def test_without_a_day_a_nonconformity_cannot_be_placed() -> None:
    with pytest.raises(ValueError, match="N1 has neither raised_on nor an audit"):
        raised_on(Nonconformity("N1", "major"))


def test_a_closure_entered_later_changes_the_past() -> None:
    closed = major(closed_on=day("2026-06-05"), closure_recorded_on=day("2026-06-20"))
    before = Facts(in_force(), nonconformities=(closed,), known_on=day("2026-06-19"))
    assert answer(before, book(), "2026-06-15").status == "suspended"
    assert answer(replace(before, known_on=day("2026-06-20")), book(), "2026-06-15").status == "active"
