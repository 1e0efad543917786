"""What every test may use: an organization with its catalog and people, and the scope to act in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import TransactionTestCase

from accounts import tenancy
from accounts.models import Membership, Organization, User
from accounts.permissions import Role
from certifications.catalog_rows import install_catalog
from records import insert_only
from tests.application_role import as_owner, become_application
from tests.kept import kept_rows
from tests.quick_catalog import quick_catalog
from tests.watching import WATCHED, watching_requests

__all__ = ["kept_rows", "quick_catalog"]
_empty_tables = TransactionTestCase._fixture_teardown  # type: ignore[attr-defined]


def _start_over(case: TransactionTestCase) -> None:
    """History cannot be deleted, so its triggers go first; emptying the tables puts them up again."""
    with as_owner():
        insert_only.take_down()
        _empty_tables(case)


TransactionTestCase._fixture_teardown = _start_over  # type: ignore[attr-defined]


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """On PostgreSQL tests run as the application does: with a role that owns nothing and passes no wall."""
    with django_db_blocker.unblock():
        become_application()


@pytest.fixture(autouse=True)
def no_change_in_silence(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A request that changes a record and writes no event fails the test."""
    if request.path.parent.name in WATCHED:
        watching_requests(monkeypatch)


def halden_group() -> Organization:
    """Makes Halden Group, Warsaw time, with the shipped standards and schemes."""
    organization = Organization.objects.create(name="Halden Group", slug="halden", time_zone="Europe/Warsaw")
    install_catalog(organization)
    return organization


def ostrava_works() -> Organization:
    """Makes a second tenant with the same catalog."""
    organization = Organization.objects.create(name="Ostrava Works", slug="ostrava", time_zone="Europe/Prague")
    install_catalog(organization)
    return organization


@pytest.fixture
def organization(db: None) -> Organization:
    """Halden Group."""
    return halden_group()


@pytest.fixture
def other_organization(db: None) -> Organization:
    """Ostrava Works."""
    return ostrava_works()


@pytest.fixture
def acting(organization: Organization) -> Iterator[Organization]:
    """Acts inside Halden Group for the whole test."""
    with tenancy.acting_in(organization):
        yield organization


def member(organization: Organization, email: str, name: str, role: Role) -> User:
    """A person with a role in the organization; the password is the mail address."""
    user = User.objects.create_user(email, password=email, full_name=name)
    with tenancy.acting_in(organization):
        Membership.objects.create(organization=organization, user=user, role=role)
    return user


@pytest.fixture
def officer(organization: Organization) -> User:
    """Marta Zielińska, compliance officer of Halden Group."""
    return member(organization, "marta@halden.example", "Marta Zielińska", Role.COMPLIANCE_OFFICER)


@pytest.fixture
def manager(organization: Organization) -> User:
    """Per Hansen, manager of Halden Group."""
    return member(organization, "per@halden.example", "Per Hansen", Role.MANAGER)
