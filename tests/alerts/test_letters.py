"""What mails say, for every kind of message, word by word, as of the day they are sent."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.template.loader import render_to_string
from django.utils import translation

from accounts import clock, tenancy
from accounts.models import Organization, Site, User
from alerts import words
from alerts.letters import Letter, compose
from alerts.mail import lay_out
from alerts.subjects import subject_of
from certifications import actions
from certifications.models import Certificate
from nonconformities.models import Nonconformity
from records.models import Message
from tests.factories import BY, certificate, nonconformity, scheme, settled
from tests.records.rows import START, on, sweep_on

CLOSURE_ON, SUSPENDED_ON, WITHDRAWN_ON = date(2026, 6, 8), date(2026, 6, 9), date(2026, 12, 10)


@pytest.fixture
def major(organization: Organization, officer: User) -> Nonconformity:
    """A major of Marta's on ISO/IEC 27001 at Gdańsk, raised on 10 March 2026."""
    with on(START, organization):
        site = Site.objects.create(organization=organization, name="Gdańsk")
        row = certificate(organization, "C1", standard="ISO/IEC 27001", edition="2022", owner=officer, sites=[site])
        return nonconformity(organization, [row], "NC-0142", owner=officer, title="Access rights are not reviewed")


def letter(day: date, **which: object) -> Letter:
    """The newest message of this kind, as it is sent on the day."""
    with tenancy.across_organizations():
        messages = Message.objects.filter(**which).select_related("recipient", "organization")
        message = messages.order_by("-pk")[0]
    with on(day, message.organization):
        return compose(message)


def test_a_deadline_that_leads_to_a_loss_says_the_one_sentence(major: Nonconformity) -> None:
    sweep_on(date(2026, 4, 2))
    said = letter(date(2026, 4, 4), key__startswith="nc_response")
    assert said.subject == "Suspended in 66 days: ISO/IEC 27001, Gdańsk. Root cause due Thu 9 Apr"
    assert said.sentence == (
        "ISO/IEC 27001 at Gdańsk is suspended on 9 June 2026, in 66 days, "
        "unless the root cause of NC-0142 is submitted by Marta Zielińska."
    )
    assert (said.button, said.url) == ("Open NC-0142", f"http://localhost:8000/queue/nc-{major.pk}/")
    assert said.rows == (
        ("What", "Root cause and plan of NC-0142: Access rights are not reviewed"),
        ("Due", "Thu 9 Apr 2026, in 5 days"),
        ("Effect", "ISO/IEC 27001 at Gdańsk is suspended on 9 June 2026; withdrawn 10 December 2026"),
    )
    assert said.rule.startswith("A nonconformity of grade major is answered within 30 calendar days after")
    assert said.why == "You get this because it is in your name; hand it over on its page."
    assert (said.organization, said.late, said.language) == ("Halden Group", False, "en")


@pytest.mark.parametrize(
    ("day", "start"),
    [
        (CLOSURE_ON - timedelta(days=1), "Suspended in 2 days: ISO/IEC 27001, Gdańsk. Closure due Mon 8 Jun"),
        (CLOSURE_ON, "Suspended in 1 day: ISO/IEC 27001, Gdańsk. Closure due Mon 8 Jun"),
    ],
)
def test_distances_are_those_of_the_day_of_sending(major: Nonconformity, day: date, start: str) -> None:
    sweep_on(day)
    assert letter(day, key__startswith="nc_closure").subject == start


def test_a_missed_deadline_tells_what_has_happened_and_what_comes(major: Nonconformity) -> None:
    sweep_on(SUSPENDED_ON)
    said = letter(SUSPENDED_ON, key__startswith="nc_closure")
    assert said.subject == "Withdrawn in 184 days: ISO/IEC 27001, Gdańsk. Closure overdue since Mon 8 Jun"
    assert said.rows[1:] == (
        ("Due", "Mon 8 Jun 2026, 1 day ago"),
        ("Effect", "ISO/IEC 27001 at Gdańsk is withdrawn on 10 December 2026"),
    )


def test_a_status_change_says_since_when_why_and_what_comes_next(major: Nonconformity) -> None:
    sweep_on(SUSPENDED_ON)
    said = letter(SUSPENDED_ON, kind="status")
    assert said.subject == "Suspended since Tue 9 Jun: ISO/IEC 27001, Gdańsk. NC-0142 was not resolved in time"
    assert said.sentence == (
        "ISO/IEC 27001 at Gdańsk has been suspended since 9 June 2026, because NC-0142 was not resolved in time. "
        "ISO/IEC 27001 at Gdańsk is withdrawn on 10 December 2026, in 184 days, "
        "unless the root cause of NC-0142 is submitted by Marta Zielińska."
    )
    assert (said.button, said.url) == ("Open the certificate", f"http://localhost:8000/certificates/{the_only().pk}/")
    assert said.rows == (
        ("What", "Certificate C1: active, now suspended"),
        ("Since", "Tue 9 Jun 2026, today"),
        (
            "Effect",
            "The certificate is not valid meanwhile; its mark must not be used. "
            "The certification body has not confirmed it yet.",
        ),
    )


