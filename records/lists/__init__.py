"""Long lists for people: columns to choose, sorting by link, pages by keyset, filters as chips, views kept and shared.

An app names its list with a ``ListSpec``, filters its rows itself, and hands both to ``listing``; the templates in
``templates/_components/lists/`` draw what comes back. docs/howto/lists.md shows one from end to end.
"""

from records.lists.files import as_file
from records.lists.filters import Filter, choices_of, day_of, kept_for, words_of
from records.lists.keyset import KeysetPage, Sort, keyset_page, neighbors, ordered
from records.lists.listing import SPECS, Chip, Column, Listing, ListSpec, chips_of, counted, listing, register
from records.lists.writing import write_csv, write_xlsx

__all__ = [
    "SPECS",
    "Chip",
    "Column",
    "Filter",
    "KeysetPage",
    "ListSpec",
    "Listing",
    "Sort",
    "as_file",
    "chips_of",
    "choices_of",
    "counted",
    "day_of",
    "kept_for",
    "keyset_page",
    "listing",
    "neighbors",
    "ordered",
    "register",
    "words_of",
    "write_csv",
    "write_xlsx",
]
