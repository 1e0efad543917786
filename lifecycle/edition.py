"""Ends of editions: which record tells when certificates to one edition of a standard end (section 2)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from lifecycle.facts import Certificate, EditionEnd


class EditionEnds:
    """Looks up the end of an edition of the certificate's standard.

    Records of the document come before those of the catalog; among them one for the certificate's own
    accreditation body before one without a body; then the latest ``recorded_on``.
    """

    __slots__ = ("_body", "_catalog", "_found", "_own", "_standard")

    def __init__(self, certificate: Certificate, own: tuple[EditionEnd, ...], catalog: tuple[EditionEnd, ...]) -> None:
        self._standard = certificate.standard
        self._body = certificate.accreditation_body
        self._own = own
        self._catalog = catalog
        self._found: dict[str, EditionEnd | None] = {}

    def of(self, edition: str | None) -> EditionEnd | None:
        """The record that holds for an edition, or None when none is known."""
        if edition is None or self._standard is None:
            return None
        if edition not in self._found:
            self._found[edition] = self._best(self._own, edition) or self._best(self._catalog, edition)
        return self._found[edition]

    def ended_before(self, edition: str | None, day: date) -> bool:
        """True when ``day`` is after the end of the edition."""
        record = self.of(edition)
        return record is not None and record.ends_on is not None and record.ends_on < day

    def _best(self, records: Iterable[EditionEnd], edition: str) -> EditionEnd | None:
        fitting = [
            record
            for record in records
            if record.edition == edition
            and record.standard == self._standard
            and record.accreditation_body in (None, self._body)
        ]
        return max(fitting, key=_precedence, default=None)


def _precedence(record: EditionEnd) -> tuple[bool, date]:
    return record.accreditation_body is not None, record.recorded_on or date.min
