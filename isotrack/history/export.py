"""The history as a spreadsheet: exactly what is filtered, no text can become a formula."""

from __future__ import annotations

import io
from collections.abc import Iterator
from itertools import islice
from typing import Any, BinaryIO

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from isotrack.history.reading import line_of
from records.models import Event
from records.sheets import write_csv_lines, write_workbook

AT_ONCE = 1000
MOST_XLSX = 1_000_000  # a sheet has 1,048,576 rows


def headings() -> list[str]:
    """What stands above the columns."""
    return [
        _("Entry"),
        _("Recorded (UTC)"),
        _("Holds from"),
        _("Who"),
        _("From where"),
        _("About"),
        _("Record"),
        _("What"),
        _("Before"),
        _("After"),
        _("Reason"),
        _("Rule"),
        _("Request"),
        _("Fingerprint"),
    ]


def rows_of(events: QuerySet[Event]) -> Iterator[list[Any]]:
    """One row for each entry, oldest first."""
    for event in events.order_by("number").iterator(chunk_size=AT_ONCE):
        line = line_of(event)
        yield [
            event.number,
            event.recorded_at.strftime("%Y-%m-%d %H:%M:%S"),
            event.effective_on.isoformat(),
            line.who,
            line.source,
            event.subject_type,
            event.subject_label,
            line.words,
            "; ".join(f"{change.name}: {change.before}" for change in line.changes),
            "; ".join(f"{change.name}: {change.after}" for change in line.changes),
            event.reason,
            event.rule,
            event.request_id,
            event.hash,
        ]


def csv_lines(events: QuerySet[Event]) -> Iterator[bytes]:
    """CSV (UTF-8 with a mark), some rows at a time."""
    out = io.StringIO()
    out.write("\ufeff")
    write_csv_lines(out, [headings()])
    rows = rows_of(events)
    while some := list(islice(rows, 200)):
        write_csv_lines(out, some)
        yield _taken(out)
    yield _taken(out)


def _taken(out: io.StringIO) -> bytes:
    text = out.getvalue()
    out.seek(0)
    out.truncate()
    return text.encode()


def write_xlsx(events: QuerySet[Event], stream: BinaryIO) -> None:
    """A workbook of the entries, as many as a sheet has room for."""
    write_workbook(stream, _("History"), headings(), islice(rows_of(events), MOST_XLSX))
