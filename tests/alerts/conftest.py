"""One certificate whose owner is told."""

from __future__ import annotations

import pytest

from accounts.models import Organization, Site, User
from certifications.models import Certificate
from tests.factories import certificate
from tests.records.rows import START, on


@pytest.fixture
def row(organization: Organization, officer: User) -> Certificate:
    """C1 of Marta, ISO 9001 at Gdańsk; nothing has been written about it."""
    with on(START, organization):
        site = Site.objects.create(organization=organization, name="Gdańsk")
        made = certificate(organization, "C1", owner=officer, sites=[site])
        made.refresh_from_db()
    return made
