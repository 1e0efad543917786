"""The list of certificates: filters, chips, kept views, columns, pages and files, for all and for limited members."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from io import BytesIO

import pytest
from django.test import Client
from openpyxl import load_workbook

from accounts import clock
from accounts.models import Membership, Organization, Site, User
from accounts.permissions import Role
from audits.actions import plan_audit
from certifications import actions
from certifications.models import Certificate, CertificationBody, Standard
from records.models import SavedView
from tests.conftest import member
from tests.factories import BY, certificate
from tests.pages import queries_of, signed_in, text_of

TODAY = date(2026, 11, 23)


@pytest.fixture(autouse=True)
def autumn(acting: Organization) -> Iterator[None]:
    """It is 23 November 2026."""
    with clock.at(TODAY):
        yield


@pytest.fixture
def browser(officer: User) -> Client:
    return signed_in(officer)


@pytest.fixture
def three(acting: Organization) -> dict[str, Certificate]:
    """Porto (ISO 9001) expires in December, Oslo (ISO 14001) next May, and a third at no place never."""
    sites = {name: actions.add_site(acting, {"name": name}, BY) for name in ("Porto", "Oslo")}
    body = CertificationBody.objects.create(organization=acting, name="Northcert")
    return {
        "Q-1": certificate(acting, "Q-1", expires_on=date(2026, 12, 10), sites=[sites["Porto"]], body=body),
        "E-2": certificate(acting, "E-2", standard="ISO 14001", expires_on=date(2027, 5, 1), sites=[sites["Oslo"]]),
        "Q-3": certificate(acting, "Q-3", expires_on=None, scope="=SUM(A1)"),
    }


def numbers(browser: Client, query: str = "") -> list[str]:
    return [line["row"].number for line in browser.get(f"/certificates/{query}").context["lines"]]


def file_of(browser: Client, query: str = "") -> list[list[str]]:
    text = browser.get(f"/certificates/export/csv/{query}").content.decode("utf-8-sig")
    return [line.split(",") for line in text.splitlines()]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["Q-1", "E-2", "Q-3"]),
        ("?loss=30", ["Q-1"]),
        ("?loss=90", ["Q-1"]),
        ("?loss=183", ["Q-1", "E-2"]),
        ("?loss=365", ["Q-1", "E-2"]),
        ("?loss=none", ["Q-3"]),
        ("?loss=7", ["Q-1", "E-2", "Q-3"]),
        ("?standard=ISO 14001", ["E-2"]),
        ("?site=Porto", ["Q-1"]),
        ("?body=Northcert", ["Q-1"]),
        ("?q=oslo&loss=365", ["E-2"]),
        ("?sort=-loss", ["E-2", "Q-1", "Q-3"]),
        ("?sort=number", ["E-2", "Q-1", "Q-3"]),
        ("?sort=-expires", ["E-2", "Q-1", "Q-3"]),
        ("?sort=body", ["Q-1", "E-2", "Q-3"]),
    ],
)
def test_filters_and_sorting_stand_in_the_address(
    browser: Client, three: dict[str, Certificate], query: str, found: list[str]
) -> None:
    names: dict[str, int] = {row.code: row.pk for row in Standard.objects.all()}
    names |= {row.name: row.pk for row in Site.objects.all()} | {"Northcert": CertificationBody.objects.get().pk}
    for name, pk in names.items():
        query = query.replace(f"={name}", f"={pk}")
    assert numbers(browser, query) == found
    assert [row[0] for row in file_of(browser, query)[1:]] == found


def test_filters_in_force_are_chips_that_take_them_away(browser: Client, three: dict[str, Certificate]) -> None:
    site = Site.objects.get(name="Porto").pk
    page = browser.get(f"/certificates/?q=Q&state=expiring&loss=30&site={site}&owner=me&differs=1&untold=1&after=x")
    listing = page.context["listing"]
    assert [chip.words for chip in listing.chips] == [
        *("“Q”", "Expiring soon", "Lost within 30 days", "Porto", "Me", "Not confirmed", "a change is not told"),
    ]
    assert listing.chips[2].url == f"?q=Q&state=expiring&site={site}&owner=me&differs=1&untold=1"
    form = page.content.decode()
    assert '<input type="hidden" name="untold" value="1">' in form
    assert '<option value="30" selected>' in form
    assert "0 certificates" in text_of(page)
    assert "No certificate matches these filters." in text_of(page)


def test_a_view_is_kept_and_shared(browser: Client, manager: User, three: dict[str, Certificate]) -> None:
    given = {"name": "Soon", "query": "loss=30&columns=scope&after=x", "shared": "on"}
    assert (
        browser.post("/views/certificates/save/", given)["Location"] == "/certificates/?loss=30&columns=scope&after=x"
    )
    other = signed_in(manager)
    views = other.get("/certificates/").context["listing"].views
    assert [(view.name, view.url) for view in views] == [("Soon", "/certificates/?loss=30&columns=scope")]
    assert "Views:" not in text_of(other.get("/ncs/"))
    assert numbers(other, views[0].url.removeprefix("/certificates/")) == ["Q-1"]
    browser.post(f"/views/{SavedView.objects.get().pk}/forget/")
    assert other.get("/certificates/").context["listing"].views == []


def test_columns_are_chosen(browser: Client, three: dict[str, Certificate]) -> None:
    every = [column.key for column, _shown in browser.get("/certificates/").context["listing"].choices]
    page = browser.get("/certificates/?" + "&".join(f"columns={key}" for key in every))
    assert [head.key for head in page.context["listing"].heads] == every
    assert page.content.decode().count("<td") == 3 * len(every)
    few = browser.get("/certificates/?columns=scope").context["listing"]
    assert [head.key for head in few.heads] == ["number", "scope"]


def test_a_file_holds_what_is_shown_and_no_formula(browser: Client, three: dict[str, Certificate]) -> None:
    assert file_of(browser, "?columns=loss&columns=scope") == [
        ["Certificate", "Standard", "Edition", "Sites", "Next loss", "Becomes", "Reason", "Scope"],
        ["Q-1", "ISO 9001", "2015", "Porto", "2026-12-11", "Expired", "recertification not decided", ""],
        ["E-2", "ISO 14001", "2015", "Oslo", "2027-05-02", "Expired", "recertification not decided", ""],
        ["Q-3", "ISO 9001", "2015", "", "", "", "", "'=SUM(A1)"],
    ]
    book = browser.get("/certificates/export/xlsx/?columns=scope&sort=-loss")
    assert book["Content-Disposition"] == 'attachment; filename="certificates.xlsx"'
    sheet = load_workbook(BytesIO(b"".join(book.streaming_content))).active
    cells = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert [row[0] for row in cells] == ["Certificate", "E-2", "Q-1", "Q-3"]
    assert (sheet.cell(4, 5).value, sheet.cell(4, 5).data_type) == ("=SUM(A1)", "s")
    assert browser.get("/certificates/export/ods/").status_code == 404


def test_a_file_says_what_the_page_says_before_the_sweep_has_run(
    browser: Client, three: dict[str, Certificate]
) -> None:
    with clock.at(date(2026, 12, 20)):
        page = {line["row"].number: str(line["word"]) for line in browser.get("/certificates/").context["lines"]}
        lines = file_of(browser, "?columns=state")
    assert page["Q-1"] == "Expired"
    assert {row[0]: row[4] for row in lines[1:]} == page


@pytest.mark.parametrize("sort", ["loss", "-loss", "number", "-number", "expires", "-expires"])
def test_pages_hold_every_row_once_although_many_are_alike(browser: Client, acting: Organization, sort: str) -> None:
    shape = certificate(acting, "C", expires_on=None)
    columns = {f.attname: getattr(shape, f.attname) for f in shape._meta.concrete_fields if not f.primary_key}
    for n in range(119):
        on = date(2027, 1, 1 + n % 2) if n % 3 else None
        number = {"number": f"C{n:03}", "current_number": f"C{n:03}"}
        Certificate(**{**columns, **number, "next_loss_on": on, "current_expires_on": on}).save()
    seen, after = [], ""
    while True:
        context = browser.get("/certificates/", {"sort": sort, "after": after}).context
        seen += [line["row"].number for line in context["lines"]]
        after = context["page"].next_cursor
        if not after:
            break
    assert (len(seen), len(set(seen))) == (120, 120)
    assert [row[0] for row in file_of(browser, f"?sort={sort}")[1:]] == seen


def test_neighbors_follow_the_sorting_of_the_list(browser: Client, three: dict[str, Certificate]) -> None:
    page = browser.get(f"/certificates/{three['Q-1'].pk}/", {"within": "sort=-number"})
    assert (page.context["previous"], page.context["next"]) == (three["Q-3"].pk, three["E-2"].pk)


@pytest.mark.parametrize("role", [Role.MANAGER, Role.VIEWER, Role.GUEST_AUDITOR, Role.CONTRIBUTOR])
def test_limited_members_see_filter_and_take_out_what_they_reach(
    acting: Organization, browser: Client, three: dict[str, Certificate], role: Role
) -> None:
    row = three["E-2"]
    booked = {"number": "A-1", "kind": "surveillance", "planned_on": date(2027, 1, 12)}
    limits = {
        Role.MANAGER: {"sites": [Site.objects.get(name="Oslo").pk]},
        Role.VIEWER: {"standards": [row.standard_id]},
        Role.GUEST_AUDITOR: {"audits": [plan_audit(acting, booked, [row], BY).pk]},
    }
    user = member(acting, "some@halden.example", "Some", role)
    Membership.objects.filter(user=user).update(limits=limits.get(role, {}))
    browser.post("/views/certificates/save/", {"name": "All", "query": "sort=number", "shared": "on"})
    limited, found = signed_in(user), [] if role == Role.CONTRIBUTOR else ["E-2"]
    page = limited.get("/certificates/")
    view = page.context["listing"].views[0]
    assert numbers(limited) == numbers(limited, view.url.removeprefix("/certificates/")) == found
    assert [line[0] for line in file_of(limited)[1:]] == found
    assert ("1 certificate" if found else "No certificate is among what you may see.") in text_of(page)
    assert numbers(limited, f"?standard={three['Q-1'].standard_id}") == []
    if role != Role.CONTRIBUTOR:
        offered = {field.name: [words for _, words in field.choices] for field in page.context["fields"]}
        assert offered["site"] == ["Oslo"] or role == Role.VIEWER
        assert offered["standard"] == ["ISO 14001"] or role == Role.MANAGER


def test_the_list_takes_few_queries(browser: Client, three: dict[str, Certificate]) -> None:
    assert queries_of(browser, "/certificates/?q=o&sort=number") < 12
