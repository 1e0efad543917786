"""Photos of findings in a report: named with their hash when it is issued, drawn small when it is printed."""

from __future__ import annotations

import base64
import io
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from PIL import Image, ImageOps

from audits.models import Finding
from evidence.models import Blob, Use
from evidence.vault import Damaged, Unreachable, opened
from records.record import subject_type

SIDE = 800
QUALITY = 60
UNREADABLE = (OSError, ValueError, SyntaxError, MemoryError, Image.DecompressionBombError)


@dataclass(frozen=True, slots=True)
class Picture:
    """One photo on the paper; ``source`` is empty when it cannot be drawn."""

    name: str
    sha256: str
    source: str


def photos_of(findings: Iterable[Finding]) -> dict[int, list[dict[str, str]]]:
    """The photos that support each finding, as name and SHA-256 of their newest file; three queries."""
    numbers = [row.pk for row in findings]
    uses = Use.objects.filter(subject_type=subject_type(Finding), subject_id__in=numbers, evidence__withdrawn_on=None)
    photos: dict[int, list[dict[str, str]]] = defaultdict(list)
    for use in uses.select_related("evidence").prefetch_related("evidence__revisions__blob").order_by("pk"):
        file = use.evidence.current
        if file.media_type.startswith("image/"):
            photos[use.subject_id].append({"name": file.file_name, "sha256": file.blob.sha256})
    return photos


def drawn(findings: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """The findings of an issued report with their photos as pictures."""
    frozen = list(findings)
    named = {photo["sha256"] for row in frozen for photo in row.get("photos", ())}
    blobs = {blob.sha256: blob for blob in Blob.objects.filter(sha256__in=named)}
    for row in frozen:
        photos = row.get("photos", ())
        pictures = [Picture(photo["name"], photo["sha256"], _source(blobs.get(photo["sha256"]))) for photo in photos]
        yield {**row, "pictures": pictures}


def _source(blob: Blob | None) -> str:
    """The photo, upright and at most 800 pixels wide or high, as the address of an image; empty when unreadable."""
    if blob is None:
        return ""
    try:
        with opened(blob) as file:
            return "data:image/jpeg;base64," + base64.b64encode(_small(file)).decode()
    except (Damaged, Unreachable, *UNREADABLE):
        return ""


def _small(file: Any) -> bytes:
    target = io.BytesIO()
    with Image.open(file) as image:
        image.draft("RGB", (2 * SIDE, 2 * SIDE))
        upright = ImageOps.exif_transpose(image)
        upright.thumbnail((SIDE, SIDE))
        upright.convert("RGB").save(target, "JPEG", quality=QUALITY, optimize=True)
    return target.getvalue()
