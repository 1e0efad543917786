"""Settings as pages: organization, sites, bodies, people, editions, profile, and passwords by a link."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.test import Client

from accounts import clock, tenancy
from accounts.models import Membership, Organization, Site, User
from accounts.permissions import Capability, Role, may
from certifications import actions
from certifications.models import Certificate, CertificationBody, Decision, EditionEnd
from records.models import Event
from tests.certifications.filling import data_of
from tests.conftest import member
from tests.factories import BY, certificate, nonconformity, scheme
from tests.pages import problems, queries_of, signed_in, text_of

TODAY = date(2026, 11, 23)
PLACES = ("", "organization/", "sites/", "bodies/", "people/", "editions/", "schemes/", "profile/")


@pytest.fixture(autouse=True)
def autumn(acting: Organization) -> Iterator[None]:
    """It is 23 November 2026."""
    with clock.at(TODAY):
        yield


@pytest.fixture
def admin(organization: Organization) -> User:
    """Adam Wright, administrator of Halden Group."""
    return member(organization, "adam@halden.example", "Adam Wright", Role.ADMINISTRATOR)


@pytest.fixture
def browser(admin: User) -> Client:
    return signed_in(admin)


def url(place: str = "") -> str:
    return f"/settings/{place}"


def of(user: User) -> Membership:
    """The person's membership."""
    found: Membership = Membership.objects.get(user=user)
    return found


# --- every page --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [role for role in Role if may(role, Capability.VIEW_ORGANIZATION)])
@pytest.mark.parametrize("place", PLACES)
def test_members_may_look(acting: Organization, role: Role, place: str) -> None:
    answer = signed_in(member(acting, "x@halden.example", "X", role)).get(url(place))
    assert answer.status_code == 200
    assert 'aria-current="page"' in answer.content.decode()


@pytest.mark.parametrize("role", [Role.CONTRIBUTOR, Role.GUEST_AUDITOR])
@pytest.mark.parametrize("place", PLACES)
def test_who_sees_a_part_only_has_a_profile(acting: Organization, role: Role, place: str) -> None:
    answer = signed_in(member(acting, "x@halden.example", "X", role)).get(url(place), follow=True)
    mine = place in {"", "profile/"}
    assert (answer.status_code, "Your role may not see people" in answer.content.decode()) == (
        (200, False) if mine else (403, True)
    )


@pytest.mark.parametrize("place", PLACES)
def test_nobody_looks_without_signing_in_or_an_organization(db: None, place: str) -> None:
    assert Client().get(url(place)).headers["Location"] == f"/sign-in/?next={url(place)}"
    stranger = User.objects.create_user("x@x.example", "x", full_name="X")
    assert signed_in(stranger).get(url(place)).status_code == (200 if place == "profile/" else 403)


@pytest.mark.parametrize(
    ("place", "role", "who"),
    [
        ("organization/", Role.COMPLIANCE_OFFICER, "administrator"),
        ("people/new/", Role.COMPLIANCE_OFFICER, "administrator"),
        ("sites/new/", Role.AUDITOR, "administrator or compliance officer"),
        ("bodies/new/", Role.VIEWER, "administrator or compliance officer"),
    ],
)
def test_who_may_not_change_is_told_whom_to_ask(acting: Organization, place: str, role: Role, who: str) -> None:
    other = signed_in(member(acting, "x@halden.example", "X", role))
    answer = other.post(url(place), {"name": "Other"})
    assert answer.status_code == 403
    assert f"Ask someone who is {who}." in text_of(answer)
    looking = other.get(url(place.removesuffix("new/")))
    assert f"Ask someone who is {who}." in text_of(looking)


@pytest.mark.parametrize("place", ["sites/", "bodies/", "people/", "editions/", "schemes/"])
def test_lists_cost_the_same_for_one_and_many(browser: Client, acting: Organization, place: str) -> None:
    def add(numbers: range) -> None:
        for number in numbers:
            site = actions.add_site(acting, {"name": f"Site {number}"}, BY)
            body = actions.add_body(acting, {"name": f"Body {number}"}, BY)
            certificate(acting, f"C{number}", sites=[site], body=body)
            member(acting, f"p{number}@halden.example", f"P {number}", Role.VIEWER)
            actions.end_edition(
                actions.find_edition(actions.find_standard(acting, f"S{number}", BY), "1", BY), TODAY, BY
            )
            actions.copy_scheme(scheme(), f"Copy {number}", BY)

    add(range(1))
    few = queries_of(browser, url(place))
    add(range(1, 8))
    assert queries_of(browser, url(place)) == few
    assert few < 12


