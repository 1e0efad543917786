"""How long the engine takes: measured, never asserted. For benchmarks and for the curious."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from time import process_time

from lifecycle.evolve import evolve, next_change_on
from lifecycle.facts import Audit, Certificate, Facts, Nonconformity
from lifecycle.forecast import forecast, look_ahead
from lifecycle.policy import PolicyBook

TODAY = date(2026, 3, 1)
CERTIFICATE = Certificate(
    "C1", standard="ISO 9001", edition="2015", certified_on=date(2023, 3, 1), audit_history="complete"
)
TYPICAL = Facts(
    CERTIFICATE,
    audits=(
        Audit("A1", "surveillance", ended_on=date(2024, 2, 1)),
        Audit("A2", "surveillance", ended_on=date(2025, 2, 1)),
        Audit("A3", "recertification", ended_on=date(2026, 1, 20)),
    ),
    nonconformities=(
        Nonconformity("N1", "minor", audit="A1", clause="8.4", closed_on=date(2024, 5, 1)),
        Nonconformity("N2", "major", audit="A2", clause="9.2", closed_on=date(2025, 4, 1)),
        Nonconformity("N3", "minor", audit="A3", clause="7.5"),
    ),
)


def microseconds_per_certificate(book: PolicyBook, count: int = 2000) -> dict[str, float]:
    """Processor microseconds for three years of one certificate.

    The answer of a day, the forecast, the next day to look at it again, and all three in one walk.
    """
    certificates = [replace(TYPICAL, certificate=replace(CERTIFICATE, id=f"C{number}")) for number in range(count)]
    horizon = TODAY.replace(year=TODAY.year + 3)
    work = {
        "evolve": lambda facts: evolve(facts, book, [TODAY]),
        "forecast": lambda facts: forecast(facts, book, TODAY, horizon),
        "next_change_on": lambda facts: next_change_on(facts, book, TODAY),
        "look_ahead": lambda facts: look_ahead(facts, book, TODAY, horizon),
    }
    measured = {}
    for name, run in work.items():
        started = process_time()
        for facts in certificates:
            run(facts)
        measured[name] = (process_time() - started) / count * 1e6
    return measured
