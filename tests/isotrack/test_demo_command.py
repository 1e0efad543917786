"""``manage.py demo``: who can sign in to the demonstration."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import call_command
from django.test import Client

from isotrack.demo.seed import PASSWORD

pytestmark = pytest.mark.django_db


@pytest.mark.long
def test_everybody_who_is_named_can_sign_in_and_no_other_system_is_named() -> None:
    said = StringIO()
    call_command("demo", stdout=said)
    first, *people = said.getvalue().splitlines()
    assert first == f"Halden Group: sign in with one of these addresses and the password {PASSWORD}"
    names = [line.split()[0] for line in people]
    assert "marta@halden.example" in names
    assert [name for name in names if not Client().login(username=name, password=PASSWORD)] == []
