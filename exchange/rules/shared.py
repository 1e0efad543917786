"""Rules that several kinds of record share."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext

from exchange.judging import RowReader
from exchange.known import Known
from exchange.text import fold


def in_order(row: RowReader, reason: str, later: str, earlier: tuple[str, ...]) -> None:
    """Refuse a date that lies before one it follows."""
    end = row.values.get(later)
    for name in earlier:
        start = row.values.get(name)
        if isinstance(end, date) and isinstance(start, date) and end < start:
            expected = gettext("not before %(day)s") % {"day": start.isoformat()}
            row.refuse(reason, later, row.raw(later), expected)
            return


def edition_of(text: str) -> str | None:
    """The edition named in a cell: its last year, otherwise the words."""
    years = [part for part in fold(text).split() if len(part) == 4 and part.isdecimal()]
    return years[-1] if years else text or None


def read_certificates(row: RowReader) -> None:
    """The certificate a row refers to, or several; one that is not known refuses the row."""
    text = row.word("certificate")
    known = row.judging.known
    row.values["certificate"], row.values["certificates"] = None, ()
    if not text:
        return
    parts = [part for piece in _parts(text, ";", known) for part in _parts(piece, ",", known)]
    found = [known.certificate(part) for part in parts]
    if None in found:
        expected = gettext("the number of a certificate that is recorded")
        row.refuse("unknown_certificate", "certificate", row.raw("certificate"), expected)
        return
    row.values["certificates"] = tuple(certificate.number for certificate in found if certificate)
    row.values["certificate"] = row.values["certificates"][0]


def _parts(text: str, separator: str, known: Known) -> list[str]:
    """A number that is known as it stands is not taken apart."""
    if known.certificate(text):
        return [text]
    return [part.strip() for part in text.split(separator) if part.strip()]
