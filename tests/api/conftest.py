"""An organization with rows of every kind, and systems that call the API for it."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from datetime import date

import pytest

from accounts import clock
from accounts.models import Organization
from tests.api.calling import Caller, caller
from tests.api.world import World, make_world
from tests.conftest import halden_group, ostrava_works

MONDAY = date(2026, 11, 23)


@pytest.fixture(autouse=True)
def monday() -> Iterator[None]:
    """It is Monday, 23 November 2026."""
    with clock.at(MONDAY):
        yield


@pytest.fixture(scope="module")
def kept_organizations(kept_rows: None) -> tuple[Organization, Organization]:
    """Halden Group and Ostrava Works, once for the module."""
    with clock.at(MONDAY):
        return halden_group(), ostrava_works()


@pytest.fixture(scope="module")
def kept_world(kept_organizations: tuple[Organization, Organization]) -> World:
    """One row of every kind in Halden Group, once for the module."""
    with clock.at(MONDAY):
        return make_world(kept_organizations[0], "Halden")


@pytest.fixture(scope="module")
def kept_foreign(kept_organizations: tuple[Organization, Organization]) -> World:
    """One row of every kind in Ostrava Works, once for the module."""
    with clock.at(MONDAY):
        return make_world(kept_organizations[1], "Ostrava")


@pytest.fixture
def organization(kept_organizations: tuple[Organization, Organization], db: None) -> Organization:
    """Halden Group."""
    return deepcopy(kept_organizations[0])


@pytest.fixture
def other_organization(kept_organizations: tuple[Organization, Organization], db: None) -> Organization:
    """Ostrava Works."""
    return deepcopy(kept_organizations[1])


@pytest.fixture
def world(kept_world: World, db: None) -> World:
    """Halden Group with one row of every kind."""
    return deepcopy(kept_world)


@pytest.fixture
def foreign(kept_foreign: World, db: None) -> World:
    """Ostrava Works with one row of every kind."""
    return deepcopy(kept_foreign)


@pytest.fixture
def api(organization: Organization) -> Caller:
    """A system that speaks for a compliance officer of Halden Group and may write."""
    return caller(organization)
