"""Asking for pages as a person does, and reading what they say."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User


def signed_in(user: User) -> Client:
    """A browser in which this person is signed in."""
    browser = Client()
    browser.force_login(user)
    return browser


def text_of(response: Any) -> str:
    """The words of the page's main part, without marks, in one line."""
    html = response.content.decode()
    main = html[html.index("<main") : html.index("</main>")]
    main = re.sub(r"<(title|desc)\b.*?</\1>", " ", main, flags=re.S)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", main)).split())


def problems(response: Any) -> list[tuple[str, str]]:
    """The lines of "There is a problem": the id of the field each leads to, and what it says."""
    html = response.content.decode()
    box = re.search(r'<div class="problem".*?</div>', html, re.S)
    if box is None:
        return []
    lines = re.findall(r"<li>(.*?)</li>", box.group(0), re.S)
    found = []
    for line in lines:
        link = re.search(r'href="#([^"]*)"', line)
        found.append((link.group(1) if link else "", unescape(re.sub(r"<[^>]+>", "", line)).strip()))
    return found


def says_beside(response: Any, field_id: str) -> str:
    """What stands beside the field with this id."""
    found = re.search(rf'id="{field_id}_error">(.*?)</span></span>', response.content.decode(), re.S)
    return unescape(re.sub(r"<[^>]+>", "", found.group(1))).replace("Error:", "").strip() if found else ""


def queries_of(browser: Client, address: str) -> int:
    """How many queries a page runs; it must answer 200."""
    with CaptureQueriesContext(connection) as captured:
        assert browser.get(address).status_code == 200
    return len(captured)
