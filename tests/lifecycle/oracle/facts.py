"""What the document says, with dates instead of text, reduced to what was known (C1, C13)."""

from copy import deepcopy
from datetime import date
from typing import Any

from tests.lifecycle.oracle.dates import earliest, moment_to_date, to_date

DATE_FIELDS = {
    "certified_on", "issued_on", "cycle_started_on", "expires_on", "started_on", "ended_on", "raised_on",
    "notified_on", "submitted_on", "accepted_on", "done_on", "granted_on", "due_on", "date", "until", "recorded_on",
}  # fmt: skip


def with_dates(value: Any, time_zone: str) -> Any:
    """A copy of a record in which every date is a date and every time stamp has become the date it falls on."""
    if isinstance(value, list):
        return [with_dates(item, time_zone) for item in value]
    if not isinstance(value, dict):
        return value
    result: dict[str, Any] = {}
    for field, content in value.items():
        if field == "at":
            result["date"] = moment_to_date(content, time_zone)
        elif field in DATE_FIELDS:
            result[field] = to_date(content)
        else:
            result[field] = with_dates(content, time_zone)
    return result


class Facts:
    """The records of a document that were known, in document order."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.known_on = to_date(document.get("known_on"))
        zone = document.get("time_zone", "UTC")
        self.certificate = with_dates(document.get("certificate", {}), zone)
        every_audit = with_dates(document.get("audits", []), zone)
        every_nonconformity = with_dates(document.get("nonconformities", []), zone)
        for record in every_nonconformity:
            add_default_dates(record, every_audit)
        self.audits = [a for a in every_audit if self.known(a, earliest(a.get("started_on"), a.get("ended_on")))]
        self.nonconformities = [n for n in every_nonconformity if self.known(n, n["raised_on"])]
        self.decisions = [d for d in with_dates(document.get("decisions", []), zone) if self.known(d, d["date"])]
        self.notices = [n for n in with_dates(document.get("notices", []), zone) if self.known(n, n["date"])]
        self.editions = [e for e in deepcopy(document.get("editions", [])) if self.edition_known(e)]
        self.drop_what_came_later()

    def known(self, record: dict[str, Any], own_date: Any) -> bool:
        """A record whose ``recorded_on`` (default: its own date) is later than ``known_on`` is ignored (C13)."""
        recorded = record.get("recorded_on", own_date)
        return self.known_on is None or bool(recorded <= self.known_on)

    def edition_known(self, record: dict[str, Any]) -> bool:
        recorded = to_date(record.get("recorded_on"))
        return self.known_on is None or recorded is None or recorded <= self.known_on

    def drop_what_came_later(self) -> None:
        """Later ends of audits, and later parts of a nonconformity, are ignored too (C13)."""
        if self.known_on is None:
            return
        for audit in self.audits:
            self._drop_later(audit, "ended_on")
        for record in self.nonconformities:
            self._drop_later(record.get("plan", {}), "submitted_on", "accepted_on")
            self._drop_later(record.get("action", {}), "done_on")
            if "closure" in record and not self.known(record["closure"], record["closure"]["date"]):
                del record["closure"]
            record["verifications"] = [v for v in record.get("verifications", []) if self.known(v, v["date"])]
            record["extensions"] = [e for e in record.get("extensions", []) if self.known(e, e["granted_on"])]

    def _drop_later(self, record: dict[str, Any], *fields: str) -> None:
        for field in fields:
            if field in record and record[field] > self.known_on:
                del record[field]

    def first_day(self, first_asked: date) -> date:
        """A day on or before the first fact."""
        days = [first_asked]
        collect_dates([self.certificate, self.audits, self.nonconformities, self.decisions, self.notices], days)
        return min(days)


def add_default_dates(record: dict[str, Any], audits: list[dict[str, Any]]) -> None:
    """``raised_on`` defaults to the end of the audit, ``notified_on`` to ``raised_on``."""
    if "raised_on" not in record:
        audit = next(a for a in audits if a["id"] == record["audit"])
        record["raised_on"] = audit["ended_on"]
    record.setdefault("notified_on", record["raised_on"])


def collect_dates(value: Any, into: list[date]) -> None:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            collect_dates(item, into)
    elif isinstance(value, date):
        into.append(value)
