"""The way back: only a whole backup, only into an empty place, and nothing is sent until somebody says so."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.files import File
from django.core.files.storage import FileSystemStorage
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from accounts import clock, tenancy
from accounts.models import ApiKey, Organization
from evidence import vault
from evidence.checking import verify as verify_evidence
from isotrack.backup import databases
from isotrack.backup.making import EVIDENCE, FILES
from isotrack.backup.manifest import BackupDamaged, Manifest, check
from records import outbox
from records.verification import verify as verify_chain

Tell = Callable[[str], object]


class NotEmpty(Exception):
    """There is something already where the backup should go; nothing was touched."""


def restore(folder: Path, tell: Tell, revoke_keys: bool = False) -> None:
    """Put a backup back into the empty database and folders of the settings, and prove that it is the same.

    Raises ``NotEmpty`` or ``BackupDamaged`` before anything is written.
    """
    manifest = check(folder)
    _refuse_unfit(manifest)
    _refuse_filled()
    databases.put_back(folder)
    tell("database put back")
    _put_files_back(folder)
    _prove_counts(manifest, tell)
    call_command("migrate", interactive=False, verbosity=0)  # of an older version: its tables become those of this one
    _prove_content(manifest, tell)
    _settle(tell, revoke_keys)


def _refuse_unfit(manifest: Manifest) -> None:
    if manifest.vendor != connection.vendor:
        raise BackupDamaged(f"this backup is of {manifest.vendor}, the settings name {connection.vendor}")
    known = MigrationLoader(None, ignore_no_migrations=True).disk_migrations
    unknown = [(app, name) for app, names in manifest.migrations.items() for name in names if (app, name) not in known]
    if unknown:
        app, name = unknown[0]
        raise BackupDamaged(f"this backup is of a newer version (it knows {app} {name}); update isotrack first")


def _refuse_filled() -> None:
    if not databases.is_empty():
        raise NotEmpty(f"the database {connection.settings_dict['NAME']} is not empty; name a new one")
    for place in (Path(settings.MEDIA_ROOT), Path(settings.EVIDENCE_ROOT)):
        if place.exists() and any(path.is_file() for path in place.rglob("*")):
            raise NotEmpty(f"{place} is not empty; name another place")


def _put_files_back(folder: Path) -> None:
    if (folder / FILES).exists():
        shutil.copytree(folder / FILES, settings.MEDIA_ROOT, dirs_exist_ok=True)
    store, source = vault.storage(), folder / EVIDENCE
    if not source.exists():
        return
    if isinstance(store, FileSystemStorage):
        shutil.copytree(source, settings.EVIDENCE_ROOT, dirs_exist_ok=True)
        return
    for path in source.rglob("*"):
        if path.is_file():
            with path.open("rb") as content:
                store.save(path.relative_to(source).as_posix(), File(content))


def _prove_counts(manifest: Manifest, tell: Tell) -> None:
    """As many rows in each table as in the backup; ``BackupDamaged`` otherwise."""
    with databases.looked_at() as snapshot:
        found = snapshot.counts()
    wrong = {table: (n, found.get(table)) for table, n in manifest.counts.items() if found.get(table) != n}
    if wrong:
        raise BackupDamaged(f"rows differ (backed up, put back): {wrong}")
    tell(f"{sum(found.values()):,} rows in {len(found)} tables")


def _prove_content(manifest: Manifest, tell: Tell) -> None:
    """Ends of the histories, chains and hashes equal those of the backup; ``BackupDamaged`` otherwise."""
    with tenancy.across_organizations():
        _prove_chains(manifest, tell)
    evidence = verify_evidence(tell)
    if evidence.damaged != len(manifest.damaged):
        raise BackupDamaged(f"{evidence.damaged} files of evidence are damaged, {len(manifest.damaged)} were before")
    tell(f"{evidence.checked} files of evidence compared with their hash")


def _prove_chains(manifest: Manifest, tell: Tell) -> None:
    for organization in Organization.objects.order_by("pk"):
        head = manifest.heads.get(str(organization.pk))
        verdict = verify_chain(organization.pk, {head["number"]: head["hash"]} if head and head["number"] else {})
        if not verdict.holds:
            raise BackupDamaged(f"the history of {organization} does not hold: {verdict.problem}")
        tell(f"history of {organization}: {verdict.number} entries hold")


def _settle(tell: Tell, revoke_keys: bool) -> None:
    """Yesterday's mails must not go out again, and whoever was signed in signs in anew."""
    with tenancy.across_organizations():
        tell(f"{outbox.hold()} messages are held; look at them, then: manage.py deliver --release")
        tell(f"{Session.objects.all().delete()[0]} sessions ended")
        if revoke_keys:
            gone = ApiKey.objects.filter(revoked_at=None).update(revoked_at=clock.now())
            tell(f"{gone} API keys revoked")
