"""Signing in and out, themes, and pages that refuse."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from accounts import tenancy
from accounts.models import Membership, Organization, User
from isotrack.demo.seed import PASSWORD
from tests.pages import problems, signed_in

SIGN_IN = "/sign-in/"


def test_signing_in_leads_to_where_one_wanted_to_go(officer: User) -> None:
    given = {"login": "Marta@Halden.example", "password": officer.email, "next": "/certificates/"}
    answer = Client().post(SIGN_IN, given)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/certificates/")


def test_a_foreign_address_is_not_followed(officer: User) -> None:
    given = {"login": officer.email, "password": officer.email, "next": "https://elsewhere.example/"}
    assert Client().post(SIGN_IN, given).headers["Location"] == "/"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, [("id_login", "Enter your mail address"), ("id_password", "Enter your password")]),
        (
            {"login": "marta@halden.example", "password": "wrong"},
            [("", "The mail address or the password is not right. Check both; capital letters matter.")],
        ),
        (
            {"login": "nobody@halden.example", "password": "wrong"},
            [("", "The mail address or the password is not right. Check both; capital letters matter.")],
        ),
    ],
)
def test_a_refused_sign_in_says_why(officer: User, given: dict[str, str], said: list[tuple[str, str]]) -> None:
    answer = Client().post(SIGN_IN, given)
    assert answer.status_code == 422
    assert problems(answer) == said


def test_signing_out_takes_a_post(officer: User) -> None:
    browser = signed_in(officer)
    assert browser.get("/sign-out/").status_code == 405
    assert browser.post("/sign-out/").headers["Location"] == SIGN_IN
    assert browser.get("/").headers["Location"] == "/sign-in/?next=/"


def test_the_demonstration_lists_its_accounts_and_nobody_else_does(db: None, settings: Any) -> None:
    organization = Organization.objects.create(name="Halden Group", slug="halden")
    user = User.objects.create_user("marta@halden.example", PASSWORD, full_name="Marta Zielińska")

    with tenancy.acting_in(organization):
        Membership.objects.create(organization=organization, user=user, role="compliance_officer")
    assert "Marta Zielińska" not in Client().get(SIGN_IN).content.decode()
    settings.DEMO = True
    page = Client().get(SIGN_IN)
    assert [(a["name"], a["role"]) for a in page.context["demo_accounts"]] == [
        ("Marta Zielińska", "Compliance officer")
    ]


@pytest.mark.parametrize(
    ("theme", "attribute"), [("dark", ' data-theme="dark"'), ("light", ' data-theme="light"'), ("auto", "")]
)
def test_the_theme_is_kept_for_the_person(officer: User, theme: str, attribute: str) -> None:
    browser = signed_in(officer)
    answer = browser.post("/theme/", {"theme": theme, "next": "/queue/"})
    assert answer.headers["Location"] == "/queue/"
    assert f'<html lang="en"{attribute}>' in browser.get("/queue/").content.decode()


def test_an_unknown_theme_or_a_foreign_address_changes_nothing(officer: User) -> None:
    answer = signed_in(officer).post("/theme/", {"theme": "pink", "next": "//elsewhere.example"})
    officer.refresh_from_db()
    assert (officer.theme, answer.headers["Location"]) == ("auto", "/")


def test_a_person_without_an_organization_learns_what_to_do(db: None) -> None:
    stranger = User.objects.create_user("new@halden.example", "x", full_name="New")
    answer = signed_in(stranger).get("/")
    assert answer.status_code == 403
    assert "You belong to no organization yet." in answer.content.decode()


def test_an_address_that_leads_nowhere_says_so(officer: User) -> None:
    answer = signed_in(officer).get("/nowhere/")
    assert answer.status_code == 404
    assert "This page does not exist" in answer.content.decode()


def test_pages_allow_no_inline_code(officer: User) -> None:
    policy = signed_in(officer).get("/queue/").headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