def the_only() -> Certificate:
    with tenancy.across_organizations():
        row: Certificate = Certificate.objects.get()
        return row


def test_a_move_found_days_later_is_marked_late_and_keeps_its_day(major: Nonconformity) -> None:
    sweep_on(SUSPENDED_ON + timedelta(days=3))
    said = letter(SUSPENDED_ON + timedelta(days=3), kind="status")
    assert said.late is True
    assert said.subject.startswith("Late: Suspended since Tue 9 Jun: ")


def test_a_decision_of_the_body_is_told_as_its_own_and_is_never_late(major: Nonconformity) -> None:
    with on(date(2026, 4, 10), major.organization):
        actions.record_decision(the_only(), {"kind": "suspend", "decided_on": date(2026, 4, 7)}, BY)
    said = letter(date(2026, 4, 10), kind="status")
    assert said.subject == "Suspended since Tue 7 Apr: ISO/IEC 27001, Gdańsk. The certification body decided so"
    assert (said.late, said.rows[2][1]) == (
        False,
        "The certificate is not valid meanwhile; its mark must not be used.",
    )


def test_a_deadline_that_leads_to_no_loss_yet_says_what_its_rule_threatens(
    organization: Organization, officer: User
) -> None:
    with on(START, organization):
        row = certificate(organization, "C1", expires_on=date(2026, 4, 20), owner=officer)
        nonconformity(organization, [row], "N1")
    sweep_on(date(2026, 4, 10))
    said = letter(date(2026, 4, 10), key__startswith="nc_response")
    assert said.rows[2] == ("Effect", "No certificate moves by this deadline alone; it stays on record as missed.")
    sweep_on(date(2026, 4, 21))
    sweep_on(date(2026, 5, 10))
    said = letter(date(2026, 5, 10), key__startswith="nc_closure")
    assert said.rows[2] == ("Effect", "ISO 9001 (C1) is already expired.")


def test_managers_are_told_after_the_grace_with_the_reason_why(major: Nonconformity, manager: User) -> None:
    sweep_on(CLOSURE_ON + timedelta(days=7))
    said = letter(CLOSURE_ON + timedelta(days=7), key__endswith=f":-7:{manager.pk}", key__startswith="nc_closure")
    assert said.why == "You get this as a manager of Halden Group."


def test_without_an_owner_the_officers_are_told_to_name_one(organization: Organization, officer: User) -> None:
    with on(START, organization):
        certificate(organization, "C9", expires_on=date(2026, 5, 1))
    sweep_on(date(2026, 4, 1))
    said = letter(date(2026, 4, 1), kind="deadline")
    assert said.subject == "Expires in 31 days: ISO 9001. Recertification due Fri 1 May"
    assert said.sentence == (
        "ISO 9001 (C9) is expired on 2 May 2026, in 31 days, unless the recertification is decided."
    )
    assert said.why == "You get this because nobody owns C9 yet; name an owner on its page."


def test_a_proposed_move_asks_for_a_confirmation(major: Nonconformity) -> None:
    with on(START, major.organization):
        found = scheme()
        actions.set_moving(found, found.version, "propose", BY)
    sweep_on(SUSPENDED_ON)
    said = letter(SUSPENDED_ON, kind="proposal")
    assert said.subject == "Waits for your confirmation: ISO/IEC 27001, Gdańsk suspended since Tue 9 Jun"
    assert said.button == "Confirm or decide"
    assert said.rows == (
        ("What", "Certificate C1: active, proposed suspended"),
        ("Since", "Tue 9 Jun 2026, today"),
        ("Effect", "Nothing moves until somebody confirms it or records what the body decided."),
    )
    with tenancy.across_organizations():
        assert Message.objects.filter(kind="status").count() == 0


def test_a_correction_tells_what_was_said_before_and_what_holds(major: Nonconformity) -> None:
    sweep_on(SUSPENDED_ON)
    day = SUSPENDED_ON + timedelta(days=10)
    with on(day, major.organization):
        major.refresh_from_db()
        settled(major, CLOSURE_ON)
    said = letter(day, kind="correction")
    assert said.subject == "Corrected: ISO/IEC 27001, Gdańsk is active"
    assert said.sentence == (
        "What was recorded of ISO/IEC 27001 at Gdańsk from 9 June 2026 on has changed (NC-0142: verify: effective); "
        "it is active now."
    )
    assert said.rows == (
        ("What", "Told before: suspended, 9 June 2026. Holds now: no change of status"),
        ("From", "Tue 9 Jun 2026, 10 days ago"),
        ("Effect", "The certificate is valid and its mark may be used."),
    )


