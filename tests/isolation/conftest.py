"""Two organizations with a row of every kind."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from datetime import date

import pytest
from django.core.files.base import ContentFile
from django.db import connection

from accounts import clock, tenancy
from accounts.walls import organization_models
from certifications.models import Certificate
from exchange.models import ImportRun
from records.models import RenderedPdf
from records.papers import PAPERS
from tests.api.world import World, make_world
from tests.application_role import as_owner
from tests.conftest import halden_group, ostrava_works
from tests.isolation.filling import fill_all
from tests.isolation.matrix import Matrix

MONDAY = date(2026, 11, 23)


@pytest.fixture(autouse=True)
def monday() -> Iterator[None]:
    """It is Monday, 23 November 2026."""
    with clock.at(MONDAY):
        yield


@pytest.fixture(scope="module")
def kept_worlds(kept_rows: None) -> tuple[World, World]:
    """Halden Group and Ostrava Works with a row of every kind, once for the module."""
    with clock.at(MONDAY):
        own = _filled(make_world(halden_group(), "Halden"))
        count_apart()
        return own, _filled(make_world(ostrava_works(), "Ostrava"))


@pytest.fixture
def matrix(kept_worlds: tuple[World, World], db: None) -> Matrix:
    """Halden Group asks, Ostrava Works must not be seen."""
    return Matrix(*deepcopy(kept_worlds))


def _filled(world: World) -> World:
    """A world with a row of every kind; an import has a file and a paper is of a kind that there is."""
    with tenancy.acting_in(world.organization):
        lines = f"Certificate number,Standard,Valid until\n{world.marker},ISO 9001,2028-05-01\n"
        file = ContentFile(lines.encode(), f"{world.marker}.csv")
        common = {"organization": world.organization}
        ImportRun.objects.create(**common, kind="certificates", file=file, file_name=file.name, started_by=world.user)
        about = {"subject_type": "certificate", "subject_id": world.certificate.pk}
        kind = next(name for name, paper in PAPERS.items() if paper.model is Certificate)
        RenderedPdf.objects.create(**common, **about, kind=kind, asked_by=world.user, asked_at=clock.now())
    fill_all(world.organization, world.marker, world.user)
    return world


def count_apart() -> None:
    """From here on ids are large and different in each table: no foreign id is an own one by chance."""
    with as_owner() as cursor:
        for place, model in enumerate(organization_models(), 1):
            table, start = model._meta.db_table, 1_000_000 + 1_000 * place
            if connection.vendor == "postgresql" and model._meta.pk.get_internal_type() == "BigAutoField":
                # Sequences outlive the test, so they only go up.
                cursor.execute(
                    "SELECT setval(name, nextval(name) + %s) FROM pg_get_serial_sequence(%s, %s) AS name",
                    [start, table, "id"],
                )
            elif connection.vendor == "sqlite":
                cursor.execute("DELETE FROM sqlite_sequence WHERE name = %s", [table])
                cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [table, start])
