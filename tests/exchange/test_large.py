"""Fifty thousand rows: streamed, with progress, within memory."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.exchange.lists import csv_of, xlsx_of

pytestmark = pytest.mark.long

ROWS = 50_000
HEADINGS = [
    "NC No.",
    "Date raised",
    "Source",
    "Site",
    "Clause",
    "Grade",
    "Description",
    "Root cause",
    "Owner",
    "Closed on",
    "Status",
]
MEASURE = """
import re, sys
from datetime import date
from django.conf import settings
settings.configure(USE_I18N=False)
from exchange.check import Analysis
from exchange.fields import Kind
from exchange.known import Known
from exchange.readers import open_source
seen = []
with open(sys.argv[1], "rb") as file:
    known = Known(sites=("Graz",))
    check = Analysis(open_source(file), Kind.NONCONFORMITIES, known, date(2026, 11, 20), progress=seen.append).check()
peak = re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read()).group(1)
print(check.counts["ready"], len(seen), seen[-1], peak)
"""


def rows() -> list[list[str]]:
    def row(i: int) -> list[str]:
        day = f"{i % 28 + 1:02d}.{i % 12 + 1:02d}.2025"
        words = f"Supplier {i} used without evaluation; no entry in the approved list of the plant."
        return [
            f"NC-{i:06d}",
            day,
            "internal audit",
            "Graz",
            "8.4.1",
            "minor",
            words,
            "New buyer",
            "Katrin Oelsner",
            "",
            "open",
        ]

    return [HEADINGS, *(row(i) for i in range(ROWS))]


@pytest.mark.timeout(300)
@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_fifty_thousand_rows_within_two_hundred_megabytes(form: str, tmp_path: Path) -> None:
    path = tmp_path / f"log.{form}"
    path.write_bytes(csv_of(rows()) if form == "csv" else xlsx_of(rows()))
    root = Path(__file__).parent.parent.parent
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, str(path)], cwd=root, capture_output=True, text=True, check=True
    )
    ready, calls, last, kilobytes = (int(part) for part in done.stdout.split())
    assert (ready, calls, last) == (ROWS, 2 * ROWS // 1000, 2 * ROWS)
    assert kilobytes < 200_000
