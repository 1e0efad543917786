"""The list of passwords that others use."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from access.passwords import KnownPasswordValidator

VALIDATOR = KnownPasswordValidator()


def is_known(password: str) -> bool:
    try:
        VALIDATOR.validate(password)
    except ValidationError:
        return True
    return False


@pytest.mark.parametrize(
    "password",
    ["1234567890", "qwertyuiop", "Password123!", "  PASSWORD2026 ", "isotrack2026!", "Certificate-1", "iloveyou!!!!"],
)
def test_a_known_password_is_refused_in_any_disguise(password: str) -> None:
    assert is_known(password)


@pytest.mark.parametrize("password", ["quartz-lantern-42-harbor", "correct horse battery", "5tq!9vLm#2xz"])
def test_another_password_is_taken(password: str) -> None:
    assert not is_known(password)


def test_the_list_is_the_one_that_its_page_describes() -> None:
    assert len(VALIDATOR.passwords) == 55_860
