"""An import whose worker was killed is taken up again by the next wake-up."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from accounts import clock
from accounts.models import Organization
from exchange.models import ImportRun
from isotrack import jobs

NOON = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("state", "lease_minutes", "found"),
    [
        ("working", -1, True),
        ("working", 0, True),
        ("working", 1, False),
        ("working", None, True),
        ("open", None, False),
        ("done", None, False),
        ("undone", -1, False),
    ],
)
def test_which_imports_nobody_holds(acting: Organization, state: str, lease_minutes: int | None, found: bool) -> None:
    with clock.at(NOON):
        until = None if lease_minutes is None else clock.now() + timedelta(minutes=lease_minutes)
        run = ImportRun(organization=acting, kind="audits", file_name="plan.csv", lease_until=until)
        run.state = ImportRun.State(state)
        run.save()
        assert jobs.abandoned_imports() == ([run.pk] if found else [])
