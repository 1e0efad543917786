"""The style guide shows every part, and only where nobody works."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings as product
from django.template import Origin
from django.test import Client

from accounts.models import Organization, User
from tests.factories import certificate, nonconformity
from tests.pages import signed_in, text_of

# Parts of the frame around every page, of lists and of single pages, which their own tests hold.
ELSEWHERE = {
    "fishbone.svg", "bars.svg", "hatch.svg", "marker.svg", "today.svg", "mini.svg", "nav_item.html", "field.html",
    "tabbar_item.html", "error_summary.html",
}  # fmt: skip


def test_it_is_there_only_for_demonstration_and_debugging(officer: User, settings: Any) -> None:
    assert signed_in(officer).get("/styleguide/").status_code == 404
    settings.DEBUG = True
    assert Client().get("/styleguide/").status_code == 302


def test_every_part_is_shown(acting: Organization, officer: User, settings: Any) -> None:
    settings.DEMO = True
    row = certificate(acting)
    nonconformity(acting, [row])
    answer = signed_in(officer).get("/styleguide/")
    assert answer.status_code == 200
    shown = {Path(template.origin.name).name for template in answer.templates if isinstance(template.origin, Origin)}
    folder = Path(product.BASE_DIR) / "templates" / "_components"
    parts = {path.name for path in [*folder.glob("*.html"), *folder.glob("charts/*")]}
    assert parts - shown - ELSEWHERE == set()
    assert "There is a problem" in text_of(answer)


def test_it_is_there_without_a_certificate_too(acting: Organization, officer: User, settings: Any) -> None:
    settings.DEMO = True
    assert "Lifecycle" not in text_of(signed_in(officer).get("/styleguide/"))