def test_a_nonconformity_of_our_own_moves_no_certificate(organization: Organization, officer: User) -> None:
    with on(START, organization):
        made = nonconformity(
            organization, [], "CP-7", source="complaint", grade="minor", title="Late delivery", owner=officer
        )
    due_on = made.next_due_on
    assert due_on is not None
    sweep_on(due_on)
    said = letter(due_on, subject_type="nonconformity")
    assert said.subject.endswith(": Root cause and plan of CP-7, Late delivery")
    assert said.rows[2] == ("Effect", "No certificate moves by this deadline alone; it stays on record as missed.")
    assert said.url == f"http://localhost:8000/queue/nc-{made.pk}/"


def test_every_deadline_and_remedy_of_the_engine_has_words() -> None:
    kinds = {
        *("nc_response", "nc_plan", "nc_action", "nc_closure", "stage2_verification", "recertification_closure"),
        *("first_surveillance", "yearly_surveillance", "surveillance_interval", "surveillance_window", "transfer"),
        *("expiry", "suspension_limit", "restoration"),
    }
    remedies = {
        *("submit_root_cause_and_plan", "get_plan_accepted", "complete_action", "close_nonconformity"),
        *("hold_surveillance", "recertify", "transition_edition", "lift_suspension", "ask_body"),
    }
    assert set(words.DEADLINES) == kinds
    assert set(words.REMEDIES) == remedies
    assert words.deadline_of("nc_plan", "50% of N1") == "Accepted plan for 50% of N1"


@pytest.mark.parametrize(
    ("value", "said"),
    [(date(2026, 11, 27), "Fri 27 Nov"), (date(2027, 1, 4), "Mon 4 Jan 2027"), (date(2027, 1, 3), "Sun 3 Jan")],
)
def test_a_subject_line_leaves_out_a_year_that_is_near(value: date, said: str) -> None:
    assert words.short_day(value, START) == said


def test_both_parts_of_the_mail_say_the_same(major: Nonconformity) -> None:
    sweep_on(SUSPENDED_ON + timedelta(days=1))
    with tenancy.across_organizations():
        message = Message.objects.select_related("recipient", "organization").filter(kind="status").get()
    with on(SUSPENDED_ON + timedelta(days=1), message.organization):
        mail, said = lay_out(message), compose(message)
    told = [said.sentence, said.button, said.url, said.why, said.rule, *(text for row in said.rows for text in row)]
    assert [part for part in told if part not in mail.text] == []
    assert [part for part in told if part not in mail.html.replace("&#x27;", "'")] == []
    late = "This message is late: nothing was sent on the day it was due."
    assert (late in mail.text, late in mail.html) == (True, True)


def test_the_html_part_needs_no_image_and_adapts_to_a_dark_screen() -> None:
    said = Letter("<b>", "1 < 2", "Open", "http://x/", (("What", "<i>"),), "", "why", "A & B", False, "de")
    html = render_to_string("emails/letter.html", {"letter": said})
    assert '<html lang="de">' in html
    assert "max-width:600px" in html
    assert '<meta name="color-scheme" content="light dark">' in html
    assert "1 &lt; 2" in html
    assert "&lt;i&gt;" in html
    assert [word for word in ("<img", "<script", "http://fonts", "<link") if word in html] == []


def test_dates_are_written_in_the_readers_language(major: Nonconformity, officer: User) -> None:
    User.objects.filter(pk=officer.pk).update(language="pl")
    sweep_on(CLOSURE_ON)
    with translation.override("en"):
        said = letter(CLOSURE_ON, key__startswith="nc_closure")
    assert said.language == "pl"
    assert said.rows[1][1].startswith("Pon 8 Cze 2026, ")
    with clock.at(START):
        assert translation.get_language() == "en"


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("nc.major.closure", "Otherwise the certificate is suspended."),
        ("nc.minor.closure", "Otherwise it becomes major."),
        ("nc.major.response", ""),
        ("cycle", ""),
    ],
)
def test_what_a_rule_threatens_comes_from_the_scheme(major: Nonconformity, rule: str, said: str) -> None:
    sweep_on(CLOSURE_ON)
    with tenancy.across_organizations():
        message = Message.objects.select_related("organization").order_by("-pk")[0]
    with on(CLOSURE_ON, message.organization):
        assert subject_of(message).otherwise(rule) == said
