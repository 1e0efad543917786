"""Pages of nonconformities, asked for as a person does."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from django.test import Client

from accounts import clock, tenancy
from accounts.models import Organization, User
from accounts.permissions import Role
from audits.actions import record_audit
from certifications.models import Certificate
from nonconformities import actions
from nonconformities.models import CorrectiveAction, Nonconformity
from tests.conftest import member
from tests.factories import BY, certificate, done, nonconformity, planned, settled
from tests.pages import problems, queries_of, signed_in, text_of

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
def row(acting: Organization) -> Certificate:
    return certificate(acting, certified_on=date(2025, 10, 22), expires_on=None)


@pytest.fixture
def major(acting: Organization, row: Certificate) -> Nonconformity:
    """NC-0142, a major of 14 October 2026."""
    return nonconformity(
        acting, [row], "NC-0142", raised_on=date(2026, 10, 14), title="Leavers keep access", clause="9.2"
    )


def at(nc: Nonconformity, door: str = "") -> str:
    return f"/ncs/{nc.pk}/{door}"


# --- list --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("", ["LATE", "NC-0142", "MINOR"]),
        ("?state=overdue", ["LATE", "NC-0142"]),
        ("?state=closed", ["DONE"]),
        ("?grade=minor", ["MINOR"]),
        ("?source=complaint", ["LATE"]),
        ("?q=leavers", ["NC-0142"]),
        ("?q=9.2", ["NC-0142"]),
        ("?q=nothing", []),
        ("?certificate=x&site=x", ["LATE", "NC-0142", "MINOR"]),
    ],
)
def test_filters_stand_in_the_address(
    browser: Client, acting: Organization, row: Certificate, major: Nonconformity, query: str, numbers: list[str]
) -> None:
    nonconformity(acting, [row], "MINOR", grade="minor", raised_on=date(2026, 11, 1))
    nonconformity(acting, [], "LATE", source="complaint", raised_on=date(2026, 8, 1))
    settled(nonconformity(acting, [row], "DONE", raised_on=date(2026, 11, 1)), TODAY)
    lines = browser.get(f"/ncs/{query}").context["lines"]
    assert [nc.number for nc, _, _ in lines] == numbers


def test_the_list_runs_as_many_queries_for_30_rows_as_for_3(
    browser: Client, acting: Organization, row: Certificate
) -> None:
    for number in range(3):
        nonconformity(acting, [row], f"A{number}", raised_on=date(2026, 11, 1))
    few = queries_of(browser, "/ncs/")
    for number in range(27):
        nonconformity(acting, [row], f"B{number}", raised_on=date(2026, 11, 1))
    assert queries_of(browser, "/ncs/") == few


def test_an_empty_list_is_calm(browser: Client) -> None:
    assert "No nonconformity is open." in text_of(browser.get("/ncs/"))
    assert "No nonconformity matches these filters." in text_of(browser.get("/ncs/?q=x"))


# --- page --------------------------------------------------------------------------------------------------------


def test_the_clock_says_what_is_due_and_what_follows(browser: Client, major: Nonconformity) -> None:
    text = text_of(browser.get(at(major)))
    assert "Due 10 days ago Root cause and plan due Friday 13 Nov 2026" in text
    assert "If it stays open: ISO 9001, C1 is Suspended on 13 Jan 2027 , in 51 days." in text
    assert "Rule: a nonconformity of grade major is answered within 30 calendar days" in text


@pytest.mark.parametrize(
    ("language", "said", "filters", "refused"),
    [
        (
            "de",
            "ISO 9001, C1 ist Ausgesetzt am 13 Jan 2027 , in 51 Tagen.",
            "Offen Überfällig Geschlossen Alle",
            "„wieder öffnen“",
        ),
        (
            "fr",
            "ISO 9001, C1 : Suspendu le 13 Jan 2027 , dans 51 jours.",
            "Ouverte En retard Close Toutes",
            "«\xa0rouvrir\xa0»",
        ),
        (
            "es",
            "ISO 9001, C1 : Suspendido el 13 Ene 2027 , en 51 días.",
            "Abierta Fuera de plazo Cerrada Todas",
            "«reabrir»",
        ),
        (
            "pl",
            "ISO 9001, C1 : Zawieszony 13 Sty 2027 , za 51 dni.",
            "Otwarta Po terminie Zamknięta Wszystkie",
            "„otworzyć ponownie”",
        ),
    ],
)
def test_sentences_and_states_agree_with_their_nouns_in_other_languages(
    browser: Client, major: Nonconformity, officer: User, language: str, said: str, filters: str, refused: str
) -> None:
    User.objects.filter(pk=officer.pk).update(language=language)
    text = text_of(browser.get(at(major)))
    assert said in text, text[text.find(" 51 ") - 60 :][:90]
    assert filters in text_of(browser.get("/ncs/"))
    assert refused in problems(browser.post(at(major, "reopen/"), {"reason": "x"}))[0][1]


@pytest.mark.parametrize(
    ("today", "said"),
    [
        (date(2026, 11, 9), "4 days left"),
        (date(2026, 11, 12), "1 day left"),
        (date(2026, 11, 13), "Due today"),
        (date(2026, 11, 14), "Due 1 day ago"),
    ],
)
def test_the_clock_on_both_sides_of_the_deadline(browser: Client, major: Nonconformity, today: date, said: str) -> None:
    with clock.at(today):
        assert said in text_of(browser.get(at(major)))


def test_a_minor_is_to_be_closed_by_the_next_audit(browser: Client, acting: Organization, row: Certificate) -> None:
    minor = nonconformity(acting, [row], "M", grade="minor", raised_on=date(2026, 11, 1))
    done(actions.accept_plan(planned(minor, "Cause", TODAY), TODAY, BY), TODAY)
    assert "By the next audit" in text_of(browser.get(at(minor)))


def test_one_without_a_certificate_runs_on_own_deadlines(browser: Client, acting: Organization) -> None:
    own = nonconformity(acting, [], "K", source="complaint", raised_on=date(2026, 11, 1))
    text = text_of(browser.get(at(own)))
    assert "It moves no certificate within the years ahead." in text
    assert "Complaint" in text


@pytest.mark.parametrize(
    ("step", "heading"),
    [
        ("", "2. Containment"),
        ("record/", "1. Record"),
        ("containment/", "2. Containment"),
        ("extent/", "3. Extent"),
        ("root-cause/", "4. Root cause"),
        ("action-plan/", "5. Action plan"),
        ("evidence/", "6. Evidence"),
        ("verification/", "7. Follow-up verification"),
        ("effectiveness/", "8. Effectiveness"),
    ],
)
def test_every_step_can_be_looked_at(browser: Client, major: Nonconformity, step: str, heading: str) -> None:
    assert heading in text_of(browser.get(at(major, step)))


def test_the_page_runs_as_many_queries_for_30_actions_as_for_3(
    browser: Client, major: Nonconformity, officer: User
) -> None:
    def add(number: int) -> None:
        actions.add_action(major, {"description": f"Do {number}", "owner": officer, "due_on": TODAY}, BY)

    for number in range(3):
        add(number)
    few = queries_of(browser, at(major))
    for number in range(27):
        add(number)
    assert queries_of(browser, at(major)) == few


# --- raise and change --------------------------------------------------------------------------------------------


def test_raising_says_what_is_missing(browser: Client, row: Certificate) -> None:
    answer = browser.post("/ncs/new/", {"statement": "No permits"})
    assert answer.status_code == 422
    assert problems(answer) == [
        ("id_number", "Enter a number, like NC-0142"),
        ("id_title", "Enter a title"),
        ("id_source", "Choose where it comes from"),
        ("id_grade_0", "Choose the grade"),
        ("id_raised_on", "Enter the day on which it was raised"),
    ]
    assert "No permits" in answer.content.decode()


def test_raising_starts_the_clock(browser: Client, row: Certificate) -> None:
    given = {"number": "N1", "title": "T", "source": "body", "grade": "major", "raised_on": "2026-11-01"}
    refused = browser.post("/ncs/new/", given)
    said = "Name the certificate that this nonconformity of the body concerns."
    assert problems(refused) == [("id_certificates_0", said)]
    page = browser.post("/ncs/new/", {**given, "certificates": [row.pk]}, follow=True)
    assert "N1 is raised. Its clock has started." in text_of(page)
    assert Nonconformity.objects.get().next_step_due_on == date(2026, 12, 1)


def test_raising_from_an_audit_starts_with_what_is_known(
    browser: Client, acting: Organization, row: Certificate
) -> None:
    fields = {"number": "A1", "kind": "surveillance", "ended_on": date(2026, 11, 20)}
    audit = record_audit(acting, fields, [row], BY)
    initial = browser.get(f"/ncs/new/?audit={audit.pk}").context["form"].initial
    assert (initial["audit"], initial["raised_on"]) == (audit.pk, date(2026, 11, 20))
    assert (initial["source"], initial["certificates"]) == ("body", [row.pk])
    assert browser.get("/ncs/new/?audit=nonsense").status_code == 200


def test_the_second_of_two_saves_is_refused_with_both_values(
    browser: Client, major: Nonconformity, row: Certificate
) -> None:
    opened = {
        "number": "NC-0142",
        "title": "Mine",
        "source": "body",
        "grade": "major",
        "raised_on": "2026-10-14",
        "certificates": [row.pk],
        "clause": "9.2",
        "version": major.version,
    }
    actions.change_nonconformity(major, major.version, {"title": "Theirs"}, BY)
    answer = browser.post(at(major, "edit/"), opened)
    assert answer.status_code == 409
    assert "Title Theirs Mine" in text_of(answer)
    assert (
        browser.post(at(major, "edit/"), {**opened, "version": answer.context["form"].data["version"]}).status_code
        == 302
    )
    major.refresh_from_db()
    assert major.title == "Mine"


# --- doors -------------------------------------------------------------------------------------------------------


def test_from_containment_to_closure_by_two_people(
    browser: Client, major: Nonconformity, officer: User, acting: Organization
) -> None:
    day = TODAY.isoformat()
    judge = signed_in(member(acting, "jo@halden.example", "Jo Okafor", Role.AUDITOR))
    plan = {"description": "Name an owner", "owner": officer.pk, "due_on": "2026-12-18"}
    browser.post(at(major, "actions/new/"), plan)
    action = CorrectiveAction.objects.get()
    verdict = {"result": "effective", "verified_on": day, "verified_by": "L. Brandt"}
    steps = [
        (browser, "containment/", {"text": "Accounts closed", "done_on": day}, "extent"),
        (browser, "extent/", {"elsewhere": "yes", "text": "Porto too"}, "root-cause"),
        (browser, "root-cause/", {"statement": "No single owner", "why": ["HR was silent"]}, "action-plan"),
        (browser, "action-plan/", {"submitted_on": day}, "action-plan"),
        (judge, "accept-plan/", {"accepted_on": day}, "evidence"),
        (browser, f"actions/{action.pk}/proof/", {"text": "New procedure", "url": "https://x.example/p"}, "evidence"),
        (browser, f"actions/{action.pk}/complete/", {"done_on": day}, "evidence"),
        (browser, "evidence/", {"done_on": day}, "verification"),
        (judge, "verification/", verdict, "over"),
    ]
    for client, door, given, step in steps:
        assert client.post(at(major, door), given).status_code == 302, door
        major.refresh_from_db()
        assert major.current_step == step
    assert (major.state, major.closed_on, major.correction) == ("closed", TODAY, "Accounts closed")
    text = text_of(browser.get(at(major, "verification/")))
    assert "7. Follow-up verification Done Done 23 Nov 2026" in text
    assert "Closed 23 Nov 2026." in text


def test_a_plan_without_root_cause_or_action_comes_back_with_its_error(browser: Client, major: Nonconformity) -> None:
    answer = browser.post(at(major, "action-plan/"), {"submitted_on": "2026-11-20"})
    assert answer.status_code == 422
    assert problems(answer) == [("", "Write the root cause in one sentence before you submit the plan.")]
    assert 'value="2026-11-20"' in answer.content.decode()
    actions.submit_cause(major, {"statement": "No owner"}, BY)
    answer = browser.post(at(major, "action-plan/"), {"submitted_on": "2026-11-20"})
    assert problems(answer) == [("", "Plan an action with owner and date that removes this cause: No owner")]


@pytest.mark.parametrize(
    ("door", "given", "said"),
    [
        ("containment/", {"text": " "}, "Say what was done at once"),
        ("containment/", {"text": "x", "done_on": "2026-11-24"}, "This day has not come yet."),
        ("extent/", {"text": "x"}, "Say whether the same exists elsewhere"),
        ("root-cause/", {"statement": ""}, "Write the root cause in one sentence before you submit it"),
        ("action-plan/", {"submitted_on": "2026-11-24"}, "This day has not come yet."),
        (
            "action-plan/",
            {"submitted_on": "2026-10-13"},
            "This is before the day on which it was raised, 14 Oct 2026.",
        ),
        ("accept-plan/", {"accepted_on": "2026-11-20"}, "“accept plan” is not possible for NC-0142"),
        ("evidence/", {"done_on": "2026-11-20"}, "“complete action” is not possible for NC-0142"),
        ("verification/", {}, "Choose whether the action was effective"),
        (
            "effectiveness/",
            {"verdict": "effective", "judged_on": "2026-11-20"},
            "“judge: effective” is not possible for NC-0142",
        ),
        ("reopen/", {"reason": "x"}, "“reopen” is not possible for NC-0142"),
        ("close/", {"closed_on": ""}, "Enter the day on which it was closed"),
        ("close/", {"closed_on": "2026-11-20"}, "The scheme wants the corrective action of grade major verified"),
        ("refuse/", {"step": "closure", "reason": "No"}, "Nobody has asked for more time for “Closure”."),
        (
            "ask/",
            {"step": "closure", "due_on": "2027-01-12", "reason": "x"},
            "Choose a day after the present due date, 12 Jan 2027.",
        ),
        (
            "extend/",
            {"step": "closure", "granted_on": "2026-11-20", "due_on": "2027-01-12"},
            "Choose a day after the present due date, 12 Jan 2027.",
        ),
    ],
)
def test_what_a_door_refuses_is_said_on_the_page(
    browser: Client, major: Nonconformity, door: str, given: dict[str, str], said: str
) -> None:
    answer = browser.post(at(major, door), given)
    assert answer.status_code == 422
    assert problems(answer)[0][1].startswith(said)


def test_a_later_date_moves_the_loss(browser: Client, major: Nonconformity) -> None:
    given = {"step": "closure", "granted_on": "2026-11-20", "due_on": "2027-02-12", "reason": "Holidays"}
    text = text_of(browser.post(at(major, "extend/"), given, follow=True))
    assert "Closure 12 Feb 2027 Granted 20 Nov 2026 Holidays" in text
    assert "is Suspended on 13 Feb 2027" in text


def test_a_returned_plan_says_why(browser: Client, major: Nonconformity) -> None:
    planned(major, "Human error", TODAY)
    browser.post(at(major, "return-plan/"), {"returned_on": "2026-11-23", "reason": "No root cause"})
    major.refresh_from_db()
    assert (major.stage, major.plan_submitted_on) == ("raised", None)
    assert "Plan returned: No root cause" in text_of(browser.get(at(major)))


def test_one_closed_by_the_body_can_be_opened_again(browser: Client, major: Nonconformity) -> None:
    settled(major, TODAY)
    page = browser.post(at(major, "reopen/"), {"reason": "Wrong record"}, follow=True)
    assert "Closure taken back: Wrong record" in text_of(page)
    assert browser.get(at(major, "nonsense/")).status_code in {404, 405}
    assert browser.post(at(major, "nonsense/")).status_code == 404


def test_actions_need_an_owner_and_can_be_changed_cancelled_and_taken_up(
    browser: Client, major: Nonconformity, officer: User
) -> None:
    refused = browser.post(at(major, "actions/new/"), {"description": "x", "due_on": "2026-12-01"})
    assert problems(refused) == [("id_owner", "Name who carries the action out.")]
    given = {"description": "Train", "owner": officer.pk, "due_on": "2026-12-01"}
    browser.post(at(major, "actions/new/"), given)
    action = CorrectiveAction.objects.get()
    opened = {**given, "description": "Mine", "version": action.version}
    actions.change_action(action, action.version, {"description": "Theirs"}, BY)
    conflict = browser.post(at(major, f"actions/{action.pk}/edit/"), opened)
    assert (conflict.status_code, "Action Theirs Mine" in text_of(conflict)) == (409, True)
    browser.post(at(major, f"actions/{action.pk}/cancel/"), {"reason": "Not needed"})
    again = browser.post(at(major, f"actions/{action.pk}/complete/"), {"done_on": "2026-11-23"})
    assert problems(again) == [("", "“complete” is not possible: the action is cancelled.")]
    browser.post(at(major, f"actions/{action.pk}/reopen/"), {"reason": "Needed after all"})
    action.refresh_from_db()
    assert (action.state, action.description) == ("open", "Theirs")


# --- permissions -------------------------------------------------------------------------------------------------


def test_a_contributor_works_but_does_not_judge(major: Nonconformity, acting: Organization) -> None:
    anna = member(acting, "anna@halden.example", "Anna Nowak", Role.CONTRIBUTOR)
    Nonconformity.objects.filter(pk=major.pk).update(owner=anna)
    browser = signed_in(anna)
    mine = {"containment", "extent", "root_cause", "action_plan", "plan_effect", "ask"}
    assert set(browser.get(at(major)).context["doors"]) == mine
    assert browser.post(at(major, "close/"), {"closed_on": "2026-11-23"}).status_code == 403
    assert browser.post(at(major, "extent/approve/")).status_code == 403
    assert browser.post(at(major, "root-cause/"), {"statement": "No owner"}).status_code == 302


def test_a_manager_reads_only(major: Nonconformity, manager: User) -> None:
    browser = signed_in(manager)
    page = browser.get(at(major))
    assert page.context["doors"] == {}
    assert "/edit/" not in page.content.decode()
    assert browser.get("/ncs/new/").status_code == 403


def test_what_another_organization_has_does_not_exist(browser: Client, other_organization: Organization) -> None:
    with tenancy.acting_in(other_organization):
        theirs = nonconformity(other_organization, [certificate(other_organization, "X")], "X1")
    assert browser.get(at(theirs)).status_code == 404
    assert browser.post(at(theirs, "close/"), {"closed_on": "2026-11-23"}).status_code == 404
