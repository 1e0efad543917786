"""Scheme rules as pages: reading them, copying, changing numbers with a look at what moves, publishing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts import clock, tenancy
from accounts.models import Organization, Site, User
from accounts.permissions import Role
from certifications import actions
from certifications.catalog import catalog
from certifications.models import Certificate, Scheme, SchemeVersion
from certifications.scheme_words import changeable, groups, value_of, value_words
from nonconformities.actions import raise_nonconformity
from nonconformities.models import Nonconformity
from records.models import Event, Message
from records.record import Actor
from tests.certifications.filling import data_of
from tests.conftest import member
from tests.factories import BY, certificate, nonconformity, scheme
from tests.pages import problems, queries_of, says_beside, signed_in, text_of

TODAY = date(2026, 11, 23)
LIMIT = "suspension.limit"
NUMBER = "Length of a suspension, within: enter a whole number, like 90"
CYCLE = "Length of a certification, lasts: enter a whole number from 12 to 120"
COUNT = "Several nonconformities together, how many: enter a whole number from 1 to 120"
WINDOWS = "Windows for surveillance audits, how many: enter a whole number from 1 to 120"
TOO_EARLY = "Choose a day after 1 Jan 1990, from which the last version holds."


@pytest.fixture(autouse=True)
def autumn(acting: Organization) -> Iterator[None]:
    """It is 23 November 2026."""
    with clock.at(TODAY):
        yield


@pytest.fixture
def browser(officer: User) -> Client:
    return signed_in(officer)


@pytest.fixture
def rotterdam(acting: Organization) -> Certificate:
    """ISO 9001 at Rotterdam with a major of 14 October: suspended on 13 January, withdrawn on 14 July 2027."""
    site = actions.add_site(acting, {"name": "Rotterdam"}, BY)
    row = certificate(acting, "Q-1", sites=[site], certified_on=date(2025, 10, 22), expires_on=None)
    nonconformity(acting, [row], "NC-7", raised_on=date(2026, 10, 14))
    row.refresh_from_db()
    return row


def url(row: Scheme, place: str = "") -> str:
    return f"/settings/schemes/{row.pk}/{place}"


def filled(browser: Client, row: Scheme, **changes: Any) -> dict[str, Any]:
    """The form of the numbers as it opens, with changes."""
    return data_of(browser.get(url(row, "change/")).context["form"], **changes)


# --- reading -----------------------------------------------------------------------------------------------------


def test_the_list_tells_use_version_and_moving_of_each_scheme(browser: Client, rotterdam: Certificate) -> None:
    generic = scheme()
    actions.set_moving(generic, generic.version, "propose", BY)
    actions.publish_version(generic, {"suspension": {"limit": "4m"}}, TODAY, "Letter", BY)
    answer = browser.get("/settings/schemes/")
    first, last = answer.context["rows"][0], list(answer.context["rows"])[-1]
    assert (first.pk, first.used, first.last_number, first.moving) == (generic.pk, 1, 2, "propose")
    assert last.own_deadlines
    assert "Propose and wait for a confirmation" in text_of(answer)


def test_the_page_says_every_rule_with_its_number_clause_source_and_mark(browser: Client) -> None:
    answer = browser.get(url(scheme()))
    lines = {line.rule_id: line for _title, rules in answer.context["groups"] for line in rules}
    policy = catalog().policy("iso17021_generic")
    assert set(lines) == {rule for rule, _name in changeable(policy)}
    closure = lines["nc.major.closure"]
    assert closure.sentence == (
        "A nonconformity of grade major is closed within 90 calendar days after it is raised; "
        "otherwise the certificate is suspended."
    )
    assert (closure.numbers, closure.clause, closure.usual, closure.check) == (
        ("90 calendar days",),
        "ISO/IEC 17021-1:2015, 9.4.10",
        "3 months to 6 months",
        "",
    )
    assert closure.sources[0] == "CERRIX, Can a company lose its ISO certification?"
    assert lines["nc.major.response"].check == "check against your scheme's own text"
    assert lines["nc.accumulation"].check == "check against your scheme's own text"  # verified: secondary
    assert text_of(answer).count("Check against your scheme's own text") == sum(bool(x.check) for x in lines.values())


def test_a_number_of_ones_own_is_told_beside_the_shipped_one(browser: Client) -> None:
    actions.publish_version(scheme(), {"nc.major.closure": {"due": "120d"}}, TODAY, "Letter of the body", BY)
    words = text_of(browser.get(url(scheme())))
    assert "is closed within 120 calendar days" in words
    assert "Your own number. Shipped: 90 calendar days" in words


def test_versions_tell_their_days_reasons_people_and_changes(browser: Client, officer: User) -> None:
    by = Actor.person(officer)
    actions.publish_version(scheme(), {"suspension": {"limit": "4m"}}, date(2026, 12, 1), "Letter of 3 March", by)
    answer = browser.get(url(scheme()))
    newest, shipped = answer.context["versions"]
    assert (newest.version.number, newest.state, shipped.state) == (2, "planned", "active")
    assert [(c.words, c.before, c.after) for c in newest.changes] == [
        ("Length of a suspension, within", "6 months", "4 months")
    ]
    words = text_of(answer)
    assert "1 Dec 2026" in words and "Letter of 3 March" in words and "by Marta Zielińska" in words
    assert "The grounds of a suspension are resolved within 6 months" in words  # the new number holds later


@pytest.mark.parametrize(("day", "state"), [(date(2026, 11, 30), "planned"), (date(2026, 12, 1), "active")])
def test_a_version_holds_from_its_day_on(browser: Client, day: date, state: str) -> None:
    actions.publish_version(scheme(), {"suspension": {"limit": "4m"}}, date(2026, 12, 1), "Letter", BY)
    with clock.at(day):
        assert browser.get(url(scheme())).context["versions"][0].state == state


@pytest.mark.parametrize("catalog_id", catalog().scheme_ids)
def test_every_shipped_scheme_has_its_pages(browser: Client, catalog_id: str) -> None:
    row = scheme(catalog_id)
    assert browser.get(url(row)).status_code == 200
    form = browser.get(url(row, "change/")).context["form"]
    policy = catalog().policy(catalog_id)
    shown = {rule for group in groups(policy, row.own_deadlines) for rule in group.rules}
    assert form.numbers == [(rule, name) for rule, name in changeable(policy) if rule in shown]


@pytest.mark.parametrize("catalog_id", catalog().scheme_ids)
def test_a_form_that_is_sent_as_it_opened_changes_no_number(browser: Client, catalog_id: str) -> None:
    row = scheme(catalog_id)
    answer = browser.post(url(row, "change/"), filled(browser, row, step="publish", reason="Looked through"))
    assert answer.status_code == 302
    assert SchemeVersion.objects.get(scheme=row, number=2).rules == {}


# --- changing ----------------------------------------------------------------------------------------------------


def test_looking_lists_what_moves_and_writes_nothing(browser: Client, rotterdam: Certificate) -> None:
    certificate(rotterdam.organization, "Q-2")
    before = (SchemeVersion.objects.count(), Event.objects.count(), Message.objects.count())
    answer = browser.post(
        url(scheme(), "change/"), filled(browser, scheme(), step="preview", suspension__limit_number=4)
    )
    assert answer.status_code == 200
    words = text_of(answer)
    assert "1 certificate changes ISO 9001, Rotterdam Withdrawn 14 Jul 2027 → moves to 14 May 2027" in " ".join(
        words.split()
    )
    assert "1 other keeps every date." in words
    assert "clocks that have started keep the numbers they started under" in words
    assert (SchemeVersion.objects.count(), Event.objects.count(), Message.objects.count()) == before


def test_numbers_as_they_are_typed_answer_with_the_part_of_the_page(browser: Client, rotterdam: Certificate) -> None:
    data = filled(browser, scheme(), suspension__limit_number=4)
    answer = browser.get(url(scheme(), "change/preview/"), data, headers={"HX-Request": "true"})
    html = answer.content.decode()
    assert html.count("<section") == 1 and 'id="changes"' in html
    assert "14 May 2027" in html
    wrong = browser.get(url(scheme(), "change/preview/"), data | {f"{LIMIT}_number": "half"})
    assert "Length of a suspension, within: enter a whole number, like 90" in wrong.content.decode()
    assert browser.post(url(scheme(), "change/preview/")).status_code == 405


def test_publishing_keeps_only_what_differs_from_the_shipped_profile(browser: Client, officer: User) -> None:
    changes = {
        "suspension__limit_number": "110",
        "suspension__limit_unit": "d",
        "nc__major__closure__due_number": "",
        "nc__major__closure__due_unit": "next_audit",
        "nc__major__response__due_unit": "off",
        "nc__minor__closure__becomes": "off",
        "nc__accumulation__count": "",
        "suspension__valid": "True",
        "edition__end__effect": "withdraw",
    }
    data = filled(browser, scheme(), step="publish", reason="Letter of 3 March", effective_on="2026-12-01", **changes)
    assert browser.post(url(scheme(), "change/"), data).headers["Location"] == url(scheme())
    version = SchemeVersion.objects.get(scheme=scheme(), number=2)
    assert version.rules == {
        "suspension": {"limit": "110d", "valid": True},
        "nc.major.closure": {"due": "next_audit"},
        "nc.major.response": {"due": None},
        "nc.minor.closure": {"becomes": None},
        "nc.accumulation": {"count": None},
        "edition.end": {"effect": "withdraw"},
    }
    assert (version.effective_on, version.reason, version.published_by) == (
        date(2026, 12, 1),
        "Letter of 3 March",
        officer,
    )
    again = browser.get(url(scheme(), "change/")).context["form"]
    assert data_of(again)[f"{LIMIT}_number"] == 110


def test_a_number_put_back_to_the_shipped_one_is_kept_no_longer(browser: Client) -> None:
    actions.publish_version(scheme(), {"suspension": {"limit": "4m"}}, date(2026, 6, 1), "Letter", BY)
    data = filled(browser, scheme(), step="publish", reason="Back", suspension__limit_number=6)
    assert browser.post(url(scheme(), "change/"), data).status_code == 302
    assert SchemeVersion.objects.get(scheme=scheme(), number=3).rules == {}


def test_numbers_that_the_page_of_own_deadlines_does_not_show_stay(browser: Client) -> None:
    own = scheme("own_deadlines")
    actions.publish_version(own, {"nc.accumulation": {"count": 4}}, date(2026, 6, 1), "By another system", BY)
    data = filled(browser, own, step="publish", reason="Shorter", nc__major__closure__due_number=45)
    browser.post(url(own, "change/"), data)
    assert SchemeVersion.objects.get(scheme=own, number=3).rules == {
        "nc.accumulation": {"count": 4},
        "nc.major.closure": {"due": "45d"},
    }


@pytest.mark.parametrize("step", ["preview", "publish"])
@pytest.mark.parametrize(
    ("changes", "field", "said"),
    [
        ({"suspension__limit_number": "half"}, f"{LIMIT}_0", NUMBER),
        ({"suspension__limit_number": ""}, f"{LIMIT}_0", NUMBER),
        ({"suspension__limit_number": "-3"}, f"{LIMIT}_0", NUMBER),
        ({"cycle__length_number": "11"}, "cycle.length_0", CYCLE),
        ({"cycle__length_number": "121"}, "cycle.length_0", CYCLE),
        ({"nc__accumulation__count": "0"}, "nc.accumulation.count", COUNT),
        ({"surveillance__window__count": ""}, "surveillance.window.count", WINDOWS),
        ({"effective_on": ""}, "effective_on", "Enter the day from which the numbers hold"),
        ({"effective_on": "1990-01-01"}, "effective_on", TOO_EARLY),
        ({"effective_on": "2100-01-01"}, "effective_on", "Use a date before 2100."),
    ],
)
def test_a_wrong_number_is_named_and_nothing_is_lost(
    browser: Client, step: str, changes: dict[str, str], field: str, said: str
) -> None:
    data = filled(browser, scheme(), step=step, reason="Letter of 3 March", transfer__limit_number="5", **changes)
    answer = browser.post(url(scheme(), "change/"), data)
    assert answer.status_code == 422
    assert problems(answer) == [(f"id_{field}", said)]
    assert says_beside(answer, f"id_{field.removesuffix('_0')}") == said
    html = answer.content.decode()
    assert "<title>Error: " in html and "Letter of 3 March" in html and 'value="5"' in html
    assert SchemeVersion.objects.filter(scheme=scheme()).count() == 1


@pytest.mark.parametrize(("effective_on", "status"), [("1990-01-02", 302), ("2099-12-31", 302)])
def test_the_first_and_last_day_that_can_be_chosen(browser: Client, effective_on: str, status: int) -> None:
    data = filled(browser, scheme(), step="publish", reason="Letter", effective_on=effective_on)
    assert browser.post(url(scheme(), "change/"), data).status_code == status


def test_publishing_needs_a_reason_and_looking_does_not(browser: Client) -> None:
    data = filled(browser, scheme(), suspension__limit_number=4)
    assert browser.post(url(scheme(), "change/"), data | {"step": "preview"}).status_code == 200
    for reason in ("", "   "):
        answer = browser.post(url(scheme(), "change/"), data | {"step": "publish", "reason": reason})
        assert (answer.status_code, problems(answer)) == (422, [("id_reason", "Say why the numbers change.")])


def test_a_forged_choice_is_refused(browser: Client) -> None:
    data = filled(browser, scheme(), step="publish", reason="Letter", nc__major__closure__on_breach="explode")
    answer = browser.post(url(scheme(), "change/"), data)
    assert (answer.status_code, problems(answer)[0][0]) == (422, "id_nc.major.closure.on_breach")
    data = filled(browser, scheme(), step="publish", reason="Letter", suspension__limit_unit="weeks")
    assert browser.post(url(scheme(), "change/"), data).status_code == 422


def test_somebody_elses_version_is_shown_beside_ones_own(browser: Client, manager: User) -> None:
    data = filled(
        browser, scheme(), step="publish", reason="Mine", suspension__limit_number=4, transfer__limit_number=5
    )
    actions.publish_version(
        scheme(), {"suspension": {"limit": "3m"}}, date(2026, 6, 1), "Theirs", Actor.person(manager)
    )
    answer = browser.post(url(scheme(), "change/"), data)
    assert answer.status_code == 409
    shown = answer.context["conflict"]
    assert [(f.label, f.theirs, f.yours) for f in shown.fields] == [
        ("Length of a suspension, within", "3 months", "4 months"),
        ("Transfer after a loss of accreditation, within", "6 months", "5 months"),
    ]
    assert "Per Hansen saved it" in text_of(answer)
    assert SchemeVersion.objects.filter(scheme=scheme()).count() == 2
    again = data_of(answer.context["form"], step="publish", **{f"{LIMIT}_number": 4, "transfer.limit_number": 5})
    again |= {name: data[name] for name in data if name not in {"based_on", "step"}}
    assert browser.post(url(scheme(), "change/"), again).status_code == 302
    assert SchemeVersion.objects.get(scheme=scheme(), number=3).rules == {
        "suspension": {"limit": "4m"},
        "transfer": {"limit": "5m"},
    }


# --- what follows -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("raised_on", "due"), [(date(2026, 11, 22), "2027-02-20"), (TODAY, "2027-03-23")])
def test_a_clock_keeps_the_numbers_of_the_day_on_which_it_started(
    browser: Client, acting: Organization, raised_on: date, due: str
) -> None:
    row = certificate(acting)
    data = filled(browser, scheme(), step="publish", reason="Letter", nc__major__closure__due_number=120)
    browser.post(url(scheme(), "change/"), data)
    nc = nonconformity(acting, [row], raised_on=raised_on)
    assert nc.due[f"certificate:{row.pk}"]["closure"] == due


def test_own_deadlines_are_recomputed_by_the_next_sweep(browser: Client, acting: Organization) -> None:
    given = {"number": "IA-1", "grade": "major", "raised_on": TODAY, "title": "IA-1", "source": "internal_audit"}
    nc = raise_nonconformity(acting, given, [], BY)
    closed = raise_nonconformity(acting, {**given, "number": "IA-2"}, [], BY)
    Nonconformity.objects.filter(pk=closed.pk).update(state="closed", next_due_on=None)
    own = scheme("own_deadlines")
    data = filled(browser, own, step="preview", nc__major__closure__due_number=45)
    assert "open ones are recomputed within minutes" in text_of(browser.post(url(own, "change/"), data))
    browser.post(url(own, "change/"), data | {"step": "publish", "reason": "Faster"})
    nc.refresh_from_db()
    closed.refresh_from_db()
    assert (nc.next_due_on, closed.next_due_on) == (TODAY, None)


def test_looking_costs_the_same_for_3_and_for_30_certificates(browser: Client, acting: Organization) -> None:
    data = filled(browser, scheme(), step="preview", suspension__limit_number=4, effective_on="2026-01-01")

    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            answer = browser.post(url(scheme(), "change/"), data)
        assert len(answer.context["effect"].shifts) == Certificate.objects.count()
        return len(captured)

    def add(numbers: range) -> None:
        for number in numbers:
            site = Site.objects.create(organization=acting, name=f"Site {number}")
            row = certificate(acting, f"Q{number}", sites=[site])
            nonconformity(acting, [row], f"N{number}", raised_on=date(2026, 10, 1))

    add(range(3))
    few, page = cost(), queries_of(browser, url(scheme()))
    add(range(3, 30))
    assert (cost(), queries_of(browser, url(scheme()))) == (few, page)
    assert few < 25


# --- copy and moving ---------------------------------------------------------------------------------------------


def test_a_copy_goes_its_own_way(browser: Client) -> None:
    answer = browser.post(url(scheme(), "copy/"), {"title": "Nordhaven ISMS scheme"})
    copy = Scheme.objects.get(title="Nordhaven ISMS scheme")
    assert answer.headers["Location"] == url(copy)
    data = filled(browser, copy, step="publish", reason="Letter", suspension__limit_number=4)
    browser.post(url(copy, "change/"), data)
    assert [v.number for v in copy.versions.all()] == [1, 2]
    assert scheme().versions.count() == 1


@pytest.mark.parametrize(
    ("title", "said"),
    [
        ("", "Enter a title for the copy"),
        ("MDSAP and ISO 13485", "“MDSAP and ISO 13485” is taken already."),
    ],
)
def test_a_copy_needs_a_title_of_its_own(browser: Client, title: str, said: str) -> None:
    answer = browser.post(url(scheme(), "copy/"), {"title": title})
    assert (answer.status_code, problems(answer)) == (422, [("id_title", said)])


def test_there_is_one_set_of_own_deadlines(browser: Client) -> None:
    own = scheme("own_deadlines")
    assert "Copy" not in text_of(browser.get(url(own)))
    answer = browser.post(url(own, "copy/"), {"title": "Second"})
    assert problems(answer) == [("id_title", "There is one set of own deadlines; change its numbers instead.")]


def test_moves_can_be_proposed_instead(browser: Client, rotterdam: Certificate) -> None:
    answer = browser.post(url(scheme(), "moving/"), {"moving": "propose", "version": scheme().version})
    assert answer.headers["Location"] == url(scheme())
    with clock.at(date(2027, 1, 13)):
        actions.refresh_ids([rotterdam.pk], BY)
    rotterdam.refresh_from_db()
    assert (rotterdam.status, rotterdam.proposed_status) == ("active", "suspended")
    wrong = browser.post(url(scheme(), "moving/"), {"moving": "sometimes", "version": 2})
    assert (wrong.status_code, problems(wrong)[0][0]) == (422, "id_moving_0")


def test_a_second_choice_of_moving_is_refused_with_both(browser: Client, officer: User) -> None:
    seen = scheme().version
    actions.set_moving(scheme(), seen, "propose", Actor.person(officer))
    answer = browser.post(url(scheme(), "moving/"), {"moving": "automatic", "version": seen})
    assert answer.status_code == 409
    assert "Marta Zielińska saved it" in text_of(answer)
    assert scheme().moving == "propose"
    again = {"moving": "automatic", "version": answer.context["form"].data["version"]}
    assert browser.post(url(scheme(), "moving/"), again).status_code == 302
    assert scheme().moving == "automatic"


# --- who may -----------------------------------------------------------------------------------------------------

WRITES = ("change/", "copy/", "moving/")


def test_others_look_and_are_told_whom_to_ask(acting: Organization) -> None:
    viewer = signed_in(member(acting, "eve@halden.example", "Eve", Role.VIEWER))
    sentence = "Your role may not change scheme rules. Ask someone who is administrator or compliance officer."
    for place in ("/settings/schemes/", url(scheme())):
        answer = viewer.get(place)
        assert answer.status_code == 200
        assert sentence in text_of(answer)
        assert "Change the numbers" not in text_of(answer)
    for place in WRITES:
        for answer in (viewer.get(url(scheme(), place)), viewer.post(url(scheme(), place), {})):
            assert answer.status_code == 403
            assert sentence in text_of(answer)
    assert viewer.get(url(scheme(), "change/preview/")).status_code == 403


@pytest.mark.parametrize("place", ["", *WRITES])
def test_a_scheme_of_another_organization_is_not_there(
    browser: Client, other_organization: Organization, place: str
) -> None:
    with tenancy.acting_in(other_organization):
        theirs = scheme()
    assert browser.get(url(theirs, place)).status_code == 404
    assert browser.get(url(theirs, "change/preview/")).status_code == 404


def test_nobody_looks_without_signing_in(acting: Organization) -> None:
    assert Client().get(url(scheme())).headers["Location"].startswith("/sign-in/")


# --- words -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("due", "90d", "90 calendar days"),
        ("due", "next_audit", "by the next audit"),
        ("due", None, "no limit"),
        ("becomes", None, "no other grade"),
        ("count", 3, "3"),
        ("count", None, "not counted"),
        ("valid", True, "yes"),
        ("valid", False, "no"),
        ("on_breach", "suspend", "the certificate is suspended"),
        ("becomes", "major", "major"),
        ("becomes", "4", "4"),
    ],
)
def test_values_in_words(name: str, value: object, words: str) -> None:
    assert value_words(name, value) == words


def test_a_parameter_left_out_has_its_default() -> None:
    policy = catalog().policy("iso17021_generic")
    assert "effect_after" not in policy.values["nc.major.opening"]
    assert value_of(policy, "suspension", "limit") == "6m"
    assert value_of(policy, "nc.minor.response", "becomes") is None
