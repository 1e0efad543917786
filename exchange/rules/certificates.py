"""Certificates: number, standard and expiry are needed; an export may leave the expiry to the scheme's cycle."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext

from exchange.judging import RowReader
from exchange.reading import as_date, need, read_day, read_owner, read_sites, settle
from exchange.rules.shared import edition_of, in_order
from exchange.text import fold
from exchange.values import vocabulary
from exchange.values.dates import date_inside
from exchange.values.standards import StandardRead

TEXTS = (
    *("certification_body", "accreditation_body", "external_id", "scope", "audit_history", "scheme"),
    *("organization", "address", "country"),
)


def read_certificate(row: RowReader) -> None:
    """One row of a register."""
    number = row.values["number"] = row.word("number")
    if number:
        row.number_is_new(number)
    _standard(row)
    for name in ("certified_on", "issued_on", "cycle_started_on", "expires_on"):
        row.values[name] = read_day(row, name)
    for name in ("number", "standard"):
        need(row, name)
    if not row.values["further"].get("expiry_by_rule"):  # an export says so where the scheme's cycle sets the day
        need(row, "expires_on")
    in_order(row, "expiry_before_issue", "expires_on", ("issued_on", "cycle_started_on", "certified_on"))
    in_order(row, "issue_before_certification", "issued_on", ("certified_on",))
    in_order(row, "issue_before_certification", "cycle_started_on", ("certified_on",))
    row.values["sites"] = read_sites(row, "sites", may_create=True)
    for name in TEXTS:
        row.values[name] = row.text(name)
    if row.values["organization"] and fold(row.values["organization"]) != fold(row.judging.known.organization):
        row.keep("organization")
    _certificate_status(row)
    read_owner(row)


def _standard(row: RowReader) -> None:
    text = row.word("standard")
    edition = row.word("edition")
    row.values["standard"] = None
    if not text:
        return
    read = row.judging.catalog.read(text)
    if not read:
        row.refuse("standard_not_understood", "standard", text, gettext("a standard such as ISO 9001:2015"))
        return
    if len(read) > 1:
        read = _one_of_several(row, read, text)
    if not read:
        return
    row.values["standard"] = read[0].name
    row.values["edition"] = edition_of(edition) or read[0].edition
    row.values["also"] = tuple((other.name, other.edition) for other in read[1:])
    if row.values["edition"] is None:
        row.warn("edition_missing", "standard", text)


def _one_of_several(row: RowReader, read: tuple[StandardRead, ...], text: str) -> tuple[StandardRead, ...]:
    """One certificate for each standard, or one of them with the others in the note, as a person says."""
    answer = row.ask("several_standards", "standard", text)
    if answer == "each":
        return read
    chosen = tuple(standard for standard in read if standard.name == answer)
    if chosen:
        row.keep("standard")
    return chosen


def _certificate_status(row: RowReader) -> None:
    text = row.word("status")
    since = read_day(row, "status_on")
    status = vocabulary.status("certificates", text) if text else None
    if text and status is None:
        row.warn("status_not_understood", "status", text)
        row.keep("status")
    if not text and row.column("status") and row.is_colored():
        row.warn("colour_only", "status", None)
    inside = date_inside(text)
    if inside and since is None:
        since = settle(row, "status", as_date(inside, row), text)
    if status in {"suspended", "withdrawn"} and since is None and not inside:
        _status_without_date(row, text)
        status = None
    row.values["status"], row.values["status_on"] = status, since
    expires = row.values.get("expires_on")
    if isinstance(expires, date) and _contradicts(status, expires, row.judging.today):
        row.warn("status_contradicts_date", "status", text)


def _status_without_date(row: RowReader, text: str) -> None:
    """No date is invented: the word alone goes into the note, or the row is left out."""
    if row.ask("status_date_missing", "status", text) == "as_note":
        row.keep("status")


def _contradicts(status: str | None, expires: date, today: date) -> bool:
    return (status == "active" and expires < today) or (status == "expired" and expires >= today)
