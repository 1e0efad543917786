"""The next number follows the organization's own way of counting."""

import pytest

from records.numbering import next_number


@pytest.mark.parametrize(
    ("last", "following"),
    [
        (None, "NC-0001"),
        ("", "NC-0001"),
        ("without digits", "NC-0001"),
        ("NC-0148", "NC-0149"),
        ("NC-0999", "NC-1000"),
        ("NC-9999", "NC-10000"),
        ("2026/17-b", "2026/18-b"),
        ("7", "8"),
    ],
)
def test_next_number(last: str | None, following: str) -> None:
    assert next_number(last, "NC-0001") == following
