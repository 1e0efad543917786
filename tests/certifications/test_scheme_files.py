"""Schemes as files: out as YAML, in as a copy with its own numbers; and moves that wait for a person."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts import clock, tenancy
from accounts.models import Organization, User
from accounts.permissions import Role
from certifications import actions
from certifications.models import Scheme
from tests.conftest import member
from tests.factories import BY, certificate, scheme
from tests.pages import problems, signed_in


@pytest.fixture(autouse=True)
def autumn(acting: Organization) -> Iterator[None]:
    """It is 23 November 2026."""
    with clock.at(date(2026, 11, 23)):
        yield


@pytest.fixture
def browser(officer: User) -> Client:
    return signed_in(officer)


def url(row: Scheme, place: str = "") -> str:
    return f"/settings/schemes/{row.pk}/{place}"


def read_in(browser: Client, text: str, **changes: str) -> Any:
    file = SimpleUploadedFile("scheme.yaml", text.encode())
    day = {"effective_on_0": "1", "effective_on_1": "12", "effective_on_2": "2026"} | changes
    return browser.post("/settings/schemes/from-file/", {"file": file, "effective_on": "2026-12-01", **day})


def test_a_scheme_goes_out_as_a_file_and_comes_in_elsewhere(
    browser: Client, acting: Organization, other_organization: Organization
) -> None:
    actions.publish_version(scheme(), {"suspension": {"limit": "4m"}}, date(2026, 12, 1), "The body's letter", BY)
    answer = browser.get(url(scheme(), "rules.yaml"))
    text = answer.content.decode()
    assert answer.headers["Content-Disposition"] == f'attachment; filename="scheme-{scheme().pk}.yaml"'
    admin = signed_in(member(other_organization, "jan@ostrava.example", "Jan", Role.ADMINISTRATOR))
    assert "is taken already" in read_in(admin, text).content.decode()
    answer = read_in(admin, text.replace("title: ", "title: Ours, "))
    with tenancy.acting_in(other_organization):
        made = Scheme.objects.order_by("-pk")[0]
        latest = made.versions.order_by("-number")[0]
        assert answer.headers["Location"] == f"/settings/schemes/{made.pk}/"
        assert (made.title.startswith("Ours, "), latest.rules, latest.reason) == (
            True, {"suspension": {"limit": "4m"}}, "The body's letter",
        )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "The file is no YAML."),
        ("- 1", "The file must hold title, based_on and rules"),
        ("title: X\nbased_on: nothing\nrules: {}", "based on “nothing”, which is no shipped scheme"),
        ("title: X\nbased_on: iso17021_generic\nrules: 7", "“rules” must name rules"),
        ("title: X\nbased_on: iso17021_generic\nrules: {suspension: {limit: [1]}}", "must be a single value"),
        ("title: X\nbased_on: iso17021_generic\nrules: {suspension: {limit: soon}}", "suspension.limit: "),
        (
            "title: X\nbased_on: iso17021_generic\nrules: {nonsense: {limit: 3m}}",
            "nonsense.limit: There is no such rule.",
        ),
        ("title: X\nbased_on: own_deadlines\nrules: {}", "which is no shipped scheme"),
        ("!!python/object/apply:os.system ['true']", "The file is no YAML."),
    ],
)
def test_a_file_that_is_no_scheme_is_refused_and_nothing_is_kept(browser: Client, text: str, said: str) -> None:
    count = Scheme.objects.count()
    answer = read_in(browser, text)
    assert (answer.status_code, said in " ".join(f"{line}" for _field, line in problems(answer))) == (422, True)
    assert Scheme.objects.count() == count


def test_a_proposed_move_waits_on_the_page_until_somebody_confirms_it(acting: Organization, officer: User) -> None:
    held = scheme()
    actions.set_moving(held, held.version, "propose", BY)
    row = certificate(acting, expires_on=date(2026, 11, 20), owner=officer)
    row.refresh_from_db()
    assert (row.status, row.proposed_status) == ("active", "expired")
    page = signed_in(officer)
    assert f'action="/certificates/{row.pk}/confirm/"' in page.get(f"/certificates/{row.pk}/").content.decode()
    assert page.post(f"/certificates/{row.pk}/confirm/").status_code == 302
    row.refresh_from_db()
    assert (row.status, row.proposed_status) == ("expired", "")
    assert "/confirm/" not in page.get(f"/certificates/{row.pk}/").content.decode()
