"""An organization that something will happen to, made inside an installation of real processes.

``python -m tests.faults.story make`` makes it; ``... run sweep deliver`` runs jobs once, ``... days 0 98`` runs them on
each of these days. Chunks have two rows, so that a process can be ended between them.
"""

from __future__ import annotations

import os
import sys
from datetime import timedelta
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "isotrack.settings")
django.setup()

from accounts import clock, tenancy  # noqa: E402  needs a configured process
from accounts.models import Membership, Organization, User  # noqa: E402
from accounts.permissions import Role  # noqa: E402
from certifications.catalog_rows import install_catalog  # noqa: E402
from isotrack import jobs  # noqa: E402
from records import sweep  # noqa: E402
from records.models import SweepRun  # noqa: E402
from tests.factories import certificate, nonconformity  # noqa: E402

COPIES = 3


def make() -> None:
    """Per copy: a certificate suspended after 90 days, one that expires after 60, a complaint of our own."""
    organization = Organization.objects.create(name="Halden Group", slug="halden", time_zone="UTC")
    install_catalog(organization)
    today = clock.today(organization)
    with tenancy.acting_in(organization):
        for name, role in (("Marta", Role.COMPLIANCE_OFFICER), ("Per", Role.MANAGER)):
            user = User.objects.create_user(f"{name.lower()}@halden.example", full_name=name)
            Membership.objects.create(organization=organization, user=user, role=role)
        for i in range(COPIES):
            row = certificate(organization, f"S{i}", expires_on=today + timedelta(days=900))
            nonconformity(organization, [row], f"N{i}", raised_on=today)
            certificate(organization, f"E{i}", expires_on=today + timedelta(days=60 + i))
            nonconformity(organization, [], f"O{i}", source="complaint", grade="minor", raised_on=today)


def run(*names: str) -> None:
    """Each job once."""
    sweep.CHUNK = 2
    for name in names:
        if name == "sweep":
            jobs.sweep(SweepRun.StartedBy.SCHEDULER, None, lambda line: None)
        else:
            jobs.deliver()


def days(first: int, last: int) -> None:
    """Sweep and deliver on each of these days."""
    for day in range(first, last + 1):
        Path(os.environ["ISOTRACK_CLOCK_FILE"]).write_text(str(day))
        run("sweep", "deliver")


if __name__ == "__main__":
    act, *arguments = sys.argv[1:]
    if act == "make":
        make()
    elif act == "run":
        run(*arguments)
    else:
        days(int(arguments[0]), int(arguments[1]))
