"""Many people at the same moment: real threads, each with a connection of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Barrier, Thread
from typing import Any

from django.db import connections

from accounts import tenancy
from accounts.models import Organization

Act = Callable[[], object]


def at_once(organization: Organization, acts: Sequence[Act]) -> list[Any]:
    """What each act answered or raised, in the order given; all begin together."""
    barrier = Barrier(len(acts))
    outcomes: list[Any] = [None] * len(acts)

    def run(place: int) -> None:
        try:
            with tenancy.acting_in(organization):
                barrier.wait(60)
                outcomes[place] = acts[place]()
        except Exception as error:  # noqa: BLE001  whatever an act raises is its outcome
            outcomes[place] = error
        finally:
            connections.close_all()

    threads = [Thread(target=run, args=(place,)) for place in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes
