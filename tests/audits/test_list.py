"""The list of audits: filters, chips, kept views, columns, pages and files, for all and for limited members."""

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
from audits import actions
from audits.models import Audit, AuditSite
from certifications.actions import add_site
from certifications.models import Certificate, Standard
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
def three(acting: Organization) -> dict[str, Audit]:
    """A surveillance in Porto and Oslo in December, an internal one in Oslo in January, one of a supplier undated."""
    porto, oslo = (add_site(acting, {"name": name}, BY) for name in ("Porto", "Oslo"))
    quality = certificate(acting, "Q-1", sites=[porto])
    green = certificate(acting, "E-2", standard="ISO 14001", sites=[oslo])
    made = {
        "S-1": planned(acting, "S-1", [quality], site=porto, kind="surveillance", lead_auditor="K. Brandt",
                       planned_on=date(2026, 12, 10), planned_until=date(2026, 12, 12)),
        "I-2": planned(acting, "I-2", [green], site=oslo, planned_on=date(2027, 1, 20), lead_auditor="=Ola"),
        "P-3": planned(acting, "P-3", [quality, green], kind="supplier"),
    }  # fmt: skip
    AuditSite.objects.create(organization=acting, audit=made["S-1"], site=oslo)
    return made


def planned(organization: Organization, number: str, covered: list[Certificate], **fields: object) -> Audit:
    row = Audit.objects.create(organization=organization, **{"number": number, "kind": "internal", **fields})
    for found in covered:
        row.certificate_links.create(organization=organization, certificate=found)
    return row


def numbers(browser: Client, query: str = "") -> list[str]:
    return [row.number for row, _tag, _days in browser.get(f"/audits/{query}").context["lines"]]


def file_of(browser: Client, query: str = "") -> list[list[str]]:
    text = browser.get(f"/audits/export/csv/{query}").content.decode("utf-8-sig")
    return [line.split(",") for line in text.splitlines()]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["S-1", "I-2", "P-3"]),
        ("?kind=internal", ["I-2", "P-3"]),
        ("?kind=supplier", ["P-3"]),
        ("?kind=surveillance", ["S-1"]),
        ("?kind=x", ["S-1", "I-2", "P-3"]),
        ("?standard=ISO 14001", ["I-2", "P-3"]),
        ("?site=Oslo", ["S-1", "I-2"]),
        ("?site=Porto", ["S-1"]),
        ("?lead=K. Brandt", ["S-1"]),
        ("?from=2026-12-12", ["S-1", "I-2"]),
        ("?from=2026-12-13", ["I-2"]),
        ("?until=2026-12-10", ["S-1"]),
        ("?until=2026-12-09", []),
        ("?from=2026-12-11&until=2026-12-11", ["S-1"]),
        ("?from=soon&until=never", ["S-1", "I-2", "P-3"]),
        ("?sort=-days", ["I-2", "S-1", "P-3"]),
        ("?sort=number", ["I-2", "P-3", "S-1"]),
        ("?state=held", []),
    ],
)
def test_filters_and_sorting_stand_in_the_address(
    browser: Client, three: dict[str, Audit], query: str, found: list[str]
) -> None:
    names = {row.code: row.pk for row in Standard.objects.all()} | {row.name: row.pk for row in Site.objects.all()}
    for name, pk in names.items():
        query = query.replace(f"={name}", f"={pk}")
    assert numbers(browser, query) == found
    assert [row[0] for row in file_of(browser, query)[1:]] == found


def test_an_audit_that_took_place_counts_by_the_days_it_was_held(browser: Client, three: dict[str, Audit]) -> None:
    with clock.at(date(2026, 12, 20)):
        actions.hold_audit(actions.start_audit(three["S-1"], date(2026, 12, 14), BY), date(2026, 12, 15), BY)
        assert numbers(browser, "?state=held&from=2026-12-15") == ["S-1"]
        assert numbers(browser, "?state=held&until=2026-12-13") == []


def test_filters_in_force_are_chips_that_take_them_away(browser: Client, three: dict[str, Audit]) -> None:
    site, row = Site.objects.get(name="Oslo").pk, three["S-1"].certificates.get().pk
    page = browser.get(
        f"/audits/?state=all&q=1&kind=surveillance&site={site}&lead=K.+Brandt&from=2026-12-01&certificate={row}"
    )
    listing = page.context["listing"]
    assert [chip.words for chip in listing.chips] == [
        *("“1”", "Surveillance", "Oslo", "K. Brandt", "Days from: 1 Dec 2026", "one certificate"),
    ]
    assert listing.chips[-1].url == f"?state=all&q=1&kind=surveillance&site={site}&lead=K.+Brandt&from=2026-12-01"
    form = page.content.decode()
    assert '<input type="hidden" name="state" value="all">' in form
    assert f'<input type="hidden" name="certificate" value="{row}">' in form
    assert '<input id="f-from" name="from" type="date" value="2026-12-01">' in form
    assert "Audits 1 audit ." in text_of(page)


