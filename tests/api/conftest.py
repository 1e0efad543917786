"""An organization with rows of every kind, and systems that call the API for it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from accounts import clock
from accounts.models import Organization
from tests.api.calling import Caller, caller
from tests.api.world import World, make_world


@pytest.fixture(autouse=True)
def monday() -> Iterator[None]:
    """It is Monday, 23 November 2026."""
    with clock.at(date(2026, 11, 23)):
        yield


@pytest.fixture
def world(organization: Organization) -> World:
    """Halden Group with one row of every kind."""
    return make_world(organization, "Halden")


@pytest.fixture
def foreign(other_organization: Organization) -> World:
    """Ostrava Works with one row of every kind."""
    return make_world(other_organization, "Ostrava")


@pytest.fixture
def api(organization: Organization) -> Caller:
    """A system that speaks for a compliance officer of Halden Group and may write."""
    return caller(organization)
