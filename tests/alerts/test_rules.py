"""Alert rules: who is mailed by which sentence, at what hours, and the pages on which sentences are built."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from django.test import Client

from accounts import clock, tenancy
from accounts.models import Organization, Site, User
from accounts.permissions import Role
from alerts.deliver import deliver
from alerts.rehearsal import rehearse
from certifications.actions import find_standard
from certifications.actions.alert_rules import add_alert_rule, change_alert_rule, remove_alert_rule
from certifications.alert_words import sentence
from certifications.alerting import Rule
from certifications.models import AlertRule, Certificate
from certifications.sending import send_at
from nonconformities.actions import verify
from records.models import Event, Message
from tests.alerts.notes import NOON
from tests.alerts.smtp import mail_server
from tests.certifications.filling import data_of
from tests.conftest import member
from tests.factories import BY, certificate, nonconformity
from tests.pages import problems, queries_of, signed_in, text_of
from tests.records.rows import START, on, sweep_daily, sweep_on

EXPIRES_ON = date(2026, 6, 30)


def told() -> list[tuple[str, int, str]]:
    """Day, days before and person of every reminder of the expiry, in the order written."""
    with tenancy.across_organizations():
        rows = Message.objects.filter(kind="deadline", payload__deadline="expiry").select_related("recipient")
        return [
            (m.created_at.date().isoformat(), m.payload["days_before"], m.recipient.full_name.split()[0])
            for m in rows.order_by("pk")
        ]


@pytest.fixture
def expiring(organization: Organization, officer: User, manager: User) -> Certificate:
    """C1 of Marta at Gdańsk expires on 30 June 2026; Per is her manager."""
    with on(START, organization):
        site = Site.objects.create(organization=organization, name="Gdańsk")
        return certificate(organization, "C1", expires_on=EXPIRES_ON, owner=officer, sites=[site])


def rule(**fields: Any) -> AlertRule:
    organization = Organization.objects.get(slug="halden")
    given = {"recipient": "owner", "days": [30, 14, 7, 1, 0, -1], "about": "any", **fields}
    with on(START, organization):
        return add_alert_rule(organization, given, BY)


def shipped() -> AlertRule:
    with tenancy.across_organizations():
        row: AlertRule = AlertRule.objects.order_by("pk")[0]
        return row


def remove_shipped(organization: Organization) -> None:
    with on(START, organization):
        remove_alert_rule(shipped(), BY)


# --- what rules do -----------------------------------------------------------------------------------------------


def test_a_rule_adds_a_day_and_a_person(expiring: Certificate, organization: Organization) -> None:
    tom = member(organization, "tom@halden.example", "Tom", Role.VIEWER)
    rule(days=[60])
    rule(recipient="person", person=tom, days=[45], about="expiry")
    rule(recipient="person", person=tom, days=[44], about="audits")
    sweep_daily(date(2026, 4, 20), date(2026, 6, 1))
    assert told() == [("2026-05-01", 60, "Marta"), ("2026-05-16", 45, "Tom"), ("2026-05-31", 30, "Marta")]


def test_somebody_covered_twice_gets_one_mail(expiring: Certificate, officer: User) -> None:
    rule(recipient="person", person=officer, days=[30, 20])
    rule(recipient="officers", days=[30])
    sweep_daily(date(2026, 5, 30), date(2026, 6, 12))
    assert told() == [("2026-05-31", 30, "Marta"), ("2026-06-10", 20, "Marta")]


@pytest.mark.parametrize(("standard", "site", "reached"), [("ISO 9001", "Gdańsk", 1), ("ISO 14001", None, 0)])
def test_a_rule_covers_a_standard_and_a_site(
    expiring: Certificate, organization: Organization, standard: str, site: str | None, reached: int
) -> None:
    remove_shipped(organization)
    with on(START, organization):
        fields = {"standard": find_standard(organization, standard, BY), "site": Site.objects.filter(name=site).first()}
    rule(days=[10], **fields)
    sweep_on(date(2026, 6, 20))
    assert len(told()) == reached


def test_a_site_without_the_certificate_is_not_covered(expiring: Certificate, organization: Organization) -> None:
    remove_shipped(organization)
    with on(START, organization):
        elsewhere = Site.objects.create(organization=organization, name="Porto")
    rule(days=[10], site=elsewhere)
    sweep_on(date(2026, 6, 20))
    assert told() == []


def test_without_a_rule_nobody_is_reminded_but_managers_are_told_of_a_missed_deadline(
    expiring: Certificate, organization: Organization
) -> None:
    remove_shipped(organization)
    sweep_daily(date(2026, 5, 30), date(2026, 7, 8))
    assert told() == [("2026-07-07", -7, "Per")]


def test_a_changed_rule_says_nothing_of_days_before_the_change(
    expiring: Certificate, organization: Organization
) -> None:
    sweep_on(date(2026, 5, 31))
    with on(date(2026, 6, 5), organization):
        row = shipped()
        change_alert_rule(row, row.version, {"recipient": "owner", "days": [40, 28, 3], "about": "any"}, BY)
    sweep_daily(date(2026, 6, 5), date(2026, 6, 29))
    assert told() == [("2026-05-31", 30, "Marta"), ("2026-06-27", 3, "Marta")]


def test_someone_who_left_is_not_mailed(expiring: Certificate, organization: Organization) -> None:
    tom = member(organization, "tom@halden.example", "Tom", Role.VIEWER)
    remove_shipped(organization)
    rule(recipient="person", person=tom, days=[30])
    with on(START, organization):
        tom.memberships.all().delete()
    sweep_on(date(2026, 5, 31))
    assert told() == []


def test_the_shipped_rule_in_words(acting: Organization) -> None:
    assert sentence(shipped()) == (
        "Mail the owner 30, 14, 7 and 1 days before, on the day, 1 day after: any deadline of all certificates."
    )


@pytest.mark.parametrize(
    ("zone_hour", "quiet", "digest", "expected"),
    [
        ("2026-03-10T11:00", None, None, "2026-03-10T11:00"),
        ("2026-03-10T22:30", ("22:00", "06:30"), None, "2026-03-11T05:30"),
        ("2026-03-11T03:00", ("22:00", "06:30"), None, "2026-03-11T05:30"),
        ("2026-03-11T06:00", ("22:00", "06:30"), None, "2026-03-11T06:00"),
        ("2026-03-10T12:30", ("13:00", "14:00"), None, "2026-03-10T13:00"),
        ("2026-03-10T05:00", None, "07:30", "2026-03-10T06:30"),
        ("2026-03-10T07:00", None, "07:30", "2026-03-11T06:30"),
        ("2026-03-28T22:00", ("22:00", "02:30"), None, "2026-03-29T01:30"),  # an hour that the change leaves out
    ],
)
def test_hours_are_those_of_the_place(
    zone_hour: str, quiet: tuple[str, str] | None, digest: str | None, expected: str
) -> None:
    """Warsaw is an hour ahead of UTC until 29 March 2026, then two."""
    place = Organization(time_zone="Europe/Warsaw")
    if quiet:
        place.quiet_from, place.quiet_until = (time.fromisoformat(hour) for hour in quiet)
    place.daily_at = time.fromisoformat(digest) if digest else None
    moment = datetime.fromisoformat(zone_hour).replace(tzinfo=UTC)
    assert send_at(place, moment, reminder=digest is not None) == datetime.fromisoformat(expected).replace(tzinfo=UTC)


def test_a_changed_status_does_not_wait_for_the_mail_of_the_day() -> None:
    place = Organization(time_zone="UTC", daily_at=time(7))
    assert send_at(place, NOON, reminder=False) == NOON


def test_one_mail_a_day_sums_up_the_most_urgent_first(organization: Organization, officer: User, manager: User) -> None:
    Organization.objects.update(daily_at=time(14, 30))
    with on(START, organization):
        later = [certificate(organization, f"L{number}", expires_on=EXPIRES_ON, owner=officer) for number in range(11)]
        certificate(organization, "C1", expires_on=EXPIRES_ON - timedelta(days=16), owner=officer)
    sweep_on(date(2026, 5, 31))
    with clock.at(datetime(2026, 5, 31, 12, 15, tzinfo=UTC)):
        assert deliver().sent == 0
    with mail_server() as mailbox, clock.at(datetime(2026, 5, 31, 12, 45, tzinfo=UTC)):
        assert deliver().sent == len(later) + 1
    (mail,) = mailbox.received
    assert mail["Subject"].strip().startswith("12 deadlines. First: Expires in 15 days: ISO 9001")
    assert "/settings/alerts/" in mail["List-Unsubscribe"]
    plain, html = (mail.get_body((kind,)).get_content() for kind in ("plain", "html"))
    assert [plain.count("ISO 9001 "), "and 2 more on your list" in plain, "and 2 more on your list" in html] == [
        10, True, True,
    ]  # fmt: skip
    with tenancy.across_organizations():
        assert set(Message.objects.filter(kind="deadline").values_list("state", flat=True)) == {"sent"}


# --- the preview -------------------------------------------------------------------------------------------------


def test_the_preview_counts_what_the_sweeps_sent(expiring: Certificate, organization: Organization) -> None:
    with on(START, organization):
        held = certificate(organization, "C2", owner=expiring.owner)
        made = nonconformity(organization, [held], "N1", owner=expiring.owner)
    own = rule(days=[25], recipient="managers")
    sweep_daily(date(2026, 5, 11), date(2026, 6, 5))
    with on(date(2026, 6, 5), organization):
        verify(made, date(2026, 6, 5), "effective", BY)
    sweep_daily(date(2026, 6, 6), date(2026, 6, 9))
    sent: dict[int, int] = {shipped().pk: 0, own.pk: 0}
    with tenancy.across_organizations():
        for message in Message.objects.filter(kind="deadline", late=False, created_at__gte=NOON + timedelta(days=1)):
            sent[own.pk if message.payload["days_before"] == 25 else shipped().pk] += 1
    with on(date(2026, 6, 9), organization):
        found = rehearse(organization, {row.pk: Rule.of(row) for row in AlertRule.objects.all()})
    assert {key: len(messages) for key, messages in found.items()} == sent
    assert sent[own.pk] > 0
    assert sent[shipped().pk] > 2


# --- the pages ---------------------------------------------------------------------------------------------------


@pytest.fixture
def today(acting: Organization) -> Iterator[None]:
    """It is 1 June 2026."""
    with clock.at(date(2026, 6, 1)):
        yield


@pytest.fixture
def browser(officer: User, today: None) -> Client:
    return signed_in(officer)


URL = "/settings/alerts/"


def sent(**changes: str) -> dict[str, str]:
    return {"recipient": "owner", "before": "60, 10", "on_day": "on", "after": "", "about": "expiry", **changes}


def test_the_list_says_what_each_rule_would_have_sent(expiring: Certificate, browser: Client) -> None:
    shown = text_of(browser.get(URL))
    assert (
        "on the day, 1 day after: any deadline of all certificates. Would have sent 1 mail in the last 30 days."
        in shown
    )


def test_a_sentence_is_looked_at_added_changed_and_removed(expiring: Certificate, browser: Client) -> None:
    words = "Mail the owner 60 and 10 days before, on the day: the expiry of all certificates."
    looked_at = text_of(browser.get(URL + "new/", sent(before="30 10")))
    assert "Would have sent 1 mail in the last 30 days." in looked_at
    part = browser.get(URL + "preview/", sent()).content.decode()
    assert (words in part, "Would have sent 0 mails" in part) == (True, True)
    assert AlertRule.objects.count() == 1
    assert browser.post(URL + "new/", sent()).headers["Location"] == URL
    row = AlertRule.objects.order_by("-pk")[0]
    assert (sentence(row), row.since) == (words, date(2026, 6, 1))
    form = data_of(browser.get(f"{URL}{row.pk}/").context["form"], after="2, 5", on_day="")
    assert browser.post(f"{URL}{row.pk}/", form).headers["Location"] == URL
    row.refresh_from_db()
    assert (row.days, row.version) == ([60, 10, -2, -5], 2)
    assert browser.post(f"{URL}{row.pk}/remove/").headers["Location"] == URL
    assert list(Event.objects.filter(subject_type="alertrule").order_by("number").values_list("kind", flat=True)) == [
        "alertrule.added", "alertrule.edited", "alertrule.removed",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"before": "soon"}, ("id_before", "Enter whole numbers of days, like 30, 14, 7, 1")),
        ({"before": "366"}, ("id_before", "Enter whole numbers of days, like 30, 14, 7, 1")),
        ({"before": "", "on_day": ""}, ("id_before", "Choose at least one day")),
        ({"recipient": "person"}, ("id_person", "Choose whom to mail")),
        ({"recipient": "everybody"}, ("id_recipient", "Choose one of the list")),
        ({"standard": "999999"}, ("id_standard", "Choose one of the list")),
        (
            {"before": ",".join(str(n) for n in range(1, 14))},
            ("", "Enter up to 12 numbers of days, each at most 365, like 30, 14, 7, 1."),
        ),
    ],
)
def test_a_sentence_that_is_none_is_refused_beside_its_part(
    browser: Client, changes: dict[str, str], said: tuple[str, str]
) -> None:
    answer = browser.post(URL + "new/", {name: value for name, value in sent(**changes).items() if value})
    assert (answer.status_code, problems(answer)) == (422, [said])
    assert AlertRule.objects.count() == 1


def test_a_stranger_is_no_reader(browser: Client, other_organization: Organization) -> None:
    stranger = member(other_organization, "jan@ostrava.example", "Jan", Role.VIEWER)
    answer = browser.post(URL + "new/", sent(recipient="person", person=str(stranger.pk)))
    assert answer.status_code == 422
    with tenancy.acting_in(other_organization):
        theirs = AlertRule.objects.get()
    calls = [browser.get(f"{URL}{theirs.pk}/"), browser.post(f"{URL}{theirs.pk}/remove/"),
             browser.post(f"{URL}{theirs.pk}/test/")]  # fmt: skip
    assert [call.status_code for call in calls] == [404, 404, 404]


def test_a_second_save_shows_both(browser: Client) -> None:
    row = shipped()
    form = data_of(browser.get(f"{URL}{row.pk}/").context["form"], after="")
    browser.post(f"{URL}{row.pk}/", form | {"before": "20"})
    answer = browser.post(f"{URL}{row.pk}/", form | {"before": "40"})
    assert answer.status_code == 409
    again = dict(answer.context["form"].data.items())
    assert browser.post(f"{URL}{row.pk}/", again).status_code == 302
    row.refresh_from_db()
    assert row.days == [40, 0]


def test_a_test_mail_tells_the_next_deadline_to_whoever_asks(expiring: Certificate, browser: Client) -> None:
    answer = browser.post(f"{URL}{shipped().pk}/test/", follow=True)
    assert "A test mail to marta@halden.example is on its way." in answer.content.decode()
    with mail_server() as mailbox:
        deliver()
    (mail,) = mailbox.received
    assert mail["Subject"].strip().startswith("Test: Expires in 30 days: ISO 9001, Gdańsk.")
    assert "You asked for this mail on the page of alert rules." in mail.get_body(("plain",)).get_content()


def test_a_test_without_a_deadline_says_so(browser: Client) -> None:
    answer = browser.post(f"{URL}{shipped().pk}/test/", follow=True)
    assert "No deadline that this rule covers lies ahead" in answer.content.decode()
    assert Message.objects.count() == 0


def test_only_those_who_may_change_rules(organization: Organization, today: None) -> None:
    viewer = signed_in(member(organization, "vera@halden.example", "Vera", Role.VIEWER))
    assert "Add a rule" not in text_of(viewer.get(URL))
    row = shipped().pk
    looked = [viewer.get(URL + place).status_code for place in ("new/", "preview/")]
    sent_to = [
        viewer.post(URL + place).status_code for place in (f"{row}/", f"{row}/remove/", f"{row}/test/", "times/")
    ]
    assert looked + sent_to == [403] * 6


def test_the_list_costs_the_same_for_one_and_many(expiring: Certificate, acting: Organization, browser: Client) -> None:
    counts = []
    for number in range(3):
        made = certificate(acting, f"D{number}", owner=expiring.owner)
        nonconformity(acting, [made], f"N{number}")
        nonconformity(acting, [], f"O{number}", source="complaint", grade="minor", raised_on=date(2026, 5, 1))
        add_alert_rule(acting, {"recipient": "officers", "days": [number + 1], "about": "any"}, BY)
        counts.append(queries_of(browser, URL))
    assert counts == [counts[0]] * 3


def times(browser: Client, **changes: Any) -> Any:
    return browser.post(URL + "times/", data_of(browser.get(URL).context["form"], **changes))


def test_hours_and_grace_are_saved_and_told(browser: Client, acting: Organization) -> None:
    hours = {"daily_at": "07:30:00", "quiet_from": "20:00:00", "quiet_until": "06:00:00"}
    assert times(browser, manager_after_days=3, **hours).status_code == 302
    acting.refresh_from_db()
    assert (acting.manager_after_days, acting.daily_at, acting.quiet_from) == (3, time(7, 30), time(20))
    event = Event.objects.get(kind="organization.edited")
    assert event.after == {"manager_after_days": 3, **hours}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"manager_after_days": "0"}, ("id_manager_after_days", "Enter a whole number of days from 1 to 365")),
        ({"manager_after_days": "soon"}, ("id_manager_after_days", "Enter a whole number of days from 1 to 365")),
        ({"daily_at": "25:00"}, ("id_daily_at", "Enter a time like 07:30")),
        ({"quiet_from": "22:00"}, ("id_quiet_until", "Enter both hours, or neither")),
    ],
)
def test_wrong_hours_are_named(browser: Client, changes: dict[str, str], said: tuple[str, str]) -> None:
    answer = times(browser, **changes)
    assert (answer.status_code, problems(answer)) == (422, [said])


def test_a_second_save_of_the_hours_shows_both(browser: Client, acting: Organization) -> None:
    seen = data_of(browser.get(URL).context["form"])
    times(browser, daily_at="07:00")
    answer = browser.post(URL + "times/", seen | {"daily_at": "09:00"})
    assert answer.status_code == 409
    assert browser.post(URL + "times/", dict(answer.context["form"].data.items())).status_code == 302
    acting.refresh_from_db()
    assert acting.daily_at == time(9)


def test_a_shorter_grace_is_known_to_the_next_sweep(browser: Client, acting: Organization, manager: User) -> None:
    row = certificate(acting, expires_on=date(2026, 6, 1))
    with clock.at(date(2026, 6, 3)):
        times(browser, manager_after_days=4)
    row.refresh_from_db()
    assert row.next_due_on == date(2026, 6, 5)
