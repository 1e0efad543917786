"""Signing in and out: sessions, time limits, forgotten and changed passwords, and what strangers learn."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts import clock, tenancy
from accounts.models import User
from alerts.deliver import deliver
from records.models import Message
from tests.pages import problems, says_beside, signed_in, text_of

SIGN_IN = "/sign-in/"
NEW = "quartz-lantern-42-harbor"


def sign_in(user: User, password: str | None = None) -> Client:
    """A browser in which this person has typed mail address and password."""
    browser = Client()
    answer = browser.post(SIGN_IN, {"login": user.email, "password": password or user.email})
    assert answer.status_code == 302
    return browser


def is_in(browser: Client) -> bool:
    return browser.get("/queue/").status_code == 200


def letters(user: User) -> list[Message]:
    """Messages to this person, oldest first."""
    with tenancy.across_organizations():
        return list(Message.objects.filter(recipient=user).order_by("pk"))


def test_a_session_kept_from_before_the_sign_in_opens_nothing(officer: User) -> None:
    browser = Client()
    browser.get(SIGN_IN)
    browser.session["planted"] = True
    browser.session.save()
    before = browser.session.session_key
    browser.post(SIGN_IN, {"login": officer.email, "password": officer.email})
    assert browser.session.session_key != before
    stranger = Client()
    stranger.cookies["sessionid"] = before or "none"
    assert not is_in(stranger)


def test_a_session_that_rests_too_long_is_over(officer: User, settings: Any) -> None:
    settings.SESSION_IDLE_SECONDS = 3600
    browser = sign_in(officer)
    start = clock.now()
    for minutes in (50, 100, 150):
        with clock.at(start + timedelta(minutes=minutes)):
            assert is_in(browser)
    with clock.at(start + timedelta(minutes=211)):
        answer = browser.get("/queue/", follow=True)
        assert answer.redirect_chain == [("/sign-in/?next=/queue/", 302)]
        assert "You were signed out after a time without activity." in text_of(answer)


def test_a_session_ends_in_any_case_after_its_longest_time(officer: User, settings: Any) -> None:
    settings.SESSION_IDLE_SECONDS, settings.SESSION_COOKIE_AGE = 3600, 2 * 3600
    browser = sign_in(officer)
    start = clock.now()
    seen = []
    for minutes in (40, 80, 119, 121):
        with clock.at(start + timedelta(minutes=minutes)):
            seen.append(is_in(browser))
    assert seen == [True, True, True, False]


def test_the_cookie_of_another_session_does_not_prolong_a_stolen_one(officer: User, settings: Any) -> None:
    settings.SESSION_IDLE_SECONDS = 3600
    stolen, fresh = sign_in(officer), sign_in(officer)
    with clock.at(clock.now() + timedelta(minutes=50)):
        assert is_in(fresh)
    stolen.cookies["seen"] = fresh.cookies["seen"].value
    with clock.at(clock.now() + timedelta(minutes=70)):
        assert not is_in(stolen)


def test_reading_a_page_writes_no_session(officer: User) -> None:
    browser = sign_in(officer)
    with CaptureQueriesContext(connection) as captured:
        browser.get("/queue/")
    assert [q["sql"] for q in captured if q["sql"].startswith(("INSERT", "UPDATE", "DELETE"))] == []


def test_sessions_are_listed_and_ended(officer: User, manager: User) -> None:
    here, there, others = sign_in(officer), sign_in(officer), sign_in(manager)
    page = here.get("/settings/sign-in/")
    assert text_of(page).count("Since ") == 2
    foreign = UserSession.objects.get(user=manager)
    assert here.post(f"/settings/sign-in/sessions/{foreign.pk}/end/").status_code == 404
    elsewhere = UserSession.objects.get(session_key=there.session.session_key)
    assert here.post(f"/settings/sign-in/sessions/{elsewhere.pk}/end/").status_code == 302
    assert (is_in(here), is_in(there), is_in(others)) == (True, False, True)


def test_all_other_sessions_are_ended_at_once(officer: User) -> None:
    here, there, yonder = sign_in(officer), sign_in(officer), sign_in(officer)
    here.post("/settings/sign-in/sessions/end/")
    assert (is_in(here), is_in(there), is_in(yonder)) == (True, False, False)


def test_a_changed_password_ends_the_other_sessions_and_is_told(officer: User) -> None:
    here, there = sign_in(officer), sign_in(officer)
    given = {"oldpassword": officer.email, "password1": NEW, "password2": NEW}
    assert here.post("/settings/sign-in/password/", given).status_code == 302
    assert (is_in(here), is_in(there)) == (True, False)
    (told,) = letters(officer)
    assert (told.kind, told.payload["what"]) == ("account_news", "password_changed")
    sign_in(officer, NEW)


@pytest.mark.parametrize(
    ("given", "field", "said"),
    [
        ({"oldpassword": "wrong"}, "id_oldpassword", "This is not your password. Check it; capital letters matter."),
        ({"password2": "another one 99"}, "id_password2", "You must type the same password each time."),
        ({"password1": "Password123!", "password2": "Password123!"}, "id_password1", "lists of passwords"),
        ({"password1": "Zielinska", "password2": "Zielinska"}, "id_password1", "too short"),
    ],
)
def test_a_new_password_is_refused_at_its_field(officer: User, given: dict[str, str], field: str, said: str) -> None:
    filled = {"oldpassword": officer.email, "password1": NEW, "password2": NEW, **given}
    answer = sign_in(officer).post("/settings/sign-in/password/", filled)
    assert answer.status_code == 422
    assert said in says_beside(answer, field)


def test_an_account_that_is_switched_off_is_out_at_once(officer: User) -> None:
    browser = sign_in(officer)
    User.objects.filter(pk=officer.pk).update(is_active=False)
    assert not is_in(browser)
    answer = Client().post(SIGN_IN, {"login": officer.email, "password": officer.email}, follow=True)
    assert "This account is switched off" in text_of(answer)


def link_in(mail: Any) -> str:
    found = re.search(r"http://localhost:8000(/password/new/\S+)", mail.body)
    assert found
    return found.group(1)


def test_a_forgotten_password_is_chosen_anew_by_a_link_that_works_once(officer: User, mailoutbox: Any) -> None:
    thief = sign_in(officer)
    answer = Client().post("/password/forgotten/", {"email": officer.email.upper()})
    assert answer.headers["Location"] == "/password/forgotten/sent/"
    assert deliver().sent == 1
    address = link_in(mailoutbox[0])
    browser = Client()
    form = browser.get(address, follow=True)
    assert form.redirect_chain[-1][0].endswith("-set-password/")
    saved = browser.post(form.redirect_chain[-1][0], {"password1": NEW, "password2": NEW})
    assert saved.headers["Location"] == "/password/new/done/"
    assert (is_in(browser), is_in(thief)) == (False, False)
    sign_in(officer, NEW)
    again = Client().get(address)
    assert "This link no longer works" in text_of(again)


def test_a_link_that_is_too_old_says_so(officer: User, mailoutbox: Any, settings: Any) -> None:
    Client().post("/password/forgotten/", {"email": officer.email})
    deliver()
    settings.PASSWORD_RESET_TIMEOUT = -1
    assert "This link no longer works" in text_of(Client().get(link_in(mailoutbox[0])))


def test_the_kept_mail_holds_no_link(officer: User, manager: User, mailoutbox: Any) -> None:
    Client().post("/password/forgotten/", {"email": officer.email})
    waiting = letters(officer)[0]
    reader = signed_in(manager)
    before = reader.get(f"/outbox/{waiting.pk}/html/").content.decode()
    deliver()
    with tenancy.across_organizations():
        kept = Message.objects.get(pk=waiting.pk)
    after = reader.get(f"/outbox/{waiting.pk}/html/").content.decode()
    token = link_in(mailoutbox[0]).rstrip("/").rpartition("-")[2]
    assert [token in text for text in (kept.mail_text, kept.mail_html, before, after, mailoutbox[0].body)] == [
        False,
        False,
        False,
        False,
        True,
    ]


def test_the_link_is_built_from_the_configured_address_alone(officer: User, mailoutbox: Any, settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    liar = {"host": "evil.example", "x-forwarded-host": "evil.example"}
    Client().post("/password/forgotten/", {"email": officer.email}, headers=liar)
    deliver()
    assert "evil.example" not in mailoutbox[0].body
    assert link_in(mailoutbox[0])


STRANGER = "stranger@halden.example"


@pytest.mark.parametrize(
    ("address", "given"),
    [
        (SIGN_IN, {"login": "{}", "password": "wrong-wrong"}),
        ("/password/forgotten/", {"email": "{}"}),
    ],
)
def test_a_stranger_does_not_learn_who_has_an_account(officer: User, address: str, given: dict[str, str]) -> None:
    answers = []
    for email in (officer.email, STRANGER):
        answer = Client().post(address, {name: value.format(email) for name, value in given.items()}, follow=True)
        text = re.sub(r'name="csrfmiddlewaretoken" value="\w+"|"X-CSRFToken": "\w+"', "", answer.content.decode())
        answers.append((answer.status_code, answer.redirect_chain, text.replace(email, "?")))
    assert answers[0] == answers[1]


def test_the_password_is_hashed_for_an_unknown_address_too(officer: User, monkeypatch: Any) -> None:
    hashed = []
    make = User.set_password
    monkeypatch.setattr(User, "set_password", lambda self, raw: (hashed.append(raw), make(self, raw)))
    Client().post(SIGN_IN, {"login": STRANGER, "password": "wrong"})
    assert hashed == ["wrong"]


EVIL = [
    "https://evil.example",
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "\t//evil.example",
    "/\n/evil.example",
    "/%09/evil.example\n",
    "http:evil.example",
    "http:///evil.example",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "data:text/html,x",
    "https:/\\evil.example",
    "//evil.example%2f@testserver",
    "https://testserver@evil.example",
    "http://testserver.evil.example",
    "//evil\u3002example",
    "ftp://testserver/x",
    "\x00//evil.example",
    "/\u00a0/evil.example",
    "/\u2028/evil.example",
]


@pytest.mark.parametrize("address", EVIL)
def test_one_is_never_sent_elsewhere(officer: User, address: str) -> None:
    browser = Client()
    answer = browser.post(SIGN_IN, {"login": officer.email, "password": officer.email, "next": address})
    assert answer.headers["Location"] == "/"
    assert browser.post("/theme/", {"theme": "dark", "next": address}).headers["Location"] == "/"


def test_signing_out_asks_for_a_post_and_forgets_the_session(officer: User) -> None:
    browser = sign_in(officer)
    key = browser.session.session_key
    assert browser.get("/sign-out/").status_code == 405
    browser.post("/sign-out/")
    thief = Client()
    thief.cookies["sessionid"] = key or ""
    assert not is_in(thief)


def test_every_page_of_signing_in_keeps_the_strict_policy(officer: User) -> None:
    browser, stranger = sign_in(officer), Client()
    pages = [stranger.get(reverse(name)) for name in ("sign-in", "account_reset_password", "account_inactive")]
    pages += [browser.get(reverse(name)) for name in ("mfa_index", "account_change_password")]
    for page in pages:
        assert page.status_code == 200
        assert "unsafe" not in page.headers["Content-Security-Policy"]
        scripts = re.findall(r"<script(?![^>]*\bsrc=)([^>]*)>", page.content.decode())
        assert all("application/json" in attributes for attributes in scripts)
        assert not re.search(r"\son\w+=|style=", page.content.decode())


def test_empty_fields_are_asked_for(db: None) -> None:
    answer = Client().post("/password/forgotten/", {"email": "marta"})
    assert (answer.status_code, problems(answer)) == (
        422,
        [("id_email", "Enter the whole mail address, such as name@example.com")],
    )