# --- organization ------------------------------------------------------------------------------------------------


def organization_form(browser: Client, **changes: Any) -> dict[str, Any]:
    return data_of(browser.get(url("organization/")).context["form"], **changes)


def test_a_new_time_zone_moves_the_civil_day_of_every_certificate(browser: Client, acting: Organization) -> None:
    row = certificate(acting, expires_on=date(2026, 11, 23))
    with clock.at(datetime(2026, 11, 23, 14, tzinfo=UTC)):
        row.refresh_from_db()
        assert row.status == "active"
        answer = browser.post(url("organization/"), organization_form(browser, time_zone="Pacific/Auckland"))
        assert answer.headers["Location"] == url("organization/")
        row.refresh_from_db()
        assert row.status == "expired"  # there it is the 24th already
    event = Event.objects.get(kind="organization.edited")
    assert (event.before, event.after) == ({"time_zone": "Europe/Warsaw"}, {"time_zone": "Pacific/Auckland"})
    assert event.actor_label == "Adam Wright"


def test_a_new_name_recomputes_nothing(browser: Client, acting: Organization) -> None:
    row = certificate(acting)
    Certificate.objects.filter(pk=row.pk).update(next_due_on=None)
    browser.post(url("organization/"), organization_form(browser, name="Halden Holding"))
    row.refresh_from_db()
    assert (row.next_due_on, Organization.objects.get(pk=acting.pk).name) == (None, "Halden Holding")
    browser.post(url("organization/"), organization_form(browser))
    assert Event.objects.filter(kind="organization.edited").count() == 1  # nothing changed the second time


@pytest.mark.parametrize(
    ("changes", "field", "said"),
    [
        ({"name": ""}, "id_name", "Enter the organization's name"),
        ({"time_zone": "Mars/Olympus"}, "id_time_zone", "Choose a time zone of the list"),
    ],
)
def test_a_wrong_value_of_the_organization_is_named(
    browser: Client, changes: dict[str, str], field: str, said: str
) -> None:
    answer = browser.post(url("organization/"), organization_form(browser, **changes))
    assert (answer.status_code, problems(answer)) == (422, [(field, said)])


def test_a_second_save_of_the_organization_shows_both(browser: Client, acting: Organization) -> None:
    data = organization_form(browser, name="Mine")
    browser.post(url("organization/"), organization_form(browser, name="Theirs"))
    answer = browser.post(url("organization/"), data)
    assert answer.status_code == 409
    shown = answer.context["conflict"]
    assert [(f.label, f.theirs, f.yours) for f in shown.fields] == [("Name", "Theirs", "Mine")]
    assert shown.saved_by == "Adam Wright"
    again = dict(answer.context["form"].data.items())
    assert browser.post(url("organization/"), again).status_code == 302
    assert Organization.objects.get(pk=acting.pk).name == "Mine"


# --- sites and bodies --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("place", "given", "model"),
    [
        ("sites/", {"name": "Rotterdam", "city": "Rotterdam", "country": "Netherlands"}, Site),
        (
            "bodies/",
            {"name": "DNV", "accreditation_body": "UKAS", "register_url": "register.example"},
            CertificationBody,
        ),
    ],
)
def test_a_row_is_added_listed_and_changed(
    browser: Client, place: str, given: dict[str, str], model: type[Site] | type[CertificationBody]
) -> None:
    assert browser.post(url(f"{place}new/"), given).headers["Location"] == url(place)
    row = model.objects.get()
    assert given["name"] in text_of(browser.get(url(place)))
    data = data_of(browser.get(url(f"{place}{row.pk}/")).context["form"], name="New name")
    assert browser.post(url(f"{place}{row.pk}/"), data).headers["Location"] == url(place)
    row.refresh_from_db()
    assert (row.name, row.version) == ("New name", 2)
    kinds = [f"{model._meta.model_name}.{what}" for what in ("added", "edited")]
    assert list(Event.objects.order_by("number").values_list("kind", flat=True)) == kinds


