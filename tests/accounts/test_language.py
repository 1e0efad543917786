"""Pages speak the language of the person, the API the one its client asks for."""

import re

import pytest
from django.test import Client

from accounts.models import User


def language_of(page):
    return re.search(r'<html lang="([^"]*)"', page.content.decode()).group(1), page.headers["Content-Language"]


@pytest.mark.parametrize("language", ["en", "de", "fr", "es", "pl"])
def test_a_page_speaks_the_language_of_the_profile(client: Client, officer: User, language: str) -> None:
    User.objects.filter(pk=officer.pk).update(language=language)
    client.force_login(User.objects.get(pk=officer.pk))
    page = client.get("/", headers={"accept-language": "fr"})
    assert language_of(page) == (language, language)


def test_the_sign_in_page_speaks_the_language_of_the_browser(client: Client, db: None) -> None:
    page = client.get("/sign-in/", headers={"accept-language": "pl, en;q=0.5"})
    assert language_of(page) == ("pl", "pl")
    assert "Accept-Language" in page.headers["Vary"]


def test_a_language_the_product_does_not_speak_gives_english(client: Client, db: None) -> None:
    assert language_of(client.get("/sign-in/", headers={"accept-language": "ja"})) == ("en", "en")


def test_the_api_does_not_follow_the_profile(client: Client, officer: User) -> None:
    User.objects.filter(pk=officer.pk).update(language="pl")
    client.force_login(User.objects.get(pk=officer.pk))
    assert client.get("/api/v1/me/").headers["Content-Language"] == "en"


def test_clock_times_are_those_of_the_profile(client: Client, officer: User) -> None:
    client.force_login(officer)
    assert re.search(r"As of \d+ \w+ \d{4}, \d\d:\d\d UTC", client.get("/health/").content.decode())
    officer.time_zone = "Asia/Tokyo"
    officer.save()
    assert re.search(r"As of \d+ \w+ \d{4}, \d\d:\d\d JST", client.get("/health/").content.decode())
