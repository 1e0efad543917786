"""The one clock: fixed in a thread, moved by a file for all processes, read where the organization is."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from accounts import clock
from accounts.models import Organization


@pytest.mark.parametrize(
    ("zone", "day"),
    [
        ("UTC", date(2026, 6, 8)),
        ("Europe/Warsaw", date(2026, 6, 9)),
        ("Pacific/Kiritimati", date(2026, 6, 9)),
        ("America/Los_Angeles", date(2026, 6, 8)),
        ("Asia/Kathmandu", date(2026, 6, 9)),
    ],
)
def test_today_is_the_organizations_own(zone: str, day: date) -> None:
    with clock.at(datetime(2026, 6, 8, 22, 30, tzinfo=UTC)):
        assert clock.today(Organization(time_zone=zone)) == day


def test_a_fixed_clock_is_set_back_afterwards() -> None:
    with clock.at(date(2030, 1, 1)):
        assert clock.now() == datetime(2030, 1, 1, 12, tzinfo=UTC)
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=5)


@pytest.mark.parametrize(("text", "days"), [("90", 90), ("-3\n", -3), ("", 0)])
def test_a_file_moves_the_clock_of_every_process(tmp_path: Path, settings: Any, text: str, days: int) -> None:
    moved = tmp_path / "clock"
    moved.write_text(text)
    settings.CLOCK_FILE = str(moved)
    assert abs(clock.now() - datetime.now(UTC) - timedelta(days=days)) < timedelta(seconds=5)


def test_a_missing_file_moves_nothing(tmp_path: Path, settings: Any) -> None:
    settings.CLOCK_FILE = str(tmp_path / "nowhere")
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=5)
