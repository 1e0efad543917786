"""The evidence of the demonstration: small files of its own, attached on the days on which people sent them."""

from __future__ import annotations

import struct
import zlib
from datetime import timedelta
from typing import TYPE_CHECKING

from audits.models import Audit
from certifications.models import Decision
from evidence.actions import Given, attach, note_reading, revise
from evidence.models import Evidence
from nonconformities.models import Nonconformity

if TYPE_CHECKING:
    from isotrack.demo.seed import Story


CALIBRATION = "Calibration of the gas meter at furnace 2"


def tell(story: Story) -> None:
    """Calibration records, a photo, a letter of the body and an audit report."""
    story.on(-770, lambda: _calibration(story))
    story.on(-345, lambda: _recalibration(story))
    story.on(-30, lambda: _photo(story))
    story.on(-207, lambda: _letter(story))
    story.on(-150, lambda: _report(story))


def _calibration(story: Story) -> None:
    """A calibration record."""
    nc = Nonconformity.objects.get(number="NC-0088")
    by, owner = story.actor("tomas@halden.example"), story.people["tomas@halden.example"]
    first = _pdf("Calibration record", "Gas meter, furnace 2", "Deviation 0.4 %, within 1 %")
    attach(nc, Given("calibration-2.pdf", [first]), by, title=CALIBRATION, owner=owner)


def _recalibration(story: Story) -> None:
    """Its successor, which is valid for some weeks more."""
    found = Evidence.objects.get(title=CALIBRATION)
    newer = _pdf("Calibration record", "Gas meter, furnace 2", "Deviation 0.6 %, within 1 %")
    given = Given("calibration-furnace-2.pdf", [newer], reason="Calibrated again after a year")
    revise(found, given, story.actor("tomas@halden.example"), story.today + timedelta(days=20))


def _photo(story: Story) -> None:
    """What the shelf looks like now, seen by the auditor."""
    nc = Nonconformity.objects.filter(state="open").order_by("raised_on", "pk").first()
    if nc is None:
        return
    by = story.actor("tomas@halden.example")
    found = attach(nc, Given("photo.png", [_png(320, 240)]), by, title="Photo after the correction")
    note_reading(found.current, story.actor("jo@halden.example"))


def _letter(story: Story) -> None:
    """The letter with which a body gave its decision."""
    decision = Decision.objects.exclude(letter="").order_by("pk").first()
    if decision:
        letter = _pdf("Notice of withdrawal", f"Reference {decision.letter}", "At the request of the holder")
        by = story.actor("marta@halden.example")
        attach(decision, Given("notice-of-withdrawal.pdf", [letter]), by, title=f"Letter {decision.letter}")


def _report(story: Story) -> None:
    """The report of the last audit that the body carried out."""
    held = Audit.objects.filter(ended_on__isnull=False).order_by("-ended_on", "-pk")
    audit = next((row for row in held if row.is_external), None)
    if audit:
        report = _pdf("Audit report", f"Audit {audit.number}", "Conclusion: certification is maintained")
        attach(
            audit, Given(f"report-{audit.number}.pdf", [report]), story.actor("jo@halden.example"), title="Audit report"
        )


def _pdf(*lines: str) -> bytes:
    """A page with these lines."""
    shown = " ".join(f"({line}) Tj 0 -24 Td" for line in lines)
    content = f"BT /F1 16 Tf 72 760 Td {shown} ET".encode("latin-1", "replace")
    parts = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%b\nendstream" % (len(content), content),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    made, places = b"%PDF-1.4\n", []
    for number, part in enumerate(parts, start=1):
        places.append(len(made))
        made += b"%d 0 obj%b\nendobj\n" % (number, part)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    end = b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(parts) + 1, len(made))
    return made + b"xref\n0 %d\n0000000000 65535 f \n%b" % (len(parts) + 1, table) + end


def _png(width: int, height: int) -> bytes:
    """A picture in shades of gray."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + bytes((x + y) * 255 // (width + height) for x in range(width)) for y in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
