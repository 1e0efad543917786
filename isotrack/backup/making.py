"""Making a backup: under another name, made durable, then renamed; an unfinished one is never taken for a whole one."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from accounts import clock
from evidence import vault
from evidence.models import Blob
from isotrack.backup import databases
from isotrack.backup.databases import Snapshot
from isotrack.backup.manifest import FORMAT, Manifest, key, key_id, measured, write
from records.models import EventCounter
from records.signing_key import key_id as signer
from records.signing_key import public_key

FILES, EVIDENCE = "files", "evidence"


def make(where: Path, tell: Callable[[str], object]) -> Path:
    """Back up database, then files, into a new folder below ``where``; returns it.

    Files are only ever added and never changed, so each row of the earlier copy has its file. Damaged evidence is
    named in the manifest and does not stop the rest.
    """
    name = f"isotrack-{clock.now():%Y%m%dT%H%M%SZ}"
    final, unfinished = where / name, where / f".{name}.unfinished"
    if final.exists():
        raise FileExistsError(f"{final} is there already; it is not touched")
    unfinished.mkdir(parents=True)
    try:
        manifest = _manifest()
        with databases.copied(unfinished) as (copy, snapshot):
            tell(f"database copied ({(unfinished / copy).stat().st_size:,} bytes)")
            manifest.counts = snapshot.counts()
            manifest.heads = _heads(snapshot)
            _copy_evidence(snapshot, unfinished / EVIDENCE, manifest)
        _copy_files(Path(settings.MEDIA_ROOT), unfinished / FILES)
        _seal(unfinished, manifest)
        unfinished.rename(final)
        _sync(where)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    tell(f"{len(manifest.parts)} parts, {sum(manifest.counts.values()):,} rows")
    return final


def _manifest() -> Manifest:
    applied: dict[str, list[str]] = {}
    for app, name in sorted(MigrationRecorder(connection).applied_migrations()):
        applied.setdefault(app, []).append(name)
    return Manifest(
        format=FORMAT,
        made_at=clock.now().isoformat(),
        vendor=connection.vendor,
        migrations=applied,
        key_ids={
            "ISOTRACK_SECRET_KEY": key_id(settings.SECRET_KEY.encode()),
            "signing": signer(public_key()),
            "backup": key_id(key()),
        },
    )


def _heads(snapshot: Snapshot) -> dict[str, dict[str, object]]:
    table = EventCounter._meta.db_table
    rows = snapshot.rows(f'SELECT organization_id, last_number, last_hash FROM "{table}" ORDER BY 1')
    return {str(organization): {"number": number, "hash": last} for organization, number, last in rows}


def _copy_evidence(snapshot: Snapshot, target: Path, manifest: Manifest) -> None:
    table = Blob._meta.db_table
    rows = snapshot.rows(f'SELECT organization_id, sha256, size FROM "{table}" ORDER BY 1, 2')
    for organization, sha256, size in rows:
        blob = Blob(organization_id=organization, sha256=sha256, size=size)
        try:
            with vault.opened(blob) as content:
                place = target / blob.name
                place.parent.mkdir(parents=True, exist_ok=True)
                with place.open("wb") as copy:
                    shutil.copyfileobj(content, copy, vault.CHUNK)
        except vault.Damaged as damage:
            manifest.damaged.append(f"{blob.name}: {damage}")


def _copy_files(source: Path, target: Path) -> None:
    """Papers and uploads under way."""
    for path in sorted(source.rglob("*")) if source.exists() else ():
        if path.is_file():
            place = target / path.relative_to(source)
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, place)


def _seal(folder: Path, manifest: Manifest) -> None:
    """Measure and make durable every part, then write what the backup says about itself."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            manifest.parts[path.relative_to(folder).as_posix()] = measured(path)
            _sync(path)
    write(folder, manifest)
    for path in [*folder.rglob("*/"), folder]:
        _sync(path)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
