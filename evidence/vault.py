"""Where contents lie: a local folder, or an S3-compatible store chosen by the settings.

A file is counted and hashed while it arrives, in a temporary file; only then does it get its place, whole.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.core.files import File
from django.core.files.storage import FileSystemStorage, Storage, storages

from evidence.models import Blob, blob_name

CHUNK = 256 * 1024
IN_MEMORY = 1024 * 1024
INCOMING = "incoming"


class TooLarge(Exception):
    """More bytes arrived than are taken."""


class Damaged(Exception):
    """The vault does not hold what was put into it: the content is missing or was changed."""


class Unreachable(Exception):
    """The store does not answer; nothing is known about what it holds."""


@contextmanager
def _reaching() -> Iterator[None]:
    """Turn the failures of any store into one."""
    try:
        yield
    except (Damaged, TooLarge, FileNotFoundError):
        raise
    except Exception as error:  # each store has failures of its own, and all mean that it cannot be used now
        raise Unreachable(str(error)) from error


@dataclass(frozen=True, slots=True)
class Incoming:
    """A file that has arrived and has no place yet."""

    path: Path
    size: int
    sha256: str


def storage() -> Storage:
    """The store of evidence."""
    return storages["evidence"]


@contextmanager
def received(chunks: Iterable[bytes], largest: int) -> Iterator[Incoming]:
    """Take a file in, counting and hashing; what got no place is removed at the end.

    Raises ``TooLarge`` as soon as there are more than ``largest`` bytes, ``OSError`` when the disk is full.
    """
    descriptor, name = tempfile.mkstemp(dir=_incoming_folder())
    path = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as target:
            size, sha256 = _copy(chunks, target, largest)
            target.flush()
            os.fsync(target.fileno())
        yield Incoming(path, size, sha256)
    finally:
        path.unlink(missing_ok=True)


def _copy(chunks: Iterable[bytes], target: IO[bytes], largest: int) -> tuple[int, str]:
    digest, size = hashlib.sha256(), 0
    for chunk in chunks:
        size += len(chunk)
        if size > largest:
            raise TooLarge
        digest.update(chunk)
        target.write(chunk)
    return size, digest.hexdigest()


def _incoming_folder() -> Path:
    folder = Path(settings.EVIDENCE_ROOT) / INCOMING
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def place(blob: Blob, incoming: Incoming) -> None:
    """Put the content into its place, unless it lies there whole already; in a local folder by renaming."""
    with _reaching():
        if not is_sound(blob):
            _put(blob, incoming)


def _put(blob: Blob, incoming: Incoming) -> None:
    store = storage()
    if not isinstance(store, FileSystemStorage):
        with incoming.path.open("rb") as source:
            store.save(blob.name, File(source))
        return
    target = Path(store.path(blob.name))
    target.parent.mkdir(parents=True, exist_ok=True)
    incoming.path.chmod(0o640)
    incoming.path.replace(target)
    _sync_folder(target.parent)


def _sync_folder(folder: Path) -> None:
    """Make the name of a new file outlive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def opened(blob: Blob) -> IO[bytes]:
    """The content, compared with its hash before a byte is handed out; ``Damaged`` when it differs or is missing."""
    copy: Any = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 (the caller closes it)
    try:
        with _reaching(), storage().open(blob.name, "rb") as source:
            _, sha256 = _copy(iter(lambda: source.read(CHUNK), b""), copy, blob.size)
    except FileNotFoundError as error:
        raise Damaged("missing") from error
    except TooLarge as error:
        raise Damaged("changed") from error
    if sha256 != blob.sha256:
        raise Damaged("changed")
    copy.seek(0)
    return copy


def is_sound(blob: Blob) -> bool:
    """Whether the vault holds the content unchanged."""
    try:
        opened(blob).close()
    except Damaged:
        return False
    return True


def names(organization_id: int) -> Iterator[str]:
    """Every place of the organization's that holds something."""
    yield from _below(str(organization_id))


def _below(folder: str) -> Iterator[str]:
    try:
        folders, files = storage().listdir(folder)
    except FileNotFoundError:
        return
    for name in files:
        yield f"{folder}/{name}"
    for name in folders:
        yield from _below(f"{folder}/{name}")


def age(name: str, now: datetime) -> float:
    """How many seconds a content has lain in its place."""
    return (now - storage().get_modified_time(name)).total_seconds()


def remove(name: str) -> None:
    """Take a content away for good; only what nothing points at may be removed."""
    storage().delete(name)


def forget_incoming(before: datetime) -> int:
    """Remove temporary files of uploads that died; returns how many. One that is moved to its place meanwhile stays."""
    gone = 0
    for path in _incoming_folder().iterdir():
        with suppress(FileNotFoundError):
            if datetime.fromtimestamp(path.stat().st_mtime, UTC) < before:
                path.unlink()
                gone += 1
    return gone


__all__ = ["Damaged", "Incoming", "TooLarge", "blob_name", "is_sound", "opened", "place", "received", "remove"]
