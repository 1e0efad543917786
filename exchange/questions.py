"""What each class of finding means to a person: its words, its level, and the answers that settle it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from exchange.answers import LEAVE_OUT
from exchange.layout import Column
from exchange.reading import proposes_all_sites
from exchange.survey import Survey
from exchange.text import fold
from exchange.values.standards import Catalog

TITLES: dict[str, str] = {
    "missing_field": "A needed value is missing",
    "date_not_understood": "Date not understood",
    "date_out_of_range": "Date outside 1990 to 2099",
    "expiry_before_issue": "Expires before it was issued",
    "issue_before_certification": "Issued before the first certification",
    "end_before_start": "Ends before it starts",
    "closed_before_raised": "Closed before it was raised",
    "duplicate_number": "Number used twice",
    "unknown_certificate": "Certificate not known",
    "unknown_audit": "Audit not known",
    "unknown_site": "Site not known",
    "standard_not_understood": "Standard not understood",
    "grade_not_understood": "Not a grade of a nonconformity",
    "kind_not_understood": "Kind of audit not understood",
    "column_count": "More values than headings",
    "character_not_allowed": "A character that can not be stored",
    "further_not_understood": "Further facts not understood",
    "too_long": "Text too long",
    "day_month_order": "Which comes first, the day or the month?",
    "month_only": "Only the month is given",
    "week_only": "Only the week is given",
    "serial_number": "A bare day number",
    "clause_is_date": "The clause was taken for a date",
    "closed_without_date": "Closed, but no closing date",
    "open_with_closing_date": "Open, but with a closing date",
    "past_but_planned": "Planned for a day that has passed",
    "status_date_missing": "Since when?",
    "grade_code": "What does this grade code mean?",
    "sites_in_words": "Which sites are meant?",
    "several_standards": "Several standards in one row",
    "text_formula": "Text written as a formula",
    "edition_missing": "No edition given",
    "year_only": "Only the year is given; it goes into the note",
    "owner_not_known": "Owner not known; kept as text",
    "owner_several": "Several owners; the first known one is taken, the text is kept",
    "formula_error": "The formula gave an error; left empty",
    "status_contradicts_date": "Status and date contradict each other; the date counts",
    "status_not_understood": "Status not understood; it goes into the note",
    "invisible_characters": "Characters nobody sees; kept",
    "no_certificate": "Raised by the body, but no certificate is named: it moves none",
    "colour_only": "Marked by a color only; colors carry no value here",
    "kept_as_recorded": "Differs from what is recorded; a list does not change this, its page does",
    "site_spelling": "Site found under another spelling",
}

_LEFT_OUT = (LEAVE_OUT, "Leave these rows out")
_EMPTY = ("leave_empty", "Leave it empty; the text goes into the note")
CHOICES: dict[str, tuple[tuple[str, str], ...]] = {
    "day_month_order": (("day_first", "The day comes first"), ("month_first", "The month comes first"), _LEFT_OUT),
    "month_only": (("first_day", "First day of it"), ("last_day", "Last day of it"), _EMPTY, _LEFT_OUT),
    "week_only": (
        ("whole_week", "Monday to Friday of that week"),
        ("first_day", "Monday"),
        ("last_day", "Friday"),
        _EMPTY,
        _LEFT_OUT,
    ),
    "serial_number": (
        ("day_number", "A day number as this file counts days"),
        ("other_day_number", "A day number of the other date system (1900 or 1904)"),
        _LEFT_OUT,
    ),
    "clause_is_date": (
        ("day_month", "Clause = day.month"),
        ("month_day", "Clause = month.day"),
        ("leave_empty", "Leave the clause empty; the text goes into the note"),
        _LEFT_OUT,
    ),
    "closed_without_date": (("as_open", "Import as open"), _LEFT_OUT),
    "open_with_closing_date": (("closed", "Closed on the date given"), ("open", "Open; the date is wrong"), _LEFT_OUT),
    "past_but_planned": (
        ("took_place", "It took place"),
        ("cancelled", "It was cancelled"),
        ("planned", "It is still planned"),
        _LEFT_OUT,
    ),
    "status_date_missing": (("as_note", "Import without it; the word goes into the note"), _LEFT_OUT),
    "grade_code": (("major", "Major"), ("minor", "Minor"), ("critical", "Critical"), _LEFT_OUT),
    "sites_in_words": (
        ("all_sites", "All sites that are known"),
        ("leave_empty", "No site; the words go into the note"),
        _LEFT_OUT,
    ),
    "text_formula": (("text", "The text inside the quotation marks"), ("as_written", "As it is written"), _LEFT_OUT),
    "several_standards": (("each", "One certificate for each standard"), _LEFT_OUT),
}
PER_VALUE = frozenset({"grade_code", "sites_in_words", "several_standards"})
_ENDS = frozenset({"expires_on", "ended_on", "closed_on", "verified_on", "action_done_on", "due_on"})


@dataclass(frozen=True, slots=True)
class Question:
    """One thing to be decided, for all rows of a column in which it arises.

    ``values`` are asked one by one when ``per_value``; ``proposed`` maps a value ("" for the whole column) to the
    answer offered; ``proof`` are values of the file that speak for it. ``waiting`` counts rows without an answer.
    """

    kind: str
    column: str
    field: str
    rows: tuple[int, ...]
    waiting: int
    values: tuple[str, ...]
    choices: tuple[tuple[str, str], ...]
    proposed: dict[str, str]
    proof: tuple[str, ...]

    @property
    def title(self) -> str:
        """The question in words."""
        return TITLES[self.kind]

    @property
    def per_value(self) -> bool:
        """Whether each value needs an answer of its own."""
        return self.kind in PER_VALUE


def build(
    survey: Survey, kind: str, column_key: str, rows: Sequence[int], waiting: int, values: Sequence[str]
) -> Question:
    """The question that a person sees, with the answer the file itself suggests."""
    column = next((c for c in survey.layout.columns if c.key == column_key), None)
    field = (column.field if column else None) or ""
    distinct = tuple(sorted(dict.fromkeys(values)))
    choices = CHOICES[kind]
    if kind == "several_standards":
        names = dict.fromkeys(name for value in distinct for name in _standards_in(value))
        choices = (choices[0], *((name, f"Only {name}; the others go into the note") for name in names), choices[1])
    proof = tuple(_proof(survey, column)) if kind == "day_month_order" else ()
    proposed = _propose(survey, kind, column, field, distinct)
    return Question(kind, column_key, field, tuple(rows), waiting, distinct, choices, proposed, proof)


def _standards_in(text: str) -> list[str]:
    return [standard.name for standard in Catalog().read(text)]


def _propose(survey: Survey, kind: str, column: Column | None, field: str, values: tuple[str, ...]) -> dict[str, str]:
    if kind == "grade_code":
        return {value: survey.legend[fold(value)] for value in values if fold(value) in survey.legend}
    if kind == "sites_in_words":
        return {value: "all_sites" for value in values if proposes_all_sites(value)}
    if kind == "several_standards":
        return dict.fromkeys(values, "each")
    answer = _proposed_for_column(survey, kind, column, field)
    return {"": answer} if answer else {}


def _proposed_for_column(survey: Survey, kind: str, column: Column | None, field: str) -> str | None:
    match kind:
        case "day_month_order":
            return _order(survey, column)
        case "month_only":
            return "last_day" if field in _ENDS else "first_day"
        case "week_only":
            return "last_day" if field in _ENDS else "whole_week" if field == "started_on" else "first_day"
        case "serial_number":
            return "day_number"
        case "clause_is_date":
            return "day_month"
        case "text_formula":
            return "text"
    return None


def _order(survey: Survey, column: Column | None) -> str | None:
    """The order that dates above 12 prove: in the column itself, otherwise in the other columns together."""
    own = survey.orders.get(column.index) if column else None
    counted = own or sum(survey.orders.values(), Counter[str]())
    return next(iter(counted)) if len(counted) == 1 else None


def _proof(survey: Survey, column: Column | None) -> list[str]:
    own = survey.proofs.get(column.index, []) if column else []
    others = [text for index, texts in survey.proofs.items() if not column or index != column.index for text in texts]
    return [*own, *(text for text in others if text not in own)][:5]
