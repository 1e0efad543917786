"""Nonconformities: number, grade and the day they were raised are needed."""

from __future__ import annotations

from django.utils.translation import gettext

from exchange.judging import RowReader
from exchange.reading import EMPTY, need, read_amount, read_day, read_owner, read_sites, read_yes_no
from exchange.rules.shared import in_order, read_certificates
from exchange.values import vocabulary
from exchange.values.numbers import clause_from_date

DATES = (
    *("raised_on", "plan_submitted_on", "plan_accepted_on", "action_done_on", "due_on"),
    *("closed_on", "verified_on"),
)


def read_nonconformity(row: RowReader) -> None:
    """One row of a log of nonconformities."""
    number = row.values["number"] = row.word("number")
    if number:
        row.number_is_new(number)
    _grade(row)
    read_certificates(row)
    _audit_reference(row)
    for name in DATES:
        row.values[name] = read_day(row, name)
    _raised_at_end_of_audit(row)
    for name in ("number", "grade", "raised_on"):
        need(row, name)
    in_order(row, "closed_before_raised", "closed_on", ("raised_on",))
    row.values["site"] = _site(row)
    row.values["clause"] = _clause(row)
    for name in ("description", "correction", "root_cause", "corrective_action"):
        row.values[name] = row.text(name)
    row.values["effectiveness"] = _effectiveness(row)
    row.values["cost"] = read_amount(row, "cost")
    if row.values["cost"] is not None:
        row.keep("cost")
    row.values["source"] = _source(row)
    _grade_of_scheme(row)
    _nonconformity_status(row)
    for name in ("raised_on", "closed_on"):
        if (day := row.values[name]) and day > row.judging.today:
            row.refuse("date_out_of_range", name, row.raw(name), gettext("a day that has come"))
    read_owner(row)


def _grade(row: RowReader) -> None:
    text = row.word("grade")
    grade = vocabulary.grade(text) if text else None
    if text and grade is None and vocabulary.is_grade_code(text):
        answer = row.ask("grade_code", "grade", text)
        grade = answer if answer in vocabulary.GRADES else None
    elif text and grade is None:
        row.refuse("grade_not_understood", "grade", text, gettext("a grade: major, minor or critical"))
    row.values["grade"] = grade


def _audit_reference(row: RowReader) -> None:
    text = row.word("audit")
    audit = row.judging.known.audit(text) if text else None
    if text and audit is None:
        row.refuse("unknown_audit", "audit", row.raw("audit"), gettext("the number of an audit that is recorded"))
    row.values["audit"] = audit.number if audit else None


def _raised_at_end_of_audit(row: RowReader) -> None:
    """The last day of the audit stands in for a missing date, as auditors raise nonconformities by then."""
    audit = row.judging.known.audit(row.values["audit"] or "")
    if row.values["raised_on"] is None and row.cell("raised_on") is None and audit and audit.ended_on:
        row.values["raised_on"] = audit.ended_on


def _effectiveness(row: RowReader) -> bool | None:
    """The result of the check; one without a day, or against a closure, goes into the note."""
    effective = read_yes_no(row, "effectiveness")
    dated = row.values["verified_on"] or row.values["closed_on"]
    if effective is not None and (not dated or (not effective and row.values["closed_on"])):
        row.keep("effectiveness")
        return None
    return effective


def _site(row: RowReader) -> str | None:
    sites = read_sites(row, "site", may_create=False)
    if len(sites) > 1:
        row.keep("site")
    return sites[0] if sites else None


def _clause(row: RowReader) -> str:
    """The clause; one that a program took for a date is asked back."""
    cell = row.cell("clause")
    pair = clause_from_date(cell) if cell else None
    if cell is None or pair is None:
        return row.text("clause")
    day_month, month_day = pair
    shown = cell.text if isinstance(cell.value, str) else month_day if cell.shows.startswith("m") else day_month
    answer = row.ask("clause_is_date", "clause", shown)
    if answer == EMPTY:
        row.keep("clause", shown)
    return {"day_month": day_month, "month_day": month_day}.get(answer or "", "")


def _source(row: RowReader) -> str:
    """Where it came from: the words, otherwise the audit, otherwise whether a certificate is named.

    What the body raised concerns a certificate (of the audit when the row names none); without one it can move none
    and runs on the organization's own deadlines.
    """
    text = row.word("source")
    audit = row.judging.known.audit(row.values["audit"] or "")
    source = vocabulary.source(text) if text else None
    if text and source is None:
        row.keep("source")
    if source is None:
        from_body = audit.external if audit else bool(row.values["certificates"])
        source = "body" if from_body else "internal_audit"
    if source == "body" and not row.values["certificates"]:
        row.values["certificates"] = audit.certificates if audit else ()
    if source == "body" and not row.values["certificates"]:
        row.warn("no_certificate", "certificate", text or None)
        source = "internal_audit"
    return source


def _grade_of_scheme(row: RowReader) -> None:
    """A grade must be one that every scheme concerned knows."""
    known, grade = row.judging.known, row.values["grade"]
    concerned = [known.certificate(number) for number in row.values["certificates"]]
    by_body = row.values["source"] == "body"
    allowed = [c.grades for c in concerned if c] if by_body else [known.own_grades]
    if grade and not all(grade in grades for grades in allowed):
        names = ", ".join(vocabulary.grade_word(name) for name in allowed[0])
        expected = gettext("a grade that the scheme knows: %(grades)s") % {"grades": names}
        row.refuse("grade_not_understood", "grade", row.raw("grade"), expected)


def _nonconformity_status(row: RowReader) -> None:
    text = row.word("status")
    status = vocabulary.status("nonconformities", text) if text else None
    if text and status is None:
        row.warn("status_not_understood", "status", text)
        row.keep("status")
    closing_is_open = row.cell("closed_on") is not None
    if status == "closed" and not closing_is_open and row.values["closed_on"] is None:
        name = "closed_on" if row.column("closed_on") else "status"
        row.ask("closed_without_date", name, None)
        status = "open"
    elif status == "open" and row.values["closed_on"]:
        _open_with_closing_date(row, text)
    row.values["status"] = "closed" if row.values["closed_on"] else status or "open"


def _open_with_closing_date(row: RowReader, text: str) -> None:
    if row.ask("open_with_closing_date", "status", text) == "open":
        row.keep("closed_on")
        row.values["closed_on"] = None
