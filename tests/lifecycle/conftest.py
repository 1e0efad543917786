"""Hypothesis profiles and the shipped catalog for the tests of the rules engine."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, settings

from certifications.catalog import catalog as shipped_catalog
from lifecycle.catalog import Catalog

SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
settings.register_profile("ci", max_examples=2000, deadline=None, suppress_health_check=SLOW)
settings.register_profile("dev", max_examples=50, deadline=None, suppress_health_check=SLOW)
settings.load_profile("ci" if os.environ.get("CI") else "dev")


@pytest.fixture(scope="session")
def catalog() -> Catalog:
    """The profiles that come with the product."""
    return shipped_catalog()
