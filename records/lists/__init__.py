"""Long lists for people: columns to choose, sorting by link, pages by keyset, filters as chips, views kept and shared.

An app names its list with a ``ListSpec``, filters its rows itself, and hands both to ``listing``; the templates in
``templates/_components/lists/`` draw what comes back. docs/howto/lists.md shows one from end to end.
"""

from records.lists.keyset import KeysetPage, Sort, keyset_page, ordered
from records.lists.listing import SPECS, Chip, Column, Listing, ListSpec, chips_of, counted, listing, register
from records.lists.writing import write_csv, write_xlsx

__all__ = [
    "SPECS",
    "Chip",
    "Column",
    "KeysetPage",
    "ListSpec",
    "Listing",
    "Sort",
    "chips_of",
    "counted",
    "keyset_page",
    "listing",
    "ordered",
    "register",
    "write_csv",
    "write_xlsx",
]
