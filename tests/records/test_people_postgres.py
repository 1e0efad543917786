"""Two administrators who step down at the same moment: one is refused, the organization keeps one."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable

import pytest
from django.db import connection

from accounts import tenancy
from accounts.models import Membership, Organization
from accounts.permissions import Role
from records.people import LastAdministrator, remove_member, set_role
from tests.conftest import member
from tests.factories import BY

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
STEPS: list[Callable[[Membership], object]] = [
    lambda row: set_role(row, Role.VIEWER, BY),
    lambda row: remove_member(row, BY),
]


@pytest.mark.parametrize("crossed", [False, True], ids=["themselves", "each other"])
def test_the_last_administrator_stays(organization: Organization, crossed: bool) -> None:
    outcomes: Counter[str] = Counter()
    for turn in range(20):
        names = (f"one{turn}@halden.example", f"two{turn}@halden.example")
        people = [member(organization, name, name, Role.ADMINISTRATOR) for name in names]
        with tenancy.acting_in(organization):
            rows = [Membership.objects.get(user=person) for person in people]
        together(organization, rows[::-1] if crossed else rows, STEPS[turn % 2], outcomes)
        with tenancy.acting_in(organization):
            left = Membership.objects.filter(role=Role.ADMINISTRATOR)
            assert left.count() == 1
            left.delete()
    assert outcomes == {"done": 20, "refused": 20}


def together(
    organization: Organization, rows: list[Membership], step: Callable[[Membership], object], outcomes: Counter[str]
) -> None:
    """The step for each row in a thread of its own, started at once."""
    barrier = threading.Barrier(len(rows))

    def run(row: Membership) -> None:
        try:
            with tenancy.acting_in(organization):
                barrier.wait(20)
                step(row)
            outcomes["done"] += 1
        except LastAdministrator:
            outcomes["refused"] += 1
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[row]) for row in rows]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
