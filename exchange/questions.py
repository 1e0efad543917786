"""What each class of finding means to a person: its words, its level, and the answers that settle it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext, gettext_noop

from exchange.answers import LEAVE_OUT
from exchange.layout import Column, column_name
from exchange.reading import proposes_all_sites
from exchange.survey import Survey
from exchange.text import fold
from exchange.values.standards import Catalog
from exchange.values.vocabulary import GRADES

TITLES: dict[str, str] = {
    "missing_field": gettext_noop("A needed value is missing"),
    "date_not_understood": gettext_noop("Date not understood"),
    "date_out_of_range": gettext_noop("Date outside 1990 to 2099"),
    "expiry_before_issue": gettext_noop("Expires before it was issued"),
    "issue_before_certification": gettext_noop("Issued before the first certification"),
    "end_before_start": gettext_noop("Ends before it starts"),
    "closed_before_raised": gettext_noop("Closed before it was raised"),
    "duplicate_number": gettext_noop("Number used twice"),
    "unknown_certificate": gettext_noop("Certificate not known"),
    "unknown_audit": gettext_noop("Audit not known"),
    "unknown_site": gettext_noop("Site not known"),
    "standard_not_understood": gettext_noop("Standard not understood"),
    "grade_not_understood": gettext_noop("Not a grade of a nonconformity"),
    "kind_not_understood": gettext_noop("Kind of audit not understood"),
    "column_count": gettext_noop("More values than headings"),
    "character_not_allowed": gettext_noop("A character that can not be stored"),
    "further_not_understood": gettext_noop("Further facts not understood"),
    "too_long": gettext_noop("Text too long"),
    "day_month_order": gettext_noop("Which comes first, the day or the month?"),
    "month_only": gettext_noop("Only the month is given"),
    "week_only": gettext_noop("Only the week is given"),
    "serial_number": gettext_noop("A bare day number"),
    "clause_is_date": gettext_noop("The clause was taken for a date"),
    "closed_without_date": gettext_noop("Closed, but no closing date"),
    "open_with_closing_date": gettext_noop("Open, but with a closing date"),
    "past_but_planned": gettext_noop("Planned for a day that has passed"),
    "status_date_missing": gettext_noop("Since when?"),
    "grade_code": gettext_noop("What does this grade code mean?"),
    "sites_in_words": gettext_noop("Which sites are meant?"),
    "several_standards": gettext_noop("Several standards in one row"),
    "text_formula": gettext_noop("Text written as a formula"),
    "edition_missing": gettext_noop("No edition given"),
    "year_only": gettext_noop("Only the year is given; it goes into the note"),
    "owner_not_known": gettext_noop("Owner not known; kept as text"),
    "owner_several": gettext_noop("Several owners; the first known one is taken, the text is kept"),
    "formula_error": gettext_noop("The formula gave an error; left empty"),
    "status_contradicts_date": gettext_noop("Status and date contradict each other; the date counts"),
    "status_not_understood": gettext_noop("Status not understood; it goes into the note"),
    "invisible_characters": gettext_noop("Characters nobody sees; kept"),
    "no_certificate": gettext_noop("Raised by the body, but no certificate is named: it moves none"),
    "colour_only": gettext_noop("Marked by a color only; colors carry no value here"),
    "kept_as_recorded": gettext_noop("Differs from what is recorded; a list does not change this, its page does"),
    "site_spelling": gettext_noop("Site found under another spelling"),
}

_LEFT_OUT = (LEAVE_OUT, gettext_noop("Leave these rows out"))
_EMPTY = ("leave_empty", gettext_noop("Leave it empty; the text goes into the note"))
CHOICES: dict[str, tuple[tuple[str, str], ...]] = {
    "day_month_order": (
        ("day_first", gettext_noop("The day comes first")),
        ("month_first", gettext_noop("The month comes first")),
        _LEFT_OUT,
    ),
    "month_only": (
        ("first_day", gettext_noop("First day of it")),
        ("last_day", gettext_noop("Last day of it")),
        _EMPTY,
        _LEFT_OUT,
    ),
    "week_only": (
        ("whole_week", gettext_noop("Monday to Friday of that week")),
        ("first_day", gettext_noop("Monday")),
        ("last_day", gettext_noop("Friday")),
        _EMPTY,
        _LEFT_OUT,
    ),
    "serial_number": (
        ("day_number", gettext_noop("A day number as this file counts days")),
        ("other_day_number", gettext_noop("A day number of the other date system (1900 or 1904)")),
        _LEFT_OUT,
    ),
    "clause_is_date": (
        ("day_month", gettext_noop("Clause = day.month")),
        ("month_day", gettext_noop("Clause = month.day")),
        ("leave_empty", gettext_noop("Leave the clause empty; the text goes into the note")),
        _LEFT_OUT,
    ),
    "closed_without_date": (("as_open", gettext_noop("Import as open")), _LEFT_OUT),
    "open_with_closing_date": (
        ("closed", gettext_noop("Closed on the date given")),
        ("open", gettext_noop("Open; the date is wrong")),
        _LEFT_OUT,
    ),
    "past_but_planned": (
        ("took_place", gettext_noop("It took place")),
        ("cancelled", gettext_noop("It was cancelled")),
        ("planned", gettext_noop("It is still planned")),
        _LEFT_OUT,
    ),
    "status_date_missing": (("as_note", gettext_noop("Import without it; the word goes into the note")), _LEFT_OUT),
    "grade_code": (*GRADES.items(), _LEFT_OUT),
    "sites_in_words": (
        ("all_sites", gettext_noop("All sites that are known")),
        ("leave_empty", gettext_noop("No site; the words go into the note")),
        _LEFT_OUT,
    ),
    "text_formula": (
        ("text", gettext_noop("The text inside the quotation marks")),
        ("as_written", gettext_noop("As it is written")),
        _LEFT_OUT,
    ),
    "several_standards": (("each", gettext_noop("One certificate for each standard")), _LEFT_OUT),
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
        return title_of(self.kind)

    @property
    def place(self) -> str:
        """The column as a page calls it."""
        return column_name(self.column)

    @property
    def per_value(self) -> bool:
        """Whether each value needs an answer of its own."""
        return self.kind in PER_VALUE


def title_of(kind: str) -> str:
    """What a class of finding means, in the reader's language."""
    return gettext(TITLES[kind])


def build(
    survey: Survey, kind: str, column_key: str, rows: Sequence[int], waiting: int, values: Sequence[str]
) -> Question:
    """The question that a person sees, with the answer the file itself suggests."""
    column = next((c for c in survey.layout.columns if c.key == column_key), None)
    field = (column.field if column else None) or ""
    distinct = tuple(sorted(dict.fromkeys(values)))
    choices = tuple((value, gettext(words)) for value, words in CHOICES[kind])
    if kind == "several_standards":
        names = dict.fromkeys(name for value in distinct for name in _standards_in(value))
        only = gettext("Only %(standard)s; the others go into the note")
        choices = (choices[0], *((name, only % {"standard": name}) for name in names), choices[1])
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
