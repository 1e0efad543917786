"""Portfolio, my work and search, asked for as a person does."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from django.test import Client

from accounts import clock
from accounts.models import Membership, Organization, User
from audits.actions import hold_audit, plan_audit
from certifications import actions
from certifications.actions.changes import report_change
from certifications.models import Certificate
from nonconformities import actions as ncs
from nonconformities.models import Nonconformity
from records.models import SweepRun
from tests.factories import BY, certificate, done, nonconformity, planned
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
def gdansk(acting: Organization, officer: User) -> Certificate:
    """ISO/IEC 27001 at Gdańsk plant, suspended on 13 January 2027 unless NC-0142 is closed."""
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
    nonconformity(acting, [row], "NC-0142", raised_on=date(2026, 10, 14), title="Leavers keep access", owner=officer)
    row.refresh_from_db()
    return row


# --- portfolio ---------------------------------------------------------------------------------------------------


def test_the_one_sentence_its_reason_and_its_button(browser: Client, gdansk: Certificate) -> None:
    page = browser.get("/")
    text = text_of(page)
    assert (
        "ISO/IEC 27001 at Gdańsk plant is suspended on 13 January 2027 , in 51 days , unless the root cause of NC-0142 "
        "is submitted by Marta Zielińska."
    ) in text
    assert "Major NC-0142 is still open. That was due on 13 November 2026. Withdrawal follows on 14 July 2027." in text
    nc = Nonconformity.objects.get()
    assert f'<a class="btn primary" href="/ncs/{nc.pk}/">Open NC-0142' in page.content.decode()


@pytest.mark.parametrize(("days", "said"), [(2, "in 2 days ,"), (1, "in 1 day ,")])
def test_the_distance_of_the_loss(browser: Client, gdansk: Certificate, days: int, said: str) -> None:
    with clock.at(date(2027, 1, 13) - timedelta(days=days)):
        assert said in text_of(browser.get("/"))


def test_a_loss_that_no_sweep_has_recorded_is_shown_as_what_it_is(browser: Client, gdansk: Certificate) -> None:
    with clock.at(date(2027, 1, 13)):
        text = text_of(browser.get("/"))
    gdansk.refresh_from_db()
    assert gdansk.status == "active"
    assert "is withdrawn on 14 July 2027" in text
    assert "1 Suspended" in text


def test_counts_are_links_to_the_list_and_agree_with_it(
    browser: Client, gdansk: Certificate, acting: Organization
) -> None:
    certificate(acting, "CALM")
    certificate(acting, "SOON", expires_on=date(2027, 1, 1))
    gone = certificate(acting, "GONE")
    actions.record_decision(gone, {"kind": "withdraw", "decided_on": TODAY}, BY)
    suspended = certificate(acting, "STOP")
    actions.record_decision(suspended, {"kind": "suspend", "decided_on": TODAY}, BY)
    context = browser.get("/").context
    counted = {standing.value: count for standing, _, count in context["tally"]}
    assert counted == {"active": 1, "risk": 1, "expiring": 1, "suspended": 1}
    assert [(standing.value, count) for standing, count in context["lost"]] == [("withdrawn", 1)]
    for state, count in {**counted, "withdrawn": 1}.items():
        assert len(browser.get(f"/certificates/?state={state}").context["lines"]) == count


def test_the_outlook_shows_who_is_lost_in_its_time_soonest_first(
    browser: Client, gdansk: Certificate, acting: Organization
) -> None:
    certificate(acting, "LATER", standard="ISO 50001", expires_on=date(2028, 5, 1))
    certificate(acting, "FIRST", standard="ISO 14001", expires_on=date(2026, 12, 1))
    card = browser.get("/").context["card"]
    assert [row.row.title for row in card.chart.rows] == ["ISO 14001", "ISO/IEC 27001"]
    assert (card.chart.start, card.until, card.left_out) == (date(2026, 9, 1), date(2027, 12, 31), 1)


def test_the_table_and_the_other_scenario_stand_in_the_address(browser: Client, gdansk: Certificate) -> None:
    table = text_of(browser.get("/?view=table"))
    assert "Major NC-0142 still open 22 Oct 2025 12 Jan 2027 Active" in table
    assert "13 Jan 2027 13 Jul 2027 Suspended" in table
    plan = browser.get("/?view=table&scenario=plan")
    assert "Suspended" not in {span.words[0] for row in plan.context["card"].chart.rows for span in row.row.spans}


def test_work_names_the_certificate_it_saves(browser: Client, gdansk: Certificate) -> None:
    (task,) = browser.get("/").context["tasks"]
    assert task.name == "Submit root cause and plan for NC-0142"
    assert (task.about, task.owner, task.due_on, task.tag) == (
        "ISO/IEC 27001 · Gdańsk plant",
        "Marta Zielińska",
        date(2026, 11, 13),
        "overdue",
    )


def reason(browser: Client, name: str) -> tuple[int, int]:
    """How many certificates need action now and how many are to be watched for one reason."""
    return next((r.act, r.watch) for r in browser.get("/").context["reasons"] if r.name == name)


def test_late_majors_are_counted(browser: Client, gdansk: Certificate) -> None:
    name = "Major NCs not resolved on time"
    assert reason(browser, name) == (1, 0)
    with clock.at(date(2026, 11, 13)):
        assert reason(browser, name) == (0, 1)
    with clock.at(date(2026, 10, 13)):
        assert reason(browser, name) == (0, 0)


def test_a_failed_verification_is_counted(browser: Client, gdansk: Certificate) -> None:
    nc = Nonconformity.objects.get()
    assert reason(browser, "Weak root cause or corrective action") == (0, 0)
    done(ncs.accept_plan(planned(nc, "Cause", TODAY), TODAY, BY), TODAY)
    ncs.verify(nc, TODAY, "not_effective", BY)
    assert reason(browser, "Weak root cause or corrective action") == (1, 0)


@pytest.mark.parametrize(
    ("on", "counted"),
    [
        (date(2026, 11, 22), (1, 0)),
        (date(2026, 11, 23), (0, 1)),
        (date(2026, 12, 23), (0, 1)),
        (date(2026, 12, 24), (0, 0)),
    ],
)
def test_internal_audits_are_watched_before_and_counted_after(
    browser: Client, gdansk: Certificate, acting: Organization, on: date, counted: tuple[int, int]
) -> None:
    audit = plan_audit(acting, {"number": "A", "kind": "internal", "planned_on": on}, [gdansk], BY)
    assert reason(browser, "Internal audit missed") == counted
    hold_audit(audit, date(2026, 11, 20), BY)
    assert reason(browser, "Internal audit missed") == (0, 0)


def test_a_calm_portfolio_says_so_with_the_next_event(browser: Client, acting: Organization) -> None:
    row = certificate(acting, expires_on=date(2028, 5, 1))
    plan_audit(acting, {"number": "A", "kind": "surveillance", "planned_on": date(2027, 2, 9)}, [row], BY)
    text = text_of(browser.get("/"))
    assert "Nothing is lost before 2 May 2028 ." in text
    assert "Next event: surveillance audit, ISO 9001, 9 Feb 2027." in text
    assert "No work moves a loss date" not in text


def test_without_certificates_the_page_offers_the_first_step(
    acting: Organization, officer: User, manager: User
) -> None:
    assert "Import a list" in text_of(signed_in(officer).get("/"))
    assert "A compliance officer adds them" in text_of(signed_in(manager).get("/"))


def test_whose_part_has_no_certificate_is_told_so_and_not_asked_to_bring_in_a_list(
    acting: Organization, officer: User
) -> None:
    other = actions.add_site(acting, {"name": "Porto"}, BY)
    certificate(acting, "NHC-5521", sites=[actions.add_site(acting, {"name": "Gdańsk plant"}, BY)])
    Membership.objects.filter(user=officer).update(limits={"sites": [other.pk]})
    portfolio, work = (text_of(signed_in(officer).get(address)) for address in ("/", "/queue/"))
    assert "No certificate belongs to your part of the organization." in portfolio
    assert ["Import a list" in page for page in (portfolio, work)] == [False, False]


def test_the_portfolio_needs_fewer_than_12_queries(browser: Client, gdansk: Certificate) -> None:
    SweepRun.objects.create(started_at=clock.now(), finished_at=clock.now(), on=TODAY)
    assert queries_of(browser, "/") < 12


def test_the_portfolio_runs_as_many_queries_for_30_certificates_as_for_3(browser: Client, acting: Organization) -> None:
    def add(number: int) -> None:
        row = certificate(acting, f"C{number}", certified_on=date(2025, 10, 22), expires_on=None)
        nonconformity(acting, [row], f"N{number}", raised_on=date(2026, 10, 14))

    for number in range(3):
        add(number)
    few = [queries_of(browser, address) for address in ("/", "/?scenario=plan", "/queue/?who=team")]
    for number in range(3, 30):
        add(number)
    assert [queries_of(browser, address) for address in ("/", "/?scenario=plan", "/queue/?who=team")] == few


def test_time_to_restore_is_told_from_starting_again(browser: Client, acting: Organization) -> None:
    certificate(acting, "SOON", expires_on=date(2027, 1, 1))
    table = text_of(browser.get("/?view=table"))
    assert "2 Jan 2027 1 Jul 2027 Expired" in table
    assert "2 Jul 2027 open Start again" in table


def test_a_change_that_was_not_told_is_counted(browser: Client, gdansk: Certificate, acting: Organization) -> None:
    name = "Changes not told to the body"
    fields = {"answers": ["legal"], "title": "Merger", "note": "", "happens_on": date(2026, 11, 24)}
    report_change(acting, fields, [], BY)
    assert reason(browser, name) == (0, 1)
    with clock.at(date(2026, 11, 24)):
        assert reason(browser, name) == (1, 0)
    assert len(browser.get("/certificates/?untold=1").context["lines"]) == 1


def test_dates_that_are_not_fresh_say_since_when_and_why(browser: Client, gdansk: Certificate) -> None:
    started = clock.now() - timedelta(hours=3)
    SweepRun.objects.create(started_at=started, finished_at=started, on=TODAY)
    SweepRun.objects.create(started_at=clock.now(), on=TODAY, error="Traceback\nOperationalError: disk full")
    text = text_of(browser.get("/"))
    assert "Dates below were worked out on 23 Nov 2026, 09:00 UTC. Reason: OperationalError: disk full" in text
    SweepRun.objects.create(started_at=clock.now(), finished_at=clock.now(), on=TODAY)
    assert "Dates below" not in text_of(browser.get("/"))
    Certificate.objects.update(failure="Edition 2031 is unknown.")
    text = text_of(browser.get("/"))
    assert "The dates of 1 certificate could not be worked out: NHC-5521 . Reason: Edition 2031 is unknown." in text


# --- my work -----------------------------------------------------------------------------------------------------


def test_my_work_holds_mine_in_three_groups(browser: Client, gdansk: Certificate, officer: User) -> None:
    nc = Nonconformity.objects.get()
    for description, due_on in (("Soon", date(2026, 11, 30)), ("Later", date(2026, 12, 1))):
        ncs.add_action(nc, {"description": description, "owner": officer, "due_on": due_on}, BY)
    ncs.add_action(nc, {"description": "Theirs", "owner_name": "J. Okafor", "due_on": TODAY}, BY)
    context = browser.get("/queue/").context
    assert [(name, [task.name for task in found]) for name, found in context["groups"]] == [
        ("Overdue", ["Submit root cause and plan for NC-0142"]),
        ("This week", ["Soon"]),
        ("Later", ["Later"]),
    ]
    assert (context["mine"], context["all"]) == (3, 4)
    team = browser.get("/queue/?who=team").context["groups"]
    assert "Theirs" in [task.name for _, found in team for task in found]


def test_nothing_to_do_names_what_comes_next(gdansk: Certificate, manager: User) -> None:
    text = text_of(signed_in(manager).get("/queue/"))
    assert (
        "Nothing is waiting for you. Next for the team: Submit root cause and plan for NC-0142 , 13 Nov 2026." in text
    )
