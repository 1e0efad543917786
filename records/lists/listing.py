"""What a list shows of itself: its columns, its sorting, its chips, the views that people keep of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.permissions import Capability
from records.lists.keyset import KeysetPage, Sort, keyset_page
from records.models import SavedView

PLACE = ("after", "before")
COUNTED = 1000
LONGEST_QUERY = 1000


@dataclass(frozen=True, slots=True)
class Column:
    """A column people may choose: its heading, the model's column it sorts by, and its value in an export.

    ``along`` names columns whose values its cell on the page shows, too; a file writes them beside it.
    One that ``counts`` stands on the right.
    """

    key: str
    title: Any
    value: Callable[[Any], Any]
    sort: str = ""
    shown: bool = True
    along: tuple[str, ...] = ()
    counts: bool = False


@dataclass(frozen=True, slots=True)
class ListSpec:
    """A list: its name, its address, who may see it, its columns, and how it is sorted unless somebody asks."""

    name: str
    url: str
    title: Any
    columns: tuple[Column, ...]
    default: str
    needs: Capability = Capability.VIEW

    def sort_of(self, text: str) -> tuple[str, Sort]:
        """The key and the sorting that the address asks for."""
        fields = {column.key: column.sort for column in self.columns if column.sort}
        key = text.removeprefix("-")
        if key not in fields:
            text, key = self.default, self.default.removeprefix("-")
        return text, Sort(fields[key], text.startswith("-"))


SPECS: dict[str, ListSpec] = {}


def register(spec: ListSpec) -> ListSpec:
    """Make a list known, so that views of it can be kept."""
    SPECS[spec.name] = spec
    return spec


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter that narrows the list, and the address of the list without it."""

    words: str
    url: str


@dataclass(frozen=True, slots=True)
class Head:
    """A column as its head shows it: ``aria`` is its aria-sort, ``url`` sorts by it."""

    key: str
    title: str
    url: str
    aria: str
    counts: bool


@dataclass(frozen=True)
class Listing:
    """A list as its page shows it."""

    spec: ListSpec
    page: KeysetPage
    heads: Sequence[Head]
    choices: Sequence[tuple[Column, bool]]
    chips: Sequence[Chip]
    views: Sequence[SavedView]
    query: str
    count: str

    @property
    def shown(self) -> set[str]:
        """The keys of the columns that are shown."""
        return {head.key for head in self.heads}


def listing(
    spec: ListSpec, rows: QuerySet[Any], request: HttpRequest, chips: Sequence[Chip] = (), count: str = ""
) -> Listing:
    """The page of a list that the address asks for; two queries at most for the rows and one for the kept views."""
    given = request.GET
    sort_key, sort = spec.sort_of(given.get("sort", ""))
    columns = chosen(spec, given)
    return Listing(
        spec=spec,
        page=keyset_page(rows, sort, given),
        heads=[_head(column, sort_key, given) for column in columns],
        choices=[(column, column in columns) for column in spec.columns],
        chips=chips,
        views=views_of(spec, request),
        query=without(given, *PLACE),
        count=count,
    )


def chosen(spec: ListSpec, given: QueryDict) -> list[Column]:
    """The columns that the address asks for; the usual ones without a wish. The first one always stays."""
    wished = set(given.getlist("columns"))
    first = spec.columns[0]
    return [c for c in spec.columns if c is first or (c.key in wished if wished else c.shown)]


def in_file(spec: ListSpec, given: QueryDict) -> list[Column]:
    """The columns of a file: those of the page, each followed by what its cell shows along with it."""
    known = {column.key: column for column in spec.columns}
    shown = chosen(spec, given)
    wide = {key: known[key] for column in shown for key in (column.key, *column.along)}
    return list(wide.values())


def _head(column: Column, sort_key: str, given: QueryDict) -> Head:
    if not column.sort:
        return Head(column.key, str(column.title), "", "", column.counts)
    falling = sort_key == column.key
    aria = "ascending" if falling else "descending" if sort_key == f"-{column.key}" else ""
    url = _with(given, sort=f"-{column.key}" if falling else column.key)
    return Head(column.key, str(column.title), url, aria, column.counts)


def chips_of(request: HttpRequest, words: Mapping[str, str]) -> list[Chip]:
    """A chip for each filter in words, by its name in the address; it leads to the list without that filter."""
    return [Chip(said, "?" + without(request.GET, name, *PLACE)) for name, said in words.items() if said]


def kept_fields(given: QueryDict, *but: str) -> list[tuple[str, str]]:
    """What a form of the list carries along: names and values of the address but those that it asks for itself."""
    return [(name, value) for name in given if name not in (*but, *PLACE) for value in given.getlist(name)]


def without(given: QueryDict, *names: str) -> str:
    """The query of the address without some of its names."""
    kept = given.copy()
    for name in names:
        kept.pop(name, None)
    return kept.urlencode()[:LONGEST_QUERY]


def _with(given: QueryDict, **values: str) -> str:
    kept = given.copy()
    for name in PLACE:
        kept.pop(name, None)
    for name, value in values.items():
        kept[name] = value
    return "?" + kept.urlencode()[:LONGEST_QUERY]


def views_of(spec: ListSpec, request: HttpRequest) -> list[SavedView]:
    """The views of this list that the person keeps or that others share; one query."""
    mine = Q(owner_id=request.user.pk) | Q(shared=True)
    found = list(SavedView.objects.filter(mine, list=spec.name).select_related("owner").order_by("name", "pk"))
    for view in found:
        view.url = f"{reverse(spec.url)}?{view.query}"
    return found


def counted(rows: QuerySet[Any], one: str, many: str) -> str:
    """How many rows there are, counted to a thousand at most; ``many`` holds ``%s`` for the number."""
    count = rows.order_by()[: COUNTED + 1].count()
    if count > COUNTED:
        return many % _("more than 1,000")
    return one if count == 1 else many % count


def values_of(columns: Sequence[Column], rows: Iterable[Any]) -> Iterable[list[Any]]:
    """The rows as an export writes them."""
    return ([column.value(row) for column in columns] for row in rows)