def test_a_view_is_kept_and_shared(browser: Client, manager: User, three: dict[str, Audit]) -> None:
    browser.post("/views/audits/save/", {"name": "Suppliers", "query": "kind=supplier&before=x", "shared": "on"})
    other = signed_in(manager)
    view = other.get("/audits/").context["listing"].views[0]
    assert (view.name, view.url) == ("Suppliers", "/audits/?kind=supplier")
    assert numbers(other, "?kind=supplier") == ["P-3"]


def test_columns_are_chosen(browser: Client, three: dict[str, Audit]) -> None:
    every = [column.key for column, _shown in browser.get("/audits/").context["listing"].choices]
    page = browser.get("/audits/?" + "&".join(f"columns={key}" for key in every))
    assert [head.key for head in page.context["listing"].heads] == every
    assert page.content.decode().count("<td") == 3 * len(every)


def test_a_file_holds_what_is_shown_and_no_formula(browser: Client, three: dict[str, Audit]) -> None:
    assert file_of(browser, "?columns=days&columns=lead&columns=state") == [
        ["Audit", "Kind", "State", "Days", "First day", "Last day", "Lead auditor"],
        ["S-1", "Surveillance", "Planned", "10 Dec 2026 to 12 Dec 2026", "2026-12-10", "2026-12-12", "K. Brandt"],
        ["I-2", "Internal", "Planned", "20 Jan 2027", "2027-01-20", "2027-01-20", "'=Ola"],
        ["P-3", "Supplier", "Planned", "no date", "", "", ""],
    ]
    text = browser.get("/audits/export/csv/?columns=certificates&columns=site").content.decode("utf-8-sig")
    assert text.splitlines()[1] == 'S-1,Surveillance,ISO 9001 Q-1,"Porto, Oslo"'
    book = browser.get("/audits/export/xlsx/?columns=lead&kind=internal")
    assert book["Content-Disposition"] == 'attachment; filename="audits.xlsx"'
    sheet = load_workbook(BytesIO(b"".join(book.streaming_content))).active
    assert [[cell.value for cell in row] for row in sheet.iter_rows()][1] == ["I-2", "Internal", "=Ola"]
    assert sheet.cell(2, 3).data_type == "s"


@pytest.mark.parametrize("sort", ["days", "-days", "number", "-number"])
def test_pages_hold_every_row_once_although_many_are_alike(browser: Client, acting: Organization, sort: str) -> None:
    for n in range(120):
        planned(acting, f"A{n:03}", [], planned_on=date(2027, 1, 1 + n % 2) if n % 3 else None)
    there: list[str] = []
    query = {"sort": sort}
    while True:
        context = browser.get("/audits/", query).context
        there += [row.number for row, _tag, _days in context["lines"]]
        if not context["page"].next_cursor:
            break
        query = {"sort": sort, "after": context["page"].next_cursor}
    assert (len(there), len(set(there))) == (120, 120)
    back = browser.get("/audits/", {"sort": sort, "before": context["page"].previous_cursor}).context
    assert [row.number for row, _tag, _days in back["lines"]] == there[50:100]
    assert [row[0] for row in file_of(browser, f"?sort={sort}")[1:]] == there


@pytest.mark.parametrize("role", [Role.MANAGER, Role.VIEWER, Role.GUEST_AUDITOR, Role.CONTRIBUTOR])
def test_limited_members_see_filter_and_take_out_what_they_reach(
    acting: Organization, browser: Client, three: dict[str, Audit], role: Role
) -> None:
    limits = {
        Role.MANAGER: {"sites": [Site.objects.get(name="Porto").pk]},
        Role.VIEWER: {"standards": [Standard.objects.get(code="ISO 9001").pk]},
        Role.GUEST_AUDITOR: {"audits": [three["S-1"].pk]},
    }
    reached = {Role.MANAGER: ["S-1", "P-3"], Role.VIEWER: ["S-1", "P-3"], Role.GUEST_AUDITOR: ["S-1"]}
    user, found = member(acting, "some@halden.example", "Some", role), reached.get(role, [])
    Membership.objects.filter(user=user).update(limits=limits.get(role, {}))
    browser.post("/views/audits/save/", {"name": "All", "query": "state=all", "shared": "on"})
    limited = signed_in(user)
    page = limited.get("/audits/")
    assert numbers(limited) == numbers(limited, "?state=all") == found
    assert [line[0] for line in file_of(limited, "?state=all")[1:]] == found
    assert page.context["listing"].views[0].name == "All"
    assert numbers(limited, "?lead=%3DOla") == []
    offered = {field.name: [words for _, words in field.choices or ()] for field in page.context["fields"]}
    assert offered["lead"] == (["K. Brandt"] if found else [])


def test_an_empty_list_leads_on(browser: Client, manager: User) -> None:
    assert "Plan an audit" in text_of(browser.get("/audits/"))
    assert "Show audits ahead" in text_of(browser.get("/audits/?site=1"))
    assert "Show audits that were held" in text_of(signed_in(manager).get("/audits/"))


def test_the_list_takes_few_queries(browser: Client, three: dict[str, Audit]) -> None:
    assert queries_of(browser, "/audits/?sort=number") < 12
