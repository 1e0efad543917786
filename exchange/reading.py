"""Fields that every kind of list reads alike: dates, statuses' dates, owners, sites, amounts, notes."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Final

from django.utils.translation import gettext, gettext_noop

from exchange.cells import text_cell
from exchange.fields import NEEDED, NOTE
from exchange.headings import heading_for
from exchange.judging import RowReader, shortened
from exchange.text import invisible_in, one_line, tidy
from exchange.values.dates import Reading, read_date
from exchange.values.numbers import read_decimal
from exchange.values.sites import in_words, means_all
from exchange.values.vocabulary import yes_or_no

EXPECTED_DATE: Final = gettext_noop("a day between 1990 and 2099, such as 2027-01-31")
EMPTY: Final = "leave_empty"


def read_day(row: RowReader, name: str) -> date | None:
    """The date in a field; what is not certain is asked, what is impossible refuses the row."""
    cell = row.cell(name)
    if cell is None:
        _refuse_error_in_needed(row, name)
        return None
    return settle(row, name, read_date(cell, row.judging.date_system), cell.text)


def settle(row: RowReader, name: str, reading: Reading, found: str) -> date | None:
    """The date that a reading means, after a person's answer where one is needed."""
    match reading.kind:
        case "date":
            return reading.day
        case "day_month":
            return _by_answer(reading, row.ask("day_month_order", name, found), "day_first", "month_first")
        case "month":
            return _in_period(row, name, "month_only", reading, found)
        case "week":
            return _in_period(row, name, "week_only", reading, found)
        case "serial":
            return _by_answer(reading, row.ask("serial_number", name, found), "day_number", "other_day_number")
        case "year" if name not in NEEDED[row.judging.kind]:
            row.warn("year_only", name, found)
            row.keep(name)
            return None
        case "out_of_range":
            row.refuse("date_out_of_range", name, found, gettext(EXPECTED_DATE))
        case _:
            row.refuse("date_not_understood", name, found, gettext(EXPECTED_DATE))
    return None


def _refuse_error_in_needed(row: RowReader, name: str) -> None:
    column = row.column(name)
    cell = row.corrected(column) if column else None
    if cell is not None and cell.error and name in NEEDED[row.judging.kind]:
        row.refuse("date_not_understood", name, cell.text, gettext(EXPECTED_DATE))


def _by_answer(reading: Reading, answer: str | None, first: str, second: str) -> date | None:
    return reading.day if answer == first else reading.other if answer == second else None


def _in_period(row: RowReader, name: str, question: str, reading: Reading, found: str) -> date | None:
    answer = row.ask(question, name, found)
    if answer == EMPTY:
        row.keep(name)
        return None
    if answer == "whole_week" and row.column("ended_on") and row.cell("ended_on") is None:
        row.values["ended_on"] = reading.other
    return _by_answer(reading, "first" if answer in {"first_day", "whole_week"} else answer and "last", "first", "last")


def need(row: RowReader, name: str) -> None:
    """Refuse a row whose needed field is empty, unless something was already said about that field."""
    column = row.column(name)
    key = column.key if column else ""
    said = {finding.column for finding in (*row.reasons, *(asked for asked, _ in row.questions))} - {""}
    if row.values.get(name) in {None, ""} and key not in said:
        wanted = gettext("a value") if column else gettext("a column “%(heading)s”")
        row.refuse("missing_field", name, None, wanted % {"heading": heading_for(row.judging.kind, name)})


def read_owner(row: RowReader) -> None:
    """The owner as a person where one is known; the text stays in any case."""
    text = row.values["owner"] = row.word("owner")
    row.values["owner_person"] = None
    if not text:
        return
    read = row.judging.people.read(text)
    if read.kind == "several":
        row.warn("owner_several", "owner", text)
    elif read.kind == "unknown":
        row.warn("owner_not_known", "owner", text)
    elif read.kind == "name":
        row.judging.creates("names", text)
    row.values["owner_person"] = read.person


def read_sites(row: RowReader, name: str, may_create: bool) -> tuple[str, ...]:
    """The sites named in a field; unknown ones are added by a register and refused elsewhere."""
    text = tidy(row.text(name))
    if not text:
        return ()
    if in_words(text) and row.judging.places.find(text) is None:
        return _sites_in_words(row, name, text)
    read = row.judging.places.read(text)
    for written in read.respelled:
        row.warn("site_spelling", name, written)
    if read.new and not may_create:
        row.refuse("unknown_site", name, text, gettext("a site of the organization"))
        return ()
    for site in read.sites:
        if len(site) > 150:
            row.refuse("too_long", name, shortened(site), gettext("a site's name of at most 150 characters"))
        row.judging.needs_site(site)
    return tuple(read.sites)


def _sites_in_words(row: RowReader, name: str, text: str) -> tuple[str, ...]:
    answer = row.ask("sites_in_words", name, text)
    if answer == "all_sites":
        for site in row.judging.places.names:
            row.judging.needs_site(site)
        return tuple(row.judging.places.names)
    if answer == EMPTY:
        row.keep(name)
    return ()


def proposes_all_sites(text: str) -> bool:
    """Whether words mean every site, so that this answer can be offered."""
    return means_all(text)


def read_amount(row: RowReader, name: str) -> Decimal | None:
    """An amount; one that can not be read goes into the note."""
    cell = row.cell(name)
    if cell is None:
        return None
    amount = read_decimal(cell)
    if amount is None:
        row.keep(name)
    return amount


def read_yes_no(row: RowReader, name: str) -> bool | None:
    """Yes, no or nothing; other words go into the note."""
    text = row.word(name)
    answer = yes_or_no(text) if text else None
    if text and answer is None:
        row.keep(name)
    return answer


def read_note(row: RowReader) -> None:
    """The note: its column, further columns a person chose for it, and what no other field could hold."""
    parts = []
    columns = row.judging.survey.layout.notes
    for column in columns:
        cell = row.corrected(column)
        if cell is None:
            continue
        text = tidy(cell.text)
        for point in invisible_in(text):
            row.warn("invisible_characters", NOTE, point)
        parts.append(text if column is columns[0] else f"{one_line(column.heading) or column.key}: {text}")
    row.values[NOTE] = "\n".join([*parts, *row.kept])


def as_date(text: str, row: RowReader) -> Reading:
    """What a piece of text inside a value says about a day."""
    return read_date(text_cell(text), row.judging.date_system)
