"""Audits: a kind and a date are needed."""

from __future__ import annotations

from decimal import Decimal

from django.utils.translation import gettext

from exchange.judging import RowReader
from exchange.reading import need, read_amount, read_day, read_sites
from exchange.rules.shared import edition_of, in_order, read_certificates
from exchange.text import fold
from exchange.values import vocabulary
from exchange.words import meanings


def read_audit(row: RowReader) -> None:
    """One row of an audit plan."""
    number = row.values["number"] = row.word("number")
    if number:
        row.number_is_new(number)
    _audit_kind(row)
    read_certificates(row)
    _standards(row)
    row.values["started_on"] = read_day(row, "started_on")
    row.values["ended_on"] = read_day(row, "ended_on") or row.values.get("ended_on")
    need(row, "kind")
    if row.values["ended_on"] is None:
        need(row, "started_on")
    in_order(row, "end_before_start", "ended_on", ("started_on",))
    row.values["site"] = read_sites(row, "site", may_create=False)
    row.values["auditor"] = row.text("auditor")
    row.values["edition"] = edition_of(row.word("edition")) or ""
    row.values["certification_body"] = _body(row)
    row.values["audit_days"] = _audit_days(row)
    _audit_status(row)


def _audit_kind(row: RowReader) -> None:
    text = row.word("kind")
    row.values["kind"] = vocabulary.audit_kind(text) if text else None
    if text and row.values["kind"] is None:
        row.refuse("kind_not_understood", "kind", text, gettext("a kind of audit such as surveillance or internal"))


def _standards(row: RowReader) -> None:
    text = row.word("standards")
    read = row.judging.catalog.read(text) if text else ()
    if text and not read:
        row.refuse("standard_not_understood", "standards", text, gettext("standards such as ISO 9001, ISO 14001"))
    row.values["standards"] = tuple((standard.name, standard.edition) for standard in read)
    covered = [row.judging.known.certificate(number) for number in row.values["certificates"]]
    told = {(c.standard, edition) for c in covered if c for edition in (c.edition, None)}
    if not set(row.values["standards"]) <= told:
        row.keep("standards")


def _body(row: RowReader) -> str:
    """The certification body; ``intern`` is none."""
    text = row.text("certification_body")
    return "" if meanings("kinds").get(fold(text)) == "internal" else text


def _audit_days(row: RowReader) -> Decimal | None:
    days = read_amount(row, "audit_days")
    if days is not None and not 0 <= days < 10_000:
        row.keep("audit_days")
        return None
    return days.quantize(Decimal("0.01")) if days is not None else None


def _audit_status(row: RowReader) -> None:
    text = row.word("status")
    status = vocabulary.status("audits", text) if text else None
    if text and status is None:
        row.warn("status_not_understood", "status", text)
        row.keep("status")
    first, last = row.values["started_on"], row.values["ended_on"]
    today = row.judging.today
    if status in {None, "planned"} and (end := last or first) and end < today:
        status = _planned_but_past(row, text)
    if status == "held" and (first or last) and (first or last) > today:
        row.warn("status_contradicts_date", "status", text)
        row.keep("status")
        status = "planned"
    row.values["status"] = status or "planned"


def _planned_but_past(row: RowReader, text: str) -> str | None:
    name = "status" if row.column("status") else "started_on"
    answer = row.ask("past_but_planned", name, text)
    return {"took_place": "held", "cancelled": "cancelled"}.get(answer or "", "planned")
