"""Long lists: pages by keyset in both directions, columns, chips, kept views, files."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from io import BytesIO

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.http import QueryDict
from openpyxl import load_workbook

from accounts import clock
from accounts.models import Organization, User
from nonconformities.models import Nonconformity
from records.lists import Sort, keyset_page
from records.lists.actions import keep_view
from records.lists.keyset import _beyond
from records.lists.listing import without
from records.models import SavedView
from tests.factories import certificate, nonconformity
from tests.pages import signed_in, text_of

TODAY = date(2026, 11, 23)


@pytest.fixture(autouse=True)
def autumn(acting: Organization) -> Iterator[None]:
    """It is 23 November 2026."""
    with clock.at(TODAY):
        yield


@pytest.fixture
def rows(acting: Organization) -> list[Nonconformity]:
    """Five with a date (two on the same day) and two without."""
    days = [3, 1, 2, 2, 5]
    made = [_bare(acting, f"D{n}", TODAY + timedelta(days=day)) for n, day in enumerate(days)]
    return made + [_bare(acting, f"U{n}", None) for n in range(2)]


def _bare(organization: Organization, number: str, due: date | None) -> Nonconformity:
    made = Nonconformity(
        organization=organization,
        number=number,
        title=number,
        source="review",
        grade="minor",
        current_grade="minor",
        raised_on=TODAY,
        recorded_on=TODAY,
        next_step_due_on=due,
    )
    made.save()
    return made


def numbers(page: object) -> list[str]:
    return [row.number for row in page.rows]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("descending", "order"),
    [
        (False, ["D1", "D2", "D3", "D0", "D4", "U0", "U1"]),
        (True, ["D4", "D0", "D3", "D2", "D1", "U1", "U0"]),
    ],
)
@pytest.mark.parametrize("size", [1, 2, 3, 7, 50])
def test_every_row_comes_once_there_and_back(
    rows: list[Nonconformity], descending: bool, order: list[str], size: int
) -> None:
    sort = Sort("next_step_due_on", descending)
    there: list[str] = []
    given: dict[str, str] = {}
    while True:
        page = keyset_page(Nonconformity.objects.all(), sort, given, size)
        there += numbers(page)
        if not page.next_cursor:
            break
        given = {"after": page.next_cursor}
    assert there == order
    back = numbers(page)
    while page.previous_cursor:
        page = keyset_page(Nonconformity.objects.all(), sort, {"before": page.previous_cursor}, size)
        back = numbers(page) + back
    assert back == order


@pytest.mark.parametrize("cursor", ["x", "W10", "bnVsbA", "WyJ4IiwieSJd", "=", "W251bGwsMV0"])
def test_a_damaged_cursor_never_breaks_a_list(rows: list[Nonconformity], cursor: str) -> None:
    page = keyset_page(Nonconformity.objects.all(), Sort("next_step_due_on"), {"after": cursor})
    assert len(page.rows) <= 7


def test_sorting_columns_and_chips_stand_in_the_address(officer: User, rows: list[Nonconformity]) -> None:
    browser = signed_in(officer)
    page = browser.get("/ncs/?sort=-number&columns=grade&columns=raised&q=D&grade=minor")
    listing = page.context["listing"]
    assert [row.number for row in listing.page.rows] == ["D4", "D3", "D2", "D1", "D0"]
    assert [(head.key, head.aria) for head in listing.heads] == [
        ("number", "descending"),
        ("grade", ""),
        ("raised", ""),
    ]
    assert [(chip.words, chip.url) for chip in listing.chips] == [
        ("“D”", "?sort=-number&columns=grade&columns=raised&grade=minor"),
        ("Minor", "?sort=-number&columns=grade&columns=raised&q=D"),
    ]
    assert "5 nonconformities" in text_of(page)


def test_a_view_is_kept_shared_replaced_and_let_go(officer: User, manager: User, acting: Organization) -> None:
    browser, other = signed_in(officer), signed_in(manager)
    given = {"name": " Late  majors ", "query": "grade=major&state=overdue&after=x", "shared": "on"}
    assert browser.post("/views/ncs/save/", given)["Location"] == "/ncs/?grade=major&state=overdue&after=x"
    view = SavedView.objects.get()
    assert (view.name, view.query) == ("Late majors", "grade=major&state=overdue")
    assert [v.name for v in other.get("/ncs/").context["listing"].views] == ["Late majors"]
    assert other.post(f"/views/{view.pk}/forget/").status_code == 404
    browser.post("/views/ncs/save/", {"name": "Late majors", "query": "grade=major"})
    assert [v.query for v in browser.get("/ncs/").context["listing"].views] == ["grade=major"]
    assert other.get("/ncs/").context["listing"].views == []
    browser.post(f"/views/{view.pk}/forget/")
    assert SavedView.objects.count() == 0
    assert browser.post("/views/nonsense/save/", {"name": "x"}).status_code == 404


def test_a_view_needs_a_name(officer: User, acting: Organization) -> None:
    with pytest.raises(ValidationError):
        keep_view(acting, officer, "ncs", "  ", "", shared=False)


def test_files_hold_exactly_what_is_shown(officer: User, rows: list[Nonconformity]) -> None:
    rows[0].title = "=1+1"
    rows[0].save()
    browser = signed_in(officer)
    address = "csv/?q=D&columns=title&columns=due&sort=-due"
    lines = browser.get(f"/ncs/export/{address}").content.decode("utf-8-sig").splitlines()
    assert lines == [
        "Nonconformity,Title,Next deadline",
        "D4,D4,2026-11-28",
        "D0,'=1+1,2026-11-26",
        "D3,D3,2026-11-25",
        "D2,D2,2026-11-25",
        "D1,D1,2026-11-24",
    ]
    book = browser.get(f"/ncs/export/{address}".replace("csv", "xlsx"))
    sheet = load_workbook(BytesIO(b"".join(book.streaming_content))).active
    assert [[cell.value for cell in row] for row in sheet.iter_rows(max_row=3)][2][:2] == ["D0", "=1+1"]


def test_the_chosen_ones_are_handed_over(officer: User, manager: User, rows: list[Nonconformity]) -> None:
    browser = signed_in(officer)
    given = {"do": "reassign", "owner": manager.pk, "pick": [rows[0].pk, rows[5].pk], "query": "state=open"}
    assert "2 are handed over" in text_of(browser.post("/ncs/bulk/", given, follow=True))
    assert Nonconformity.objects.filter(owner=manager).count() == 2
    everything = {"do": "reassign", "owner": manager.pk, "all": "on", "query": "q=D"}
    assert "4 are handed over" in text_of(browser.post("/ncs/bulk/", everything, follow=True))
    nobody = {"do": "reassign", "pick": [rows[0].pk]}
    assert "Choose to whom" in text_of(browser.post("/ncs/bulk/", nobody, follow=True))
    assert "may not hand" in text_of(signed_in(manager).post("/ncs/bulk/", given, follow=True))
    chosen = browser.post("/ncs/bulk/", {"do": "csv", "pick": [rows[1].pk]}).content.decode("utf-8-sig")
    assert [line.split(",")[0] for line in chosen.splitlines()] == ["Nonconformity", "D1"]


def test_the_board_shows_each_step_with_its_count(officer: User, acting: Organization) -> None:
    nonconformity(acting, [certificate(acting)], "N1", raised_on=date(2026, 11, 1))
    lanes = signed_in(officer).get("/ncs/?view=board").context["lanes"]
    assert [(lane.step, lane.count, [row.number for row in lane.rows]) for lane in lanes][:2] == [
        ("containment", 1, ["N1"]),
        ("extent", 0, []),
    ]


@pytest.mark.postgres
@pytest.mark.parametrize("sort", [Sort("next_step_due_on"), Sort("next_step_due_on", True), Sort("raised_on", True)])
def test_a_late_page_walks_along_an_index(acting: Organization, sort: Sort) -> None:
    """20,000 rows: the page after the 15,000th reads its own rows and no others."""
    if connection.vendor != "postgresql":
        pytest.skip("plans are those of PostgreSQL")
    shape = _bare(acting, "N", TODAY)
    Nonconformity.objects.bulk_create(_copies(shape, 20_000), batch_size=2000)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE nonconformities_nonconformity")
    places = Nonconformity.objects.order_by(sort.field, "pk").values_list(sort.field, "pk")
    far = next(iter(places[15_000:15_001]))
    open_ones = Nonconformity.objects.filter(state="open", **{f"{sort.field}__isnull": False})
    sign = "-" if sort.descending else ""
    beyond = open_ones.filter(_beyond(sort.field, *far, falling=sort.descending))
    page = beyond.order_by(f"{sign}{sort.field}", f"{sign}pk")
    plan = page[:51].explain(analyze=True)
    assert "Index Scan" in plan
    assert "Seq Scan" not in plan
    assert "Sort" not in plan


def _copies(shape: Nonconformity, count: int) -> Iterator[Nonconformity]:
    columns = {f.attname: getattr(shape, f.attname) for f in shape._meta.concrete_fields if not f.primary_key}
    for n in range(count):
        dates = {"next_step_due_on": TODAY + timedelta(days=n % 700), "raised_on": TODAY - timedelta(days=n % 900)}
        yield Nonconformity(**{**columns, **dates, "number": f"N-{n}"})


def test_a_query_keeps_its_length() -> None:
    assert len(without(QueryDict("q=" + "x" * 5000))) == 1000