@pytest.mark.parametrize(
    ("place", "given", "said"),
    [
        ("sites/", {"name": ""}, ("id_name", "Enter the site's name")),
        ("sites/", {"name": "Leeds"}, ("id_name", "“Leeds” is taken already.")),
        ("bodies/", {"name": ""}, ("id_name", "Enter the body's name")),
        ("bodies/", {"name": "TÜV"}, ("id_name", "“TÜV” is taken already.")),
        (
            "bodies/",
            {"name": "DNV", "register_url": "javascript:alert(1)"},
            ("id_register_url", "Public register: enter an address like https://register.example"),
        ),
    ],
)
def test_a_wrong_row_is_refused_when_added_and_when_changed(
    browser: Client, acting: Organization, place: str, given: dict[str, str], said: tuple[str, str]
) -> None:
    actions.add_site(acting, {"name": "Leeds"}, BY)
    actions.add_body(acting, {"name": "TÜV"}, BY)
    rows = (actions.add_site(acting, {"name": "Other"}, BY), actions.add_body(acting, {"name": "Other"}, BY))
    row = rows[0] if place == "sites/" else rows[1]
    for address in (url(f"{place}new/"), url(f"{place}{row.pk}/")):
        answer = browser.post(address, {"version": 1, **given})
        assert (answer.status_code, problems(answer)) == (422, [said])
    row.refresh_from_db()
    assert (row.name, row.version) == ("Other", 1)


@pytest.mark.parametrize("place", ["sites/", "bodies/"])
def test_a_second_save_of_a_row_shows_both(browser: Client, acting: Organization, place: str) -> None:
    add = actions.add_site if place == "sites/" else actions.add_body
    row = add(acting, {"name": "Leeds"}, BY)
    data = data_of(browser.get(url(f"{place}{row.pk}/")).context["form"], name="Mine")
    actions.change_row(row, 1, {"name": "Theirs"}, BY)
    answer = browser.post(url(f"{place}{row.pk}/"), data)
    assert answer.status_code == 409
    assert [(f.theirs, f.yours) for f in answer.context["conflict"].fields] == [("Theirs", "Mine")]
    assert browser.post(url(f"{place}{row.pk}/"), {**data, "version": 2}).status_code == 302
    row.refresh_from_db()
    assert row.name == "Mine"


def test_rows_of_another_organization_are_not_there(
    browser: Client, other_organization: Organization, officer: User
) -> None:
    with tenancy.acting_in(other_organization):
        site = actions.add_site(other_organization, {"name": "Ostrava"}, BY)
        body = actions.add_body(other_organization, {"name": "CQS"}, BY)
        edition = actions.find_edition(actions.find_standard(other_organization, "ISO 9001", BY), "2015", BY)
    user = member(other_organization, "pavel@ostrava.example", "Pavel", Role.ADMINISTRATOR)
    with tenancy.acting_in(other_organization):
        theirs = Membership.objects.get(user=user)
    places = (f"sites/{site.pk}/", f"bodies/{body.pk}/", f"editions/{edition.pk}/end/", f"people/{theirs.pk}/")
    for place in (*places, f"people/{theirs.pk}/remove/"):
        assert browser.get(url(place)).status_code == 404
        assert browser.post(url(place), {"role": "viewer"}).status_code == 404
    assert browser.post(url(f"people/{theirs.pk}/link/")).status_code == 404
    assert "Ostrava" not in text_of(browser.get(url("sites/")))


def test_another_accreditation_moves_the_certificates_that_name_none(browser: Client, acting: Organization) -> None:
    body = actions.add_body(acting, {"name": "DNV", "accreditation_body": "UKAS"}, BY)
    edition = actions.find_edition(actions.find_standard(acting, "ISO 9001", BY), "2015", BY)
    actions.end_edition(edition, date(2027, 1, 31), BY, "DAkkS")
    follows = certificate(acting, "A", body=body)
    own = certificate(acting, "B", body=body, accreditation_body="UKAS")
    browser.post(url(f"bodies/{body.pk}/"), {"name": "DNV", "accreditation_body": "DAkkS", "version": 1})
    for row in (follows, own):
        row.refresh_from_db()
    assert (follows.current_expires_on, own.current_expires_on) == (date(2027, 1, 31), date(2028, 5, 1))


def test_a_renamed_site_stays_left_out_of_the_scope(browser: Client, acting: Organization) -> None:
    leeds = actions.add_site(acting, {"name": "Leeds"}, BY)
    row = certificate(acting, sites=[leeds])
    nc = nonconformity(acting, [row], raised_on=date(2026, 10, 1), site=leeds)
    actions.record_decision(row, {"kind": "reduce_scope", "decided_on": TODAY, "site_names": ["Leeds"]}, BY)
    nc.refresh_from_db()
    assert nc.state == "void"
    browser.post(url(f"sites/{leeds.pk}/"), {"name": "Leeds works", "version": 1})
    nc.refresh_from_db()
    assert (nc.state, Decision.objects.get().site_names) == ("void", ["Leeds works"])


