"""Pages of certificates, asked for as a person does."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from django.test import Client

from accounts import clock, tenancy
from accounts.models import Organization, Site, User
from audits.actions import plan_audit
from certifications import actions
from certifications.models import Certificate, Decision, Reliance
from tests.factories import BY, certificate, nonconformity, scheme, settled
from tests.pages import problems, queries_of, says_beside, signed_in, text_of

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
def gdansk(acting: Organization) -> Certificate:
    """ISO/IEC 27001 at Gdańsk plant with the major NC-0142 of 14 October 2026."""
    site = actions.add_site(acting, {"name": "Gdańsk plant"}, BY)
    row = certificate(
        acting,
        "NHC-5521",
        standard="ISO/IEC 27001",
        edition="2022",
        certified_on=date(2025, 10, 22),
        expires_on=None,
        sites=[site],
    )
    nonconformity(acting, [row], "NC-0142", raised_on=date(2026, 10, 14), title="Leavers keep access")
    row.refresh_from_db()
    return row


def facts(**changes: object) -> dict[str, object]:
    """A filled form of a new certificate."""
    with tenancy.acting_in(Organization.objects.get(slug="halden")):
        standard = actions.find_standard(Organization.objects.get(slug="halden"), "ISO 9001", BY)
        given: dict[str, object] = {
            "number": "Q-1",
            "standard": standard.pk,
            "scheme": scheme().pk,
            "audit_history": "partial",
            "certified_on_day": "22",
            "certified_on_month": "Oct",
            "certified_on_year": "2025",
        }
    return {**given, **changes}


# --- list --------------------------------------------------------------------------------------------------------


def test_the_list_puts_the_soonest_loss_on_top(browser: Client, gdansk: Certificate, acting: Organization) -> None:
    certificate(acting, "C2", expires_on=date(2026, 12, 24))
    certificate(acting, "C3", expires_on=None)
    page = text_of(browser.get("/certificates/"))
    assert page.index("C2") < page.index("NHC-5521") < page.index("C3")


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("", ["C2", "NHC-5521"]),
        ("?state=risk", ["NHC-5521"]),
        ("?state=expiring", ["C2"]),
        ("?state=suspended", []),
        ("?q=gda%C5%84sk", ["NHC-5521"]),
        ("?q=5521", ["NHC-5521"]),
        ("?q=nothing", []),
        ("?owner=me", []),
        ("?standard=x&site=x&body=x&after=broken", ["C2", "NHC-5521"]),
    ],
)
def test_filters_stand_in_the_address(
    browser: Client, gdansk: Certificate, acting: Organization, query: str, numbers: list[str]
) -> None:
    certificate(acting, "C2", expires_on=date(2026, 12, 24))
    lines = browser.get(f"/certificates/{query}").context["lines"]
    assert [line["row"].number for line in lines] == numbers


def test_an_empty_list_says_how_to_fill_it(browser: Client) -> None:
    assert "Add your first certificate or import a list." in text_of(browser.get("/certificates/"))
    assert "No certificate matches these filters." in text_of(browser.get("/certificates/?q=x"))


def test_pages_of_a_long_list_meet_and_come_back(browser: Client, acting: Organization) -> None:
    for number in range(53):
        certificate(acting, f"C{number:02}", expires_on=date(2027, 1, 1 + number % 3) if number % 2 else None)
    first = browser.get("/certificates/").context
    second = browser.get("/certificates/", {"after": first["page"].next_cursor}).context
    back = browser.get("/certificates/", {"before": second["page"].previous_cursor}).context
    numbers = [[line["row"].number for line in context["lines"]] for context in (first, second, back)]
    assert [len(numbers[0]), len(numbers[1])] == [50, 3]
    assert len({*numbers[0], *numbers[1]}) == 53
    assert numbers[2] == numbers[0]
    assert (first["page"].previous_cursor, second["page"].next_cursor, back["page"].previous_cursor) == ("", "", "")


def test_the_list_runs_as_many_queries_for_30_rows_as_for_3(browser: Client, acting: Organization) -> None:
    site = actions.add_site(acting, {"name": "Porto"}, BY)
    for number in range(3):
        certificate(acting, f"A{number}", sites=[site])
    few = queries_of(browser, "/certificates/")
    for number in range(27):
        certificate(acting, f"B{number}", sites=[site])
    assert queries_of(browser, "/certificates/") == few


# --- page --------------------------------------------------------------------------------------------------------


def test_the_page_leads_with_the_forecast_its_rule_and_the_record(browser: Client, gdansk: Certificate) -> None:
    text = text_of(browser.get(f"/certificates/{gdansk.pk}/"))
    assert "ISO/IEC 27001:2022, Gdańsk plant Active At risk" in text
    assert "Suspended on 13 Jan 2027 in 51 days" in text
    assert "Withdrawn on 14 Jul 2027 in 233 days" in text
    assert "major nonconformity NC-0142 was raised on 14 Oct 2026" in text
    assert "nc.major.closure" in text
    assert "Open NC-0142" in text


def test_the_other_scenario_shows_what_plans_would_bring(browser: Client, gdansk: Certificate) -> None:
    text = text_of(browser.get(f"/certificates/{gdansk.pk}/?scenario=plan"))
    assert "If NC-0142 closes" in text
    assert "Expires on 22 Oct 2028" in text
    assert "Suspended on" not in text


def test_the_table_holds_the_dates_of_the_picture(browser: Client, gdansk: Certificate) -> None:
    page = browser.get(f"/certificates/{gdansk.pk}/?view=table")
    assert '<svg class="chart"' not in page.content.decode()
    text = text_of(page)
    for words in ("22 Oct 2025 Certified", "13 Jan 2027 Forecast: suspended", "14 Jul 2027 Forecast: withdrawn"):
        assert words in text


def test_a_due_suspension_is_shown_before_a_sweep_has_recorded_it(browser: Client, gdansk: Certificate) -> None:
    with clock.at(date(2027, 1, 12)):
        actions.refresh_ids([gdansk.pk], BY)
    gdansk.refresh_from_db()
    assert gdansk.next_due_on == date(2027, 1, 13)
    with clock.at(date(2027, 1, 13)):
        text = text_of(browser.get(f"/certificates/{gdansk.pk}/"))
        listed = text_of(browser.get("/certificates/"))
    gdansk.refresh_from_db()
    assert gdansk.status == "active"
    assert "Gdańsk plant Suspended Body says: active" in text
    assert "The rules say suspended; the certification body has said active." in text
    assert "Suspended Not confirmed" in listed


def test_a_certificate_without_dates_asks_for_them(browser: Client, acting: Organization) -> None:
    row = certificate(acting, expires_on=None)
    assert "Enter the decision date. All dates follow from it." in text_of(browser.get(f"/certificates/{row.pk}/"))


def test_a_certificate_that_could_not_be_worked_out_says_so(browser: Client, gdansk: Certificate) -> None:
    Certificate.objects.filter(pk=gdansk.pk).update(number="")
    assert browser.get(f"/certificates/{gdansk.pk}/").status_code == 200


def test_a_withdrawn_certificate_says_what_brings_it_back(browser: Client, gdansk: Certificate) -> None:
    actions.record_decision(gdansk, {"kind": "withdraw", "decided_on": TODAY}, BY)
    text = text_of(browser.get(f"/certificates/{gdansk.pk}/"))
    assert "To regain Stage 1 + Stage 2" in text
    assert "The certificate is withdrawn." in text


def test_the_page_of_another_organization_does_not_exist(browser: Client, other_organization: Organization) -> None:
    with tenancy.acting_in(other_organization):
        theirs = certificate(other_organization, "X1")
    for address in (f"/certificates/{theirs.pk}/", f"/certificates/{theirs.pk}/edit/", "/certificates/999999/"):
        assert browser.get(address).status_code == 404


def test_the_page_runs_as_many_queries_for_30_records_as_for_3(browser: Client, acting: Organization) -> None:
    row = certificate(acting)
    address = f"/certificates/{row.pk}/"

    def add(number: int) -> None:
        nonconformity(acting, [row], f"N{number}", grade="minor", raised_on=date(2026, 11, 1))
        fields = {"number": f"A{number}", "kind": "surveillance", "planned_on": date(2027, 2, 1)}
        plan_audit(acting, fields, [row], BY)

    for number in range(3):
        add(number)
    few = queries_of(browser, address)
    for number in range(3, 30):
        add(number)
    assert queries_of(browser, address) == few


# --- add and change ----------------------------------------------------------------------------------------------


def test_adding_needs_what_the_form_says_and_keeps_what_was_typed(browser: Client) -> None:
    answer = browser.post("/certificates/new/", {"number": "", "scope": "Motion controllers", "expires_on_day": "31"})
    assert answer.status_code == 422
    assert problems(answer)[:3] == [
        ("id_number", "Enter the certificate number"),
        ("id_standard", "Choose the standard"),
        ("id_scheme", "Choose the scheme whose rules hold"),
    ]
    assert ("id_expires_on_0", "Expires must have a month and a year") in problems(answer)
    assert says_beside(answer, "id_number") == "Enter the certificate number"
    assert "Motion controllers" in answer.content.decode()
    assert "<title>Error: " in answer.content.decode()


def test_adding_registers_the_certificate(browser: Client) -> None:
    answer = browser.post("/certificates/new/", facts())
    row = Certificate.objects.get(number="Q-1")
    assert answer.headers["Location"] == f"/certificates/{row.pk}/"
    assert (row.certified_on, row.status, row.current_expires_on) == (date(2025, 10, 22), "active", date(2028, 10, 21))


def test_what_the_door_refuses_stands_beside_the_field(browser: Client) -> None:
    wrong = facts(expires_on_day="1", expires_on_month="1", expires_on_year="2020")
    answer = browser.post("/certificates/new/", wrong)
    assert answer.status_code == 422
    assert says_beside(answer, "id_expires_on") == "This must not be before the initial decision, 22 Oct 2025."
    assert Certificate.objects.count() == 0


def test_an_edition_of_another_standard_is_refused(browser: Client, acting: Organization) -> None:
    other = actions.find_edition(actions.find_standard(acting, "ISO 14001", BY), "2015", BY)
    answer = browser.post("/certificates/new/", facts(edition=other.pk))
    assert says_beside(answer, "id_edition") == "ISO 14001:2015 is no edition of ISO 9001; choose one of its own"


def test_the_main_site_must_be_covered(browser: Client, acting: Organization) -> None:
    here, there = (actions.add_site(acting, {"name": name}, BY) for name in ("Here", "There"))
    answer = browser.post("/certificates/new/", facts(sites=[here.pk], main_site=there.pk))
    assert says_beside(answer, "id_main_site") == "The main site must be one of the sites covered; tick it above"
    browser.post("/certificates/new/", facts(sites=[here.pk, there.pk], main_site=there.pk))
    names = [link.site.name for link in Certificate.objects.get().site_links.all()]
    assert names == ["There", "Here"]


def change(row: Certificate, **changes: object) -> dict[str, object]:
    """The form of a certificate as the browser sends it."""
    given = {
        "number": row.number,
        "standard": row.standard_id,
        "edition": row.edition_id or "",
        "scheme": row.scheme_id,
        "audit_history": row.audit_history,
        "sites": list(Site.objects.values_list("pk", flat=True)),
        "certified_on_day": "22",
        "certified_on_month": "10",
        "certified_on_year": "2025",
        "version": row.version,
    }
    return {**given, **changes}


def test_changing_saves_and_says_so(browser: Client, gdansk: Certificate) -> None:
    answer = browser.post(
        f"/certificates/{gdansk.pk}/edit/", change(gdansk, scope="Drives", reason="Typo"), follow=True
    )
    gdansk.refresh_from_db()
    assert gdansk.scope == "Drives"
    assert "Changes of NHC-5521 are saved." in text_of(answer)


def test_the_second_of_two_saves_is_refused_with_both_values(browser: Client, gdansk: Certificate) -> None:
    opened = change(gdansk, scope="Mine")
    actions.change_certificate(gdansk, gdansk.version, {"scope": "Theirs"}, BY)
    answer = browser.post(f"/certificates/{gdansk.pk}/edit/", opened)
    assert answer.status_code == 409
    text = text_of(answer)
    assert "Someone else saved this meanwhile" in text
    assert "Marta saved it on 23 Nov 2026" in text
    assert "Scope Theirs Mine" in text
    gdansk.refresh_from_db()
    assert gdansk.scope == "Theirs"
    again = {**opened, "version": answer.context["form"].data["version"]}
    assert browser.post(f"/certificates/{gdansk.pk}/edit/", again).status_code == 302
    gdansk.refresh_from_db()
    assert gdansk.scope == "Mine"


# --- decisions ---------------------------------------------------------------------------------------------------


def decision(**changes: object) -> dict[str, object]:
    return {"decided_on_day": "23", "decided_on_month": "11", "decided_on_year": "2026", **changes}


def test_kinds_that_are_possible_stand_apart(browser: Client, gdansk: Certificate) -> None:
    context = browser.get(f"/certificates/{gdansk.pk}/decisions/new/").context
    assert "suspend" in [kind for kind, _, _ in context["possible"]]
    assert "lift" in [kind for kind, _, _ in context["impossible"]]


def test_a_decision_shows_its_effect_before_anything_is_saved(browser: Client, gdansk: Certificate) -> None:
    address = f"/certificates/{gdansk.pk}/decisions/new/suspend/"
    shown = browser.post(address, decision(step="preview"))
    effect = {row.name: (row.before, row.after) for row in shown.context["effect"]}
    assert effect["Status by rule"] == ("Active", "Suspended")
    assert effect["Suspension may last until"] == ("–", "23 May 2027")
    assert effect["Next loss"] == ("Suspended on 13 Jan 2027", "Withdrawn on 24 May 2027")
    assert Decision.objects.count() == 0
    assert browser.post(address, decision(step="record")).status_code == 302
    gdansk.refresh_from_db()
    assert (gdansk.status, gdansk.confirmed_status) == ("suspended", "suspended")


def test_a_decision_that_is_not_possible_says_what_is(browser: Client, gdansk: Certificate) -> None:
    for step in ("preview", "record"):
        answer = browser.post(f"/certificates/{gdansk.pk}/decisions/new/lift/", decision(step=step))
        assert answer.status_code == 422
        ((target, said),) = problems(answer)
        assert target == ""
        assert said.startswith("“Lift the suspension” on 23 Nov 2026 is not possible")
        assert "Suspend" in said
    assert Decision.objects.count() == 0


def test_each_kind_asks_for_what_it_needs(browser: Client, gdansk: Certificate) -> None:
    asked = {
        kind: list(browser.get(f"/certificates/{gdansk.pk}/decisions/new/{kind}/").context["form"].fields)
        for kind in ("suspend", "lift", "extend_suspension", "transfer", "appeal_outcome", "reduce_scope")
    }
    always = {"decided_on", "letter", "note"}
    assert {kind: sorted(set(names) - always) for kind, names in asked.items()} == {
        "suspend": ["because", "reason"],
        "lift": ["override"],
        "extend_suspension": ["until"],
        "transfer": ["to_body"],
        "appeal_outcome": ["outcome"],
        "reduce_scope": ["site_names"],
    }
    assert browser.get(f"/certificates/{gdansk.pk}/decisions/new/nonsense/").status_code == 404


def test_an_incomplete_decision_is_refused_beside_its_field(browser: Client, gdansk: Certificate) -> None:
    answer = browser.post(f"/certificates/{gdansk.pk}/decisions/new/transfer/", decision(step="record"))
    assert says_beside(answer, "id_to_body") == "Enter the body that takes the certificate over."
    tomorrow = decision(decided_on_day="24", step="record", to_body="Other")
    answer = browser.post(f"/certificates/{gdansk.pk}/decisions/new/transfer/", tomorrow)
    assert says_beside(answer, "id_decided_on") == "A decision that has not been taken yet cannot be recorded."


def test_a_decision_can_be_struck_with_a_reason(browser: Client, gdansk: Certificate) -> None:
    made = actions.record_decision(gdansk, {"kind": "suspend", "decided_on": TODAY}, BY)
    address = f"/certificates/{gdansk.pk}/decisions/{made.pk}/strike/"
    assert browser.post(address, {"reason": ""}).status_code == 422
    assert "Suspend struck 23 Nov 2026: Wrong letter" in text_of(
        browser.post(address, {"reason": "Wrong letter"}, follow=True)
    )
    gdansk.refresh_from_db()
    assert gdansk.status == "active"
    again = browser.post(address, {"reason": "Again"})
    assert problems(again) == [("", "This decision was already struck.")]


def test_a_proposed_move_waits_for_its_confirmation(browser: Client, gdansk: Certificate, acting: Organization) -> None:
    rules = gdansk.scheme
    actions.set_moving(rules, rules.version, "propose", BY)
    with clock.at(date(2027, 1, 13)):
        actions.refresh_ids([gdansk.pk], BY)
        page = text_of(browser.get(f"/certificates/{gdansk.pk}/"))
        assert "The rules propose: suspended." in page
        answer = browser.post(f"/certificates/{gdansk.pk}/confirm/", follow=True)
    assert "NHC-5521 is now suspended." in text_of(answer)
    gdansk.refresh_from_db()
    assert gdansk.status == "suspended"


# --- events, reliances, permissions ------------------------------------------------------------------------------


def test_an_event_is_recorded(browser: Client, gdansk: Certificate) -> None:
    address = f"/certificates/{gdansk.pk}/events/new/notice/"
    wrong = browser.post(address, {"kind": "incident", "happened_on": "2026-11-24"})
    assert says_beside(wrong, "id_happened_on") == "This day has not come yet."
    given = {"kind": "incident", "happened_on": "2026-11-20", "note": "Fire", "do": "record"}
    page = browser.post(address, given, follow=True)
    assert "20 Nov 2026 Serious incident Fire" in text_of(page)


def test_who_relies_on_it_can_be_added_and_removed(browser: Client, gdansk: Certificate) -> None:
    address = f"/certificates/{gdansk.pk}/reliances/new/"
    assert problems(browser.post(address, {})) == [("id_kind_0", "Choose who it is"), ("id_name", "Enter the name")]
    page = browser.post(address, {"kind": "customer", "name": "Varde Wind"}, follow=True)
    assert "Varde Wind Customer" in text_of(page)
    row = Reliance.objects.get()
    browser.post(f"/certificates/{gdansk.pk}/reliances/{row.pk}/remove/")
    assert Reliance.objects.count() == 0


def test_who_may_not_edit_sees_no_buttons_and_learns_who_may(gdansk: Certificate, manager: User) -> None:
    browser = signed_in(manager)
    page = browser.get(f"/certificates/{gdansk.pk}/")
    assert "/edit/" not in page.content.decode()
    refused = browser.get(f"/certificates/{gdansk.pk}/edit/")
    assert refused.status_code == 403
    assert "Ask someone who is administrator or compliance officer." in text_of(refused)


def test_nobody_reads_without_signing_in(gdansk: Certificate) -> None:
    answer = Client().get(f"/certificates/{gdansk.pk}/")
    assert answer.headers["Location"] == f"/sign-in/?next=/certificates/{gdansk.pk}/"


def test_closing_the_nonconformity_calms_the_page(browser: Client, gdansk: Certificate) -> None:
    nc = gdansk.nonconformities.get()
    settled(nc, TODAY)
    text = text_of(browser.get(f"/certificates/{gdansk.pk}/"))
    assert "At risk" not in text
    assert "Expires on 22 Oct 2028" in text
