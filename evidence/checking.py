"""Whether the vault and the rows tell the same: every content against its hash, and what nothing points at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.db import IntegrityError, transaction

from accounts import clock, tenancy
from accounts.models import Organization
from evidence import vault
from evidence.models import Blob

GRACE = timedelta(hours=24)  # an upload under way has its file before its row
Tell = Callable[[str], object]


@dataclass(slots=True)
class Verified:
    """How many contents were compared, and how many are damaged."""

    checked: int = 0
    damaged: int = 0


def verify(tell: Tell) -> Verified:
    """Compare every content of every organization with its hash; says each that is missing or was changed."""
    found = Verified()
    with tenancy.across_organizations():
        for blob in Blob.objects.order_by("pk").iterator(chunk_size=500):
            found.checked += 1
            try:
                vault.opened(blob).close()
            except vault.Damaged as damage:
                found.damaged += 1
                tell(f"{blob.name}: {damage}; used by {_users(blob)}")
    return found


def _users(blob: Blob) -> str:
    uses = blob.revisions.select_related("evidence").order_by("pk")[:3]
    return "; ".join(f"“{revision.evidence}” ({revision.file_name})" for revision in uses) or "nothing"


def collect(tell: Tell, dry_run: bool = False) -> int:
    """Remove contents that nothing points at and that are older than a day; returns how many."""
    now = clock.now()
    gone = 0 if dry_run else vault.forget_incoming(now - GRACE)
    with tenancy.across_organizations():
        for organization in Organization.objects.order_by("pk"):
            known = set(Blob.objects.filter(organization=organization).values_list("sha256", flat=True))
            for name in list(vault.names(organization.pk)):
                sha256 = name.rpartition("/")[2]
                if sha256 not in known and vault.age(name, now) > GRACE.total_seconds():
                    gone += _remove(organization, name, sha256, tell, dry_run)
    return gone


def _remove(organization: Organization, name: str, sha256: str, tell: Tell, dry_run: bool) -> int:
    """Claim the content by its row, so that whoever uploads it at this moment waits, and then brings it anew."""
    try:
        with transaction.atomic():
            Blob.objects.create(organization=organization, sha256=sha256[:64], size=0)
            if not dry_run:
                vault.remove(name)
            transaction.set_rollback(True)
    except IntegrityError:
        return 0
    tell(f"{name}: {'would be removed' if dry_run else 'removed'}; nothing points at it")
    return 1
