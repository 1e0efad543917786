"""Foreign ids in bodies, forms, filters, orderings and searches: nothing is linked, nothing is shown."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import pytest
from django.db import transaction

from accounts import tenancy
from accounts.walls import organization_models, relations
from tests.api.calling import caller
from tests.api.routes import operations
from tests.isolation import callers
from tests.isolation.addresses import addresses
from tests.isolation.matrix import Found, Matrix, refuses

LISTS = [a for a in addresses() if not a.is_api and not a.parameters and a.capability]
FILTERS = (
    "certificate",
    "site",
    "standard",
    "body",
    "owner",
    "audit",
    "edition",
    "scheme",
    "person",
    "after",
    "before",
)


def crossing(matrix: Matrix) -> list[str]:
    """Every relation by which a row of the own organization points at a foreign one."""
    with tenancy.across_organizations():
        return [
            relation.name
            for relation in relations()
            if relation.model._default_manager.filter(organization=matrix.own.organization)  # type: ignore[attr-defined]
            .filter(**{f"{relation.column}__in": relation.target._default_manager.filter(  # type: ignore[attr-defined]
                organization=matrix.foreign.organization).values("pk")})
            .exists()
        ]  # fmt: skip


def foreign_ids(matrix: Matrix) -> list[int]:
    """One id of every foreign table; none of them is an own id (see the fixture of the matrix)."""
    with tenancy.acting_in(matrix.foreign.organization):
        firsts = [m._default_manager.order_by("pk").values_list("pk", flat=True).first() for m in organization_models()]
    return [pk for pk in firsts if pk and pk != matrix.foreign.organization.pk]


class Fields(HTMLParser):
    """The forms of a page: values as they are sent, and the names under which ids are chosen."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.values: dict[str, str] = {}
        self.choices: dict[str, set[str]] = {}
        self._select = ""
        self.feed(text)

    def handle_starttag(self, tag: str, pairs: list[tuple[str, str | None]]) -> None:
        """Inputs, selections and their options."""
        given = dict(pairs)
        name, value = given.get("name") or "", given.get("value") or ""
        if tag == "select":
            self._select = name
        elif tag == "option" and self._select:
            self.choices.setdefault(self._select, set()).add(value)
            if "selected" in given:
                self.values[self._select] = value
        elif tag == "input" and given.get("type") in {"checkbox", "radio"} and name:
            self.choices.setdefault(name, set()).add(value)
        elif tag in {"input", "textarea"} and name:
            self.values[name] = value or "x"

    @property
    def of_rows(self) -> list[str]:
        """Fields whose choices are numbers of rows."""
        return [name for name, values in self.choices.items() if any(v.isdigit() for v in values)]


@pytest.mark.matrix
def test_no_form_takes_a_foreign_id(matrix: Matrix) -> None:
    found, who = Found(), callers.on_pages("administrator", matrix.own, matrix.foreign)
    pages = [a for a in addresses() if not a.is_api and a.capability]
    matrix.find_words(pages, who)
    ids = foreign_ids(matrix)
    for address in pages:
        path = matrix.path(address, "own")
        page = who.client.get(path)
        if page.status_code != 200 or "text/html" not in page["Content-Type"]:
            continue
        fields = Fields(page.content.decode())
        for name in fields.of_rows:
            for answer in sent(matrix, who, path, fields.values, name, ids):
                found.cells += 1
                if answer.status_code >= 500 or matrix.foreign.marker.encode() in answer.content or answer.crossing:
                    found.leaks.append(f"{path} {name}: {answer.status_code} {answer.crossing}")
    found.write_down("forms")
    assert not found.leaks, "\n".join(found.leaks)
    assert found.cells > 100


def sent(
    matrix: Matrix, who: callers.Caller, path: str, values: dict[str, str], name: str, ids: list[int]
) -> Iterator[Any]:
    """The form with all the foreign ids at once, and with one of each table; every change is taken back."""
    for chosen in ([str(pk) for pk in ids], *([str(pk)] for pk in ids[:: max(1, len(ids) // 8)])):
        with transaction.atomic():
            answer: Any = who.client.post(path, {**values, name: chosen})
            answer.crossing = crossing(matrix) if answer.status_code < 400 else []
            transaction.set_rollback(True)
        yield answer


@pytest.mark.matrix
@pytest.mark.parametrize("role", ["administrator", "guest_auditor"])
def test_no_filter_ordering_or_search_shows_a_foreign_row(matrix: Matrix, role: str) -> None:
    found, who = Found(), callers.on_pages(role, matrix.own, matrix.foreign)
    ids = foreign_ids(matrix)
    queries = [f"{name}={pk}" for name in FILTERS for pk in ids[::6]]
    queries += ["q=title", "q=letter", "q=owner", "q=-1", "ordering=organization__name", "sort=organization", "page=2"]
    for address in LISTS:
        for query in queries:
            answer = who.client.get(f"{address}?{query}")
            found.cells += 1
            if answer.status_code >= 500 or matrix.foreign.marker.encode() in b"".join(answer):
                found.leaks.append(f"{address}?{query}: {answer.status_code}")
    found.write_down("filters")
    assert not found.leaks, "\n".join(found.leaks)


@pytest.mark.matrix
def test_the_api_filters_and_orders_by_nothing_foreign(matrix: Matrix) -> None:
    found, api = Found(), caller(matrix.own.organization)
    ids = foreign_ids(matrix)
    for operation in [o for o in operations() if o.is_list]:
        address = operation.address(operation.row_of(matrix.own) or 0)
        for name in [p["name"] for p in operation.says["parameters"] if p["in"] == "query"] + ["ordering", "x__in"]:
            for value in (*ids[::8], "organization__name", "-password"):
                answer = api.get(f"{address}?{name}={value}")
                found.cells += 1
                if answer.status_code >= 500 or matrix.foreign.marker in answer.content.decode():
                    found.leaks.append(f"{address}?{name}={value}: {answer.status_code}")
    found.write_down("filters")
    assert not found.leaks, "\n".join(found.leaks)


def test_what_refuses_means() -> None:
    """A page that sends elsewhere has not refused."""

    class Answer(dict[str, str]):
        status_code = 302

    assert [refuses(Answer(Location=place)) for place in ("/sign-in/?next=/", "/certificates/1/")] == [True, False]
