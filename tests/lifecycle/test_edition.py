"""Which record tells the end of an edition (section 2)."""

from __future__ import annotations

import pytest

from lifecycle.edition import EditionEnds
from lifecycle.facts import Certificate, EditionEnd
from tests.lifecycle.building import day

CERTIFICATE = Certificate(standard="ISO 9001", edition="2015", accreditation_body="UKAS")


def end(on: str, body: str | None = None, recorded: str | None = None, standard: str = "ISO 9001") -> EditionEnd:
    entered = day(recorded) if recorded else None
    return EditionEnd(standard, "2015", day(on), accreditation_body=body, recorded_on=entered)


@pytest.mark.parametrize(
    ("own", "catalog", "expected"),
    [
        ([], [], None),
        ([], [end("2029-01-01")], "2029-01-01"),
        ([], [end("2029-01-01"), end("2029-02-01", "UKAS")], "2029-02-01"),
        ([], [end("2029-01-01"), end("2029-02-01", "DAkkS")], "2029-01-01"),
        ([end("2029-03-01")], [end("2029-02-01", "UKAS")], "2029-03-01"),
        ([end("2029-03-01", "DAkkS")], [end("2029-02-01")], "2029-02-01"),
        ([end("2029-03-01", standard="ISO 9001:2015")], [end("2029-02-01")], "2029-02-01"),
        ([end("2029-03-01", None, "2026-01-01"), end("2029-04-01")], [], "2029-03-01"),
        ([end("2029-03-01", None, "2026-01-01"), end("2029-04-01", None, "2026-01-02")], [], "2029-04-01"),
        ([end("2029-03-01", "UKAS"), end("2029-04-01", None, "2026-01-02")], [], "2029-03-01"),
    ],
)
def test_the_record_that_holds(own: list[EditionEnd], catalog: list[EditionEnd], expected: str | None) -> None:
    found = EditionEnds(CERTIFICATE, tuple(own), tuple(catalog)).of("2015")
    assert (None if found is None else found.ends_on) == (None if expected is None else day(expected))


def test_without_standard_or_edition_there_is_no_end() -> None:
    ends = (end("2029-01-01"),)
    assert EditionEnds(Certificate(edition="2015"), ends, ()).of("2015") is None
    assert EditionEnds(CERTIFICATE, ends, ()).of(None) is None
    assert EditionEnds(CERTIFICATE, ends, ()).of("2026") is None


def test_an_edition_has_ended_on_the_day_after_its_end() -> None:
    ends = EditionEnds(CERTIFICATE, (end("2029-01-01"),), ())
    assert [ends.ended_before("2015", day(text)) for text in ("2029-01-01", "2029-01-02")] == [False, True]


def test_an_end_that_is_not_set_never_comes() -> None:
    ends = EditionEnds(CERTIFICATE, (EditionEnd("ISO 9001", "2015", None),), (end("2029-01-01"),))
    assert ends.ended_before("2015", day("2099-12-31")) is False
