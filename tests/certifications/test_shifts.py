"""What is shown before rules or ends of editions change is what the doors then do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from accounts import clock
from accounts.models import Organization
from certifications import actions
from certifications.actions.judgement import judge_facts
from certifications.facts import books_for, facts_for, with_relations
from certifications.models import Certificate
from certifications.shifts import Dates, Effect, dates_of, effect_of_end, effect_of_version
from lifecycle.facts import EditionEnd
from tests.factories import BY, certificate, nonconformity, scheme

TODAY = date(2026, 11, 23)


@pytest.fixture(autouse=True)
def autumn(acting: Organization) -> Iterator[None]:
    """It is 23 November 2026."""
    with clock.at(TODAY):
        yield


def known() -> dict[int, Dates]:
    """Every date of every certificate, worked out from what the database holds now."""
    rows = list(with_relations(Certificate.objects.all()))
    facts, books = facts_for(rows), books_for(row.scheme for row in rows)
    return {row.pk: dates_of(judge_facts(row, facts[row.pk], books[row.scheme_id], TODAY)) for row in rows}


def differing(before: dict[int, Dates], after: dict[int, Dates]) -> Counter[tuple[int, str, date | None, date | None]]:
    """Certificate, status (empty for a deadline), date before and after of everything that moved."""
    return Counter(
        (pk, point.status, dates.get(point), after[pk].get(point))
        for pk, dates in before.items()
        for point in dates | after[pk]
        if dates.get(point) != after[pk].get(point)
    )


def told(effect: Effect) -> Counter[tuple[int, str, date | None, date | None]]:
    return Counter((s.row.pk, m.status, m.before, m.after) for s in effect.shifts for m in s.moved)


def portfolio(organization: Organization) -> None:
    """Certificates in every situation that a rule judges."""
    facts: dict[str, dict[str, Any]] = {
        "A": {"certified_on": date(2025, 10, 22), "expires_on": None, "audit_history": "complete"},
        "B": {"certified_on": date(2025, 2, 1), "expires_on": None},
        "C": {"expires_on": date(2026, 9, 1)},
        "D": {"expires_on": None, "certified_on": date(2023, 12, 1)},
        "F": {"certified_on": date(2025, 2, 1), "expires_on": None},
        "E": {"standard": "ISO/IEC 27001", "edition": "2013", "certified_on": date(2024, 3, 1), "expires_on": None},
    }
    rows = {number: certificate(organization, number, **given) for number, given in facts.items()}
    nonconformity(organization, [rows["A"], rows["B"]], "N1", raised_on=date(2026, 10, 14))
    nonconformity(organization, [rows["F"]], "N2", raised_on=date(2026, 3, 2))
    for number in range(3):
        nonconformity(organization, [rows["A"]], f"M{number}", raised_on=date(2026, 11, 2), grade="minor", clause="8.5")
    decision = {"kind": "suspend", "decided_on": date(2026, 11, 1), "reason": "voluntary"}
    actions.record_decision(rows["D"], decision, BY)


CHANGES: list[tuple[dict[str, dict[str, Any]], date, bool]] = [
    ({"suspension": {"limit": "4m"}}, TODAY, True),
    ({"suspension": {"limit": None}}, TODAY, True),
    ({"suspension": {"limit": "1d"}}, date(2026, 6, 1), True),
    ({"nc.major.closure": {"due": "120d"}}, date(2026, 10, 14), True),
    ({"nc.major.closure": {"due": "120d"}}, date(2026, 11, 3), False),
    ({"nc.major.closure": {"due": "10d"}}, date(2026, 10, 1), True),
    ({"nc.major.closure": {"due": "next_audit", "on_breach": "none"}}, date(2026, 3, 1), True),
    ({"nc.major.opening": {"effect": "suspend"}}, date(2026, 10, 1), True),
    ({"nc.accumulation": {"count": 2}}, date(2026, 11, 1), False),
    ({"nc.accumulation": {"count": None}}, date(2026, 11, 1), True),
    ({"cycle": {"length": "12m"}}, date(2023, 11, 1), True),
    ({"restoration": {"limit": "1m", "on_breach": "withdraw"}}, date(2026, 8, 1), True),
    ({"surveillance.first": {"due": "15m"}}, date(2023, 1, 1), True),
    ({"edition.end": {"effect": "withdraw"}}, date(2020, 1, 1), True),
    ({}, TODAY, False),
]


@pytest.mark.parametrize("moving", ["automatic", "propose"])
@pytest.mark.parametrize(("rules", "effective_on", "moves"), CHANGES)
def test_what_is_shown_before_is_what_publishing_does(
    acting: Organization, rules: dict[str, dict[str, Any]], effective_on: date, moves: bool, moving: str
) -> None:
    row = scheme()
    portfolio(acting)
    if moving == "propose":
        actions.set_moving(row, row.version, moving, BY)
    before = known()
    effect = effect_of_version(row, rules, effective_on)
    assert known() == before
    actions.publish_version(row, rules, effective_on, "Letter", BY)
    after = known()
    assert told(effect) == differing(before, after)
    assert bool(effect.shifts) == moves
    assert (effect.looked_at, effect.unmoved) == (6, 6 - len(effect.shifts))
    if moving == "automatic":
        assert stored() == {pk: turns(dates) for pk, dates in after.items()}


def turns(dates: Dates) -> list[tuple[date, str]]:
    return sorted((on, point.status) for point, on in dates.items() if point.status)


def stored() -> dict[int, list[tuple[date, str]]]:
    """The moves that rows hold, past and coming."""
    return {
        row.pk: sorted(
            [(date.fromisoformat(m["date"]), m["to"]) for m in row.moves]
            + ([(row.next_loss_on, row.next_loss["status"])] if row.next_loss else [])
            + [(date.fromisoformat(m["date"]), m["status"]) for m in (row.next_loss or {}).get("follows", [])]
        )
        for row in Certificate.objects.all()
    }


@pytest.mark.parametrize(
    ("ends_on", "body", "moved"),
    [
        (date(2027, 6, 30), "", 1),  # the entry for UKAS alone comes before
        (date(2027, 6, 30), "UKAS", 2),
        (date(2026, 11, 22), "DAkkS", 1),
        (date(2099, 12, 31), "", 0),
        (None, "", 0),
    ],
)
def test_what_is_shown_before_is_what_recording_an_end_does(
    acting: Organization, ends_on: date | None, body: str, moved: int
) -> None:
    for number, accredited in (("A", "UKAS"), ("B", "UKAS"), ("C", "DAkkS")):
        certificate(acting, number, accreditation_body=accredited)
    certificate(acting, "D", standard="ISO 14001", accreditation_body="UKAS")
    edition = actions.find_edition(actions.find_standard(acting, "ISO 9001", BY), "2015", BY)
    actions.end_edition(edition, date(2030, 1, 31), BY, "UKAS", source="First letter")
    before = known()
    effect = effect_of_end(edition, EditionEnd("ISO 9001", "2015", ends_on, None, body or None, TODAY))
    assert known() == before
    actions.end_edition(edition, ends_on, BY, body, source="Second letter")
    after = known()
    assert told(effect) == differing(before, after)
    assert stored() == {pk: turns(dates) for pk, dates in after.items()}
    assert (effect.looked_at, len({s.row.pk for s in effect.shifts if s.moved[0].status})) == (3, moved)


def test_the_one_that_moves_first_comes_first(acting: Organization) -> None:
    late = certificate(acting, "A", expires_on=date(2028, 5, 1))
    soon = certificate(acting, "B", expires_on=date(2028, 4, 1))
    for row in (late, soon):
        nonconformity(acting, [row], f"N{row.number}", raised_on=date(2026, 11, 1 if row == soon else 2))
    effect = effect_of_version(scheme(), {"nc.major.closure": {"due": "60d"}}, date(2026, 10, 1))
    assert [shift.row.pk for shift in effect.shifts] == [soon.pk, late.pk]
    assert [(m.words, m.before, m.after) for m in effect.shifts[0].moved] == [
        ("suspended", date(2027, 1, 31), date(2027, 1, 1)),
        ("withdrawn", date(2027, 8, 1), date(2027, 7, 2)),
        ("Close major NB", date(2027, 1, 30), date(2026, 12, 31)),
    ]


def test_a_move_that_no_longer_comes_has_no_day_after(acting: Organization) -> None:
    row = certificate(acting)
    nonconformity(acting, [row], "N1", raised_on=date(2026, 11, 1))
    effect = effect_of_version(scheme(), {"nc.major.closure": {"on_breach": "none"}}, date(2026, 10, 1))
    gone = {m.words: (m.before, m.after) for m in effect.shifts[0].moved}
    assert gone["suspended"] == (date(2027, 1, 31), None)
