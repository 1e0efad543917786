"""Small calculations of the certification world: audit days, samples of sites, grades, waiting times.

Tables and formulas come from the catalog (``schemes.yaml``); everything is computed exactly, without
floating point. Section 9 of the contract names the results.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from math import isqrt
from typing import Any, TypeAlias

from lifecycle.calendar import ONE_DAY, Duration, add, add_months, parse_duration

Day: TypeAlias = date

_HALF = Fraction(1, 2)
_SAMPLE = re.compile(r"ceil\(([0-9.]+) \* (sqrt\(sites\)|sites)\)")


@dataclass(frozen=True, slots=True)
class AuditTime:
    """Audit days of a certification (IAF MD 5); halves, except the exact share that is spent on site."""

    table_days: Fraction
    initial_days: Fraction
    surveillance_days: Fraction
    recertification_days: Fraction
    on_site_min_days: Fraction


@dataclass(frozen=True, slots=True)
class AuditTimeTables:
    """The tables of IAF MD 5: audit days by effective number of personnel."""

    data: Mapping[str, Any]

    @property
    def names(self) -> tuple[str, ...]:
        """The columns one can choose: management system and complexity."""
        return tuple(name for name in self.data["columns"] if name not in ("from", "to"))

    @property
    def most_persons(self) -> int:
        """The largest number of persons the tables know."""
        return int(self.data["bands"][-1][1])

    def compute(self, table: str, persons: int, adjust_percent: int | float = 0) -> AuditTime:
        """Audit days for so many persons, adjusted by -30 to 100 percent and rounded to halves, ties up."""
        table_days = self._table_days(table, persons)
        return self._shares(table_days, to_nearest_half(table_days * (100 + exact(adjust_percent)) / 100))

    def integrated(self, parts: Sequence[AuditTime], reduction_percent: int | float) -> AuditTime:
        """Audit days of one audit of several systems: their sum, less 0 to 20 percent for integration (IAF MD 11).

        Raises ``ValueError`` for a larger reduction.
        """
        most = self.data["integrated_max_reduction_percent"]["value"]
        if not 0 <= reduction_percent <= most:
            raise ValueError(f"integration takes 0 to {most} percent")
        together = sum((part.initial_days for part in parts), Fraction(0))
        reduced = to_nearest_half(together * (100 - exact(reduction_percent)) / 100)
        return self._shares(sum((part.table_days for part in parts), Fraction(0)), reduced)

    def _shares(self, table_days: Fraction, initial: Fraction) -> AuditTime:
        return AuditTime(
            table_days=table_days,
            initial_days=initial,
            surveillance_days=to_nearest_half(initial * exact(self.data["surveillance_share"]["value"])),
            recertification_days=to_nearest_half(initial * exact(self.data["recertification_share"]["value"])),
            on_site_min_days=initial * exact(self.data["on_site_min_share"]["value"]),
        )

    def _table_days(self, table: str, persons: int) -> Fraction:
        column = self.data["columns"].index(table)
        return next(exact(band[column]) for band in self.data["bands"] if band[0] <= persons <= band[1])


def exact(value: int | float | str) -> Fraction:
    """A number as it is written, without binary rounding: 0.8 is 4/5, "1/3" is a third."""
    return Fraction(str(value))


def to_nearest_half(days: Fraction) -> Fraction:
    """Round to half days; a tie goes up."""
    return (days / _HALF + _HALF).__floor__() * _HALF


def sites_to_audit(formulas: Mapping[str, Any], sites: int, audit: str, *, sampled: bool) -> int:
    """How many of ``sites`` (without the central function) an audit visits (IAF MD 1)."""
    formula = formulas["sampled" if sampled else "not_sampled"][audit]
    match = _SAMPLE.fullmatch(formula)
    if match is None:
        return sites
    factor = exact(match[1])
    if match[2] == "sites":
        return -((-factor * sites).__floor__())
    return _ceil_of_root(factor, sites)


def _ceil_of_root(factor: Fraction, sites: int) -> int:
    """The least whole number that is not below factor x sqrt(sites), in whole numbers only."""
    square = factor.numerator**2 * sites
    root = isqrt(square)
    least = root if root * root == square else root + 1
    return -(-least // factor.denominator)


@dataclass(frozen=True, slots=True)
class Grade:
    """The result of an audit in a scheme that grades; ``score`` is None where a table decides."""

    score: int | None
    grade: str
    certificate: bool


def grade_of(grading: Mapping[str, Any], minor: int, major: int, critical: int) -> Grade:
    """The grade for so many nonconformities, by points or by table as the scheme has it."""
    if grading["method"] == "score":
        points = grading["points"]
        lost = minor * points["minor"] + major * points["major"] + critical * points["critical"]
        return _rated(grading, max(0, grading["start"] - lost))
    if critical == 0:
        for row in grading["rows"]:
            if major <= row["major"] and minor <= row["minor_max"]:
                return Grade(None, row["grade"], certificate=True)
    return Grade(None, grading["otherwise"], certificate=False)


def _rated(grading: Mapping[str, Any], score: int) -> Grade:
    rating = next(row for row in grading["ratings"] if row["from"] <= score <= row["to"])
    return Grade(score, rating["rating"], rating["certificate"])


def data_due_on(month: date, after_month_end: str) -> date:
    """Last day to submit the data of a month: so many days after the month's last day."""
    return add(add_months(month.replace(day=1), 1) - ONE_DAY, parse_duration(after_month_end))


@dataclass(frozen=True, slots=True)
class RegainStanding:
    """How far a withdrawn organization is on its way back, on one day."""

    date: Day
    reapply_from: Day
    stage2_ready: bool
    missing: tuple[str, ...]


def regain_standing(
    needed: tuple[str, ...], steps: Mapping[str, date], withdrawn_on: date, wait: Duration | None, on: date
) -> RegainStanding:
    """What is still missing on a day before a stage 2 makes sense, and when one may apply again."""
    missing = tuple(step for step in needed if step not in steps or steps[step] > on)
    reapply_from = add(withdrawn_on, wait) if wait else withdrawn_on
    return RegainStanding(on, reapply_from, not missing, missing)
