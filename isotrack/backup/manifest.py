"""What a backup says about itself: its parts with size and hash, counts, ends of the histories, and a seal over it."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings

FORMAT = "isotrack-backup-1"
MANIFEST, SEAL = "manifest.json", "manifest.seal"
CHUNK = 1024 * 1024


class BackupDamaged(Exception):
    """The backup is not whole, was changed, or was sealed with another key; the text says which."""


@dataclass(slots=True)
class Manifest:
    """``parts``: path → size and SHA-256; ``counts``: table → rows; ``heads``: organization → number and hash."""

    format: str
    made_at: str
    vendor: str
    migrations: dict[str, list[str]]
    key_ids: dict[str, str]
    parts: dict[str, dict[str, Any]] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    heads: dict[str, dict[str, Any]] = field(default_factory=dict)
    damaged: list[str] = field(default_factory=list)


def key() -> bytes:
    """What backups are sealed with; it is never part of one."""
    return (settings.BACKUP_KEY or settings.SECRET_KEY).encode()


def key_id(secret: bytes) -> str:
    """A short name by which one knows a key without knowing it."""
    return hmac.new(secret, b"isotrack key id", hashlib.sha256).hexdigest()[:12]


def write(folder: Path, manifest: Manifest) -> None:
    """Write manifest and seal, and make both outlive a power cut."""
    raw = json.dumps(asdict(manifest), indent=1, sort_keys=True).encode()
    for name, content in ((MANIFEST, raw), (SEAL, _seal(raw))):
        with (folder / name).open("wb") as target:
            target.write(content)
            target.flush()
            os.fsync(target.fileno())


def _seal(raw: bytes) -> bytes:
    digest = hmac.new(key(), raw, hashlib.sha256).hexdigest()
    return f"{FORMAT} {key_id(key())} {digest}\n".encode()


def read(folder: Path) -> Manifest:
    """The manifest, if its seal holds."""
    try:
        raw, seal = (folder / MANIFEST).read_bytes(), (folder / SEAL).read_bytes()
    except OSError as error:
        raise BackupDamaged(f"{folder} is no whole backup: {Path(str(error.filename)).name} is missing") from error
    if not hmac.compare_digest(seal, _seal(raw)):
        words = seal.split()
        other = len(words) == 3 and words[1] != key_id(key()).encode()
        another = "it was sealed with another key (ISOTRACK_BACKUP_KEY or ISOTRACK_SECRET_KEY)"
        raise BackupDamaged(f"{folder} cannot be trusted: {another if other else 'its seal is broken'}")
    return Manifest(**json.loads(raw))


def check(folder: Path) -> Manifest:
    """Compare every part with the manifest; raises ``BackupDamaged`` naming the first that differs."""
    manifest = read(folder)
    present = set(_files(folder)) - {MANIFEST, SEAL}
    if unknown := sorted(present - set(manifest.parts)):
        raise BackupDamaged(f"{unknown[0]} does not belong to this backup")
    for name, said in manifest.parts.items():
        if name not in present:
            raise BackupDamaged(f"{name} is missing")
        if said != measured(folder / name):
            raise BackupDamaged(f"{name} is not what was backed up")
    return manifest


def measured(path: Path) -> dict[str, Any]:
    """Size and hash of a file."""
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as source:
        while chunk := source.read(CHUNK):
            digest.update(chunk)
            size += len(chunk)
    return {"size": size, "sha256": digest.hexdigest()}


def _files(folder: Path) -> Iterator[str]:
    for path in folder.rglob("*"):
        if not path.is_dir():
            yield path.relative_to(folder).as_posix()
