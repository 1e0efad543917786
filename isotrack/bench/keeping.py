"""A long history and a full vault: how long it takes to verify the one and to put both back from a backup."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

from django.db import transaction

from accounts import clock, tenancy
from accounts.models import Organization
from evidence import actions as evidence
from isotrack.backup.drill import rehearse
from isotrack.backup.making import make
from isotrack.bench.seeding import BY
from nonconformities.models import Nonconformity
from records.record import Entry, record
from records.verification import verify

MEGABYTE = 1024 * 1024
AT_ONCE = 1_000
Tell = Callable[[str], object]


def write_history(organization: Organization, number: int) -> None:
    """Add so many events about a nonconformity to one organization's chain, as the sweep writes them."""
    with tenancy.acting_in(organization):
        subject = Nonconformity.objects.order_by("pk")[0]
        today = clock.today(organization)
        for first in range(0, number, AT_ONCE):
            entries = [
                Entry.about(
                    subject,
                    "nonconformity.changed",
                    today,
                    before={"title": f"Title {first + i}", "version": i},
                    after={"title": f"Title {first + i + 1}", "version": i + 1},
                    reason="Measured",
                )
                for i in range(min(AT_ONCE, number - first))
            ]
            with transaction.atomic():
                record(BY, entries)


def fill_vault(organization: Organization, megabytes: int) -> None:
    """Keep so many files of one megabyte, each with a content of its own, through the door."""
    with tenancy.acting_in(organization):
        subject = Nonconformity.objects.order_by("pk")[0]
        for number in range(megabytes):
            content = b"%PDF-1.7\n" + os.urandom(MEGABYTE - 9)
            evidence.attach(subject, evidence.Given(f"photo-{number}.pdf", [content]), BY)


def verified(organization: Organization) -> float:
    """Seconds to verify one organization's whole chain."""
    begin = time.perf_counter()
    with tenancy.acting_in(organization):
        verdict = verify(organization.pk)
    assert verdict.holds, verdict.problem
    return time.perf_counter() - begin


def backed_up(where: Path, tell: Tell) -> tuple[Path, float]:
    """Make a backup; returns its folder and the seconds it took."""
    begin = time.perf_counter()
    return make(where, tell), time.perf_counter() - begin


def put_back(folder: Path, tell: Tell) -> float:
    """Minutes until a backup is put back into an empty place and its counts, chains and hashes are proven."""
    return rehearse(folder, tell)