# --- editions ----------------------------------------------------------------------------------------------------


def end_of(**changes: str) -> dict[str, str]:
    """A filled form of an edition's end."""
    given = {"ends_on_day": "30", "ends_on_month": "Jun", "ends_on_year": "2027", "source": "IAF resolution"}
    return given | changes


def test_an_end_is_looked_at_then_recorded(browser: Client, acting: Organization) -> None:
    row = certificate(acting, expires_on=date(2028, 5, 1))
    certificate(acting, "C2", standard="ISO 14001")
    assert row.edition is not None
    place = url(f"editions/{row.edition.pk}/end/")
    own = EditionEnd.objects.filter(from_catalog=False)
    looked = browser.post(place, {**end_of(), "step": "preview"})
    assert "1 certificate changes" in text_of(looked) and "1 Jul 2027" in text_of(looked)
    assert (looked.status_code, own.count()) == (200, 0)
    assert browser.post(place, {**end_of(), "step": "record"}).headers["Location"] == url("editions/")
    row.refresh_from_db()
    assert row.current_expires_on == date(2027, 6, 30)
    listed = text_of(browser.get(url("editions/")))
    assert "30 Jun 2027 in 219 days Your own entry of 23 Nov 2026: IAF resolution" in listed


def test_a_second_entry_of_the_day_corrects_the_first(browser: Client, acting: Organization) -> None:
    row = certificate(acting, expires_on=date(2028, 5, 1))
    assert row.edition is not None
    place = url(f"editions/{row.edition.pk}/end/")
    browser.post(place, {**end_of(), "step": "record"})
    browser.post(place, {**end_of(ends_on_month="Jul"), "step": "record"})
    row.refresh_from_db()
    assert row.current_expires_on == date(2027, 7, 30)
    assert EditionEnd.objects.get(from_catalog=False).ends_on == date(2027, 7, 30)
    assert Event.objects.filter(kind="edition.end_recorded").count() == 2


@pytest.mark.parametrize("body", ["", "UKAS"])
def test_ones_own_entry_comes_before_the_shipped_one(browser: Client, acting: Organization, body: str) -> None:
    edition = actions.find_edition(actions.find_standard(acting, "ISO 50001", BY), "2011", BY)
    no_end = {"ends_on_day": "", "ends_on_month": "", "ends_on_year": "", "no_end": "on", "accreditation_body": body}
    browser.post(url(f"editions/{edition.pk}/end/"), {**end_of(**no_end), "step": "record"})
    lines = [line for _s, found in browser.get(url("editions/")).context["standards"] for line in found]
    ends = next(line.ends for line in lines if line.edition == edition)
    holding = {(end.end.accreditation_body, end.end.from_catalog) for end in ends if end.holds}
    shipped = {("", True), ("DAkkS", True), ("SCC", True)}
    assert holding == ({("", False)} if not body else {("UKAS", False), *shipped})


@pytest.mark.parametrize(
    ("changes", "field", "said"),
    [
        (
            {"ends_on_day": "", "ends_on_month": "", "ends_on_year": ""},
            "ends_on_0",
            "Enter the last day, or tick that no end is set",
        ),
        ({"no_end": "on"}, "ends_on_0", "Enter the last day or tick that no end is set, not both"),
        ({"ends_on_day": "31"}, "ends_on_0", "Last day of certificates: 31 Jun 2027 is no date that exists"),
        (
            {"last_new_audit_on_day": "1", "last_new_audit_on_month": "7", "last_new_audit_on_year": "2027"},
            "last_new_audit_on_0",
            "The last day for new audits must not be after the last day",
        ),
        ({"source": ""}, "source", "Enter where the date was published"),
    ],
)
def test_a_wrong_end_is_named(
    browser: Client, acting: Organization, changes: dict[str, str], field: str, said: str
) -> None:
    edition = actions.find_edition(actions.find_standard(acting, "ISO 9001", BY), "2015", BY)
    answer = browser.post(url(f"editions/{edition.pk}/end/"), {**end_of(**changes), "step": "record"})
    assert (answer.status_code, problems(answer)) == (422, [(f"id_{field}", said)])
    assert not EditionEnd.objects.filter(from_catalog=False).exists()
