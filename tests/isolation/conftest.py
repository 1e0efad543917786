"""Two organizations with a row of every kind."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from django.core.files.base import ContentFile
from django.db import connection

from accounts import clock, tenancy
from accounts.models import Organization
from accounts.walls import organization_models
from certifications.models import Certificate
from exchange.models import ImportRun
from records.models import RenderedPdf
from records.papers import PAPERS
from tests.api.world import World, make_world
from tests.application_role import as_owner
from tests.isolation.filling import fill_all
from tests.isolation.matrix import Matrix


@pytest.fixture(autouse=True)
def monday() -> Iterator[None]:
    """It is Monday, 23 November 2026."""
    with clock.at(date(2026, 11, 23)):
        yield


@pytest.fixture
def matrix(organization: Organization, other_organization: Organization) -> Matrix:
    """Halden Group asks, Ostrava Works must not be seen."""
    own = _filled(make_world(organization, "Halden"))
    count_apart()
    return Matrix(own, _filled(make_world(other_organization, "Ostrava")))


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
